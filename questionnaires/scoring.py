"""Assessment: a pure function of questionnaire, answers, evidence, criteria and context.

Invariants (docs/method.md): an unknown risk counts at its worst still-possible value, an unknown mitigation earns
nothing; the low bound takes every open item at its best; the company's result is its worst deployment; order, row ids,
hidden and irrelevant answers change nothing. Still to come, each with a place in the scorecard: caps, red lines,
completeness against totals, sensitivity. Until then the printed band is the computed one, and documents say so.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from questionnaires.completeness import Coverage, cover, coverage_json
from questionnaires.context import Context
from questionnaires.criteria import BANDS, INVOLVEMENTS, MITIGATION, Criteria, Involvement
from questionnaires.definition import Group, Questionnaire
from questionnaires.derivation import Earned, Facts, Reading, derive, earn
from questionnaires.documents import AnswerKey, Deployment, Document, answers_of, deployments, iterate, value_of
from questionnaires.evidence import EvidenceItem, level
from questionnaires.formulas import Figures, bands_apart, compute, printed
from questionnaires.rules import MitigationRule
from questionnaires.totals import totals_of
from questionnaires.visibility import asked, kept

ENGINE = 1
UNDECLARED = "~undeclared"
"""The row that stands for a company that declares no deployment: everything in it is open."""
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


class _Earnings(NamedTuple):
    """What mitigations earn: as it stands, and with everything open at its best."""

    earned: Mapping[str, Earned]
    hopeful: Mapping[str, Earned]


class Scorecard(NamedTuple):
    """The assessment of a submission. `low` is the company's low bound: no row can end below its own."""

    rows: Sequence[RowScore]
    worst: RowScore
    people_in_high_or_severe: int
    people_open: int
    coverage: Coverage
    places: frozenset[str]
    document: Document
    levels: Mapping[AnswerKey, int]

    @property
    def low(self) -> Figures:
        """The highest of the rows' low bounds."""
        return max((row.low for row in self.rows), key=lambda figures: figures.residual)


def assess(  # noqa: PLR0913, PLR0917  # the inputs of the method
    questionnaire: Questionnaire,
    document: Document,
    evidence: Mapping[AnswerKey, Sequence[EvidenceItem]],
    criteria: Criteria,
    context: Context,
    on: date,
) -> Scorecard:
    """Return the scorecard of a valid answer document; `on` is the date at which evidence ages are read."""
    questions = asked(questionnaire, document)
    visible = kept(document, questions)
    answered = {key for _, key, _ in iterate(visible)}
    levels = {key: level(items, on) for key, items in evidence.items() if key in answered}
    proven = _levels_by_owner(questionnaire, levels)
    declared = deployments(visible) or [Deployment(UNDECLARED, "", answers_of(visible, "company"))]
    totals = totals_of(questionnaire, criteria, declared)
    shared = Facts(
        questionnaire, criteria, context, Deployment("", "", answers_of(visible, "company")), _levels_of(proven), {}
    )
    common = {code: item.rule for code, item in criteria.mitigation.items() if item.per == "company"}
    company = _earn(common, shared)
    rows = [
        _score_row(Facts(questionnaire, criteria, context, row, _levels_of(proven, row), totals[row.row]), row, company)
        for row in declared
    ]
    people = {row.row: value_of(row.answers.get(PEOPLE)).get("people") for row in declared}
    grave = [people[row.row] for row in rows if BANDS.index(row.high.band) >= BANDS.index("high")]
    places = {value_of(row.answers.get("BUY-01")).get("area") for row in declared}
    return Scorecard(
        rows=rows,
        worst=_worst(rows),
        people_in_high_or_severe=sum(count for count in grave if count is not None),
        people_open=sum(count is None for count in grave),
        coverage=cover(questionnaire, visible, questions, levels),
        places=frozenset(place for place in places if place),
        document=visible,
        levels=levels,
    )


def _levels_by_owner(
    questionnaire: Questionnaire, levels: Mapping[AnswerKey, int]
) -> Mapping[tuple[Group, str], Mapping[str, int]]:
    """Return evidence levels per group and row: a product and a deployment may bear the same row id."""
    found: defaultdict[tuple[Group, str], dict[str, int]] = defaultdict(dict)
    for (id_, row), proven in levels.items():
        question = questionnaire.questions.get(id_)
        if question is not None:
            found[question.per, row][id_] = proven
    return found


