"""Wire models of attestations."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.grants.schemas import Purpose
from api.http.schemas import Moment, Wire


class AttestationIn(Wire):
    """Which sealed submission to attest."""

    submission: UUID


class PreviewOut(Wire):
    """The statement as it would be signed now. Nothing is stored."""

    statement: dict[str, Any]


class StatusOut(Wire):
    """How an attestation stands, as of now. The status list tells everybody the value, and nobody the reason.

    A suspension is no finding: a red line is `under_review`, or newer revisions give another band (`context_changed`).
    """

    value: Literal["valid", "revoked", "suspended", "superseded"]
    reason: str | None = Field(description="Why, where it is suspended or revoked.")
    since: Moment | None = Field(description="Null where it is valid, or where you do not see what took its place.")


class AttestationOut(Wire):
    """An attestation. `pdf` is null until the document is rendered and sealed."""

    id: UUID
    issuer: UUID
    respondent: UUID
    submission: UUID
    issued_at: Moment
    pdf: str | None = Field(description="Digest of the PDF file.")
    pdf_size: int | None
    revoked_at: Moment | None
    revocation_reason: str | None
    status: StatusOut | None = Field(description="Null for a statement of version 1, which has no place in the list.")


class RevocationIn(Wire):
    """Why an attestation is revoked. `declaration_withdrawn` is the vendor's to say, the others are the investor's."""

    reason: Literal["declaration_withdrawn", "declaration_false", "issued_in_error", "key_compromised"]


class AttestationGrantIn(Wire):
    """Show an attestation to another investor or to an auditor: the document and the bundle, as published.

    There is no level to choose: an attestation shows what it shows, to whoever reads it.
    """

    grantee: UUID
    purpose: Purpose
    expires_at: AwareDatetime | None = Field(default=None, description="No access from this moment on.")
