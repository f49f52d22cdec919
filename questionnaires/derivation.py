"""Deriving criteria from answers: the rules of `rules.py`, read for one deployment.

Invariants: a risk criterion is a range, its upper end the worst that is still possible; a mitigation counts only what
certainly holds and is proven; each value comes with what decided it. Completing open answers never leaves the range.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from questionnaires import conditions, rules
from questionnaires.conditions import Choice, Condition, Range
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import STATED_STATES, AnswerFacts, Deployment, value_of

ANY_LEVEL: Range = (0, 4)
CERTAIN = 4
"""The grade of a fact that needs no evidence: a criterion that was itself derived."""
UNPROVEN = -1
NO_CHOICE: Choice = (frozenset(), frozenset())
NO_NUMBER: Range = (0, 0)
QUESTION_LENGTH = len("AAA-00")
THIRD_PARTY = 3
"""V3: the grade below which a mitigation does not count where the harm is gravest (C-07)."""


class Reading(NamedTuple):
    """The possible range of a value and what decided it: answers (`BUY-01.kind`), criteria (`B3`), places (`XB-01`)."""

    low: int
    high: int
    because: tuple[str, ...] = ()


class Earned(NamedTuple):
    """A mitigation: the level that counts, the level proven at V3 or better, the rung claimed, what decided it."""

    level: int
    level_at_v3: int
    claimed: int
    because: tuple[str, ...] = ()


class Facts(AnswerFacts):
    """Everything that the rules may look at for one deployment."""

    def __init__(  # noqa: PLR0913, PLR0917  # the five inputs of the method, and the row
        self,
        questionnaire: Questionnaire,
        criteria: Criteria,
        context: Context,
        deployment: Deployment,
        levels: Mapping[str, int],
        totals: Mapping[str, Range],
    ) -> None:
        """Read one deployment; `levels` gives the evidence level of its questions, `totals` the sums over like rows.

        `hidden` are the questions that are not asked of it: they read as nothing chosen, and drop out of a rung.
        `best_levels` are the levels in the low bound, where a contradiction that is not certain takes nothing away;
        `accepted` are the questions whose "not applicable" a reviewer accepted.
        """
        super().__init__(questionnaire, deployment.answers)
        self.criteria, self.context, self.levels, self.totals = criteria, context, levels, totals
        self.best_levels = levels
        self.accepted: frozenset[str] = frozenset()
        self.hidden: frozenset[str] = frozenset()
        self.undecided = False
        self.values: dict[str, Reading] = {}
        self.tables = criteria.tables

    def criterion(self, code: str) -> Range:
        """Return the range of a criterion derived before."""
        reading = self.values[code]
        return reading.low, reading.high

    def _read_choice(self, reference: str) -> Choice:
        return NO_CHOICE if self._is_hidden(reference) else super()._read_choice(reference)

    def number(self, reference: str) -> Range:
        """Return the possible range of a whole number; 0 where it is not asked."""
        return NO_NUMBER if self._is_hidden(reference) else super().number(reference)

    def size(self, reference: str) -> Range:
        """Return how many choices are made, or could be; 0 where it is not asked."""
        return NO_NUMBER if self._is_hidden(reference) else super().size(reference)

    def stated(self, reference: str) -> bool | None:
        """Return whether a field is stated; never where it is not asked."""
        return False if self._is_hidden(reference) else super().stated(reference)

    def column(self, reference: str) -> Choice:
        """Return the choices in a column of a table; none where it is not asked."""
        return NO_CHOICE if self._is_hidden(reference) else super().column(reference)

    def _is_hidden(self, reference: str) -> bool:
        return bool(self.hidden) and reference[:QUESTION_LENGTH] in self.hidden

    def states(self, question: str) -> frozenset[str]:
        """Return the states that are possible: whatever was said instead of a value, a value may still be given."""
        return super().states(question) if value_of(self._answers.get(question)) else STATED_STATES

    @property
    def dropped(self) -> frozenset[str]:
        """The questions that drop out of a rung."""
        return self.hidden | self.accepted if self.accepted else self.hidden

    def level(self, reference: str, *, best: bool = False) -> int:
        """Return the evidence level of the answer that a reference names; `best` is the low bound's."""
        return (self.best_levels if best else self.levels).get(reference.partition(".")[0], 0)


def derive(rule: rules.Expression, facts: Facts) -> Reading:
    """Return the range that a rule gives."""
    return _OPERATORS[type(rule)](rule, facts)


