"""Sums over like deployments: people of the same product, end user and area are counted together.

Invariant: splitting a place into rows does not lower the sum. A row whose area or end user is open could be like any
other row of its product, so it counts there in the upper sum and not in the lower one. Linear in the number of rows.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from questionnaires.answerfacts import AnswerFacts
from questionnaires.conditions import Range
from questionnaires.criteria import Criteria
from questionnaires.definition import LARGEST_NUMBER, Questionnaire
from questionnaires.documents import Deployment, value_of

Key = tuple[str, str | None, str | None]
ANYTHING = "*"
PLACE, END_USER = ("BUY-01", "area"), ("BUY-01", "end_user")


def totals_of(
    questionnaire: Questionnaire, criteria: Criteria, rows: Sequence[Deployment]
) -> Mapping[str, Mapping[str, Range]]:
    """Return, per row id and `QUESTION.field`, the range of the sum over like rows."""
    sums = {reference: _sums(questionnaire, reference, rows) for reference in criteria.totalled}
    return {row.row: {reference: found[row.row] for reference, found in sums.items()} for row in rows}


def _sums(questionnaire: Questionnaire, reference: str, rows: Sequence[Deployment]) -> Mapping[str, Range]:
    numbers = {row.row: AnswerFacts(questionnaire, row.answers).number(reference) for row in rows}
    lower: defaultdict[Key, int] = defaultdict(int)
    upper: defaultdict[Key, int] = defaultdict(int)
    for row in rows:
        area, user = _group(row)
        low, high = numbers[row.row]
        for key in ((row.product, a, u) for a in (area, ANYTHING) for u in (user, ANYTHING)):
            upper[key] += high
            lower[key] += low
    found: dict[str, Range] = {}
    for row in rows:
        area, user = _group(row)
        areas = (area, None) if area is not None else (ANYTHING,)
        users = (user, None) if user is not None else (ANYTHING,)
        most = sum(upper[row.product, a, u] for a in areas for u in users)
        certain = area is not None and user is not None
        least = lower[row.product, area, user] if certain else numbers[row.row][0]
        found[row.row] = least, min(most, LARGEST_NUMBER)
    return found


def _group(row: Deployment) -> tuple[str | None, str | None]:
    return value_of(row.answers.get(PLACE[0])).get(PLACE[1]), value_of(row.answers.get(END_USER[0])).get(END_USER[1])
