"""Use cases of records: named by investors, and searched for.

Invariants: an entry with a known LEI or register number is never made a second time, by two at once neither; who made a
record is told nowhere but in the maker's own audit log; nobody adds to a record that another made: whoever could add a
domain to it could claim it, so a different domain only contests the first, until an operator decides.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, update
from sqlalchemy.exc import IntegrityError

from api.audit.service import record
from api.db.session import TenantSession, in_the_name_of
from api.directory.schemas import RecordIn
from api.http.paging import page_of
from api.identity.identifiers import Register, key_of_name, key_of_register
from api.identity.models import Organisation
from api.identity.service import SEE_RECORDS, Identity, describe, living
from api.ids import OrganisationId
from api.problems import Flaw, Refusal
from api.tenancy import Principal, Role

SHORTEST_PREFIX = 3
_LAST = "\U0010ffff"


class Wanted(NamedTuple):
    """What is searched for: one or more of them."""

    lei: str | None = None
    register: Register | None = None
    name: str | None = None
    country: str | None = None


def name_vendor(session: TenantSession, principal: Principal, asked: RecordIn) -> tuple[Organisation, bool]:
    """Return the vendor's entry, and whether it is a new record."""
    known = _find_known(session, asked)
    if known is None:
        if not asked.another:
            _refuse_namesake(session, asked)
        made = _make(session, asked)
        if made is not None:
            record(session, principal, "organisation.name", made.id)
            return made, True
        known = _find_known(session, asked)  # somebody was quicker
        assert known is not None
    if _contests(known, asked):
        with in_the_name_of(session, OrganisationId(known.id)):
            contested = update(Organisation).where(Organisation.id == known.id, Organisation.claimed_at.is_(None))
            session.execute(contested.values(domain_contested=True))
        record(session, principal, "organisation.name", known.id)
    return known, False


def _make(session: TenantSession, asked: RecordIn) -> Organisation | None:
    """Store a record; None where its LEI or number is taken by now."""
    identity = Identity(asked.lei, asked.register_, asked.parent, asked.domain)
    made = describe(session, asked.name, asked.country, [Role.VENDOR], identity)
    made.domain_by = "investor" if asked.domain else None
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        return None
    return made


def _find_known(session: TenantSession, asked: RecordIn) -> Organisation | None:
    """Return the entry that has the LEI or the number; refuse where the two do not fit together."""
    by_lei = None if asked.lei is None else _one(session, Wanted(lei=asked.lei))
    by_number = None if asked.register_ is None else _one(session, Wanted(register=asked.register_))
    known = by_lei or by_number
    if known is None:
        return None
    number = None if asked.register_ is None else (asked.register_.country, key_of_register(asked.register_.number))
    known_number = (known.register_country, known.register_key)
    other = "The directory has this LEI or number with another: correct it, or ask the operator."
    differs = [
        Flaw(pointer, "other_entry", other)
        for pointer, given, has in (("/lei", asked.lei, known.lei), ("/register", number, known_number))
        if given is not None and has not in {None, (None, None), given}
    ]  # fmt: skip
    if by_lei and by_number and by_lei.id != by_number.id and not differs:
        differs = [Flaw("/register", "other_entry", "LEI and number belong to two entries: ask the operator to merge.")]
    if differs:
        raise Refusal("invalid", "Correct every problem named in errors.", differs)
    return known


def _one(session: TenantSession, wanted: Wanted) -> Organisation | None:
    return session.scalars(_matching(living(), wanted)).one_or_none()


def _refuse_namesake(session: TenantSession, asked: RecordIn) -> None:
    same = and_(
        Organisation.name_key == key_of_name(asked.name), Organisation.country.is_not_distinct_from(asked.country)
    )
    if session.scalars(living().with_only_columns(Organisation.id).where(same).limit(1)).first() is not None:
        raise Refusal(
            "conflict", "There are entries of this name and country: look at them (GET /v1/organisations:search) and "
            'use theirs, or send "another": true if it is none of them.'
        )  # fmt: skip


def _contests(known: Organisation, asked: RecordIn) -> bool:
    return (
        known.claimed_at is None
        and known.domain_by == "investor"
        and not known.domain_contested
        and asked.domain not in {None, known.domain}
    )


def search(
    session: TenantSession, principal: Principal, wanted: Wanted, limit: int, after: UUID | None
) -> list[Organisation]:
    """Return a page of entries that fit, newest first, and one row more; records for investors and operators only."""
    key = key_of_name(wanted.name or "")
    if wanted.name is not None and len(key) < SHORTEST_PREFIX:
        flaw = Flaw("/name", "too_short", f"Give the first {SHORTEST_PREFIX} letters at least.")
        raise Refusal("invalid", "Correct every problem named in errors.", [flaw])
    if wanted.lei is None and wanted.register is None and wanted.name is None:
        flaw = Flaw("/name", "nothing_wanted", "Give a LEI, a register's country and number, or the start of a name.")
        raise Refusal("invalid", "Correct every problem named in errors.", [flaw])
    query = _matching(living(), wanted)
    if not principal.holds(*SEE_RECORDS):
        query = query.where(Organisation.claimed_at.is_not(None))
    return list(session.scalars(page_of(query, Organisation.id, limit, after)))


def _matching(query: Select[Organisation], wanted: Wanted) -> Select[Organisation]:
    if wanted.lei is not None:
        query = query.where(Organisation.lei == wanted.lei)
    if wanted.register is not None:
        key = key_of_register(wanted.register.number)
        query = query.where(Organisation.register_country == wanted.register.country, Organisation.register_key == key)
    if wanted.name is not None:
        key = key_of_name(wanted.name)  # a range, not LIKE: it uses the index whatever the planner knows
        query = query.where(Organisation.name_key >= key, Organisation.name_key < key + _LAST)
    if wanted.country is not None:
        query = query.where(Organisation.country == wanted.country)
    return query
