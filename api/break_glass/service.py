"""Use cases of break-glass.

Invariants: two people of the operator, by two clients of which neither made the other, stand behind every access; it
opens one sealed submission, or one piece of evidence, for four hours at most, and no draft; every step is told in the
owner's chain and in the operator's, in the transaction of the step, and a reading is told before anything is shown.
Chains are lengthened in one order, the owner's first, so that no two of these transactions wait for each other.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from api import clock, ids
from api.audit.service import Action, record
from api.break_glass.schemas import AccessIn, State
from api.db.session import TenantSession, in_the_name_of
from api.evidence.models import Evidence
from api.http.paging import page_of
from api.identity.models import Client
from api.ids import TenantId
from api.problems import Refusal, not_found
from api.submissions.models import AccessRecord, BreakGlassAccess, Submission
from api.submissions.service import Part
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest, digest

APPROVED_WITHIN = timedelta(days=1)


class Reading(NamedTuple):
    """A part that was read, how often, and when last."""

    what: str
    times: int
    last_at: datetime


def request(session: TenantSession, principal: Principal, asked: AccessIn) -> BreakGlassAccess:
    """Ask for an access. The owner sees the request at once; nothing opens before a second person approves."""
    owner, me, person = TenantId(asked.organisation), tenant_of(principal), _person(principal)
    if owner == me:
        raise not_found()
    made = BreakGlassAccess(
        tenant_id=owner, id=ids.uuid7(), operator_id=me, submission_id=asked.submission, evidence_id=asked.evidence,
        reason=asked.reason, minutes=asked.minutes, requested_at=clock.now(), requested_by=principal.client,
        requested_person=person, approved_at=None, approved_by=None, approved_person=None, ended_at=None, ended_by=None,
    )  # fmt: skip
    with in_the_name_of(session, owner):
        if not _is_there(session, owner, asked):
            raise not_found()
        session.add(made)
        session.flush()
    _tell(session, principal, made, "break_glass.request", digest(asked.model_dump(mode="json")))
    return made


def _is_there(session: TenantSession, owner: TenantId, asked: AccessIn) -> bool:
    """Tell, in the owner's name, whether the thing exists and is sealed."""
    query = select(Submission.id).where(
        Submission.tenant_id == owner, Submission.id == asked.submission, Submission.sealed_at.is_not(None)
    )
    if asked.evidence is not None:
        same = (Evidence.tenant_id == Submission.tenant_id) & (Evidence.submission_id == Submission.id)
        query = query.join(Evidence, same).where(Evidence.id == asked.evidence)
    return session.scalar(query) is not None


def approve(session: TenantSession, principal: Principal, id_: UUID) -> BreakGlassAccess:
    """Open an access that a colleague asked for, from now on and for the minutes asked."""
    access, person = _find_mine(session, principal, id_, lock=True), _person(principal)
    if access.requested_by == principal.client or (access.requested_person or "").casefold() == person.casefold():
        raise Refusal("forbidden", "Another person approves, with another client than the one that asked.")
    if _made_by_the_other(session, principal, access):
        raise Refusal("forbidden", "Of the two clients, neither may have made the other.")
    if state_of(access) != "requested":
        raise Refusal("conflict", "The access was approved before, or is over, or older than a day. Ask for a new one.")
    access.approved_at, access.approved_by, access.approved_person = clock.now(), principal.client, person
    session.flush()
    session.refresh(access)  # the moment is the database's
    _tell(session, principal, access, "break_glass.approve")
    return access


def _made_by_the_other(session: TenantSession, principal: Principal, access: BreakGlassAccess) -> bool:
    pair = {principal.client, access.requested_by}
    query = select(Client.id).where(
        Client.tenant_id == tenant_of(principal), Client.id.in_(pair), Client.created_by.in_(pair)
    )
    return session.scalar(query.limit(1)) is not None


def end(session: TenantSession, principal: Principal, id_: UUID) -> BreakGlassAccess:
    """End an access at once and for good, as its owner or its operator; a second time changes nothing."""
    me = tenant_of(principal)
    access = _find(session, me, id_, lock=True) or _find(session, me, id_)
    if access is None:
        raise not_found()
    if access.operator_id == me:
        _person(principal)
    if access.ended_at is None:
        access.ended_at, access.ended_by = clock.now(), me
        session.flush()
        session.refresh(access)
        _tell(session, principal, access, "break_glass.end")
    return access


