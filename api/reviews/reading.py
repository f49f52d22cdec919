"""Reading what was decided and replied: by review, by page, and as the method takes it.

Invariants: the last decision about a subject counts; a reply counts for the opening it was made to, so that a review
that is reopened gives the vendor its time anew; both parties read the same.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import load_only

from api.db.session import TenantSession
from api.http.paging import page_of
from api.problems import not_found
from api.reviews.models import ReviewDecision, ReviewReply
from api.submissions.models import Submission
from api.tenancy import Principal, tenant_of
from questionnaires.documents import AnswerKey
from questionnaires.redlines import NO_REVIEW, Decision, Review, Verdict

BY = "reviewer of the asking investor"
"""The role that stands behind a decision, as results name it."""
_VERDICTS: Mapping[str, Verdict] = {"open": "open", "confirmed": "confirmed", "dismissed": "dismissed"}
Replies = Mapping[UUID, ReviewReply]
"""The replies by the opening that they were made to."""


class Reviewed(NamedTuple):
    """One review: its decisions in order, and the replies."""

    steps: Sequence[ReviewDecision]
    replies: Replies


def steps_of(session: TenantSession, principal: Principal, id_: UUID) -> Sequence[ReviewDecision]:
    """Return the decisions of a review that the caller is a party of, in order."""
    me = tenant_of(principal)
    for own in (ReviewDecision.tenant_id == me, ReviewDecision.respondent_id == me):
        query = select(ReviewDecision).where(own, ReviewDecision.review_id == id_)
        found = session.scalars(query.order_by(ReviewDecision.number)).all()
        if found:
            return found
    raise not_found()


def replies_to(session: TenantSession, steps: Sequence[ReviewDecision]) -> Replies:
    """Return the replies to openings."""
    query = select(ReviewReply).where(
        ReviewReply.tenant_id.in_({step.respondent_id for step in steps}),
        ReviewReply.decision_id.in_([step.id for step in steps]),
    )
    return {reply.decision_id: reply for reply in session.scalars(query)}


def opening_of(steps: Sequence[ReviewDecision]) -> ReviewDecision:
    """Return the last opening of a review of a red line."""
    return next(step for step in reversed(steps) if step.verdict == "open")


def may_be_decided(opening: ReviewDecision, replies: Replies, today: date) -> bool:
    """Tell whether the vendor has replied, or its last day to reply is over."""
    assert opening.reply_due is not None
    return opening.id in replies or opening.reply_due < today


def reviews_about(session: TenantSession, submission: Submission) -> list[Reviewed]:
    """Return every review of a submission, in the order in which they began."""
    query = select(ReviewDecision).where(
        ReviewDecision.tenant_id == submission.issuer_id, ReviewDecision.submission_id == submission.id
    )
    return _grouped(session, session.scalars(query.order_by(ReviewDecision.id)).all())


def list_reviews(  # noqa: PLR0913, PLR0917  # whose, since when, and which page
    session: TenantSession, principal: Principal, side: str, since: datetime | None, limit: int, after: UUID | None
) -> list[Reviewed]:
    """Return a page of the reviews that the caller `opened` or `received`, newest first, and one review more.

    With `since`, only those in which something was decided or replied at or after that moment.
    """
    first, me = ReviewDecision, tenant_of(principal)
    query = select(first.review_id).where(_mine(side, me), first.number == 1)
    if since is not None:
        query = query.where(_changed(side, me, since))
    ids = session.scalars(page_of(query, first.review_id, limit, after)).all()
    steps = select(ReviewDecision).where(_mine(side, me), ReviewDecision.review_id.in_(ids))
    found = _grouped(session, session.scalars(steps.order_by(ReviewDecision.id)).all())
    return sorted(found, key=lambda one: one.steps[0].review_id, reverse=True)


def _mine(side: str, me: UUID) -> ColumnElement[bool]:
    return (ReviewDecision.tenant_id if side == "opened" else ReviewDecision.respondent_id) == me


def _changed(side: str, me: UUID, since: datetime) -> ColumnElement[bool]:
    later, owner = ReviewDecision.__table__.alias(), "tenant_id" if side == "opened" else "respondent_id"
    same = (later.c[owner] == me, later.c.review_id == ReviewDecision.review_id)
    replied = exists().where(*same, ReviewReply.tenant_id == later.c.respondent_id,
                             ReviewReply.decision_id == later.c.id, ReviewReply.replied_at >= since)  # fmt: skip
    return or_(exists().where(*same, later.c.decided_at >= since), replied)


def _grouped(session: TenantSession, steps: Sequence[ReviewDecision]) -> list[Reviewed]:
    found: defaultdict[UUID, list[ReviewDecision]] = defaultdict(list)
    for step in sorted(steps, key=lambda step: step.number):
        found[step.review_id].append(step)
    replies = replies_to(session, steps) if steps else {}
    return [Reviewed(found[id_], replies) for id_ in sorted(found)]


def submissions_of(session: TenantSession, reviews: Sequence[Reviewed]) -> Mapping[UUID, Submission]:
    """Return the submissions that reviews are about, by id, with their terms and no answers."""
    about = {(review.steps[0].respondent_id, review.steps[0].submission_id) for review in reviews}
    query = select(Submission).where(
        Submission.tenant_id.in_({owner for owner, _ in about}), Submission.id.in_({id_ for _, id_ in about})
    )
    return {one.id: one for one in session.scalars(query.options(load_only(Submission.sealed)))}


def review_of(session: TenantSession, submission: Submission) -> Review:
    """Return what reviewers decided about a submission, as the method takes it; nothing for who is no party."""
    reviews = reviews_about(session, submission)
    if not reviews:
        return NO_REVIEW
    last = [(review.steps[-1], review) for review in reviews]
    accepted = [step for step, _ in last if step.verdict == "accepted"]
    return Review(
        {step.subject: _decision(review) for step, review in last if step.kind == "red_line"},
        frozenset(_key(step.subject) for step in accepted if step.kind == "not_applicable"),
        frozenset(step.subject for step in accepted if step.kind == "contradiction"),
    )


def _decision(review: Reviewed) -> Decision:
    step, opening = review.steps[-1], opening_of(review.steps)
    reply = review.replies.get(opening.id)
    return Decision(
        verdict=_VERDICTS[step.verdict], by=BY, on=step.decided_on, reply_due=opening.reply_due,
        replied=reply is not None, reported_on=step.reported_on, stopped_on=step.stopped_on, lifted_on=step.lifted_on,
        allegation=opening.reason, reply=reply.reply if reply is not None else None,
    )  # fmt: skip


def _key(subject: str) -> AnswerKey:
    question, _, row = subject.partition("/")
    return AnswerKey(question, row)


def is_reviewed_since(session: TenantSession, issuer: UUID, submission: UUID, id_: UUID) -> bool:
    """Tell whether anything was decided or replied after the row with this id was made (ids sort by time)."""
    decided = exists().where(
        ReviewDecision.tenant_id == issuer, ReviewDecision.submission_id == submission, ReviewDecision.id > id_
    )
    replied = exists().where(
        ReviewReply.investor_id == issuer, ReviewReply.submission_id == submission, ReviewReply.id > id_
    )
    return bool(session.scalar(select(decided | replied)))
