"""Wire models of the audit log."""

from uuid import UUID

from pydantic import Field

from api.http.schemas import Wire


class ActorOut(Wire):
    """Who acted; all null for the service itself."""

    organisation: UUID | None
    client: UUID | None
    person: str | None


class EntryOut(Wire):
    """What happened: read from the entry's text, which the chain holds."""

    at: str
    actor: ActorOut
    action: str
    object: UUID
    request: UUID | None
    before: str | None = Field(description="Digest of the thing before.")
    after: str | None = Field(description="Digest of the thing afterwards.")


class AuditEntryOut(Wire):
    """One entry with its place in the chain."""

    seq: int
    digest: str
    entry: EntryOut


class AuditPageOut(Wire):
    """One page, oldest first; `next` is the number after which the following page begins."""

    items: list[AuditEntryOut]
    next: int | None