def open_for(session: TenantSession, principal: Principal, id_: UUID) -> BreakGlassAccess:
    """Return an access that the caller may read under now: approved, not over, asked for by this person and client."""
    access, person = _find_mine(session, principal, id_), _person(principal)
    if access.requested_by != principal.client or access.requested_person != person:
        raise Refusal("forbidden", "Only the person who asked reads, with the client that asked.")
    if state_of(access) != "open":
        raise Refusal("conflict", "The access is not open: it waits for approval, or is over.")
    return access


def note_reading(session: TenantSession, principal: Principal, access: BreakGlassAccess, what: Part) -> None:
    """Tell the owner what is read; commits, so that nothing is shown untold."""
    session.add(
        AccessRecord(
            tenant_id=access.tenant_id, id=ids.uuid7(), submission_id=access.submission_id, what=what, at=clock.now(),
            reader_id=tenant_of(principal), person=principal.person, break_glass_id=access.id,
        )
    )  # fmt: skip
    session.flush()
    _tell(session, principal, access, "break_glass.read")
    session.commit()


def list_accesses(  # noqa: PLR0913, PLR0917  # whose, since when, and which page
    session: TenantSession, principal: Principal, side: str, since: datetime | None, limit: int, after: UUID | None
) -> Sequence[BreakGlassAccess]:
    """Return a page of the accesses to what is the caller's `own`, or that it `asked` for; and one row more.

    With `since`, only those that were asked for, approved, read or ended at or after that moment.
    """
    access = BreakGlassAccess
    query = select(access).where((access.tenant_id if side == "own" else access.operator_id) == tenant_of(principal))
    if since is not None:
        read = exists().where(
            AccessRecord.tenant_id == access.tenant_id, AccessRecord.break_glass_id == access.id,
            AccessRecord.at >= since,
        )  # fmt: skip
        query = query.where(or_(func.greatest(access.requested_at, access.approved_at, access.ended_at) >= since, read))
    return session.scalars(page_of(query, access.id, limit, after)).all()


def readings_of(session: TenantSession, accesses: Sequence[BreakGlassAccess]) -> dict[UUID, list[Reading]]:
    """Return what was read under each of the accesses."""
    found: defaultdict[UUID, list[Reading]] = defaultdict(list)
    query = (
        select(AccessRecord.break_glass_id, AccessRecord.what, func.count(), func.max(AccessRecord.at))
        .where(
            AccessRecord.tenant_id.in_({access.tenant_id for access in accesses}),
            AccessRecord.break_glass_id.in_([access.id for access in accesses]),
        )
        .group_by(AccessRecord.break_glass_id, AccessRecord.what)
        .order_by(AccessRecord.what)
    )
    for id_, what, times, last in session.execute(query):
        assert id_ is not None
        found[id_].append(Reading(what, times, last))
    return found


def state_of(access: BreakGlassAccess) -> State:
    """Return whether an access waits for its approval, is open, or is over."""
    now, closes = clock.now(), closes_at(access)
    lapses = access.requested_at + APPROVED_WITHIN if closes is None else closes
    if access.ended_at is not None or now >= lapses:
        return "ended"
    return "requested" if closes is None else "open"


def closes_at(access: BreakGlassAccess) -> datetime | None:
    """Return when an access ends by itself."""
    return None if access.approved_at is None else access.approved_at + timedelta(minutes=access.minutes)


def _find_mine(session: TenantSession, principal: Principal, id_: UUID, *, lock: bool = False) -> BreakGlassAccess:
    """Return an access that the caller's organisation asked for."""
    me = tenant_of(principal)
    found = (_find(session, me, id_, lock=True) if lock else None) or _find(session, me, id_)
    if found is None or found.operator_id != me:
        raise not_found()
    return found


def _find(session: TenantSession, me: TenantId, id_: UUID, *, lock: bool = False) -> BreakGlassAccess | None:
    """Return an access as its owner or operator; one that is ended can be locked by nobody."""
    mine = or_(BreakGlassAccess.tenant_id == me, BreakGlassAccess.operator_id == me)
    query = select(BreakGlassAccess).where(BreakGlassAccess.id == id_, mine)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def _person(principal: Principal) -> str:
    if principal.person is None:
        raise Refusal("invalid", "Name the acting person in the header Enduse-Acting-Person.")
    return principal.person


def _tell(
    session: TenantSession, principal: Principal, access: BreakGlassAccess, action: Action, after: Digest | None = None
) -> None:
    """Lengthen both chains, the owner's first."""
    for tenant in (access.tenant_id, access.operator_id):
        with in_the_name_of(session, TenantId(tenant)):
            record(session, principal, action, access.id, after=after)
