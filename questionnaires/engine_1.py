"""Engine 1: the figures, without caps, red lines and completeness. Released, so its results never change.

Invariants (docs/method.md): an unknown risk counts at its worst still-possible value, an unknown mitigation earns
nothing; the low bound takes every open item at its best; the company's result is its worst deployment; order, row ids,
hidden and irrelevant answers change nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from questionnaires.completeness import cover, coverage_json
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.derivation import readers_of
from questionnaires.documents import AnswerKey, Deployment, Document, answers_of, deployments, iterate, value_of
from questionnaires.evidence import EvidenceItem, level
from questionnaires.formulas import Figures, printed
from questionnaires.rowfacts import Facts
from questionnaires.rowscores import (
    PEOPLE,
    UNDECLARED,
    Earnings,
    RowScore,
    are_rated,
    earn_all,
    levels_by_owner,
    levels_of,
    rank,
    score_readings,
)
from questionnaires.scales import BANDS, MITIGATION
from questionnaires.scorecards import Scorecard
from questionnaires.totals import totals_of
from questionnaires.visibility import asked, kept

ENGINE = 1


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
    proven = levels_by_owner(questionnaire, levels)
    declared = deployments(visible) or [Deployment(UNDECLARED, "", answers_of(visible, "company"))]
    totals = totals_of(questionnaire, criteria, declared)
    shared = Facts(
        questionnaire, criteria, context, Deployment("", "", answers_of(visible, "company")), levels_of(proven), {}
    )
    common = {code: item.rule for code, item in criteria.mitigation.items() if item.per == "company"}
    company = earn_all(common, shared)
    rows = [
        _score_row(Facts(questionnaire, criteria, context, row, levels_of(proven, row), totals[row.row]), row, company)
        for row in declared
    ]
    people = {row.row: value_of(row.answers.get(PEOPLE)).get("people") for row in declared}
    grave = [people[row.row] for row in rows if BANDS.index(row.high.band) >= BANDS.index("high")]
    places = {value_of(row.answers.get("BUY-01")).get("area") for row in declared}
    return Scorecard(
        rows=rows,
        worst=max(rows, key=lambda row: rank(row, row.high.band)),
        people_in_high_or_severe=sum(count for count in grave if count is not None),
        people_open=sum(count is None for count in grave),
        coverage=cover(questionnaire, visible, questions, levels),
        places=frozenset(place for place in places if place),
        document=visible,
        levels=levels,
    )


def _score_row(facts: Facts, row: Deployment, company: Earnings) -> RowScore:
    """Score one row; `company` holds what mitigations earn that are the same for every row."""
    criteria = facts.criteria
    for code, read in readers_of(criteria).items():
        facts.values[code] = read(facts)
    own = earn_all({code: item.rule for code, item in criteria.mitigation.items() if code not in company.earned}, facts)
    earned, hopeful = {**company.earned, **own.earned}, {**company.hopeful, **own.hopeful}
    return score_readings(criteria, row.row, row.product, facts.values, earned, hopeful)


def result_of(scorecard: Scorecard) -> dict[str, Any]:
    """Return the scorecard as it is signed: whole numbers and strings only, rows sorted by id."""
    worst = scorecard.worst
    return {
        "company": {
            "worst": worst.row,
            **bounds(worst.high, scorecard.low),
            "deployments": sum(row.row != UNDECLARED for row in scorecard.rows),
            "people_in_high_or_severe": scorecard.people_in_high_or_severe,
            "people_open": scorecard.people_open,
        },
        "deployments": [row_result(row) for row in sorted(scorecard.rows, key=lambda row: row.row)],
        "coverage": coverage_json(scorecard.coverage),
    }


def row_result(row: RowScore) -> dict[str, Any]:
    """Return one deployment's result as JSON."""
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
        **bounds(row.high, row.low),
        "involvement": row.involvement,
        "criteria": {**risks, **mitigations},
    }


def bounds(high: Figures, low: Figures) -> dict[str, Any]:
    """Return the bands and residuals of two bounds, and whether they lie close enough to print one band."""
    return {
        "band": high.band,
        "band_low": low.band,
        "residual": printed(high.residual),
        "residual_low": printed(low.residual),
        "rated": are_rated(low.band, high.band),
    }
