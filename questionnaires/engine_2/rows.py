"""Scoring one deployment under caps: criteria raised, mitigations held down, and the caps that hold.

Invariants: a cap whose condition may hold counts in the headline, one that certainly holds in the low bound too. What
is asked only while another answer is open is read in both ways in the low bound, and the better one counts: `fewest`
are the facts without it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from questionnaires import conditions
from questionnaires.caps import Cap
from questionnaires.conditions import Condition
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.derivation import readers_of
from questionnaires.documents import Deployment
from questionnaires.earning import CERTAIN, Earned, prove
from questionnaires.engine_2.clashes import Clash, raising
from questionnaires.rowfacts import Facts, Reading
from questionnaires.rowscores import Earnings, RowScore, build_row, earn_all
from questionnaires.rules import MitigationRule
from questionnaires.standing import Hold


class Capped(NamedTuple):
    """A deployment's result and the caps that hold in it."""

    score: RowScore
    holds: Sequence[Hold]


class Limits(NamedTuple):
    """What bears on one deployment from outside: contradictions, confirmed red lines, caps read for the company."""

    clashes: Sequence[Clash]
    at_most: Mapping[str, int]
    companywide: Mapping[str, bool | None]


def score_row(facts: Facts, fewest: Facts | None, row: Deployment, company: Earnings, limits: Limits) -> Capped:
    """Return the result of one deployment; `company` holds what mitigations earn that are the same for every row."""
    criteria = facts.criteria
    _derive_all(facts, row.row, limits.clashes)
    if fewest is not None:
        _derive_all(fewest, row.row, limits.clashes)
    own = _earn(criteria.earned_per_row, facts, fewest)
    earned, hopeful = {**company.earned, **own.earned}, {**company.hopeful, **own.hopeful}
    holds: list[Hold] = []
    only_v3 = only_v3_low = False
    for code, cap in criteria.caps.items():
        if cap.when is None:
            continue
        shared = code in limits.companywide
        outcome = limits.companywide[code] if shared else _holds(cap.when, facts, fewest)
        if outcome is False:
            continue
        certain = outcome is True
        lift = 0 if cap.unless is None else max(prove(cap.unless, facts, hopeful=False) or 0, 0)
        source = f"cap:{code}"
        _limit(earned, {code: max(most, lift) for code, most in cap.at_most.items()}, source)
        if certain:
            best = 0 if cap.unless is None else max(prove(cap.unless, facts, hopeful=True) or 0, 0)
            _limit(hopeful, {code: max(most, best) for code, most in cap.at_most.items()}, source)
        only_v3 = only_v3 or cap.third_party_only
        only_v3_low = only_v3_low or (cap.third_party_only and certain)
        if lift < CERTAIN and not shared:
            holds.append(Hold(code, row.row, cap.effect, _because(cap, facts), certain, cap.floor))
    for pair in (earned, hopeful):
        _limit(pair, limits.at_most, "red_line")
    readings = facts.values if fewest is None else _lower(facts.values, fewest.values)
    score = build_row(
        criteria, row.row, row.product, readings, earned, _counted(earned, only_v3), _counted(hopeful, only_v3_low)
    )
    return Capped(score, holds)


def _earn(mitigations: Mapping[str, MitigationRule], facts: Facts, fewest: Facts | None) -> Earnings:
    """Return what mitigations earn, at their best with or without what may not be asked in the end."""
    earnings = earn_all(mitigations, facts)
    if fewest is None:
        return earnings
    other = earn_all(mitigations, fewest).hopeful
    best = {code: max(item, other[code], key=lambda one: one[:2]) for code, item in earnings.hopeful.items()}
    return Earnings(earnings.earned, best)


def _holds(when: Condition, facts: Facts, fewest: Facts | None) -> bool | None:
    """Return whether a condition holds; only perhaps where it hangs on what may not be asked in the end."""
    outcome = conditions.evaluate(when, facts)
    if outcome is True and fewest is not None and conditions.evaluate(when, fewest) is not True:
        return None
    return outcome


