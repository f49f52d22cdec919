"""Scoring deployments under caps: criteria raised, mitigations held down, and the caps that hold.

Invariants: a cap whose condition may hold counts in the headline, one that certainly holds in the low bound too. What
is asked only while another answer is open is read in both ways, and the reading that is worse (better) counts in the
headline (in the low bound).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from questionnaires.caps import Cap
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import Deployment
from questionnaires.earning import CERTAIN, Earned
from questionnaires.engine_2.clashes import Clash
from questionnaires.engine_2.plans import CapReading, Plan, lift
from questionnaires.engine_2.reads import Reads
from questionnaires.rowfacts import Facts, Reading
from questionnaires.rowscores import Earnings, RowScore, build_row
from questionnaires.standing import Hold


class Capped(NamedTuple):
    """A deployment's result and the caps that hold in it."""

    score: RowScore
    holds: Sequence[Hold]


Raised: TypeAlias = Mapping[str, Sequence[tuple[int, Clash]]]
"""Per criterion: the levels that contradictions raise it to, each with its contradiction."""


_NO_CAP = CapReading(outcome=False)
"""How a cap reads that has no condition: what it does, a rule of its own does."""


class Limits(NamedTuple):
    """What bears on one deployment from outside: contradictions, and mitigations that red lines hold down."""

    raised: Raised
    at_most: Mapping[str, int]


class Companywide(NamedTuple):
    """What is the same for every deployment: what the company earns, and the caps that look at nothing else."""

    earned: Earnings
    caps: Mapping[str, CapReading]


def score_rows(
    plan: Plan, reads: Reads, rows: Sequence[Deployment], company: Companywide, limits: Sequence[Limits]
) -> Iterator[Capped]:
    """Yield the results of deployments, in their order; `limits` are those of each."""
    _derive_all(plan, reads, [one.raised for one in limits])
    columns = _Columns(plan, reads, company)
    for number, (row, limit) in enumerate(zip(rows, limits, strict=True)):
        yield columns.score(number, row, limit)


class _Columns:
    """What mitigations earn in every row and which caps hold there, once criteria are derived."""

    def __init__(self, plan: Plan, reads: Reads, company: Companywide) -> None:
        self._criteria, self._reads, self._company = plan.criteria, reads, company
        self._earned = {code: reads.read(step) for code, step in plan.earned_per_row.items()}
        self._caps = {code: reads.read(step) for code, step in plan.caps.items() if code not in company.caps}

    def score(self, number: int, row: Deployment, limits: Limits) -> Capped:
        """Return the result of one deployment, by its place."""
        reads, company = self._reads, self._company
        own = _best_of({code: reads.of(number, pairs) for code, pairs in self._earned.items()})
        earned, hopeful = {**company.earned.earned, **own.earned}, {**company.earned.hopeful, **own.hopeful}
        caps = {**company.caps, **{code: _join_caps(*reads.of(number, read)) for code, read in self._caps.items()}}
        holds: list[Hold] = []
        only_v3 = only_v3_low = False
        for code, cap in self._criteria.caps.items():
            found = caps.get(code, _NO_CAP)
            if found.outcome is False:
                continue
            certain, source = found.outcome is True, f"cap:{code}"
            _limit(earned, {code: max(most, found.lift) for code, most in cap.at_most.items()}, source)
            if certain:
                _limit(hopeful, {code: max(most, found.best) for code, most in cap.at_most.items()}, source)
            only_v3 = only_v3 or cap.third_party_only
            only_v3_low = only_v3_low or (cap.third_party_only and certain)
            if found.lift < CERTAIN and code not in company.caps:
                holds.append(_hold(code, row.row, cap, found))
        for pair in (earned, hopeful):
            _limit(pair, limits.at_most, "red_line")
        readings = _widen(*(facts.values for facts in reads.of(number, reads.facts)))
        counted, counted_low = _counted(earned, only_v3), _counted(hopeful, only_v3_low)
        return Capped(build_row(self._criteria, row.row, row.product, readings, earned, counted, counted_low), holds)


