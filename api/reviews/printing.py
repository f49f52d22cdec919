"""The wire form of reviews: their state as of a day, and how a red line is lifted."""

from datetime import date

from api.reviews.models import ReviewDecision, ReviewReply
from api.reviews.reading import Reviewed, may_be_decided, opening_of
from api.reviews.schemas import LiftingOut, ReplyOut, ReviewOut, State, StepOut
from questionnaires.criteria import Criteria
from questionnaires.engine_2.findings import after_months
from questionnaires.redlines import RedLine

_STATES: dict[str, State] = {
    "confirmed": "confirmed", "dismissed": "dismissed", "accepted": "accepted", "withdrawn": "withdrawn",
}  # fmt: skip


def review_out(review: Reviewed, criteria: Criteria, today: date) -> ReviewOut:
    """Return the wire form of a review, as of a day."""
    first, last = review.steps[0], review.steps[-1]
    red_line = criteria.red_lines.get(first.subject.partition("/")[0]) if first.kind == "red_line" else None
    moments = [step.decided_at for step in review.steps]
    moments += [reply.replied_at for step in review.steps if (reply := review.replies.get(step.id)) is not None]
    return ReviewOut.model_validate(
        {
            "id": first.review_id,
            "investor": first.tenant_id,
            "respondent": first.respondent_id,
            "submission": first.submission_id,
            "kind": first.kind,
            "subject": first.subject,
            "state": _state(review, red_line, today),
            "reply_due": opening_of(review.steps).reply_due if first.kind == "red_line" else None,
            "changed_at": max(moments),
            "proof": red_line.proof if red_line is not None else None,
            "lifting": _lifting(red_line, last) if red_line is not None else None,
            "steps": [_step(step, review.replies.get(step.id)) for step in review.steps],
        }
    )


def _state(review: Reviewed, red_line: RedLine | None, today: date) -> State:
    last = review.steps[-1]
    if last.verdict == "open":
        return "to_be_decided" if may_be_decided(last, review.replies, today) else "awaiting_reply"
    lifts_on = _lifting(red_line, last).lifts_on if red_line is not None else None
    return "lifted" if lifts_on is not None and lifts_on <= today else _STATES[last.verdict]


def _lifting(red_line: RedLine, last: ReviewDecision) -> LiftingOut:
    shown_on = last.lifted_on
    lifts_on = after_months(shown_on, red_line.months) if shown_on is not None else None
    return LiftingOut(condition=red_line.lifted, months=red_line.months, shown_on=shown_on, lifts_on=lifts_on)


def _step(step: ReviewDecision, reply: ReviewReply | None) -> StepOut:
    said = None
    if reply is not None:
        said = ReplyOut(
            reply=reply.reply, evidence=reply.evidence, person=reply.person, replied_at=reply.replied_at
        )  # fmt: skip
    return StepOut.model_validate(
        {
            "id": step.id,
            "replaces": step.replaces,
            "verdict": step.verdict,
            "reason": step.reason,
            "evidence": step.evidence,
            "person": step.person,
            "decided_at": step.decided_at,
            "reply_due": step.reply_due,
            "reported_on": step.reported_on,
            "stopped_on": step.stopped_on,
            "lifted_on": step.lifted_on,
            "reply": said,
        }
    )
