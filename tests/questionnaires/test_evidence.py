"""Evidence: how grades age to the day, and how far they carry a mitigation."""

from datetime import date
from typing import Any

import pytest

from questionnaires.canonical import digest
from questionnaires.documents import AnswerKey
from questionnaires.evidence import GRADES, EvidenceItem, Grade, level
from questionnaires.scoring import RowScore
from tests.questionnaires.conftest import Revisions, evidence_of, read_case

FILE = digest("a file")


@pytest.mark.parametrize(
    ("dated", "on", "left"),
    [
        ("2026-11-25", "2026-11-25", 3),
        ("2025-11-25", "2026-11-25", 3),
        ("2025-11-24", "2026-11-25", 2),
        ("2024-11-25", "2026-11-25", 2),
        ("2024-11-24", "2026-11-25", 0),
        ("2026-11-26", "2026-11-25", 0),
        ("2024-02-29", "2025-03-01", 3),
        ("2024-02-29", "2025-03-02", 2),
        ("2024-02-29", "2026-03-01", 2),
        ("2024-02-29", "2026-03-02", 0),
        ("2023-02-28", "2024-02-28", 3),
        ("2023-02-28", "2024-02-29", 2),
    ],
)
def test_evidence_ages_to_the_day(dated: str, on: str, left: int) -> None:
    assert level([EvidenceItem(FILE, "V3", date.fromisoformat(dated))], date.fromisoformat(on)) == left


@pytest.mark.parametrize("grade", GRADES)
def test_evidence_without_a_date_counts_as_a_file_and_no_more(grade: Grade) -> None:
    assert level([EvidenceItem(FILE, grade, None)], date(2026, 11, 25)) == min(GRADES.index(grade), 1)


def test_the_best_of_several_counts_and_none_counts_nothing() -> None:
    on = date(2026, 11, 25)
    old, new = EvidenceItem(FILE, "V4", date(2024, 1, 1)), EvidenceItem(FILE, "V2", date(2026, 1, 1))
    assert level([old, new], on) == level([new, old], on) == 2
    assert level([], on) == 0
    assert level([EvidenceItem(FILE, "V0", on)], on) == 0


def row_of(case: dict[str, Any], revisions: Revisions, grade: Grade, weak: dict[str, Grade] | None = None) -> RowScore:
    """Return the deployment d1 with one grade behind every answer but the named questions."""
    evidence = evidence_of(case["document"], grade)
    for question, other in (weak or {}).items():
        row = {"company": "", "product": "p1", "deployment": "d1"}[revisions.questionnaire.questions[question].per]
        evidence[AnswerKey(question, row)] = [EvidenceItem(FILE, other, date(2026, 6, 30))]
    return next(row for row in revisions.assess(case["document"], evidence).rows if row.row == "d1")


@pytest.mark.parametrize("grade", GRADES)
def test_a_rung_counts_as_far_as_its_evidence_proves(grade: Grade, revisions: Revisions) -> None:
    row = row_of(read_case("f6"), revisions, grade)
    claimed = {code: earned.claimed for code, earned in row.earned.items()}
    assert claimed == {"M1": 3, "M2": 3, "M3": 3, "M4": 4, "M5": 3, "M6": 3, "M7": 2, "M8": 2, "M9": 3, "M10": 4}
    assert row.counted == {code: min(rung, GRADES.index(grade)) for code, rung in claimed.items()}


@pytest.mark.parametrize(
    ("weak", "counts"),
    [
        ({"PRD-14": "V0"}, 3),  # the top rung falls, those below it stand
        ({"DES-05": "V1"}, 2),
        ({"DES-02": "V1", "PRD-14": "V4"}, 1),  # a later rung never proves more than its weakest answer
        ({"DES-04": "V0"}, 0),
        ({"DES-04": "V2"}, 2),
    ],
)
def test_the_weakest_answer_of_a_rung_decides(weak: dict[str, Grade], counts: int, revisions: Revisions) -> None:
    assert row_of(read_case("f6"), revisions, "V4", weak).counted["M4"] == counts


@pytest.mark.parametrize(
    ("question", "value", "criterion"),
    [
        ("CTX-06", {"situation": "occupation_or_internment"}, "B4"),
        ("USE-06", {"effect": "movement_of_population_or_harm"}, "E3"),
        ("USE-08", {"assemblies": "yes"}, "E2"),
        ("USE-07", {"groups": "aimed_at"}, "E7"),
    ],
)
def test_where_the_harm_is_gravest_only_third_parties_prove_anything(
    question: str, value: dict[str, str], criterion: str, revisions: Revisions
) -> None:
    case = read_case("f6")
    before = row_of(case, revisions, "V2")
    assert before.readings[criterion].high < 4
    assert before.counted["M5"] == 2
    case["document"]["deployment"]["d1"]["answers"][question] = {"state": "answered", "value": value}
    after = row_of(case, revisions, "V2")
    assert after.readings[criterion].high == 4
    assert set(after.counted.values()) == {0}
    assert row_of(case, revisions, "V3").counted["M5"] == 3
    assert row_of(case, revisions, "V3", {"CON-03": "V2"}).counted["M5"] == 2  # the rungs below stand on V3


def test_evidence_behind_no_answer_counts_nothing(revisions: Revisions) -> None:
    case = read_case("f8")
    grades = {AnswerKey(id_, ""): [EvidenceItem(FILE, "V4", date(2026, 6, 30))] for id_ in ("GOV-01", "REM-01")}
    (row,) = revisions.assess(case["document"], grades).rows
    assert set(row.counted_low.values()) == {0}
