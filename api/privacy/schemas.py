"""Wire models of exports, retention and erasures."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.http.schemas import Moment, Name, Wire

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class ExportOut(Wire):
    """An export. `digest` is null until it is done; after `expires_at` it is gone."""

    id: UUID
    asked_at: Moment
    done_at: Moment | None
    expires_at: Moment | None
    digest: str | None = Field(description="Digest of the ZIP file.")
    size: int | None = Field(description="Bytes of the ZIP file.")


class RetentionIn(Wire):
    """How many days each kind stays; null is the installation's default. What is left out becomes null."""

    drafts: int | None = None
    access_records: int | None = None
    evidence: int | None = None
    exports: int | None = None


class KeptOut(Wire):
    """For how many days something stays, whether one chose that, and what may be chosen."""

    days: int
    chosen: bool
    least: int
    most: int


class RetentionOut(Wire):
    """How long each kind stays."""

    drafts: KeptOut = Field(description="Drafts never sealed: from the due date or the last save, the later of both.")
    access_records: KeptOut = Field(description="Who read one's own submissions.")
    evidence: KeptOut = Field(description="Files of a sealed submission's evidence: from the request's due date.")
    exports: KeptOut = Field(description="Exports, from when they are done.")


class ErasureIn(Wire):
    """Erase a person, exactly as your systems named them, or all that may go of your organisation, which leaves."""

    what: Literal["person", "organisation"]
    person: Name | None = Field(default=None, description="With `person`: the name, letter by letter.")
    organisation: UUID | None = Field(default=None, description="With `organisation`: your own id, to be sure.")
    reason: Reason = Field(description="Why; without the name.")


class OutcomeOut(Wire):
    """What became of one place: how many values went, how many stay, and why."""

    place: str
    went: int
    stays: int
    why: str


class ErasureOut(Wire):
    """An erasure and its report."""

    id: UUID
    asked_at: Moment
    what: Literal["person", "organisation"]
    subject_digest: str = Field(description="SHA-256 of the salt and the name or id, each on a line.")
    reason: str
    report: list[OutcomeOut]


class MadeErasureOut(ErasureOut):
    """An erasure as it is told once: with the salt, which is not kept."""

    salt: str
