"""Use cases of organisations.

Invariant: only an operator creates organisations.
"""

from uuid import UUID

from sqlalchemy import select

from api import clock, ids
from api.db.session import TenantSession
from api.identity.models import Organisation
from api.problems import Refusal, not_found
from api.tenancy import Principal, Role


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


def require_role(principal: Principal, role: Role) -> None:
    """Refuse unless the caller's organisation has the role."""
    if not principal.holds(role):
        raise Refusal("forbidden", f"Only an organisation with the role {role.value} may do this.")


def list_ids(session: TenantSession) -> list[UUID]:
    """Return the ids of all organisations, for work that is done for each in its own name."""
    return list(session.scalars(select(Organisation.id).order_by(Organisation.id)))
