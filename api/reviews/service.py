"""Use cases of reviews.

Invariants: only the investor that asked decides, by a named person, and only the vendor replies; a red line is decided
once the vendor has replied or its time to reply is over (the database holds this too); a decision is never
changed: a later one names the one it replaces, and stands in its place as a whole; while a review of a red line is
open, the attestations of its submission are suspended.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from api import clock, ids
from api.audit.service import Action, record
from api.catalogue.service import Catalogue
from api.db.session import TenantSession
from api.problems import Refusal
from api.reviews.calendar import add_working_days
from api.reviews.checks import date_flaws, evidence_flaws, red_line_flaws, refuse, settlement_flaws, subject_of
from api.reviews.models import ReviewCalendar, ReviewDecision, ReviewReply
from api.reviews.reading import may_be_decided, opening_of, replies_to, steps_of
from api.reviews.schemas import DecisionIn, ReplyIn, ReviewIn, SettlementIn
from api.reviews.suspending import settle as settle_standing
from api.standing import service as standing
from api.submissions.models import Submission
from api.submissions.service import read_sealed, terms_of
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import digest
from questionnaires.criteria import Criteria
from questionnaires.redlines import candidate


def open_review(
    session: TenantSession, principal: Principal, catalogue: Catalogue, submission_id: UUID, said: ReviewIn
) -> ReviewDecision:
    """Open the review of a red line; the vendor reads the allegation at once and has so many working days to reply."""
    submission = _asked_by(session, principal, submission_id)
    person = _person(principal)
    flaws = red_line_flaws(criteria_of(catalogue, submission), submission, said)
    refuse([*flaws, *evidence_flaws(session, submission, said.evidence)])
    subject = candidate(said.red_line, said.group, said.row or "")
    if _last(session, submission, "red_line", subject) is not None:
        raise Refusal("conflict", "There is a review of this red line: decide it, or reopen it.")
    due = _reply_due(session, principal, said.reply_days)
    made = _begin(submission, "red_line", subject, person)
    made.verdict, made.reason, made.evidence, made.reply_due = "open", said.allegation, said.evidence, due
    return _keep(session, principal, made, "review.open", said)


def decide(session: TenantSession, principal: Principal, id_: UUID, said: DecisionIn) -> ReviewDecision:
    """Confirm or dismiss a red line, or reopen its review, with a reason; refused while the vendor may still reply."""
    steps = steps_of(session, principal, id_)
    if steps[0].tenant_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the investor that asked decides.")
    if steps[0].kind != "red_line":
        raise Refusal("conflict", "This is no review of a red line: settle it under its submission.")
    person, last = _person(principal), steps[-1]
    refuse(date_flaws(said) + evidence_flaws(session, last, said.evidence))
    if said.verdict == "reopened":
        if last.verdict == "open":
            raise Refusal("conflict", "The review is open: confirm or dismiss it.")
    elif not may_be_decided(opening_of(steps), replies_to(session, steps), clock.today()):
        raise Refusal("conflict", "The vendor may still reply: decide once it has, or after its last day to reply.")
    made = _replace(last, person)
    made.verdict, made.reason, made.evidence = said.verdict, said.reason, said.evidence
    if said.verdict == "reopened":
        made.verdict, made.reply_due = "open", _reply_due(session, principal, said.reply_days)
    made.reported_on, made.stopped_on, made.lifted_on = said.reported_on, said.stopped_on, said.lifted_on
    return _keep(session, principal, made, "review.decide", said)


def reply(session: TenantSession, principal: Principal, id_: UUID, said: ReplyIn) -> ReviewDecision:
    """Reply to the open review of one's own submission, once; return the opening that is replied to."""
    steps = steps_of(session, principal, id_)
    opening = steps[-1]
    if opening.respondent_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the vendor replies.")
    if opening.verdict != "open" or replies_to(session, steps).get(opening.id) is not None:
        raise Refusal("conflict", "There is nothing to reply to: you have replied, or it is decided.")
    refuse(evidence_flaws(session, opening, said.evidence))
    made = ReviewReply(
        tenant_id=opening.respondent_id, id=ids.uuid7(), investor_id=opening.tenant_id,
        submission_id=opening.submission_id, decision_id=opening.id, reply=said.reply, evidence=said.evidence,
        person=principal.person, replied_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    _flush(session)
    record(session, principal, "review.reply", opening.review_id, after=digest(said.model_dump(mode="json")))
    return opening


def settle(
    session: TenantSession, principal: Principal, catalogue: Catalogue, submission_id: UUID, said: SettlementIn
) -> ReviewDecision:
    """Accept that a question does not apply or that a contradiction is resolved, or withdraw that; with a reason."""
    submission = _asked_by(session, principal, submission_id)
    person = _person(principal)
    refuse(
        settlement_flaws(criteria_of(catalogue, submission), submission, said)
        + evidence_flaws(session, submission, said.evidence)
    )
    kind, subject = subject_of(said)
    last = _last(session, submission, kind, subject)
    if (last.verdict if last is not None else "withdrawn") == said.verdict:
        raise Refusal("conflict", "That is how it stands already.")
    made = _begin(submission, kind, subject, person) if last is None else _replace(last, person)
    made.verdict, made.reason, made.evidence = said.verdict, said.reason, said.evidence
    return _keep(session, principal, made, "review.settle", said)


def criteria_of(catalogue: Catalogue, submission: Submission) -> Criteria:
    """Return the criteria under which a submission was sealed."""
    return catalogue.criteria[terms_of(submission)["criteria"]]


def read_holidays(session: TenantSession, principal: Principal) -> Sequence[date]:
    """Return the days that the caller's organisation lists beside weekends."""
    found = session.get(ReviewCalendar, (tenant_of(principal),))
    return found.holidays if found is not None else []


def list_holidays(session: TenantSession, principal: Principal, holidays: Sequence[date]) -> Sequence[date]:
    """Put a list in the place of the one before; the last days of running times to reply stay as they were told."""
    days = sorted(set(holidays))
    found = session.get(ReviewCalendar, (tenant_of(principal),))
    if found is None:
        session.add(ReviewCalendar(tenant_id=tenant_of(principal), holidays=days))
    else:
        found.holidays = days
    session.flush()
    after = digest([day.isoformat() for day in days])
    record(session, principal, "review_calendar.set", tenant_of(principal), after=after)
    return days


def _asked_by(session: TenantSession, principal: Principal, submission_id: UUID) -> Submission:
    """Return a sealed submission that was made for the caller."""
    submission = read_sealed(session, principal, submission_id)
    if submission.issuer_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the investor that asked decides about a submission.")
    return submission


def _person(principal: Principal) -> str:
    if principal.person is None:
        raise Refusal("invalid", "Name the acting person in the header Enduse-Acting-Person.")
    return principal.person


def _reply_due(session: TenantSession, principal: Principal, days: int) -> date:
    return add_working_days(clock.today(), days, frozenset(read_holidays(session, principal)))


def _last(session: TenantSession, submission: Submission, kind: str, subject: str) -> ReviewDecision | None:
    query = select(ReviewDecision).where(
        ReviewDecision.tenant_id == submission.issuer_id, ReviewDecision.submission_id == submission.id,
        ReviewDecision.kind == kind, ReviewDecision.subject == subject,
    )  # fmt: skip
    return session.scalars(query.order_by(ReviewDecision.number.desc()).limit(1)).one_or_none()


def _begin(submission: Submission, kind: str, subject: str, person: str) -> ReviewDecision:
    id_ = ids.uuid7()
    return ReviewDecision(
        tenant_id=submission.issuer_id, id=id_, respondent_id=submission.tenant_id, submission_id=submission.id,
        review_id=id_, number=1, kind=kind, subject=subject, person=person,
    )  # fmt: skip


def _replace(last: ReviewDecision, person: str) -> ReviewDecision:
    return ReviewDecision(
        tenant_id=last.tenant_id, id=ids.uuid7(), respondent_id=last.respondent_id, submission_id=last.submission_id,
        review_id=last.review_id, number=last.number + 1, kind=last.kind, subject=last.subject, person=person,
        replaces=last.id,
    )  # fmt: skip


def _keep(
    session: TenantSession, principal: Principal, made: ReviewDecision, action: Action, said: Any
) -> ReviewDecision:
    if made.kind == "red_line":
        standing.hold(session, made.submission_id)
    session.add(made)
    _flush(session)
    session.refresh(made)  # the moment is the database's
    changes = settle_standing(session, made.tenant_id, made.submission_id) if made.kind == "red_line" else []
    record(session, principal, action, made.review_id, after=digest(said.model_dump(mode="json")))
    standing.tell(session, principal, changes)
    return made


def _flush(session: TenantSession) -> None:
    """Write; what the database refuses here was changed by somebody else since it was read."""
    try:
        session.flush()
    except (IntegrityError, ProgrammingError):
        raise Refusal("conflict", "Somebody was faster: read the review again.") from None
