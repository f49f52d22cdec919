"""Use cases of organisations and clients.

Invariants: only an operator creates organisations and their clients; a secret is returned once and stored as a digest;
a client never holds a scope that its organisation's roles do not allow.
"""

import hashlib
import hmac
import secrets
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from api import clock, ids
from api.db.session import Sessions, TenantSession, unit_of_work
from api.identity.models import Client, Organisation
from api.identity.scopes import SCOPES, scopes_for
from api.ids import ClientId, OrganisationId
from api.problems import Flaw, Refusal, not_found
from api.tenancy import Principal, Role

SECRET_BYTES = 32


class FoundClient(NamedTuple):
    """What the token endpoint and every request need to know of a client."""

    organisation: OrganisationId
    id: ClientId
    secret_digest: str
    scopes: frozenset[str]
    revoked: bool
    roles: frozenset[Role]

    def proves(self, secret: str) -> bool:
        """Tell, in constant time, whether this is the client's secret."""
        return hmac.compare_digest(_digest(secret), self.secret_digest)


def create_organisation(session: TenantSession, name: str, country: str | None, roles: list[Role]) -> Organisation:
    """Create an organisation; the caller has checked that an operator asks."""
    organisation = Organisation(
        id=ids.uuid7(), name=name, country=country, roles=sorted(set(roles)), created_at=clock.now()
    )
    session.add(organisation)
    session.flush()
    return organisation


def find_organisations(session: TenantSession, role: Role | None, limit: int, after: UUID | None) -> list[Organisation]:
    """Return a page of the directory, newest first, and one row more where another page follows."""
    query = select(Organisation).order_by(Organisation.id.desc()).limit(limit + 1)
    if role is not None:
        query = query.where(Organisation.roles.contains([role.value]))
    if after is not None:
        query = query.where(Organisation.id < after)
    return list(session.scalars(query))


def read_organisation(session: TenantSession, id_: UUID, role: Role | None = None) -> Organisation:
    """Return an organisation, if it has the role; refuse as not found otherwise."""
    organisation = session.get(Organisation, id_)
    if organisation is None or (role is not None and role not in organisation.roles):
        raise not_found()
    return organisation


def names_of(session: TenantSession, wanted: set[UUID]) -> dict[UUID, str]:
    """Return the names of organisations by id, in one statement."""
    if not wanted:
        return {}
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    return {row.id: row.name for row in session.execute(query)}


def create_client(
    sessions: Sessions, organisation: Organisation, name: str, scopes: list[str] | None
) -> tuple[Client, str]:
    """Create a client in the name of its organisation and return it with its secret."""
    allowed = scopes_for(Role(role) for role in organisation.roles)
    chosen = allowed if scopes is None else sorted(set(scopes))
    flaws = [
        Flaw(f"/scopes/{index}", "scope", "Choose a scope that the organisation's roles allow.")
        for index, scope in enumerate(scopes or ())
        if scope not in SCOPES or scope not in allowed
    ]
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    client = Client(
        tenant_id=organisation.id, id=ids.uuid7(), name=name, secret_digest=_digest(secret), scopes=chosen,
        created_at=clock.now(), revoked_at=None,
    )  # fmt: skip
    with unit_of_work(sessions, OrganisationId(organisation.id)) as session:
        session.add(client)
        session.commit()
    return client, secret


def find_client(session: TenantSession, id_: str) -> FoundClient | None:
    """Return the client that a token or a token request names; needs no tenant (a narrow look-up function)."""
    try:
        wanted = UUID(id_)
    except ValueError:
        return None
    row = session.execute(text("select * from find_client(:id)"), {"id": wanted}).one_or_none()
    if row is None:
        return None
    return FoundClient(
        organisation=OrganisationId(row.tenant_id),
        id=ClientId(row.id),
        secret_digest=row.secret_digest,
        scopes=frozenset(row.scopes),
        revoked=row.revoked_at is not None,
        roles=frozenset(Role(role) for role in row.roles),
    )


def require_role(principal: Principal, role: Role) -> None:
    """Refuse unless the caller's organisation has the role."""
    if not principal.holds(role):
        raise Refusal("forbidden", f"Only an organisation with the role {role.value} may do this.")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