def _best_of(both: Mapping[str, tuple[tuple[Earned, Earned], ...]]) -> Earnings:
    """Return what mitigations earn, at their best with or without what may not be asked in the end."""
    earned = {code: read[0][0] for code, read in both.items()}
    best = {code: max((pair[1] for pair in read), key=lambda one: one[:2]) for code, read in both.items()}
    return Earnings(earned, best)


def _join_caps(found: CapReading, other: CapReading | None = None) -> CapReading:
    """Return whether a cap holds; only perhaps where it hangs on what may not be asked in the end."""
    if other is None or found.outcome is other.outcome:
        return found
    return (other if found.outcome is False else found)._replace(outcome=None)


def _widen(readings: Mapping[str, Reading], fewest: Mapping[str, Reading] | None = None) -> Mapping[str, Reading]:
    """Return ranges that hold what is read where questions are not asked in the end, too."""
    return readings if fewest is None else {code: _join(one, fewest[code]) for code, one in readings.items()}


def _join(one: Reading, other: Reading) -> Reading:
    if other.low >= one.low and other.high <= one.high:
        return one
    because = one.because if other.high <= one.high else other.because
    return Reading(min(one.low, other.low), max(one.high, other.high), because)


def read_companywide(plan: Plan, company: Reads, questionnaire: Questionnaire) -> Companywide:
    """Return what mitigations earn that are the same for every row, and the caps that look at the company alone.

    Such caps have no `unless`.
    """
    elsewhere = plan.criteria.risk.keys() | (questionnaire.questions.keys() - questionnaire.by_group["company"].keys())
    caps = {
        code: _join_caps(*company.of(0, company.read(step)))
        for code, step in plan.caps.items()
        if plan.criteria.caps[code].unless is None and step.looks.isdisjoint(elsewhere)
    }
    earned = {code: company.of(0, company.read(step)) for code, step in plan.earned_per_company.items()}
    return Companywide(_best_of(earned), caps)


def hold_company(criteria: Criteria, company: Companywide) -> list[Hold]:
    """Return the holds of the caps that are read once for the company."""
    held = ((code, found) for code, found in company.caps.items() if found.outcome is not False)
    return [_hold(code, "", criteria.caps[code], found) for code, found in held]


def _hold(code: str, row: str, cap: Cap, found: CapReading) -> Hold:
    return Hold(code, row, cap.effect, found.because, found.outcome is True, cap.floor)


def _derive_all(plan: Plan, reads: Reads, raised: Sequence[Raised]) -> None:
    """Derive every criterion in its order, each raised by the caps and contradictions that bear on it."""
    for code, step in plan.risks.items():
        readings = reads.read(step)
        for number, clashing in enumerate(raised):
            for level, clash in clashing.get(code, ()):
                for place in reads.places(number):
                    readings[place] = lift(readings[place], level, f"clash:{clash.code}", certain=clash.certain)
        reads.settle(code, readings)


def _limit(earned: dict[str, Earned], at_most: Mapping[str, int], source: str) -> None:
    for code, most in at_most.items():
        before = earned[code]
        if before.level > most or before.level_at_v3 > most:
            level, at_v3 = min(before.level, most), min(before.level_at_v3, most)
            earned[code] = before._replace(level=level, level_at_v3=at_v3, because=(source,))


def _counted(earned: Mapping[str, Earned], only_v3: bool) -> dict[str, int]:
    return {code: item.level_at_v3 if only_v3 else item.level for code, item in earned.items()}


def read_alone(plan: Plan, facts: Facts) -> Mapping[str, Reading]:
    """Derive, without any cap, the criteria by which missing units weigh: what product and place are by themselves."""
    for code, read in plan.alone.items():
        facts.values[code] = read(facts)
    return facts.values