def _lookup(rule: rules.Lookup, facts: Facts) -> Reading:
    entries = facts.tables[rule.lookup].entries
    certain, possible = facts.choice(rule.of)
    because: tuple[str, ...] = (rule.of,)
    if not possible:
        return Reading(0, 0, because)
    if rule.column is None and certain and not rule.unproven:  # by far the most
        levels = [entries[code] for code in certain]
        if all(type(level) is int for level in levels):
            highest_level: Any = max(levels)
            return Reading(highest_level, highest_level, because)
    columns: Range | None = None
    if rule.column is not None:
        reading = derive(rule.column.of, facts)
        columns = _reached(reading.low, rule.column.at), _reached(reading.high, rule.column.at)
        because += reading.because
    unproven = rule.unproven if rule.unproven and not facts.level(rule.of) else {}
    ranges = [_entry(entries[unproven.get(code, code)], columns) for code in possible]
    if not ranges:
        return Reading(0, 0, because)
    highest = max(high for _, high in ranges)
    if unproven and facts.level(rule.of, best=True):  # proven, unless answers contradict each other
        ranges = [_entry(entries[code], columns) for code in possible]
    if certain:  # then nothing else is possible
        return Reading(max(low for low, _ in ranges), highest, because)
    return Reading(min(low for low, _ in ranges) if facts.is_single(rule.of) else 0, highest, because)


def _entry(entry: rules.Entry, columns: Range | None) -> Range:
    if isinstance(entry, int):
        return entry, entry
    if columns is None:
        return entry[0], entry[-1]
    reached = entry[columns[0] : columns[1] + 1]
    return min(reached), max(reached)


def _reached(value: int, thresholds: tuple[int, ...]) -> int:
    return sum(value >= threshold for threshold in thresholds)


def _number(rule: rules.Number, facts: Facts) -> Reading:
    return Reading(*facts.number(rule.number), (rule.number,))


def _total(rule: rules.Total, facts: Facts) -> Reading:
    return Reading(*facts.totals[rule.total], (rule.total,))


def _size(rule: rules.Size, facts: Facts) -> Reading:
    return Reading(*facts.size(rule.size), (rule.size,))


def _value(rule: rules.Value, facts: Facts) -> Reading:
    return Reading(*facts.criterion(rule.criterion), (rule.criterion,))


def _index(rule: rules.Index, facts: Facts) -> Reading:
    place = facts.given(rule.index)
    ranks = facts.context.ranks(place) if place else []
    if not ranks:
        return Reading(*ANY_LEVEL, (rule.index,))
    level = sum(min(ranks) < threshold for threshold in rule.falling)
    return Reading(level, level, (rule.index, f"place:{place}"))


def _territory(rule: rules.Territory, facts: Facts) -> Reading:
    place = facts.given(rule.territory)
    levels = facts.context.territories(place) if place else []
    if not levels:
        return Reading(*ANY_LEVEL, (rule.territory,))
    return Reading(max(levels), max(levels), (rule.territory, f"place:{place}"))


def _band(rule: rules.Band, facts: Facts) -> Reading:
    inner = derive(rule.band, facts)
    return Reading(_reached(inner.low, rule.at), _reached(inner.high, rule.at), inner.because)


def _max(rule: rules.Max, facts: Facts) -> Reading:
    low = high = -1
    because: tuple[str, ...] = ()
    for part in rule.max:
        reading = derive(part, facts)
        low = max(low, reading.low)
        if reading.high > high:
            high, because = reading.high, reading.because
    return Reading(low, high, because)


def _least(rule: rules.Least, facts: Facts) -> Reading:
    found = [derive(part, facts) for part in rule.min]
    because = sum((reading.because for reading in found), ())
    return Reading(min(reading.low for reading in found), min(reading.high for reading in found), because)


def _sum(rule: rules.Sum, facts: Facts) -> Reading:
    found = [derive(part, facts) for part in rule.sum]
    because = sum((reading.because for reading in found), ())
    return Reading(sum(reading.low for reading in found), sum(reading.high for reading in found), because)


def _count(rule: rules.Count, facts: Facts) -> Reading:
    outcomes = [(condition, conditions.evaluate(condition, facts)) for condition in rule.count]
    because = tuple(r for c, o in outcomes if o is not False for r in c.looked_at)
    return Reading(sum(o is True for _, o in outcomes), sum(o is not False for _, o in outcomes), because)


