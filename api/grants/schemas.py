"""Wire models of grants and readings."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from api.assessments.schemas import BoundsOut
from api.evidence.schemas import AboutIn
from api.http.schemas import Moment, Wire
from api.submissions.schemas import DocumentOut

Level = Literal["band", "sections", "unwithheld", "all"]
Section = Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
Purpose = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class GrantIn(Wire):
    """Show a sealed submission to another organisation.

    `band`: the result by name and figure alone. `sections`: the answers of `sections`. `unwithheld`: all answers but
    those in `withheld`. `all`: everything, evidence included, and what is graded later.
    """

    grantee: UUID
    purpose: Purpose
    level: Level = "all"
    sections: list[Section] = Field(default_factory=list, max_length=26)
    withheld: list[AboutIn] = Field(default_factory=list, max_length=2000)
    expires_at: AwareDatetime | None = Field(default=None, description="No access from this moment on.")


class CopyOut(Wire):
    """What a grant below `all` shows: made when the grant was made."""

    result: BoundsOut
    deployments: int
    assessed_on: str
    answers: DocumentOut | None = Field(description="Null at the level `band`.")


class GrantOut(Wire):
    """A grant as its maker and, while it is live, its grantee see it.

    The level `published` is that of a granted attestation: it shows what its document and bundle show, no more or less.
    """

    id: UUID
    submission: UUID
    attestation: UUID | None = Field(description="The attestation that is shown; null where it is the submission.")
    respondent: UUID
    grantee: UUID
    purpose: str
    level: Level | Literal["published"]
    granted_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    made_by: Literal["vendor", "sealing"] = Field(
        description="`sealing`: to the issuer, when its request was answered; it neither ends nor is taken back."
    )


class GrantWithCopyOut(GrantOut):
    """A grant with what it shows; null where the submission or the attestation itself is read."""

    shown: CopyOut | None


class ReadingOut(Wire):
    """Somebody read a part of a submission, or an attestation that was granted."""

    reader: UUID
    what: Literal["answers", "evidence", "file", "scorecard", "copy", "pdf", "bundle", "countersignatures"]
    at: Moment
    person: str | None
    attestation: UUID | None = Field(description="The attestation that was read.")
