"""Step 5: only answers that the questionnaire allows are scored, and the order of leaves means nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from attestations.reasons import Reason
from attestations.report import Status
from attestations.verification import verify
from questionnaires.disclosure import LeavesError, document_of

Change = Callable[[Any], None]


def value(**fields: Any) -> Change:
    """Change the value of how many people the first deployment can watch."""
    return lambda exercise: exercise.leaf("USE-04", "d1")["answer"]["value"].update(fields)


def state(name: str) -> Change:
    return lambda exercise: exercise.leaf("USE-04", "d1")["answer"].update(state=name)


def more(**leaf: Any) -> Change:
    common = {"kind": "answer", "answer": {"state": "not_known"}, "evidence": []}
    return lambda exercise: exercise.leaves.append({**common, **leaf})


def deep(exercise: Any) -> None:
    nested: Any = "x"
    for _ in range(80):
        nested = [nested]
    exercise.leaf("USE-04", "d1")["answer"]["note"] = nested


def long(exercise: Any) -> None:
    exercise.leaf("USE-04", "d1")["answer"]["note"] = "x" * 1_000_000


def product_of_nobody(exercise: Any) -> None:
    for leaf in exercise.leaves:
        if leaf["kind"] == "row" and leaf["group"] == "deployment":
            leaf["product"] = "p99"


NOT_ANSWERS = {
    "below zero": (value(people=-5_000_000), "/deployment/d1/answers/USE-04/value/people"),
    "no number": (value(people=False), "/deployment/d1/answers/USE-04/value/people"),
    "unknown field": (value(zzz="x"), "/deployment/d1/answers/USE-04/value/zzz"),
    "unknown state": (state("fine"), "/deployment/d1/answers/USE-04/state"),
    "unknown question": (more(group="company", row=None, question="ZZZ-99"), "/company/ZZZ-99"),
    "asked of another group": (more(group="company", row=None, question="USE-04"), "/company/USE-04"),
    "nested deeply": (deep, "/deployment/d1/answers/USE-04/note"),
    "very long": (long, "/deployment/d1/answers/USE-04/note"),
    "no such product": (product_of_nobody, "/deployment/d1/product"),
    "no such row": (more(group="deployment", row="d99", question="USE-04"), "/disclosures/"),
    "evidence lent by a product": (more(group="product", row="p1", question="USE-04"), "/product/p1/answers/USE-04"),
}


@pytest.mark.parametrize("name", NOT_ANSWERS)
def test_what_is_no_answer_is_not_scored(name: str, keys: Any, trust: Any, forge: Any) -> None:
    change, pointer = NOT_ANSWERS[name]
    exercise = forge.exercise("f1")
    change(exercise)
    for reverse in (False, True):
        report = verify(exercise.signed(keys.signer, reverse=reverse), trust, forge.at)
        assert forge.failure(report) == (5, Reason.NOT_COMPUTABLE)
        problems = report.steps[4].problems
        assert any(problem.startswith(pointer) for problem in problems), problems
        assert len(problems) <= 100
        assert not any("5000000" in problem or "fine" in problem or "xxx" in problem for problem in problems)


def test_an_answer_that_is_not_asked_is_not_scored(keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise("f1")
    validator = exercise_validator(exercise)
    document, _ = document_of(exercise.leaves)
    answered = {leaf.get("question") for leaf in exercise.leaves if leaf["row"] is None}
    absent = [id_ for id_ in validator.questionnaire.by_group["company"] if id_ not in answered]
    hidden = [id_ for id_ in absent if is_hidden(validator, document, id_)]
    assert hidden, "the exercise hides a question of the company"
    more(group="company", row=None, question=hidden[0])(exercise)
    report = verify(exercise.signed(keys.signer), trust, forge.at)
    assert forge.failure(report) == (5, Reason.NOT_COMPUTABLE)
    assert report.steps[4].problems == (f"/company/{hidden[0]}: hidden_question",)


def exercise_validator(exercise: Any) -> Any:
    from attestations.revisions import read_questionnaire
    from questionnaires.canonical import canonical_bytes

    return read_questionnaire(canonical_bytes(exercise.parts["questionnaire"]))


def is_hidden(validator: Any, document: Any, question: str) -> bool:
    said = {**document, "company": {**document["company"], question: {"state": "not_known"}}}
    return any(problem.code == "hidden_question" for problem in validator.check_document(said))


ROW = {"kind": "row", "group": "product", "row": "p1", "name": "x", "product": None}
DEPLOYMENT = {"kind": "row", "group": "deployment", "row": "p1", "name": "x", "product": "p1"}
SAID = {"kind": "answer", "group": "company", "row": None, "question": "GOV-01", "answer": {}, "evidence": []}
OF_PRODUCT = {**SAID, "group": "product", "row": "p1"}


@pytest.mark.parametrize(
    "leaves",
    [
        [SAID, SAID],
        [SAID, {**SAID, "row": "x"}],
        [ROW, ROW],
        [ROW, OF_PRODUCT, OF_PRODUCT],
        [ROW, DEPLOYMENT, OF_PRODUCT, {**OF_PRODUCT, "group": "deployment"}],
        [OF_PRODUCT],
        [{**ROW, "group": "company"}],
        [{**ROW, "product": "p1"}],
    ],
)
def test_leaves_that_are_not_those_of_one_document(leaves: list[dict[str, Any]]) -> None:
    for ordered in (leaves, leaves[::-1]):
        with pytest.raises(LeavesError):
            document_of(ordered)
    assert document_of([OF_PRODUCT, ROW, SAID])[0] == document_of([SAID, ROW, OF_PRODUCT])[0]


def test_criteria_that_break_the_engine(keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise("f1")
    exercise.rename("criteria", revision="99")
    exercise.parts["criteria"]["bands"] = dict.fromkeys(exercise.parts["criteria"]["bands"], 100)
    report = verify(exercise.signed(keys.signer), trust, forge.at)
    assert report.steps[3].status is Status.INDETERMINATE
    assert (report.steps[4].status, report.steps[4].reason) == (Status.FAILED, Reason.NOT_COMPUTABLE)


def test_a_result_with_one_figure_changed(keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise("f1")
    exercise.statement["result"]["company"]["band"] = "low"
    report = verify(exercise.signed(keys.signer), trust, forge.at)
    assert forge.failure(report) == (5, Reason.SCORE_DIFFERS)
    assert report.to_json()["statement"] is None, "nothing of it is repeated as a fact"
    assert report.signer is not None
