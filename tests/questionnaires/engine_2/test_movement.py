"""Comparing two assessments: moves add up, and each is put down to its cause."""

from datetime import date

import pytest
from hypothesis import given

from questionnaires import library
from questionnaires.movement import CAUSES, Case, compare
from questionnaires.redlines import NO_REVIEW
from tests.questionnaires.conftest import evidence_of
from tests.questionnaires.engine_2.conftest import ON, Reviewed, Revisions, reviewed
from tests.questionnaires.engine_2.test_promises import EXAMPLES
from tests.questionnaires.engine_2.whole import read_whole


def case_of(revisions: Revisions, name: str = "f6") -> Case:
    document = read_whole(name, revisions.questionnaire)
    evidence = evidence_of(document, "V4")
    return Case(revisions.questionnaire, document, evidence, revisions.criteria, revisions.context, ON, NO_REVIEW)


def test_nothing_changed_moves_nothing(revisions: Revisions) -> None:
    assert compare(case_of(revisions), case_of(revisions)) == ()


def test_a_changed_answer_moves_its_criteria_and_the_company(revisions: Revisions) -> None:
    before, after = case_of(revisions), case_of(revisions)
    after.document["company"]["CON-03"] = {"state": "not_known"}
    moves = compare(before, after)
    assert {move.cause for move in moves} == {"answers"}
    assert [move.row for move in moves] == ["", "d1", "d2"]
    assert moves[1].criteria == {"M5": (3, 2)}
    assert all(move.residual > 0 for move in moves)


def test_time_alone_ages_the_evidence(revisions: Revisions) -> None:
    before = case_of(revisions)
    moves = compare(before, before._replace(on=date(2027, 11, 25)))
    assert {move.cause for move in moves} == {"time"}
    company = next(move for move in moves if not move.row)
    assert company.residual > 0


def test_a_row_that_came_is_told_without_a_move(revisions: Revisions) -> None:
    before, after = case_of(revisions), case_of(revisions)
    after.document["deployment"]["new"] = after.document["deployment"]["d1"]
    (came,) = [move for move in compare(before, after) if move.row == "new"]
    assert (came.before, came.residual) == (None, 0)
    assert came.after is not None


@pytest.mark.parametrize("cause", ["method", "context"])
def test_method_and_context_are_told_apart(cause: str, revisions: Revisions) -> None:
    before = case_of(revisions)
    if cause == "method":
        older = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
        assert older is not None
        after = before._replace(criteria=older)
    else:
        areas = {code: area.model_copy(update={"rank": 100}) for code, area in revisions.context.areas.items()}
        after = before._replace(context=revisions.context.model_copy(update={"areas": areas}))
    assert {move.cause for move in compare(before, after)} <= {cause}
    assert cause == "method" or compare(before, after)


@EXAMPLES
@given(reviewed(), reviewed())
def test_moves_add_up_to_the_difference(revisions: Revisions, one: Reviewed, other: Reviewed) -> None:
    cases = [
        Case(
            revisions.questionnaire,
            s.submission.document,
            s.submission.evidence,
            revisions.criteria,
            revisions.context,
            day,
            s.review,
        )
        for s, day in ((one, ON), (other, date(2027, 7, 1)))
    ]
    moves = [move for move in compare(*cases) if not move.row]
    ends = [case.assess() for case in cases]
    assert sum(move.residual for move in moves) == ends[1].worst.high.residual - ends[0].worst.high.residual
    assert [CAUSES.index(move.cause) for move in moves] == sorted(CAUSES.index(move.cause) for move in moves)
    bands = [ends[0].band, *(move.after for move in moves)]
    assert [move.before for move in moves] == bands[:-1]
    assert bands[-1] == ends[1].band
