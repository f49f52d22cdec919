"""Wire models of the audit log."""

from uuid import UUID

from pydantic import Field

from api.http.schemas import Wire


class ActorOut(Wire):
    """Who acted; all null for the service itself."""

    organisation: UUID | None
    client: UUID | None
    person: str | None = Field(description="Salted digest of the person; in entries without version, the name itself.")


class EntryOut(Wire):
    """What happened: read from the entry's text, which the chain holds."""

    at: str
    actor: ActorOut
    action: str
    object: UUID
    request: UUID | None
    before: str | None = Field(description="Digest of the thing before.")
    after: str | None = Field(description="Digest of the thing afterwards.")
    version: int | None = Field(default=None, description="2; entries of earlier releases have none.")
    count: int | None = Field(default=None, description="Of how many things the digests speak, where it is not one.")


class PersonOut(Wire):
    """The acting person, and the salt of the digest that the chain holds."""

    name: str
    salt: str


class AuditEntryOut(Wire):
    """One entry with its place in the chain."""

    seq: int
    digest: str
    entry: EntryOut
    person: PersonOut | None = Field(
        default=None, description="The acting person; null where there is none, or it is erased."
    )
    erased_by: int | None = Field(default=None, description="The entry that tells of the person's erasure.")


class AuditPageOut(Wire):
    """One page, oldest first; `next` is the number after which the following page begins."""

    items: list[AuditEntryOut]
    next: int | None
