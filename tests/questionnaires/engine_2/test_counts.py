"""Figures that must fit each other, and what dates and exercises are worth: each read and not read, from answers."""

from typing import Any

import pytest

from questionnaires.documents import Document
from tests.questionnaires.engine_2.conftest import Revisions
from tests.questionnaires.engine_2.test_caps import caps_of, row_of, score, value_in


def give(document: Any, question: str, value: dict[str, Any] | None) -> None:
    """Change some fields of an answer wherever it stands, or of the company's where it is new; None takes it back."""
    owners = (document["company"], document["product"]["p1"]["answers"], document["deployment"]["d1"]["answers"])
    answers = next((o for o in owners if question in o), owners[0])
    if value is None:
        answers.pop(question, None)
        return
    before = answers.get(question, {}).get("value", {})
    answers[question] = {"state": "answered", "value": {**before, **value}}


def changing(changes: dict[str, Any]) -> Any:
    """Return the change of several answers."""

    def change(document: Document) -> None:
        for question, value in changes.items():
            give(document, question, value)

    return change


CONFIRMED = {"MON-02": {"confirmed": 3, "acted": 3, "days": 10}}


@pytest.mark.parametrize(
    ("plan", "holds", "certain"),
    [
        ({"kept": 2, "with_plan": 1}, True, True),
        ({"kept": 2, "with_plan": 2}, False, False),
        ({"kept": 0, "with_plan": 0}, False, False),
        (None, True, False),  # nobody said that the customers were given up
    ],
)
def test_c03_misuse_confirmed_and_the_customer_kept(
    plan: dict[str, int] | None, holds: bool, certain: bool, revisions: Revisions
) -> None:
    result = score(revisions, "f6", "V4", changing({**CONFIRMED, "MON-05": plan}))
    assert ("C-03" in caps_of(result)) is holds
    if holds:
        assert caps_of(result)["C-03"]["certain"] is certain
        assert value_in(result, "M6") <= 1
        assert result["company"]["band"] == "high"
    else:
        assert result["company"]["band"] == "moderate"


@pytest.mark.parametrize(("reports", "described", "clash"), [(0, 0, False), (1, 0, True), (1, 1, False), (3, 2, True)])
def test_x10_reports_that_are_counted_are_described(
    reports: int, described: int, clash: bool, revisions: Revisions
) -> None:
    def count(document: Any) -> None:
        give(document, "REC-07", {"reports": reports})
        document["incident"] = {f"i{n}": {"name": "x", "deployment": "d1", "answers": {}} for n in range(described)}

    result = score(revisions, "f6", "V4", count)
    assert any("X-10" in cap["effect"] for cap in result["caps"]) is clash
    assert value_in(result, "B8") == (2 if clash else 0)


@pytest.mark.parametrize(
    ("confirmed", "cases", "clash"), [(1, "no_case", True), (1, "yes", False), (0, "no_case", False)]
)
def test_x11_confirmed_misuse_is_a_case(confirmed: int, cases: str, clash: bool, revisions: Revisions) -> None:
    change = changing({"MON-02": {"confirmed": confirmed, "acted": confirmed}, "TRA-06": {"cases": cases}})
    result = score(revisions, "f6", "V4", change)
    assert any("X-11" in cap["effect"] for cap in result["caps"]) is clash


@pytest.mark.parametrize(("first_made", "level"), [("before", 3), ("no_contract", 3), ("after", 2), (None, 2)])
def test_an_assessment_made_after_the_contract_does_not_earn_the_third_rung(
    first_made: str | None, level: int, revisions: Revisions
) -> None:
    def date_it(document: Any) -> None:
        answers = document["deployment"]["d1"]["answers"]
        answers["IMP-12"] = {"state": "answered", "value": {"first_made": first_made} if first_made else {}}

    assert value_in(score(revisions, "f6", "V4", date_it), "M2") == level


@pytest.mark.parametrize("exercise", ["none", "own", "audited"])
@pytest.mark.parametrize(("question", "code"), [("MON-08", "M6"), ("REM-08", "M8")])
def test_an_audited_exercise_is_a_way_to_the_fourth_rung(
    question: str, code: str, exercise: str, revisions: Revisions
) -> None:
    harmless = {"MON-03": {"effect": 0}, "REM-04": {"remedied": 0}, "REM-03": {"criteria_met": 6}}
    result = score(revisions, "f4b", "V4", changing({**harmless, question: {"exercise": exercise}}))
    assert value_in(result, code) == (4 if exercise == "audited" else 3)
    unaudited = score(revisions, "f4b", "V3", changing({**harmless, question: {"exercise": exercise}}))
    assert value_in(unaudited, code) == 3


@pytest.mark.parametrize(
    ("code", "held", "change"),
    [
        ("M6", 2, {"MON-08": {"rule": "longer"}}),
        ("M6", 2, {"MON-08": {"kept": 89}}),
        ("M5", 3, {"CON-05": {"statements": 79}}),
        ("M9", 3, {"TRA-06": {"cases": "partial"}}),
    ],
)
def test_rules_that_are_not_kept_and_statements_that_are_missing_cost_a_rung(
    code: str, held: int, change: dict[str, Any], revisions: Revisions
) -> None:
    best = {
        "MON-02": {"confirmed": 2, "acted": 2, "days": 10}, "CON-06": {"share": 90},
        "CON-04": {"audit": "yes", "done": 2}, "TRA-01": {"level": "named"},
        "TRA-02": {"figures": "yes"}, "TRA-03": {"hria": "yes"},
    }  # fmt: skip
    assert value_in(score(revisions, "f4b", "V4", changing(best)), code) > held
    assert value_in(score(revisions, "f4b", "V4", changing({**best, **change})), code) == held


@pytest.mark.parametrize(
    ("code", "before", "after", "change"),
    [
        ("E6", 2, 3, {"IMP-08": {"known": "similar_buyers"}}),
        ("E7", 1, 2, {"USE-20": {"measured": "not_measured"}}),
    ],
)
def test_what_was_known_and_what_was_not_measured_count(
    code: str, before: int, after: int, change: dict[str, Any], revisions: Revisions
) -> None:
    assert value_in(score(revisions, "f6", "V4"), code) == before
    assert value_in(score(revisions, "f6", "V4", changing(change)), code) == after


@pytest.mark.parametrize(("beyond", "remainders"), [(0, 0), (1, 1)])
def test_a_total_beyond_its_lines_is_at_an_unknown_place(beyond: int, remainders: int, revisions: Revisions) -> None:
    def tell(document: Any) -> None:
        lines = document["company"]["OWN-05"]["value"]["areas"]
        listed = sum(line["units"] for line in lines if line["product"] == "p1")
        give(document, "OWN-09", {"total": listed + beyond, "place_unknown": 0})

    result = score(revisions, "f6", "V4", tell)
    assert result["company"]["remainders"] == remainders
    assert not remainders or row_of(result, "~remainder:p1:*")["criteria"]["B3"]["value"] == 4


def test_leaving_places_open_covers_no_units_at_unknown_places(revisions: Revisions) -> None:
    def leave_one_unit_unplaced(document: Any) -> None:
        document["company"]["OWN-05"]["value"]["areas"].append({"product": "p1", "units": 1})

    def name_no_place(document: Any) -> None:
        leave_one_unit_unplaced(document)
        for row in document["deployment"].values():
            del row["answers"]["BUY-01"]["value"]["area"]

    for tell in (leave_one_unit_unplaced, name_no_place):
        result = score(revisions, "f6", "V4", tell)
        assert "~remainder:p1:*" in {row["row"] for row in result["deployments"]}