def _first(rule: rules.First, facts: Facts) -> Reading:
    reachable: list[tuple[Reading, rules.Branch | None]] = []
    for branch in rule.first:
        outcome = conditions.evaluate(branch.when, facts)
        if outcome is not False:
            reachable.append((derive(branch.then, facts), branch))
        if outcome is True:
            break
    else:
        reachable.append((derive(rule.otherwise, facts), None))
    worst, chosen = max(reachable, key=lambda found: found[0].high)
    if chosen is not None:
        because = chosen.when.looked_at + worst.because
    else:
        because = worst.because or tuple(r for branch in rule.first for r in branch.when.looked_at)
    return Reading(min(reading.low for reading, _ in reachable), worst.high, because)


_OPERATORS: Mapping[type, Callable[[Any, Facts], Reading]] = {
    rules.Is: lambda rule, _: Reading(rule.is_level, rule.is_level),
    rules.Lookup: _lookup,
    rules.Number: _number,
    rules.Total: _total,
    rules.Size: _size,
    rules.Value: _value,
    rules.Index: _index,
    rules.Territory: _territory,
    rules.Band: _band,
    rules.Max: _max,
    rules.Least: _least,
    rules.Sum: _sum,
    rules.Count: _count,
    rules.First: _first,
}


def earn_both(rule: rules.MitigationRule, facts: Facts) -> tuple[Earned, Earned]:
    """Return what a mitigation earns as it stands, and with all that is open at its best (for the low bound)."""
    facts.undecided = False
    earned = earn(rule, facts)
    if not facts.undecided and facts.best_levels is facts.levels:  # nothing open was met: the best is what stands
        return earned, earned
    return earned, earn(rule, facts, hopeful=True)


def earn(rule: rules.MitigationRule, facts: Facts, *, hopeful: bool = False) -> Earned:
    """Return what a mitigation earns; `hopeful` (for the low bound) takes all that is open at its best.

    Evidence stays as it is: an open answer with nothing behind it earns nothing either way.
    """
    if isinstance(rule, rules.Proven):
        certain, possible = facts.choice(rule.of)
        facts.undecided = facts.undecided or certain != possible
        entries = facts.tables[rule.proven].entries
        claimed = max((_entry(entries[code], None)[0] for code in (possible if hopeful else certain)), default=0)
        level = facts.level(rule.of, best=hopeful)
        counts = min(claimed, level)
        return Earned(counts, counts if level >= THIRD_PARTY else 0, claimed, (rule.of,))
    return _climb(rule, facts, hopeful)


def _climb(rule: rules.Ladder, facts: Facts, hopeful: bool) -> Earned:
    weakest, claimed, level, at_v3 = CERTAIN, 0, 0, 0
    deciding: tuple[Condition, ...] = ()
    for rung, condition in enumerate(rule.ladder, start=1):
        grade = prove(condition, facts, hopeful=hopeful)
        if grade is None:  # not applicable, accepted: this rung neither gives nor blocks
            continue
        deciding = (condition,)
        if grade == UNPROVEN:
            break
        weakest, claimed = min(weakest, grade), rung
        level = max(level, min(rung, weakest))
        if weakest >= THIRD_PARTY:
            at_v3 = max(at_v3, min(rung, weakest))
    for limit in rule.limits:
        applies = conditions.evaluate(limit.when, facts)
        facts.undecided = facts.undecided or applies is None
        if applies is False or (hopeful and applies is None):
            continue
        most = max(limit.at_most, prove(limit.unless, facts, hopeful=hopeful) or 0)
        if most < level:
            deciding = (limit.when, limit.unless)
        level, at_v3 = min(level, most), min(at_v3, most)
    because = tuple(reference for condition in deciding for reference in condition.looked_at)
    return Earned(level, at_v3, claimed, because)


def prove(condition: Condition, facts: Facts, *, hopeful: bool) -> int | None:
    """Return the evidence level with which a condition certainly holds, or UNPROVEN.

    None where it hangs on nothing but questions that are not asked, or whose "not applicable" was accepted.
    """
    if isinstance(condition, conditions.All):
        return min(_grades(condition.all, facts, hopeful), default=None)
    if isinstance(condition, conditions.Any):
        return max(_grades(condition.any, facts, hopeful), default=None)
    if facts.dropped and not facts.dropped.isdisjoint(condition.own_questions):
        return None
    outcome = conditions.evaluate(condition, facts)
    if outcome is None:
        facts.undecided = True
    if outcome is False or (outcome is None and not hopeful):
        return UNPROVEN
    if isinstance(condition, conditions.CriterionIs):
        return CERTAIN
    return min(facts.level(reference, best=hopeful) for reference in condition.looked_at)


def _grades(parts: Sequence[Condition], facts: Facts, hopeful: bool) -> list[int]:
    """Return the levels of the parts that are applicable."""
    grades = (prove(part, facts, hopeful=hopeful) for part in parts)
    return [grade for grade in grades if grade is not None]