def _lower(readings: Mapping[str, Reading], fewest: Mapping[str, Reading]) -> Mapping[str, Reading]:
    return {code: one._replace(low=min(one.low, fewest[code].low)) for code, one in readings.items()}


def read_companywide(facts: Facts, fewest: Facts | None, questionnaire: Questionnaire) -> Mapping[str, bool | None]:
    """Return whether each cap that looks at nothing but the company's answers holds; such caps have no `unless`."""
    found: dict[str, bool | None] = {}
    for code, cap in facts.criteria.caps.items():
        if cap.when is not None and cap.unless is None and not conditions.criteria_of(cap.when):
            asked = {reference.partition(".")[0] for reference in conditions.references(cap.when)}
            if asked.isdisjoint(questionnaire.questions.keys() - questionnaire.by_group["company"].keys()):
                found[code] = _holds(cap.when, facts, fewest)
    return found


def hold_company(facts: Facts, companywide: Mapping[str, bool | None]) -> list[Hold]:
    """Return the holds of the caps that are read once for the company."""
    held = ((code, facts.criteria.caps[code], outcome) for code, outcome in companywide.items() if outcome is not False)
    return [Hold(code, "", cap.effect, _because(cap, facts), outcome is True, cap.floor) for code, cap, outcome in held]


def _derive_all(facts: Facts, row: str, clashes: Sequence[Clash]) -> None:
    """Derive every criterion in its order, each raised by the caps and contradictions that bear on it."""
    criteria = facts.criteria
    raised = list(raising(clashes, row)) if clashes else []
    for code, read in readers_of(criteria).items():
        reading = read(facts)
        for cap_code, cap in criteria.raised.get(code, ()):
            assert cap.when is not None
            outcome = conditions.evaluate(cap.when, facts)
            if outcome is not False:
                reading = _raise(reading, cap.at_least[code], f"cap:{cap_code}", certain=outcome is True)
        for other, level, clash in raised:
            if other == code:
                reading = _raise(reading, level, f"clash:{clash.code}", certain=clash.certain)
        facts.values[code] = reading


def _raise(reading: Reading, level: int, source: str, *, certain: bool) -> Reading:
    if level <= (reading.low if certain else reading.high):
        return reading
    because = reading.because if level <= reading.high else (source,)
    return Reading(max(reading.low, level) if certain else reading.low, max(reading.high, level), because)


def _limit(earned: dict[str, Earned], at_most: Mapping[str, int], source: str) -> None:
    for code, most in at_most.items():
        before = earned[code]
        if before.level > most or before.level_at_v3 > most:
            level, at_v3 = min(before.level, most), min(before.level_at_v3, most)
            earned[code] = before._replace(level=level, level_at_v3=at_v3, because=(source,))


def _counted(earned: Mapping[str, Earned], only_v3: bool) -> dict[str, int]:
    return {code: item.level_at_v3 if only_v3 else item.level for code, item in earned.items()}


def _because(cap: Cap, facts: Facts) -> tuple[str, ...]:
    """Return what makes a cap hold: the parts of an "any" that may hold, else all it looks at."""
    when = cap.when
    assert when is not None
    if isinstance(when, conditions.Any):
        return tuple(
            dict.fromkeys(r for p in when.any if conditions.evaluate(p, facts) is not False for r in p.looked_at)
        )
    return when.looked_at


def read_alone(facts: Facts) -> Mapping[str, Reading]:
    """Derive a row's criteria without any cap: what product and place are by themselves."""
    for code, read in readers_of(facts.criteria).items():
        facts.values[code] = read(facts)
    return facts.values


def per_company(criteria: Criteria, facts: Facts, fewest: Facts | None) -> Earnings:
    """Return what the mitigations earn that are the same for every deployment."""
    return _earn(criteria.earned_per_company, facts, fewest)
