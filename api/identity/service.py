"""Use cases of organisations.

Invariants: only an operator creates organisations that act; an id that was merged into another is that other one,
wherever an organisation is named; a record (which nobody runs) is shown to investors and operators alone, since it is
there because somebody asked.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from api import clock, ids
from api.db.session import TenantSession
from api.identity.identifiers import Register, key_of_name, key_of_register
from api.identity.models import Organisation
from api.problems import Flaw, Refusal, not_found
from api.tenancy import Principal, Role

TAKEN = {
    "uq_organisation_lei": Flaw("/lei", "taken", "Another entry has this LEI: use that one, or have the two merged."),
    "uq_organisation_register": Flaw(
        "/register", "taken", "Another entry has this number: use that one, or have the two merged."
    ),
}


class Identity(NamedTuple):
    """What identifies an organisation besides its name and country."""

    lei: str | None = None
    register: Register | None = None
    parent: UUID | None = None
    domain: str | None = None


UNKNOWN = Identity()


def create_organisation(
    session: TenantSession, name: str, country: str | None, roles: list[Role], identity: Identity = UNKNOWN
) -> Organisation:
    """Create an organisation that somebody runs; the caller has checked that an operator asks."""
    made = describe(session, name, country, roles, identity)
    made.claimed_at, made.proof = made.created_at, "operator"
    made.domain_by = "operator" if made.domain else None
    session.add(made)
    flush_unless_taken(session)
    return made


def describe(
    session: TenantSession, name: str, country: str | None, roles: Sequence[Role], identity: Identity
) -> Organisation:
    """Return a new entry with its identity; refuse a parent that is not there. It is not stored yet."""
    return Organisation(
        id=ids.uuid7(), name=name, name_key=key_of_name(name), country=country, roles=sorted(set(roles)),
        created_at=clock.now(), lei=identity.lei, parent_id=_parent(session, identity.parent), domain=identity.domain,
        **columns_of(identity.register),
    )  # fmt: skip


def columns_of(register: Register | None) -> dict[str, str | None]:
    """Return what the table keeps of a register number."""
    if register is None:
        return {"register_country": None, "register_number": None, "register_key": None}
    number = " ".join(register.number.split())
    return {
        "register_country": register.country, "register_number": number, "register_key": key_of_register(number),
    }  # fmt: skip


def _parent(session: TenantSession, parent: UUID | None) -> UUID | None:
    if parent is None:
        return None
    try:
        return read_organisation(session, parent).id
    except Refusal:
        flaw = Flaw("/parent", "unknown_organisation", "Name an organisation of the directory by its id.")
        raise Refusal("invalid", "Correct every problem named in errors.", [flaw]) from None


def correct(session: TenantSession, organisation: Organisation, changes: Mapping[str, object]) -> None:
    """Change columns of an entry; refuse identifiers that another has, and parents in a circle. An operator asks."""
    new = dict(changes)
    if "name" in new:
        new["name_key"] = key_of_name(str(new["name"]))
    if isinstance(parent := new.get("parent_id"), UUID):
        new["parent_id"] = _parent(session, parent)
    for column, value in new.items():
        setattr(organisation, column, value)
    flush_unless_taken(session)


def flush_unless_taken(session: TenantSession) -> None:
    """Write what is pending; refuse what the directory's own rules do not allow."""
    try:
        session.flush()
    except IntegrityError as error:
        raise _flaw_of(error) from None


def _flaw_of(error: IntegrityError) -> Exception:
    rule = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if isinstance(error.orig, UniqueViolation) and rule in TAKEN:
        return Refusal("invalid", "Correct every problem named in errors.", [TAKEN[rule]])
    if rule in {"parent_circle", "ck_organisation_not_its_own_parent"}:
        flaw = Flaw("/parent", "circle", "An organisation cannot stand above itself; correct the parents in between.")
        return Refusal("invalid", "Correct every problem named in errors.", [flaw])
    return error


def find_organisations(
    session: TenantSession, principal: Principal, role: Role | None, limit: int, after: UUID | None
) -> list[Organisation]:
    """Return a page of the directory, newest first, and one row more; records are listed for operators only.

    A list of records, newest first, would tell in whom somebody has just taken an interest: they are searched for.
    """
    query = living().order_by(Organisation.id.desc()).limit(limit + 1)
    if not principal.holds(Role.OPERATOR):
        query = query.where(Organisation.claimed_at.is_not(None))
    if role is not None:
        query = query.where(Organisation.roles.contains([role.value]))
    if after is not None:
        query = query.where(Organisation.id < after)
    return list(session.scalars(query))


def living() -> Select[Organisation]:
    """Return the query of all entries that are no alias."""
    return select(Organisation).where(Organisation.merged_into.is_(None))


def read_organisation(session: TenantSession, id_: UUID, role: Role | None = None) -> Organisation:
    """Return an organisation, the survivor for an alias, if it has the role; refuse as not found otherwise."""
    organisation = session.get(Organisation, id_)
    if organisation is not None and organisation.merged_into is not None:
        organisation = session.get_one(Organisation, organisation.merged_into)
    if organisation is None or (role is not None and role not in organisation.roles):
        raise not_found()
    return organisation


def hold_organisation(session: TenantSession, id_: UUID, role: Role | None = None) -> Organisation:
    """Return an organisation like `read_organisation`; until the transaction ends it is merged into no other."""
    wanted: UUID | None = id_
    while wanted is not None:
        lock = {"read": True, "key_share": True}
        found = session.get(Organisation, wanted, with_for_update=lock, populate_existing=True)
        wanted = None if found is None else found.merged_into
    return read_organisation(session, id_, role)


def read_shown(session: TenantSession, principal: Principal, id_: UUID) -> Organisation:
    """Return an organisation as far as the directory shows it to the caller."""
    organisation = read_organisation(session, id_)
    if organisation.claimed_at is None and not principal.holds(*SEE_RECORDS):
        raise not_found()
    return organisation


SEE_RECORDS = (Role.INVESTOR, Role.OPERATOR)
"""Who sees that there is a record of somebody: that it is there tells that somebody asked."""


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
