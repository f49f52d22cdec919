"""Use cases of assessments.

Invariant: nothing here is stored: a scorecard is computed from the sealed answers, the evidence as graded now, and the
revisions that the request pinned, so that it can never disagree with them.
"""

from datetime import date
from typing import Any, NamedTuple

from api import clock
from api.assessments.schemas import ReasonOut, ScorecardOut
from api.catalogue.service import Catalogue
from api.contexts.service import require_context
from api.db.session import TenantSession
from api.definitions.reading import pinned
from api.evidence.service import EvidenceJson, evidence_of, items_of
from api.reviews.reading import review_of
from api.submissions.models import Submission
from api.submissions.service import name_of, terms_of
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.movement import Case
from questionnaires.redlines import Review
from questionnaires.scoring import RowScore, Scorecard, result_of

NOT_CHECKED = (
    "Whether the answers are true: this says who declared what, with which evidence, and what follows from it.",
    "Whether every deployment is listed: the totals of OWN-05 are not yet compared with the deployments described.",
    "Red lines: answers that point to one are printed with their question, without finding or floor.",
    "Caps C-01 to C-06, C-08, C-10 beyond the ageing of evidence, and C-11.",
    "Names against sanctions and other lists: the listing is the vendor's own answer.",
    "How firm the band is under other weights.",
)
"""What engine 1 does not check. Printed in every attestation."""

NOT_CHECKED_2 = (
    NOT_CHECKED[0],
    "Whether the totals of OWN-05 and OWN-09 are true: deployments are compared with what the vendor says of them.",
    "Red lines that no answer points to: only reviewers can add those.",
    "Names against sanctions and other lists: the listing is the vendor's own answer.",
)
"""What engine 2 does not check."""


NOT_SHOWN = "What the asking investor's reviewers decided: that is told to the two parties alone, and not read here."
"""What the scorecard of a third party leaves out, which sees no decisions."""


def list_unchecked(engine: int) -> list[str]:
    """Return what an engine does not check, in plain words."""
    return list(NOT_CHECKED if engine == 1 else NOT_CHECKED_2)


class Inputs(NamedTuple):
    """All that an assessment is computed from."""

    questionnaire: Questionnaire
    criteria: Criteria
    context: Context
    evidence: EvidenceJson
    on: date
    review: Review


class Assessment(NamedTuple):
    """A scorecard and what it was computed from; `by_party` says that who asks sees what reviewers decided."""

    submission: Submission
    inputs: Inputs
    scorecard: Scorecard
    by_party: bool


def assess_submission(session: TenantSession, catalogue: Catalogue, submission: Submission) -> Assessment:
    """Assess a sealed submission that the caller sees, as of today."""
    terms = terms_of(submission)
    inputs = Inputs(
        questionnaire=pinned(session, catalogue, submission.issuer_id, terms["questionnaire"]).questionnaire,
        criteria=catalogue.criteria[terms["criteria"]],
        context=require_context(session, catalogue, terms["context"]),
        evidence=evidence_of(session, name_of(submission)),
        on=clock.today(),
        review=review_of(session, submission),
    )
    return Assessment(submission, inputs, case_of(submission, inputs).assess(), is_party(session, submission))


def case_of(submission: Submission, inputs: Inputs) -> Case:
    """Return everything that a submission is assessed from, as the method takes it."""
    return Case(
        inputs.questionnaire, submission.answers, items_of(inputs.evidence), inputs.criteria, inputs.context, inputs.on,
        inputs.review,
    )  # fmt: skip


def scorecard_out(assessment: Assessment) -> ScorecardOut:
    """Return the wire form of a scorecard, with the reason for every value."""
    terms, engine = terms_of(assessment.submission), assessment.inputs.criteria.engine
    return ScorecardOut.model_validate(
        {
            "submission": assessment.submission.id,
            "assessed_on": assessment.inputs.on.isoformat(),
            "questionnaire": terms["questionnaire"],
            "criteria": terms["criteria"],
            "context": terms["context"],
            "context_name": assessment.inputs.context.name,
            "engine": engine,
            **result_with_reasons(assessment.scorecard),
            "not_checked": list_unchecked(engine) + left_out(engine, by_party=assessment.by_party),
        }
    )


def left_out(engine: int, *, by_party: bool) -> list[str]:
    """Return what a scorecard leaves out for who asks, in plain words."""
    return [] if by_party or engine == 1 else [NOT_SHOWN]


def is_party(session: TenantSession, submission: Submission) -> bool:
    """Tell whether who asks is one of the two parties, who see what reviewers decided."""
    return session.info["tenant"] in {submission.tenant_id, submission.issuer_id}


def result_with_reasons(scorecard: Scorecard) -> dict[str, Any]:
    """Return a result as it would be signed, with the reason for every value beside it."""
    result = result_of(scorecard)
    reasons = {row.row: _reasons(row) for row in scorecard.rows}
    for deployment in result["deployments"]:
        deployment["reasons"] = [reason.model_dump() for reason in reasons[deployment["row"]]]
    return result


def _reasons(row: RowScore) -> list[ReasonOut]:
    risks = [ReasonOut(criterion=code, value=r.high, because=list(r.because)) for code, r in row.readings.items()]
    mitigations = [
        ReasonOut(criterion=code, value=row.counted[code], because=list(item.because), claimed=item.claimed)
        for code, item in row.earned.items()
    ]
    return risks + mitigations
