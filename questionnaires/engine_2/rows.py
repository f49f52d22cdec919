"""Scoring one deployment under caps: criteria raised, mitigations held down, and the caps that hold.

Invariants: a cap whose condition may hold counts in the headline, one that certainly holds in the low bound too. What
is asked only while another answer is open is read in both ways, and the reading that is worse (better) counts in the
headline (in the low bound): `fewest` is the row without it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from questionnaires.caps import Cap
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.derivation import readers_of
from questionnaires.documents import Deployment
from questionnaires.earning import CERTAIN, Earned
from questionnaires.engine_2.clashes import Clash
from questionnaires.engine_2.plans import CapReading, lift, plan_of
from questionnaires.engine_2.reads import Reads, Step
from questionnaires.rowfacts import Facts, Reading
from questionnaires.rowscores import Earnings, RowScore, build_row
from questionnaires.standing import Hold


class Capped(NamedTuple):
    """A deployment's result and the caps that hold in it."""

    score: RowScore
    holds: Sequence[Hold]


Raised: TypeAlias = Mapping[str, Sequence[tuple[int, Clash]]]
"""Per criterion: the levels that contradictions raise it to, each with its contradiction."""


class Limits(NamedTuple):
    """What bears on one deployment from outside: contradictions, confirmed red lines, caps read for the company."""

    raised: Raised
    at_most: Mapping[str, int]
    companywide: Mapping[str, CapReading]


def score_row(reads: Reads, row: Deployment, company: Earnings, limits: Limits) -> Capped:
    """Return the result of one deployment; `company` holds what mitigations earn that are the same for every row."""
    criteria = reads.facts.criteria
    plan = plan_of(criteria)
    for one in reads.both:
        _derive_all(one, limits.raised)
    own = _earn(plan.earned_per_row, reads)
    earned, hopeful = {**company.earned, **own.earned}, {**company.hopeful, **own.hopeful}
    holds: list[Hold] = []
    only_v3 = only_v3_low = False
    for code, step in plan.caps.items():
        shared = code in limits.companywide
        found = limits.companywide[code] if shared else _read_cap(step, reads)
        if found.outcome is False:
            continue
        cap, certain, source = criteria.caps[code], found.outcome is True, f"cap:{code}"
        _limit(earned, {code: max(most, found.lift) for code, most in cap.at_most.items()}, source)
        if certain:
            _limit(hopeful, {code: max(most, found.best) for code, most in cap.at_most.items()}, source)
        only_v3 = only_v3 or cap.third_party_only
        only_v3_low = only_v3_low or (cap.third_party_only and certain)
        if found.lift < CERTAIN and not shared:
            holds.append(_hold(code, row.row, cap, found))
    for pair in (earned, hopeful):
        _limit(pair, limits.at_most, "red_line")
    readings = reads.values if reads.fewest is None else _widen(reads.values, reads.fewest.values)
    score = build_row(
        criteria, row.row, row.product, readings, earned, _counted(earned, only_v3), _counted(hopeful, only_v3_low)
    )
    return Capped(score, holds)


def _earn(mitigations: Mapping[str, Step[tuple[Earned, Earned]]], reads: Reads) -> Earnings:
    """Return what mitigations earn, at their best with or without what may not be asked in the end."""
    both = {code: reads.read(step) for code, step in mitigations.items()}
    earned, best = ({code: pair[which] for code, pair in both.items()} for which in (0, 1))
    if reads.fewest is not None:
        for code, step in mitigations.items():
            best[code] = max(best[code], reads.fewest.read(step)[1], key=lambda one: one[:2])
    return Earnings(earned, best)


def _read_cap(step: Step[CapReading], reads: Reads) -> CapReading:
    """Return whether a cap holds; only perhaps where it hangs on what may not be asked in the end."""
    found = reads.read(step)
    if reads.fewest is None:
        return found
    other = reads.fewest.read(step)
    if found.outcome is other.outcome:
        return found
    return (other if found.outcome is False else found)._replace(outcome=None)


def _widen(readings: Mapping[str, Reading], fewest: Mapping[str, Reading]) -> Mapping[str, Reading]:
    """Return ranges that hold what is read where questions are not asked in the end, too."""
    return {code: _join(one, fewest[code]) for code, one in readings.items()}


def _join(one: Reading, other: Reading) -> Reading:
    if other.low >= one.low and other.high <= one.high:
        return one
    because = one.because if other.high <= one.high else other.because
    return Reading(min(one.low, other.low), max(one.high, other.high), because)


def read_companywide(reads: Reads, questionnaire: Questionnaire) -> Mapping[str, CapReading]:
    """Return the reading of each cap that looks at nothing but the company's answers; such caps have no `unless`."""
    criteria = reads.facts.criteria
    elsewhere = criteria.risk.keys() | (questionnaire.questions.keys() - questionnaire.by_group["company"].keys())
    return {
        code: _read_cap(step, reads)
        for code, step in plan_of(criteria).caps.items()
        if criteria.caps[code].unless is None and step.looks.isdisjoint(elsewhere)
    }


def hold_company(criteria: Criteria, companywide: Mapping[str, CapReading]) -> list[Hold]:
    """Return the holds of the caps that are read once for the company."""
    held = ((code, found) for code, found in companywide.items() if found.outcome is not False)
    return [_hold(code, "", criteria.caps[code], found) for code, found in held]


def _hold(code: str, row: str, cap: Cap, found: CapReading) -> Hold:
    return Hold(code, row, cap.effect, found.because, found.outcome is True, cap.floor)


def _derive_all(reads: Reads, raised: Raised) -> None:
    """Derive every criterion in its order, each raised by the caps and contradictions that bear on it."""
    for code, step in plan_of(reads.facts.criteria).risks.items():
        reading = reads.read(step)
        for level, clash in raised.get(code, ()):
            reading = lift(reading, level, f"clash:{clash.code}", certain=clash.certain)
        reads.settle(code, reading)


def _limit(earned: dict[str, Earned], at_most: Mapping[str, int], source: str) -> None:
    for code, most in at_most.items():
        before = earned[code]
        if before.level > most or before.level_at_v3 > most:
            level, at_v3 = min(before.level, most), min(before.level_at_v3, most)
            earned[code] = before._replace(level=level, level_at_v3=at_v3, because=(source,))


def _counted(earned: Mapping[str, Earned], only_v3: bool) -> dict[str, int]:
    return {code: item.level_at_v3 if only_v3 else item.level for code, item in earned.items()}


def read_alone(facts: Facts) -> Mapping[str, Reading]:
    """Derive a row's criteria without any cap: what product and place are by themselves."""
    for code, read in readers_of(facts.criteria).items():
        facts.values[code] = read(facts)
    return facts.values


def per_company(reads: Reads) -> Earnings:
    """Return what the mitigations earn that are the same for every deployment."""
    return _earn(plan_of(reads.facts.criteria).earned_per_company, reads)
