"""The rules of a criteria revision as steps (see `reads`), made once per revision and kept on it.

Invariant: a step lists every question and criterion that its rule looks at, in whatever part of it.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from questionnaires import conditions
from questionnaires.answerfacts import split
from questionnaires.caps import Cap, Contradiction
from questionnaires.conditions import Condition
from questionnaires.criteria import Criteria, criteria_read, fields_read, parts
from questionnaires.definition import Group
from questionnaires.derivation import Reader, readers_of
from questionnaires.earning import Earned, earn_both, prove
from questionnaires.engine_2.reads import Looks, Outcome, Step
from questionnaires.redlines import RedLine
from questionnaires.rowfacts import Facts, Reading
from questionnaires.rules import Lookup, MitigationRule, Total

_PLAN = "_plan"


class CapReading(NamedTuple):
    """A cap in one row: whether it holds, how far it is lifted as it stands and at best, and what makes it hold."""

    outcome: bool | None
    lift: int = 0
    best: int = 0
    because: tuple[str, ...] = ()


class Pointing(NamedTuple):
    """What points to a red line: whether it does for certain, and where that was read."""

    raised: bool
    because: tuple[str, ...]


class Plan:
    """The steps of one revision: criteria in the order in which they are derived, mitigations, caps, and so on."""

    def __init__(self, criteria: Criteria) -> None:
        """Turn the rules of a revision into steps."""
        self.criteria = criteria
        self.risks = {code: _risk(criteria, code, read) for code, read in readers_of(criteria).items()}
        self.alone = _alone(criteria)
        self.earned_per_row = {code: _mitigation(code, rule) for code, rule in criteria.earned_per_row.items()}
        self.earned_per_company = {code: _mitigation(code, rule) for code, rule in criteria.earned_per_company.items()}
        self.caps = {code: _cap(code, cap) for code, cap in criteria.caps.items() if cap.when is not None}
        self.contradictions = {code: _contradiction(code, rule) for code, rule in criteria.contradictions.items()}
        self.signs = {
            code: {group: _signs(code, line, group) for group in dict.fromkeys(sign.per for sign in line.signs)}
            for code, line in criteria.red_lines.items()
        }
        steps: list[Step[Any]] = [
            *self.risks.values(),
            *self.earned_per_row.values(),
            *self.earned_per_company.values(),
            *self.caps.values(),
            *self.contradictions.values(),
            *(step for groups in self.signs.values() for step in groups.values()),
        ]
        self.looks = Looks(steps)


def _alone(criteria: Criteria) -> Mapping[str, Reader]:
    """Return the rules, without caps, of the criteria by which missing units weigh, and of what these look at."""
    rule = criteria.completeness
    wanted = set() if rule is None else rule.of_product.keys() | rule.of_area.keys()
    for code in reversed(criteria.order):
        wanted |= criteria_read(criteria.risk[code].rule) if code in wanted else set()
    return {code: read for code, read in readers_of(criteria).items() if code in wanted}


def plan_of(criteria: Criteria) -> Plan:
    """Return the plan of a revision."""
    plan: Plan | None = criteria.__dict__.get(_PLAN)
    if plan is None or plan.criteria is not criteria:  # a copy may have other rules
        plan = criteria.__dict__[_PLAN] = Plan(criteria)
    return plan


def _step(
    name: str, read: Callable[[Facts], Outcome], *rules: BaseModel, proven: Collection[str] = ()
) -> Step[Outcome]:
    """Return the step that reads what these rules and conditions look at; `proven` are fields with their evidence."""
    fields = frozenset[str]().union(*(fields_read(rule) for rule in rules))
    totals = {part.total for rule in rules for part in parts(rule) if isinstance(part, Total)}
    others = totals.union(*(criteria_read(rule) for rule in rules))
    return Step(name, fields, others, read, {split(field)[0] for field in proven})


def _risk(criteria: Criteria, code: str, read: Reader) -> Step[Reading]:
    """Return the step of a risk criterion, raised by the caps that bear on it."""
    raising = [
        (conditions.test_of(cap.when), cap.at_least[code], f"cap:{cap_code}", cap.when)
        for cap_code, cap in criteria.raised.get(code, ())
        if cap.when is not None
    ]

    def derive(facts: Facts) -> Reading:
        reading = read(facts)
        for test, level, source, _ in raising:
            outcome = test(facts)
            if outcome is not False:
                reading = lift(reading, level, source, certain=outcome is True)
        return reading

    rule = criteria.risk[code].rule
    proven = [part.of for part in parts(rule) if isinstance(part, Lookup) and part.unproven]
    return _step(code, derive, rule, *(when for *_, when in raising), proven=proven)


def lift(reading: Reading, level: int, source: str, *, certain: bool) -> Reading:
    """Return a reading held up at a level, in the low bound too where that is certain."""
    if level <= (reading.low if certain else reading.high):
        return reading
    because = reading.because if level <= reading.high else (source,)
    return Reading(max(reading.low, level) if certain else reading.low, max(reading.high, level), because)


def _mitigation(code: str, rule: MitigationRule) -> Step[tuple[Earned, Earned]]:
    return _step(code, lambda facts: earn_both(rule, facts), rule, proven=fields_read(rule))


def _cap(code: str, cap: Cap) -> Step[CapReading]:
    when, unless = cap.when, cap.unless
    assert when is not None
    test = conditions.test_of(when)

    def read(facts: Facts) -> CapReading:
        outcome = test(facts)
        if outcome is False:
            return CapReading(outcome)
        because = _because(when, facts)
        if unless is None:
            return CapReading(outcome, because=because)
        lifts = [max(prove(unless, facts, hopeful=hopeful) or 0, 0) for hopeful in (False, True)]
        return CapReading(outcome, lifts[0], lifts[1], because)

    return _step(code, read, cap, proven=fields_read(unless) if unless is not None else ())


def _because(when: Condition, facts: Facts) -> tuple[str, ...]:
    """Return what makes a cap hold: the parts of an "any" that may hold, else all it looks at."""
    if isinstance(when, conditions.Any):
        return tuple(
            dict.fromkeys(r for p in when.any if conditions.evaluate(p, facts) is not False for r in p.looked_at)
        )
    return when.looked_at


def _contradiction(code: str, rule: Contradiction) -> Step[bool | None]:
    return _step(code, conditions.test_of(rule.when), rule.when)


def _signs(code: str, red_line: RedLine, group: Group) -> Step[Pointing | None]:
    """Return the step of what one company, product, deployment or incident says that points to a red line."""
    signs = [sign.when for sign in red_line.signs if sign.per == group]

    def read(facts: Facts) -> Pointing | None:
        outcomes = [(when, conditions.evaluate(when, facts)) for when in signs]
        pointing = [(when, outcome) for when, outcome in outcomes if outcome is not False]
        if not pointing:
            return None
        raised = any(outcome is True for _, outcome in pointing)
        looked_at = (r for when, outcome in pointing if outcome is True or not raised for r in when.looked_at)
        return Pointing(raised, tuple(dict.fromkeys(looked_at)))

    return _step(f"{code}/{group}", read, *signs)