def _levels_of(
    proven: Mapping[tuple[Group, str], Mapping[str, int]], row: Deployment | None = None
) -> Mapping[str, int]:
    """Return the evidence levels of all answers that speak about a row; without one, the company's."""
    own = dict(proven.get(("company", ""), {}))
    if row is not None:
        own |= proven.get(("product", row.product), {})
        own |= proven.get(("deployment", row.row), {})
    return own


def _score_row(facts: Facts, row: Deployment, company: _Earnings) -> RowScore:
    """Score one row; `company` holds what mitigations earn that are the same for every row."""
    criteria = facts.criteria
    for code in criteria.order:
        facts.values[code] = derive(criteria.risk[code].rule, facts)
    own = _earn({code: item.rule for code, item in criteria.mitigation.items() if code not in company.earned}, facts)
    earned, hopeful = {**company.earned, **own.earned}, {**company.hopeful, **own.hopeful}
    return score_readings(criteria, row.row, row.product, facts.values, earned, hopeful)


def _earn(mitigations: Mapping[str, MitigationRule], facts: Facts) -> _Earnings:
    return _Earnings(
        {code: earn(rule, facts) for code, rule in mitigations.items()},
        {code: earn(rule, facts, hopeful=True) for code, rule in mitigations.items()},
    )


def score_readings(  # noqa: PLR0913, PLR0917  # one row's inputs
    criteria: Criteria,
    row: str,
    product: str,
    readings: Mapping[str, Reading],
    earned: Mapping[str, Earned],
    hopeful: Mapping[str, Earned],
) -> RowScore:
    """Return the result of a row whose criteria are known."""
    worst = {code: reading.high for code, reading in readings.items()}
    best = {code: reading.low for code, reading in readings.items()}
    counted, counted_low = _counted(worst, earned), _counted(best, hopeful)
    involvement: Involvement = INVOLVEMENTS[worst["E8"]]
    high = compute(criteria, worst, involvement, counted)
    nothing_open = (best, counted_low) == (worst, counted)
    low = high if nothing_open else compute(criteria, best, INVOLVEMENTS[best["E8"]], counted_low)
    return RowScore(row, product, readings, earned, counted, counted_low, involvement, high, low)


def _counted(values: Mapping[str, int], earned: Mapping[str, Earned]) -> dict[str, int]:
    """Apply C-07: where the harm is gravest, only evidence of a third party or an auditor counts."""
    gravest = GRAVEST in {values["B4"], values["E3"], values["E2"], values["E7"]}
    return {code: item.level_at_v3 if gravest else item.level for code, item in earned.items()}


def _worst(rows: Sequence[RowScore]) -> RowScore:
    return max(rows, key=lambda r: (BANDS.index(r.high.band), r.high.residual, r.low.residual, r.high.inherent, r.row))


def result_of(scorecard: Scorecard) -> dict[str, Any]:
    """Return the scorecard as it is signed: whole numbers and strings only, rows sorted by id."""
    worst = scorecard.worst
    return {
        "company": {
            "worst": worst.row,
            **_bounds(worst.high, scorecard.low),
            "deployments": sum(row.row != UNDECLARED for row in scorecard.rows),
            "people_in_high_or_severe": scorecard.people_in_high_or_severe,
            "people_open": scorecard.people_open,
        },
        "deployments": [_row_result(row) for row in sorted(scorecard.rows, key=lambda row: row.row)],
        "coverage": coverage_json(scorecard.coverage),
    }


def _row_result(row: RowScore) -> dict[str, Any]:
    risks = {c: {"value": r.high, "low": r.low} for c, r in row.readings.items() if c != "CTX"}
    mitigations = {c: {"value": row.counted[c], "low": row.counted_low[c]} for c in MITIGATION}
    high = row.high
    return {
        "row": row.row,
        "product": row.product,
        "buyer_risk": printed(high.buyer_risk),
        "end_use_risk": printed(high.end_use_risk),
        "inherent": printed(high.inherent),
        "mitigation": printed(high.mitigation),
        **_bounds(row.high, row.low),
        "involvement": row.involvement,
        "criteria": {**risks, **mitigations},
    }


def _bounds(high: Figures, low: Figures) -> dict[str, Any]:
    return {
        "band": high.band,
        "band_low": low.band,
        "residual": printed(high.residual),
        "residual_low": printed(low.residual),
        "rated": is_rated(low, high),
    }


def is_rated(low: Figures, high: Figures) -> bool:
    """Return whether two bounds lie close enough together to print one band."""
    return bands_apart(low.band, high.band) < NOT_RATED_STEPS
