"""What the token endpoint and every request look up and write down about clients, assertions and tokens.

Invariants: one statement tells all there is to know of a client and its token, whoever's they are; what is revoked or
used is found by every process at its next statement; nothing here is written in another tenant's name.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, or_, text, update
from sqlalchemy.dialects.postgresql import insert

from api import clock
from api.db.session import Sessions, TenantSession, unit_of_work
from api.identity.credentials import Credential, Credentials, digest_of
from api.identity.models import Client, RevokedToken, UsedAssertion
from api.ids import ClientId, OrganisationId
from api.tenancy import Role

USE_NOTED_EVERY = timedelta(hours=1)
"""How coarse `last_used_at` is: at most one write in this time."""


class FoundClient(NamedTuple):
    """A client, and whether the token that was asked about is revoked."""

    organisation: OrganisationId
    id: ClientId
    scopes: frozenset[str]
    roles: frozenset[Role]
    credentials: Credentials
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    token_revoked: bool

    def lives(self, at: datetime) -> bool:
        """Tell whether the client is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


def find_client(session: TenantSession, id_: str, token: str | None = None) -> FoundClient | None:
    """Return the client that a token (by its id) or a token request names; needs no tenant."""
    try:
        wanted = UUID(id_)
    except ValueError:
        return None
    asked = {"client": wanted, "token": None if token is None else digest_of(token)}
    row = session.execute(text("select * from find_client(:client, :token)"), asked).one_or_none()
    if row is None:
        return None
    old = Credential(row.old_secret_digest, row.old_public_key)
    return FoundClient(
        organisation=OrganisationId(row.tenant_id),
        id=ClientId(row.id),
        scopes=frozenset(row.scopes),
        roles=frozenset(Role(role) for role in row.roles),
        credentials=Credentials(Credential(row.secret_digest, row.public_key), old, row.old_until),
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        token_revoked=row.token_revoked,
    )


def note_use(sessions: Sessions, client: FoundClient) -> None:
    """Write down that the client fetched a token, unless that was done within the hour."""
    now = clock.now()
    before = now - USE_NOTED_EVERY
    if client.last_used_at is not None and client.last_used_at > before:
        return
    stale = or_(Client.last_used_at.is_(None), Client.last_used_at <= before)
    mine = (Client.tenant_id == client.organisation, Client.id == client.id)
    with unit_of_work(sessions, client.organisation) as session:
        session.execute(update(Client).where(*mine, stale).values(last_used_at=now))
        session.commit()


def use_assertion(sessions: Sessions, client: FoundClient, jti: str, expires_at: datetime) -> bool:
    """Use up an assertion of the client; tell whether this was the first time. Forgets those that have expired."""
    with unit_of_work(sessions, client.organisation) as session:
        new = _remember(session, UsedAssertion, client.organisation, f"{client.id} {jti}", expires_at)
        session.commit()
    return new


def revoke_token(sessions: Sessions, client: FoundClient, jti: str, expires_at: datetime) -> None:
    """Revoke a token of the client, from the next request on. Forgets those that have expired."""
    with unit_of_work(sessions, client.organisation) as session:
        _remember(session, RevokedToken, client.organisation, jti, expires_at)
        session.commit()


def _remember(
    session: TenantSession,
    table: type[UsedAssertion | RevokedToken],
    tenant: OrganisationId,
    id_: str,
    expires_at: datetime,
) -> bool:
    row = {"tenant_id": tenant, "digest": digest_of(id_), "expires_at": expires_at}
    added = session.scalar(insert(table).values(row).on_conflict_do_nothing().returning(table.digest))
    session.execute(delete(table).where(table.tenant_id == tenant, table.expires_at < clock.now()))
    return added is not None
