"""One deployment's result, as every engine gives it: the criteria derived, what mitigations earn, two sets of figures.

Invariants: `high` is the headline, every open item at its worst; `low` takes every open item at its best; both come
from the same formulas.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from questionnaires.criteria import Criteria
from questionnaires.definition import Group, Questionnaire
from questionnaires.documents import AnswerKey, Deployment
from questionnaires.earning import Earned, earn_both
from questionnaires.formulas import Figures, bands_apart, compute
from questionnaires.rowfacts import Facts, Reading
from questionnaires.rules import MitigationRule
from questionnaires.scales import BANDS, INVOLVEMENTS, BandName, Involvement

UNDECLARED = "~undeclared"
"""The row that stands for a company that declares no deployment: everything in it is open."""
REMAINDER = "~remainder:"
"""How the row id of a remainder begins."""
NOT_RATED_STEPS = 3
GRAVEST = 4
PEOPLE = "USE-04"


class RowScore(NamedTuple):
    """One deployment's result: `high` is the headline, `low` the bound with every open item at its best."""

    row: str
    product: str
    readings: Mapping[str, Reading]
    earned: Mapping[str, Earned]
    counted: Mapping[str, int]
    counted_low: Mapping[str, int]
    involvement: Involvement
    high: Figures
    low: Figures


class Earnings(NamedTuple):
    """What mitigations earn: as it stands, and with everything open at its best."""

    earned: Mapping[str, Earned]
    hopeful: Mapping[str, Earned]


def rank(row: RowScore, band: BandName) -> tuple[int, int, int, int, str]:
    """Return what deployments are ordered by, the worst last: the band that counts, then the figures."""
    return BANDS.index(band), row.high.residual, row.low.residual, row.high.inherent, row.row


def are_rated(low: BandName, high: BandName) -> bool:
    """Return whether two bands lie close enough together to print one."""
    return bands_apart(low, high) < NOT_RATED_STEPS


def levels_by_owner(
    questionnaire: Questionnaire, levels: Mapping[AnswerKey, int]
) -> Mapping[tuple[Group, str], Mapping[str, int]]:
    """Return evidence levels per group and row: a product and a deployment may bear the same row id."""
    found: defaultdict[tuple[Group, str], dict[str, int]] = defaultdict(dict)
    for (id_, row), proven in levels.items():
        question = questionnaire.questions.get(id_)
        if question is not None:
            found[question.per, row][id_] = proven
    return found


def levels_of(
    proven: Mapping[tuple[Group, str], Mapping[str, int]], row: Deployment | None = None
) -> Mapping[str, int]:
    """Return the evidence levels of all answers that speak about a row; without one, the company's."""
    own = dict(proven.get(("company", ""), {}))
    if row is not None:
        own |= proven.get(("product", row.product), {})
        own |= proven.get(("deployment", row.row), {})
    return own


def earn_all(mitigations: Mapping[str, MitigationRule], facts: Facts) -> Earnings:
    """Return what mitigations earn, as they stand and at their best."""
    both = {code: earn_both(rule, facts) for code, rule in mitigations.items()}
    return Earnings({code: pair[0] for code, pair in both.items()}, {code: pair[1] for code, pair in both.items()})


def score_readings(  # noqa: PLR0913, PLR0917  # one row's inputs
    criteria: Criteria,
    row: str,
    product: str,
    readings: Mapping[str, Reading],
    earned: Mapping[str, Earned],
    hopeful: Mapping[str, Earned],
) -> RowScore:
    """Return the result of a row whose criteria are known, with C-07 as engine 1 applies it."""
    worst = {code: reading.high for code, reading in readings.items()}
    best = {code: reading.low for code, reading in readings.items()}
    return build_row(criteria, row, product, readings, earned, _counted(worst, earned), _counted(best, hopeful))


def build_row(  # noqa: PLR0913, PLR0917  # one row's inputs
    criteria: Criteria,
    row: str,
    product: str,
    readings: Mapping[str, Reading],
    earned: Mapping[str, Earned],
    counted: Mapping[str, int],
    counted_low: Mapping[str, int],
) -> RowScore:
    """Return the result of a row whose criteria and counting mitigations are known."""
    worst = {code: reading.high for code, reading in readings.items()}
    best = {code: reading.low for code, reading in readings.items()}
    involvement: Involvement = INVOLVEMENTS[worst["E8"]]
    high = compute(criteria, worst, involvement, counted)
    nothing_open = (best, counted_low) == (worst, counted)
    low = high if nothing_open else compute(criteria, best, INVOLVEMENTS[best["E8"]], counted_low)
    return RowScore(row, product, readings, earned, counted, counted_low, involvement, high, low)


def _counted(values: Mapping[str, int], earned: Mapping[str, Earned]) -> dict[str, int]:
    """Apply C-07: where the harm is gravest, only evidence of a third party or an auditor counts."""
    gravest = GRAVEST in {values["B4"], values["E3"], values["E2"], values["E7"]}
    return {code: item.level_at_v3 if gravest else item.level for code, item in earned.items()}
