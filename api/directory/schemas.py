"""Wire models of records, claims and what operators do to the directory."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.http.schemas import Moment, Name, Wire
from api.identity.credentials import PublicKey
from api.identity.identifiers import Country, Domain, Lei, Register
from api.identity.schemas import ClientOut, IdentityIn, OrganisationOut

Mailbox = Literal["admin", "administrator", "hostmaster", "postmaster", "webmaster"]
"""Mailboxes that only those who run a domain can have, as certificate authorities take them for proof."""
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]
Method = Literal["dns", "email"]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""256 bits in base64url."""


class RecordIn(IdentityIn):
    """A vendor that nobody runs yet."""

    name: Name
    country: Country | None = None
    another: bool = Field(
        default=False, description="True: I looked at the entries of this name and country, and it is none of them."
    )


class CorrectionIn(Wire):
    """What an operator corrects in an entry: null removes, what is left out stays."""

    reason: Reason
    name: Name | None = Field(default=None, description="Cannot be removed.")
    country: Country | None = None
    lei: Lei | None = None
    register_: Register | None = Field(default=None, alias="register")
    parent: UUID | None = None
    domain: Domain | None = Field(default=None, description="Ends a contest about it, too.")


class MergeIn(Wire):
    """Two entries are one."""

    into: UUID = Field(description="The entry that stays; this one becomes an alias of it.")
    reason: Reason


class FirstClientIn(Wire):
    """The client that whoever has proved to be the organisation gets."""

    name: Name = "admin"
    public_key: PublicKey | None = Field(default=None, description="Public JWK, for `private_key_jwt`; else a secret.")


class ApprovalIn(Wire):
    """An operator has convinced itself of who asks."""

    reason: Reason
    client: FirstClientIn = FirstClientIn()


class ClaimIn(Wire):
    """Somebody says to be the organisation, and how they will prove it."""

    method: Method
    mailbox: Mailbox | None = Field(default=None, description="With `email`: the mailbox at the organisation's domain.")


class ClaimOut(Wire):
    """A claim. The answer is the same whether or not there is such an organisation, or other claims of it."""

    id: UUID
    method: Method
    expires_at: Moment
    token: str | None = Field(description="With `dns`, shown once: keep it, it completes the claim. Else it is mailed.")
    record_name: str | None = Field(description="With `dns`: the name of the TXT record, below your domain.")
    record_value: str | None = Field(description="With `dns`: the value of the TXT record. It may be seen by all.")


class JoinIn(Wire):
    """The proof of a claim."""

    token: Token


class CompletionIn(JoinIn):
    """The proof of a claim, and the client that it shall give."""

    client: FirstClientIn = FirstClientIn()


class ClaimedOut(Wire):
    """The organisation that one now runs, and its first client."""

    organisation: OrganisationOut
    client: ClientOut


class MergedOut(Wire):
    """The entry that stays, and how many waiting requests moved to it."""

    organisation: OrganisationOut
    moved: int


class ActOut(Wire):
    """What an operator did to the directory, and why."""

    id: UUID
    act: Literal["correct", "approve", "merge"]
    organisation: UUID
    into: UUID | None
    reason: str
    at: Moment
    client: UUID
    person: str | None
