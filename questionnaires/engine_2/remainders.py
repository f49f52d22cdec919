"""Completeness: units that the totals name and no deployment describes.

Invariants: units without a deployment of an intrusive product, or at a dangerous place, are scored as a deployment of
which nothing is known; leaving totals or units open never makes less missing; places are matched by their very code.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from questionnaires import conditions
from questionnaires.answerfacts import ANY_NUMBER, AnswerFacts
from questionnaires.caps import CompletenessRule
from questionnaires.conditions import Range
from questionnaires.definition import LARGEST_NUMBER, Questionnaire
from questionnaires.documents import Deployment, Document, answers_of
from questionnaires.engine_2.inputs import Inputs, Row, as_row
from questionnaires.engine_2.plans import plan_of
from questionnaires.engine_2.rows import read_alone
from questionnaires.rowfacts import Facts
from questionnaires.rowscores import REMAINDER, UNDECLARED, RowScore
from questionnaires.standing import Hold

CODE = "completeness"
ANY_UNITS: Range = (0, LARGEST_NUMBER)


class Missing(NamedTuple):
    """Units of a product at a place without a deployment; product and place are None where the totals leave them open.

    `units` is the range still possible, `total` the most that the totals can mean.
    """

    product: str | None
    area: str | None
    units: Range
    total: int

    @property
    def row(self) -> str:
        """The row id of the remainder; no respondent can choose it."""
        return f"{REMAINDER}{self.product or '*'}:{self.area or '*'}"

    @property
    def certain(self) -> bool:
        """Whether some units are missing whatever the open answers turn out to be."""
        return self.units[0] > 0


def read_row(row: str) -> Missing | None:
    """Return the product and the place that the row id of a remainder names; None for another row."""
    if not row.startswith(REMAINDER):
        return None
    product, area = (None if part == "*" else part for part in row.removeprefix(REMAINDER).split(":"))
    return Missing(product, area, ANY_UNITS, LARGEST_NUMBER)


def find_missing(inputs: Inputs, company: Facts, rows: Sequence[Deployment]) -> Sequence[Missing]:
    """Return what may be missing, by product and place; nothing where the criteria have no rule of completeness."""
    rule = inputs.criteria.completeness
    if rule is None:
        return []
    declared = [_declared(inputs.questionnaire, rule, row) for row in rows if row.row != UNDECLARED]
    totals = _totals(rule, company, inputs)
    found = [] if totals is None else list(_compare(totals, declared))
    left_out = None if rule.left_out is None else conditions.evaluate(rule.left_out, company)
    if totals is None or (rule.left_out is not None and left_out is not False):
        found.append(Missing(None, None, (int(left_out is True), LARGEST_NUMBER), LARGEST_NUMBER))
    return sorted(found, key=lambda missing: missing.row)


Totals: TypeAlias = Mapping[tuple[str | None, str | None], Sequence[int]]
"""The least and the most units per product and place; None stands for what is left open."""


def _totals(rule: CompletenessRule, company: Facts, inputs: Inputs) -> Totals | None:
    """Return the totals, those at unknown places among them; None where they are not told."""
    lines = company.given(rule.totals)
    if lines is None:
        return None
    totals: defaultdict[tuple[str | None, str | None], list[int]] = defaultdict(lambda: [0, 0])
    units = [(line.get(rule.product), line.get(rule.area), _range(line.get(rule.units))) for line in lines]
    if rule.unplaced is not None:
        products = inputs.document.get("product", {})
        for id_ in products:
            facts = inputs.facts(as_row(Deployment("", id_, answers_of(inputs.document, "product", id_)), {}))
            listed = [_range(line.get(rule.units)) for line in lines if line.get(rule.product) in {None, id_}]
            units.append((id_, None, _unplaced(rule, facts, listed)))
    for product, area, (low, high) in units:
        total = totals[product, area]
        total[0], total[1] = total[0] + low, min(total[1] + high, LARGEST_NUMBER)
    return totals


def _unplaced(rule: CompletenessRule, facts: Facts, listed: Sequence[Range]) -> Range:
    """Return a product's units at unknown places: those told, or all that its total has beyond its lines if more.

    A line that names no product could be of any, so the least that is missing counts it.
    """
    assert rule.unplaced is not None
    low, high = facts.number(rule.unplaced)
    if rule.product_total is None:
        return low, high
    least, most = facts.number(rule.product_total)
    surely_listed = sum(line[0] for line in listed)
    return max(low, least - sum(line[1] for line in listed)), max(high, most - surely_listed)


def _range(units: int | None) -> Range:
    return ANY_UNITS if units is None else (units, units)


class _Declared(NamedTuple):
    product: str
    area: str | None
    units: Range


def _declared(questionnaire: Questionnaire, rule: CompletenessRule, row: Deployment) -> _Declared:
    facts = AnswerFacts(questionnaire, row.answers)
    return _Declared(row.product, facts.given(rule.row_area), facts.number(rule.row_units))


def _compare(totals: Totals, declared: Sequence[_Declared]) -> Iterator[Missing]:
    for (product, area), (low, high) in totals.items():
        # A row that names no place may be at any, so it covers none for sure: else an open place would cover units.
        here = [d.units[0] for d in declared if area is not None and (d.product, d.area) == (product, area)]
        could = [
            d.units[1] for d in declared if product in {None, d.product} and (area is None or d.area in {None, area})
        ]
        most = high - min(sum(here), high)
        least = low - min(sum(could), low)
        if most > 0:
            yield Missing(product, area, (least, most), high)


def as_deployment(rule: CompletenessRule, missing: Missing, document: Document, *, alone: bool = False) -> Deployment:
    """Return the row that stands for missing units; `alone` adds what product and place are judged under."""
    answers = {**answers_of(document, "company"), **answers_of(document, "product", missing.product or "")}
    if missing.area is not None:
        question, _, field = rule.row_area.partition(".")
        answers[question] = {"state": "answered", "value": {field: missing.area}}
    if alone:
        for question, value in rule.assumed.items():
            answers[question] = {
                "state": "answered",
                "value": {n: v if isinstance(v, str) else list(v) for n, v in value.items()},
            }
    return Deployment(missing.row, missing.product or "", answers)


def as_row_of(inputs: Inputs, missing: Missing, *, alone: bool = False) -> Row:
    """Return the row that stands for missing units (see `as_deployment`): any number of people may be like it."""
    totals = dict.fromkeys(inputs.criteria.totalled, ANY_NUMBER)
    return as_row(as_deployment(_rule(inputs), missing, inputs.document, alone=alone), totals)


def _rule(inputs: Inputs) -> CompletenessRule:
    assert inputs.criteria.completeness is not None  # else nothing is found missing
    return inputs.criteria.completeness


def areas_of(inputs: Inputs, rows: Sequence[Deployment]) -> Mapping[str, str | None]:
    """Return where deployments are, by row id."""
    rule = inputs.criteria.completeness
    return {} if rule is None else {row.row: _declared(inputs.questionnaire, rule, row).area for row in rows}


def weighs(inputs: Inputs, missing: Missing, rows: Sequence[RowScore], areas: Mapping[str, str | None]) -> Range:
    """Return whether missing units need a remainder row, as a range: (1, 1) certainly, (0, 1) perhaps, (0, 0) not.

    What other deployments show of the product or the place counts too: a part is as intrusive as the system it is
    known to be in. A deployment whose place is open may be at any.
    """
    rule = _rule(inputs)
    alone = read_alone(plan_of(inputs.criteria), inputs.facts(as_row_of(inputs, missing, alone=True)))
    certain = possible = False
    for limits, relevant in (
        (rule.of_product, [r for r in rows if missing.product is None or r.product in {"", missing.product}]),
        (rule.of_area, [r for r in rows if missing.area is None or areas.get(r.row) in {None, missing.area}]),
    ):
        for code, level in limits.items():
            readings = [alone[code], *(row.readings[code] for row in relevant)]
            possible = possible or any(reading.high >= level for reading in readings)
            certain = certain or alone[code].low >= level
    return int(certain), int(possible)


def holds_of(inputs: Inputs, missing: Missing) -> Iterator[Hold]:
    """Yield the floor of missing units that need no remainder row, if they are many enough."""
    rule = _rule(inputs)
    floors = [share for share in rule.shares if 100 * missing.units[1] > share.over * missing.total]
    if floors:
        share = max(floors, key=lambda found: found.over)
        certain = 100 * missing.units[0] > share.over * missing.total
        effect = f"No band better than {share.floor}: over {share.over} % of the units lack a deployment."
        because = (rule.totals, *((f"place:{missing.area}",) if missing.area else ()))
        yield Hold(CODE, "", effect, because, certain, share.floor)
