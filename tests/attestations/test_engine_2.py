"""Results of engine 2 are recomputed from the bundle alone, what reviewers decided included."""

from datetime import date
from typing import Any

import pytest

from attestations.reasons import Reason
from attestations.report import Status
from attestations.verification import verify
from questionnaires import library
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.disclosure import document_of
from questionnaires.redlines import Decision, Review
from questionnaires.revisions import revision_json
from questionnaires.scoring import assess, result_of

CONFIRMED = Decision("confirmed", "reviewer", date(2026, 9, 1), replied=True)


@pytest.fixture
def reviewed(forge: Any) -> Any:
    """Return exercise F6 under criteria 2, with one red line confirmed that no answer points to."""
    exercise = forge.exercise("f6")
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
    questionnaire = Questionnaire.model_validate(exercise.parts["questionnaire"])
    context = library.find(library.contexts(), "exercise@2026-11")
    assert isinstance(criteria, Criteria)
    assert isinstance(context, Context)
    review = Review({"RL-10/company": CONFIRMED}, frozenset(), frozenset())
    scorecard = assess(questionnaire, *document_of(exercise.leaves), criteria, context, date(2026, 11, 25), review)
    exercise.parts["criteria"] = revision_json(criteria)
    exercise.parts["context"] = revision_json(context.used(scorecard.places))
    exercise.statement["criteria"] |= {"revision": "2", "engine": 2}
    exercise.statement["result"] = result_of(scorecard)
    return exercise


def test_the_disclosed_answers_and_the_review_give_the_signed_result(
    reviewed: Any, keys: Any, trust: Any, forge: Any
) -> None:
    report = verify(reviewed.signed(keys.signer), trust, forge.at)
    assert (report.steps[4].status, report.steps[4].reason) == (Status.PASSED, Reason.OK)
    assert reviewed.statement["result"]["company"]["band"] == "high"
    assert reviewed.statement["result"]["company"]["computed_band"] != "high"


def test_a_decision_taken_out_of_the_result_gives_another_one(reviewed: Any, keys: Any, trust: Any, forge: Any) -> None:
    reviewed.statement["result"]["review"]["red_lines"] = {}
    assert forge.failure(verify(reviewed.signed(keys.signer), trust, forge.at)) == (5, Reason.SCORE_DIFFERS)


@pytest.mark.parametrize("broken", [{}, {"red_lines": {"RL-10/company": {}}, "not_applicable": [], "resolved": []}])
def test_a_review_that_is_none_is_not_read(
    broken: dict[str, Any], reviewed: Any, keys: Any, trust: Any, forge: Any
) -> None:
    reviewed.statement["result"]["review"] = broken
    assert forge.failure(verify(reviewed.signed(keys.signer), trust, forge.at)) == (5, Reason.NOT_COMPUTABLE)
