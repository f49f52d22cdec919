"""Reasons are the scorecard's own values in words, and say why a claim counts less than it claims."""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from questionnaires import library
from questionnaires.canonical import digest
from questionnaires.criteria import BANDS, Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import iterate
from questionnaires.evidence import EvidenceItem, Grade
from questionnaires.explanation import DeploymentReasons, MitigationReason, Shortfall, explain, worst_first
from questionnaires.scoring import Scorecard, assess

ANSWERS = Path(__file__).parents[2] / "demo" / "answers"
CASES = ("f1", "f2", "f3", "f4", "f4b", "f5", "f6", "f7", "f8")


class Explained(NamedTuple):
    scorecard: Scorecard
    reasons: tuple[DeploymentReasons, ...]
    criteria: Criteria
    questionnaire: Questionnaire


def explained(name: str, grade: Grade | None = None, **left_out: str) -> Explained:
    """Explain an exercise; `left_out` names, per deployment, a question that is left unanswered."""
    case = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    for row, question in left_out.items():
        del case["document"]["deployment"][row]["answers"][question]
    item = EvidenceItem(digest(name), grade or case["evidence"], date(2026, 6, 30))
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@1")
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
    context = library.find(library.contexts(), "exercise@2026-11")
    assert questionnaire is not None
    assert criteria is not None
    assert context is not None
    evidence = {key: [item] for _, key, _ in iterate(case["document"])}
    scorecard = assess(questionnaire, case["document"], evidence, criteria, context, date(2026, 11, 25))
    return Explained(scorecard, explain(scorecard, criteria, questionnaire), criteria, questionnaire)


def mitigation(found: Explained, code: str) -> MitigationReason:
    return next(reason for reason in found.reasons[0].mitigation if reason.code == code)


@pytest.mark.parametrize("name", CASES)
def test_every_value_is_the_scorecards_own_in_the_words_of_its_scale(name: str) -> None:
    found = explained(name)
    for row, reasons in zip(worst_first(found.scorecard), found.reasons, strict=True):
        assert reasons.row == row.row
        for risk in (*reasons.buyer, reasons.context, *reasons.end_use):
            reading, scale = row.readings[risk.code], found.criteria.risk[risk.code].scale
            assert (risk.value, risk.low) == (reading.high, reading.low)
            assert (risk.meaning, risk.meaning_low) == (scale[reading.high], scale[reading.low])
            assert [decider.code for decider in risk.decided_by] == [
                reference.removeprefix("place:") for reference in dict.fromkeys(reading.because)
            ]
        for item in reasons.mitigation:
            assert (item.counts, item.claimed) == (row.counted[item.code], row.earned[item.code].claimed)
            assert (item.shortfall is None) == (item.counts == item.claimed)


@pytest.mark.parametrize("name", CASES)
def test_the_worst_deployment_comes_first(name: str) -> None:
    found = explained(name)
    assert found.reasons[0].row == found.scorecard.worst.row
    bands = [BANDS.index(row.high.band) for row in worst_first(found.scorecard)]
    assert bands == sorted(bands, reverse=True)


def test_a_stated_answer_is_given_in_words_and_an_open_one_is_not() -> None:
    kind = explained("f2").reasons[0].buyer[0].decided_by[0]
    assert (kind.code, kind.given) == ("BUY-01.kind", "National police, interior ministry, public security")
    silent = explained("f8").reasons[0]
    assert silent.buyer[0].decided_by[0].given is None
    assert silent.buyer[0].is_open
    assert silent.mitigation[0].is_open


def test_a_percentage_and_a_count_are_told_apart() -> None:
    reasons = explained("f2").reasons[0]
    assert reasons.buyer[6].decided_by[0].given == "40 %"
    assert reasons.end_use[3].decided_by[0].given == "2,600,000"


def test_evidence_of_a_low_grade_holds_a_claim_down() -> None:
    proven, asserted = (mitigation(explained("f5", grade), "M1") for grade in ("V4", "V0"))
    assert proven.shortfall is None
    assert proven.counts == proven.claimed > 0
    assert (asserted.counts, asserted.claimed, asserted.shortfall) == (0, proven.claimed, Shortfall.EVIDENCE)
    assert asserted.meaning_claimed == proven.meaning


def test_where_harm_is_gravest_only_a_third_partys_evidence_counts() -> None:
    assert mitigation(explained("f4b", "V2"), "M1").shortfall is Shortfall.GRAVEST_HARM


def test_a_limit_of_the_criteria_is_named_as_one() -> None:
    found = explained("f4b", "V4", d1="CTX-08")
    limited = [reason.code for reason in found.reasons[0].mitigation if reason.shortfall is Shortfall.LIMIT]
    assert limited == ["M2"]
    assert mitigation(explained("f4b", "V4"), "M2").shortfall is None
