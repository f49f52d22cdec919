"""Wire models of attestations."""

from typing import Any
from uuid import UUID

from pydantic import Field

from api.http.schemas import Moment, Wire


class AttestationIn(Wire):
    """Which sealed submission to attest."""

    submission: UUID


class PreviewOut(Wire):
    """The statement as it would be signed now. Nothing is stored."""

    statement: dict[str, Any]


class AttestationOut(Wire):
    """An attestation. `pdf` is null until the document is rendered and sealed."""

    id: UUID
    issuer: UUID
    respondent: UUID
    submission: UUID
    issued_at: Moment
    pdf: str | None = Field(description="Digest of the PDF file.")
    pdf_size: int | None
