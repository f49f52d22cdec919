"""What is wrong with what is said in a review: every problem at once, none repeats what was sent."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from api import clock
from api.db.session import TenantSession
from api.evidence.models import Evidence
from api.problems import Flaw, Refusal
from api.reviews.models import ReviewDecision
from api.reviews.schemas import DecisionIn, ReviewIn, SettlementIn
from api.submissions.models import Submission
from questionnaires.criteria import Criteria
from questionnaires.documents import AnswerKey, iterate


def red_line_flaws(criteria: Criteria, submission: Submission, said: ReviewIn) -> list[Flaw]:
    """Return what is wrong with the red line and the row that a review is to be opened of."""
    flaws = []
    if said.red_line not in criteria.red_lines:
        flaws.append(Flaw("/red_line", "unknown_red_line", "Name a red line of the criteria that score this."))
    rows = {""} if said.group == "company" else set(submission.answers.get(said.group, {}))
    if (said.row or "") not in rows:
        flaws.append(Flaw("/row", "unknown_row", "Name a row of the submission's group; for the company, none."))
    return flaws


def date_flaws(said: DecisionIn) -> list[Flaw]:
    """Return the dates that do not go with the verdict, or lie ahead."""
    flaws = []
    for name in ("reported_on", "stopped_on", "lifted_on"):
        day = getattr(said, name)
        allowed = {"lifted_on": {"confirmed"}}.get(name, {"confirmed", "reopened"})
        if day is not None and said.verdict not in allowed:
            flaws.append(Flaw(f"/{name}", "verdict", "This date does not go with the verdict."))
        elif day is not None and day > clock.today():
            flaws.append(Flaw(f"/{name}", "future", "Choose today or an earlier day."))
    return flaws


def settlement_flaws(criteria: Criteria, submission: Submission, said: SettlementIn) -> list[Flaw]:
    """Return what is wrong with the subject of a settlement."""
    if (said.not_applicable is None) == (said.contradiction is None):
        return [Flaw("", "one_subject", "Name either an answer that does not apply, or a contradiction.")]
    if said.contradiction is not None:
        flaws = []
        if said.contradiction.contradiction not in criteria.contradictions:
            flaws.append(
                Flaw("/contradiction/contradiction", "unknown_contradiction", "Name one that the criteria know.")
            )
        if said.contradiction.row is not None and said.contradiction.row not in submission.answers["deployment"]:
            flaws.append(Flaw("/contradiction/row", "unknown_row", "Name a deployment of the submission."))
        return flaws
    about = said.not_applicable
    assert about is not None
    given = {key for _, key, answer in iterate(submission.answers) if answer.get("state") == "not_applicable"}
    if AnswerKey(about.question, about.row or "") in given:
        return []
    return [Flaw("/not_applicable", "not_such_an_answer", "Name an answer that the vendor gave as not applicable.")]


def subject_of(said: SettlementIn) -> tuple[str, str]:
    """Return the kind and the name of what is settled."""
    if said.contradiction is not None:
        row = said.contradiction.row
        return "contradiction", said.contradiction.contradiction + (f"/{row}" if row else "")
    assert said.not_applicable is not None
    row = said.not_applicable.row
    return "not_applicable", said.not_applicable.question + (f"/{row}" if row else "")


def evidence_flaws(session: TenantSession, of: Submission | ReviewDecision, evidence: Sequence[UUID]) -> list[Flaw]:
    """Return what is named as evidence and is none of the submission's."""
    if not evidence:
        return []
    owner, submission = (of.tenant_id, of.id) if isinstance(of, Submission) else (of.respondent_id, of.submission_id)
    query = select(Evidence.id).where(
        Evidence.tenant_id == owner, Evidence.submission_id == submission, Evidence.id.in_(evidence)
    )
    known = set(session.scalars(query))
    detail = "Name evidence of the submission, by its id."
    return [Flaw(f"/evidence/{n}", "unknown_evidence", detail) for n, id_ in enumerate(evidence) if id_ not in known]


def refuse(flaws: Sequence[Flaw]) -> None:
    """Refuse with every problem, if there is one."""
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
