"""Use cases of screening.

Invariants: only the investor that asked, and the vendor itself, screen a sealed submission, each for itself; names
leave the service only where the operator set a service and both organisations allow it; a candidate is confirmed or
dismissed by a named person with a reason, once, never by the machine; no name is logged or told in the audit chain.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from api import clock, ids
from api.audit.service import record
from api.db.session import TenantSession
from api.http.paging import page_of
from api.ids import TenantId
from api.jobs.queue import enqueue
from api.problems import Refusal, not_found
from api.screening.models import Screening, ScreeningCandidate, ScreeningList, ScreeningSetting
from api.settings import Settings
from api.submissions.models import Submission
from api.submissions.service import read_sealed
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import digest

Verdict = Literal["confirmed", "dismissed"]


def ask(session: TenantSession, principal: Principal, settings: Settings, id_: UUID, *, outside: bool) -> Screening:
    """Have the names of a sealed submission compared with the lists; a job does it."""
    submission, me = find_concerned(session, principal, id_), tenant_of(principal)
    if outside:
        _refuse_outside(session, settings, me, submission)
    made = Screening(
        tenant_id=me, id=ids.uuid7(), subject_id=submission.tenant_id, submission_id=submission.id, outside=outside,
        state="waiting", failure=None, matcher=None, lists=None, names=None, asked_at=clock.now(),
        person=principal.person, finished_at=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    enqueue(session, "screening.run", tenant=me, screening=made.id)
    record(session, principal, "screening.ask", made.id)
    return made


def find_concerned(session: TenantSession, principal: Principal, id_: UUID) -> Submission:
    """Return a sealed submission that is the caller's, or was made for it."""
    submission = read_sealed(session, principal, id_)
    if tenant_of(principal) not in {submission.tenant_id, submission.issuer_id}:
        raise not_found()
    return submission


def _refuse_outside(session: TenantSession, settings: Settings, me: TenantId, submission: Submission) -> None:
    if settings.match_url is None:
        raise Refusal("conflict", "The operator has set no outside service; leave outside out.")
    if not allows(session, me):
        raise Refusal("conflict", "Your organisation does not allow it: see /v1/screening-setting.")
    if not allows(session, TenantId(submission.tenant_id)):
        raise Refusal("conflict", "The vendor does not allow that names of its submissions are sent to others.")


def allows(session: TenantSession, organisation: TenantId) -> bool:
    """Tell whether an organisation that the caller has to do with allows that names are sent outside."""
    query = select(ScreeningSetting.outside).where(ScreeningSetting.tenant_id == organisation)
    return bool(session.scalars(query).one_or_none())


def choose(session: TenantSession, principal: Principal, *, outside: bool) -> None:
    """Allow, or no longer allow, that names are sent to an outside service."""
    me, values = tenant_of(principal), {"outside": outside, "chosen_at": clock.now()}
    query = insert(ScreeningSetting).values(tenant_id=me, **values)
    session.execute(query.on_conflict_do_update(index_elements=["tenant_id"], set_=values))
    record(session, principal, "screening.setting", me, after=digest({"outside": outside}))


def read(session: TenantSession, principal: Principal, id_: UUID) -> Screening:
    """Return a screening that the caller asked for."""
    found = session.get(Screening, (tenant_of(principal), id_))
    if found is None:
        raise not_found()
    return found


def list_screenings(
    session: TenantSession, principal: Principal, submission: UUID, limit: int, after: UUID | None
) -> Sequence[Screening]:
    """Return a page of one's own screenings of a submission, and one row more."""
    find_concerned(session, principal, submission)
    query = select(Screening).where(Screening.tenant_id == tenant_of(principal), Screening.submission_id == submission)
    return session.scalars(page_of(query, Screening.id, limit, after)).all()


def list_candidates(
    session: TenantSession, principal: Principal, screening: UUID, limit: int, after: UUID | None
) -> Sequence[ScreeningCandidate]:
    """Return a page of a screening's candidates, and one row more."""
    read(session, principal, screening)
    query = select(ScreeningCandidate).where(
        ScreeningCandidate.tenant_id == tenant_of(principal), ScreeningCandidate.screening_id == screening
    )
    return session.scalars(page_of(query, ScreeningCandidate.id, limit, after)).all()


def list_confirmed(
    session: TenantSession, principal: Principal, submission: UUID, limit: int, after: UUID | None
) -> Sequence[ScreeningCandidate]:
    """Return a page of what anybody confirmed about one's own submission (as its vendor), and one row more."""
    found, me = find_concerned(session, principal, submission), tenant_of(principal)
    if found.tenant_id != me:
        raise not_found()
    query = select(ScreeningCandidate).where(
        ScreeningCandidate.subject_id == me, ScreeningCandidate.submission_id == submission,
        ScreeningCandidate.state == "confirmed",
    )  # fmt: skip
    return session.scalars(page_of(query, ScreeningCandidate.id, limit, after)).all()


def decide(  # noqa: PLR0913, PLR0917  # who decides what about which, and why
    session: TenantSession, principal: Principal, screening: UUID, id_: UUID, verdict: Verdict, reason: str
) -> ScreeningCandidate:
    """Confirm or dismiss a candidate of one's own screening, as the acting person."""
    query = select(ScreeningCandidate).where(
        ScreeningCandidate.tenant_id == tenant_of(principal), ScreeningCandidate.screening_id == screening,
        ScreeningCandidate.id == id_,
    )  # fmt: skip
    found = session.scalars(query.with_for_update()).one_or_none()
    if found is None:
        raise not_found()
    if principal.person is None:
        raise Refusal("invalid", "A person decides: name them in the header Enduse-Acting-Person.")
    if found.state != "open":
        raise Refusal("conflict", "The candidate was decided before; ask for a new screening.")
    found.state, found.reason = verdict, reason
    found.decided_at, found.decided_by = clock.now(), principal.person
    session.flush()
    action: Literal["screening.confirm", "screening.dismiss"]
    action = "screening.confirm" if verdict == "confirmed" else "screening.dismiss"
    record(session, principal, action, found.id, after=digest({"reason": reason}))
    return found


def list_lists(session: TenantSession) -> Sequence[ScreeningList]:
    """Return the loaded lists."""
    return session.scalars(select(ScreeningList).order_by(ScreeningList.code)).all()


def erase_persons(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from one's own screenings and decisions; return how many there were."""
    erased = 0
    asked = update(Screening).where(Screening.tenant_id == tenant, Screening.person.is_not(None))
    decided = update(ScreeningCandidate).where(
        ScreeningCandidate.tenant_id == tenant, ScreeningCandidate.decided_by.is_not(None)
    )
    if person is not None:
        asked, decided = asked.where(Screening.person == person), decided.where(ScreeningCandidate.decided_by == person)
    erased += len(session.scalars(asked.values(person=None).returning(Screening.id)).all())
    return erased + len(session.scalars(decided.values(decided_by=None).returning(ScreeningCandidate.id)).all())
