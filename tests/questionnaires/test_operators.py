"""What the operators of a questionnaire say of answers: yes, no, or still open."""

from typing import Any

import pytest

from questionnaires.conditions import evaluate
from questionnaires.visibility import Asking
from tests.questionnaires.small import KINDS, TABLE, answered, question, questionnaire, section

FIELDS = {"day": KINDS["day"], "proof": KINDS["proof"], "t": TABLE, "agree": KINDS["agree"]}
SHA = "sha256:" + "0" * 64


def outcome(condition: dict[str, Any], answer: dict[str, Any] | None, rows: int = 0) -> bool | None:
    """Return what a condition says of one answer, and so many products that answered yes, no, yes, no and so on."""
    asked = questionnaire(
        section("A", question("AAA-01", FIELDS), question("PRD-01", per="product")),
        section("B", question("ZZZ-01", asked_when=condition)),
    )
    said = [answered(said="yes" if number % 2 == 0 else "no") for number in range(rows)]
    products = {f"p{number}": {"name": "P", "answers": {"PRD-01": said[number]}} for number in range(rows)}
    if rows == 5:
        products["p4"]["answers"] = {}
    asking = Asking(asked, {"company": {"AAA-01": answer} if answer else {}, "product": products, "deployment": {}})
    return evaluate(asked.gates["ZZZ-01"][0], asking.facts("company", ""))


BEFORE, AFTER = {"date": "AAA-01.day", "before": "2026-03-01"}, {"date": "AAA-01.day", "after": "2026-03-01"}
RED = {"column": "AAA-01.t.one", "is": ["red"]}
REDS = {"column": "AAA-01.t.multi", "is": ["red"]}
YES_ROWS = {"rows": "product", "at_least": 2, "where": {"answer": "PRD-01.said", "is": ["yes"]}}
NOT_KNOWN = {"state": "not_known"}


@pytest.mark.parametrize(
    ("condition", "answer", "expected"),
    [
        (BEFORE, answered(day="2026-02-28"), True),
        (BEFORE, answered(day="2026-03-01"), False),
        (AFTER, answered(day="2026-03-01"), False),
        (AFTER, answered(day="2026-03-02"), True),
        (BEFORE, NOT_KNOWN, None),
        (AFTER, None, None),
        (RED, answered(t=[{"one": "blue"}, {"one": "red"}]), True),
        (RED, answered(t=[{"one": "blue"}]), False),
        (RED, answered(t=[{"one": "blue"}, {"whole": 3}]), None),
        (RED, answered(t=[{"one": "red"}, {"whole": 3}]), True),
        (RED, answered(t=[]), False),
        (RED, NOT_KNOWN, None),
        (REDS, answered(t=[{"multi": []}, {"multi": ["blue", "red"]}]), True),
        (REDS, answered(t=[{"multi": []}, {"multi": ["blue"]}]), False),
        ({"size": "AAA-01.t", "at_least": 1}, answered(t=[]), False),
        ({"size": "AAA-01.t", "at_least": 1}, None, None),
        ({"size": "AAA-01.t", "at_most": 4}, None, True),  # it takes four lines at most
        ({"size": "AAA-01.proof", "at_least": 1}, answered(proof=[SHA]), True),
        ({"answered": "AAA-01.day"}, answered(day="2026-03-01"), True),
        ({"answered": "AAA-01.day"}, answered(agree="no"), None),
        ({"answered": "AAA-01.day"}, NOT_KNOWN, False),
        ({"answered": "AAA-01.day"}, None, None),
        ({"state": "AAA-01", "is": ["not_known"]}, NOT_KNOWN, True),
        ({"state": "AAA-01", "is": ["not_known"]}, answered(agree="no"), False),
        ({"state": "AAA-01", "is": ["not_known"]}, {"state": "not_answered"}, None),
        ({"answer": "AAA-01.agree", "is": ["yes", "partial"]}, answered(agree="partial"), True),
        ({"answer": "AAA-01.agree", "is": ["yes", "partial"]}, NOT_KNOWN, None),
    ],
    ids=str,
)
def test_an_operator_decides_once_nothing_else_is_possible(
    condition: dict[str, Any], answer: dict[str, Any] | None, expected: bool | None
) -> None:
    assert outcome(condition, answer) is expected
    negated = None if expected is None else not expected
    assert outcome({"not": condition}, answer) is negated


@pytest.mark.parametrize(("rows", "expected"), [(0, False), (1, False), (2, False), (3, True), (5, True)])
def test_rows_are_counted_as_far_as_they_decide(rows: int, expected: bool) -> None:
    assert outcome(YES_ROWS, None, rows) is expected
    assert outcome({**YES_ROWS, "at_least": 3}, None, rows) is (None if rows == 5 else False)
    assert outcome({"rows": "product", "at_least": 2}, None, rows) is (rows >= 2)
    assert outcome({"rows": "product", "at_most": 2}, None, rows) is (rows <= 2)
