"""What would change a result: small sets, of practices only, that really reach the better band."""

import copy
from datetime import date
from typing import Any

import pytest

from questionnaires.actions import MOST_SETS, next_actions
from questionnaires.canonical import digest
from questionnaires.documents import AnswerKey, value_of
from questionnaires.evidence import GRADES, EvidenceItem, Grade
from questionnaires.movement import Case
from questionnaires.redlines import NO_REVIEW
from questionnaires.scales import step_of
from tests.questionnaires.conftest import evidence_of
from tests.questionnaires.engine_2.conftest import ON, Revisions
from tests.questionnaires.engine_2.whole import answers_at, read_whole

PAST = {"GOV-07", "MON-02", "MON-03", "REM-04", "MON-05", "MON-09"}


def case_of(revisions: Revisions, name: str, grade: Grade, value: dict[str, Any] | None = None) -> Case:
    document = read_whole(name, revisions.questionnaire)
    for question, stated in (value or {}).items():
        answers = document["company"] if question in document["company"] else document["deployment"]["d1"]["answers"]
        answers[question] = {"state": "answered", "value": {**value_of(answers.get(question)), **stated}}
    evidence = evidence_of(document, grade)
    return Case(revisions.questionnaire, document, evidence, revisions.criteria, revisions.context, ON, NO_REVIEW)


@pytest.mark.parametrize(("name", "row"), [("f2", "d2"), ("f1", "d2"), ("f6", "d2"), ("f7", "d2")])
def test_each_set_reaches_the_band_and_only_by_practices(name: str, row: str, revisions: Revisions) -> None:
    case = case_of(revisions, name, "V1")
    before = case.assess()
    sets = next_actions(case, before, row)
    now = before.printed(next(one for one in before.rows if one.row == row))
    assert len(sets) <= MOST_SETS
    for one in sets:
        assert step_of(one.band) < step_of(now)
        assert {f"{c.question}.{c.field}" for c in one.changes if c.value is not None} <= set(
            revisions.criteria.practices
        )
        assert not {c.question for c in one.changes if c.value is not None} & PAST
        after = taken_up(case, one.changes).assess()
        there = next(score for score in after.rows if score.row == row)
        assert (after.printed(there), there.high.residual) == (one.band, one.residual)
    sizes = [len(one.changes) for one in sets]
    assert sizes == sorted(sizes)
    assert next_actions(case, before, row) == sets


def taken_up(case: Case, changes: Any) -> Case:
    document, evidence = copy.deepcopy(case.document), {key: list(items) for key, items in case.evidence.items()}
    for change in changes:
        answers = answers_at(dict(document), case.questionnaire.questions[change.question].per, change.row)
        if change.value is not None:
            value = list(change.value) if isinstance(change.value, tuple) else change.value
            stated = {**value_of(answers.get(change.question)), change.field: value}
            answers[change.question] = {"state": "answered", "value": stated}
        key = AnswerKey(change.question, change.row)
        evidence.setdefault(key, []).append(EvidenceItem(digest("proof"), GRADES[change.grade], date(2026, 11, 1)))
    return case._replace(document=document, evidence=evidence)


def test_some_deployment_can_be_improved_by_a_few_practices(revisions: Revisions) -> None:
    found = {}
    for name in ("f1", "f2", "f5", "f6", "f7"):
        case = case_of(revisions, name, "V1")
        scorecard = case.assess()
        found |= {(name, row.row): len(next_actions(case, scorecard, row.row)) for row in scorecard.rows}
    assert any(found.values())


def test_where_a_red_line_holds_the_band_no_practice_is_proposed(revisions: Revisions) -> None:
    case = case_of(revisions, "f4b", "V4")
    assert case.assess().printed(case.assess().worst) == "high"  # computed elevated
    assert next_actions(case, case.assess(), "d1") == ()


def test_an_unknown_deployment_is_refused(revisions: Revisions) -> None:
    case = case_of(revisions, "f1", "V1")
    with pytest.raises(KeyError):
        next_actions(case, case.assess(), "nowhere")
