"""Scoring from criterion values alone: for tables of cases, and for people who check the arithmetic.

Invariants: `?` is an open value, read at its worst for the headline and at its best for the low bound; mitigation is
taken as claimed and capped by the row's evidence grade, with C-07 where the harm is gravest.
"""

from collections.abc import Iterator, Mapping, Sequence

from questionnaires.criteria import BUYER, END_USE, INVOLVEMENTS, MITIGATION, Criteria
from questionnaires.earning import THIRD_PARTY, Earned
from questionnaires.evidence import GRADES
from questionnaires.formulas import printed
from questionnaires.rowfacts import ANY_LEVEL, Reading
from questionnaires.scoring import is_rated, score_readings

OPEN = "?"
INPUTS = ("case", "evidence", "involvement", *BUYER, *END_USE, *MITIGATION)
LEVELS = ("0", "1", "2", "3", "4")


def find_problems(rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, str, str]]:
    """Yield (row number from 1, column, what to do) for every value that cannot be read."""
    for number, row in enumerate(rows, start=1):
        for column in INPUTS[1:]:
            value = str(row.get(column, ""))
            if value not in _allowed(column):
                yield number, column, f"use one of {' '.join(_allowed(column))}"


def score_values(criteria: Criteria, rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return per row the case and its figures as strings with 4 decimals; raise ValueError on unreadable rows."""
    problems = [f"row {number}, {column}: {what}" for number, column, what in find_problems(rows)]
    if problems:
        raise ValueError("; ".join(problems))
    return [_score(criteria, {column: str(row.get(column, "")) for column in INPUTS}) for row in rows]


def _allowed(column: str) -> tuple[str, ...]:
    if column == "evidence":
        return GRADES
    if column == "involvement":
        return (*INVOLVEMENTS, OPEN)
    return (*LEVELS, OPEN)


def _score(criteria: Criteria, row: Mapping[str, str]) -> dict[str, str]:
    score = score_readings(criteria, row["case"], "", *read_row(row))
    return {
        "case": row["case"],
        "buyer_risk": printed(score.high.buyer_risk),
        "end_use_risk": printed(score.high.end_use_risk),
        "inherent": printed(score.high.inherent),
        "mitigation": printed(score.high.mitigation),
        "residual": printed(score.high.residual),
        "band": score.high.band,
        "residual_low": printed(score.low.residual),
        "band_low": score.low.band,
        "rated": "yes" if is_rated(score.low, score.high) else "no",
    }


def read_row(
    row: Mapping[str, str],
) -> tuple[Mapping[str, Reading], Mapping[str, Earned], Mapping[str, Earned]]:
    """Return a readable row's criteria, and what its mitigations earn in both bounds."""
    readings = {code: _reading(row[code]) for code in (*BUYER, *END_USE)}
    readings["E8"] = _involvement(row["involvement"])
    grade = GRADES.index(row["evidence"])
    earned = {code: _earned(row[code], grade) for code in MITIGATION}
    return readings, earned, earned


def _reading(value: str) -> Reading:
    return Reading(*ANY_LEVEL) if value == OPEN else Reading(int(value), int(value))


def _involvement(value: str) -> Reading:
    if value == OPEN:
        return Reading(0, len(INVOLVEMENTS) - 1)
    return Reading(INVOLVEMENTS.index(value), INVOLVEMENTS.index(value))


def _earned(value: str, grade: int) -> Earned:
    claimed = 0 if value == OPEN else int(value)
    level = min(claimed, grade)
    return Earned(level, level if grade >= THIRD_PARTY else 0, claimed)
