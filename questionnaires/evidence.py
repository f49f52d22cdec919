"""Evidence and its grade: what stands behind an answer.

Grades (METHOD: the docs' `method.md`, section 1): V0 an assertion, V1 a file attached, V2 public, or read and accepted
by a named reviewer, V3 a third party or authority, V4 checked by an auditor. Invariants: attaching gives V1 and no
more; evidence ages, over 12 months one grade less, over 24 months V0; without a date it does not count above V1.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from questionnaires.canonical import Digest

Grade = Literal["V0", "V1", "V2", "V3", "V4"]
GRADES: tuple[Grade, ...] = ("V0", "V1", "V2", "V3", "V4")
_LEVELS: Mapping[str, int] = {grade: level for level, grade in enumerate(GRADES)}
FULL_MONTHS, LAST_MONTHS = 12, 24


class EvidenceItem(NamedTuple):
    """One piece of evidence behind one answer: the file's digest, its grade, and the date it speaks of."""

    digest: Digest
    grade: Grade
    dated: date | None


def level(items: Iterable[EvidenceItem], on: date) -> int:
    """Return the grade, 0 to 4, that the best of the items still has on a date."""
    best = 0
    for item in items:
        best = max(best, _aged(item.grade, item.dated, on))
    return best


@lru_cache(maxsize=4096)
def _aged(graded: Grade, dated: date | None, on: date) -> int:
    grade = _LEVELS[graded]
    if dated is None:
        return min(grade, 1)
    if dated > on or on > _months_after(dated, LAST_MONTHS):
        return 0
    return max(grade - 1, 0) if on > _months_after(dated, FULL_MONTHS) else grade


def fresh(item: EvidenceItem) -> int:
    """Return the grade, 0 to 4, that a dated item has before it ages; 0 where it has no date."""
    return _LEVELS[item.grade] if item.dated is not None else 0


def _months_after(day: date, months: int) -> date:
    year = day.year + months // 12
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February of a year that has none
        return date(year, 3, 1)
