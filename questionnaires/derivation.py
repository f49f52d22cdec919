"""Deriving risk criteria from answers: each rule of `rules.py` turned once into a function of a deployment's facts.

Invariants: a criterion is a range, its upper end the worst that is still possible; each value comes with what decided
it. Completing open answers never leaves the range.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from questionnaires import rules
from questionnaires.conditions import Range, test_of
from questionnaires.criteria import Criteria, Table
from questionnaires.lookups import read_lookup
from questionnaires.rowfacts import ANY_LEVEL, Facts, Reading

Reader: TypeAlias = Callable[[Facts], Reading]
"""A rule as a function: the range that it gives, and what decided it."""
Tables: TypeAlias = Mapping[str, Table]
_READERS = "_risk_readers"  # a name that no method of the criteria has


def readers_of(criteria: Criteria) -> Mapping[str, Reader]:
    """Return the rule of every risk criterion as a function, in an order in which each finds what it reads derived."""
    known = criteria.__dict__.get(_READERS)
    if known is None or known[0] is not criteria.risk or known[1] is not criteria.tables:  # a copy may have other rules
        made = {code: _compile(criteria.risk[code].rule, criteria.tables) for code in criteria.order}
        known = criteria.__dict__[_READERS] = criteria.risk, criteria.tables, made
    readers: Mapping[str, Reader] = known[2]
    return readers


def _compile(rule: rules.Expression, tables: Tables) -> Reader:
    return _COMPILERS[type(rule)](rule, tables)


def _fixed(rule: rules.Is, _: Tables) -> Reader:
    reading = Reading(rule.is_level, rule.is_level)
    return lambda _: reading


def _lookup(rule: rules.Lookup, tables: Tables) -> Reader:
    if rule.column is None:
        return read_lookup(rule, tables[rule.lookup].entries, None)
    of, thresholds = _compile(rule.column.of, tables), rule.column.at

    def column(facts: Facts) -> Reading:
        reading = of(facts)
        return Reading(_reached(reading.low, thresholds), _reached(reading.high, thresholds), reading.because)

    return read_lookup(rule, tables[rule.lookup].entries, column)


def _reached(value: int, thresholds: tuple[int, ...]) -> int:
    return sum(value >= threshold for threshold in thresholds)


def _number(rule: rules.Number, _: Tables) -> Reader:
    return lambda facts: Reading(*facts.number(rule.number), (rule.number,))


def _total(rule: rules.Total, _: Tables) -> Reader:
    return lambda facts: Reading(*facts.totals[rule.total], (rule.total,))


def _size(rule: rules.Size, _: Tables) -> Reader:
    return lambda facts: Reading(*facts.size(rule.size), (rule.size,))


def _value(rule: rules.Value, _: Tables) -> Reader:
    code, because = rule.criterion, (rule.criterion,)

    def read(facts: Facts) -> Reading:
        low, high, _ = facts.values[code]
        return Reading(low, high, because)

    return read


def _index(rule: rules.Index, _: Tables) -> Reader:
    def read(facts: Facts) -> Reading:
        place = facts.given(rule.index)
        ranks = facts.context.ranks(place) if place else []
        if not ranks:
            return Reading(*ANY_LEVEL, (rule.index,))
        level = sum(min(ranks) < threshold for threshold in rule.falling)
        return Reading(level, level, (rule.index, f"place:{place}"))

    return read


def _territory(rule: rules.Territory, _: Tables) -> Reader:
    def read(facts: Facts) -> Reading:
        place = facts.given(rule.territory)
        levels = facts.context.territories(place) if place else []
        if not levels:
            return Reading(*ANY_LEVEL, (rule.territory,))
        return Reading(max(levels), max(levels), (rule.territory, f"place:{place}"))

    return read


def _band(rule: rules.Band, tables: Tables) -> Reader:
    of, thresholds = _compile(rule.band, tables), rule.at

    def read(facts: Facts) -> Reading:
        low, high, because = of(facts)
        return Reading(_reached(low, thresholds), _reached(high, thresholds), because)

    return read


def _max(rule: rules.Max, tables: Tables) -> Reader:
    parts = [_compile(part, tables) for part in rule.max]

    def read(facts: Facts) -> Reading:
        low = high = -1
        because: tuple[str, ...] = ()
        for part in parts:
            reading = part(facts)
            low = max(low, reading[0])
            if reading[1] > high:
                high, because = reading[1], reading[2]
        return Reading(low, high, because)

    return read


def _least(rule: rules.Least, tables: Tables) -> Reader:
    return _joined([_compile(part, tables) for part in rule.min], min)


def _sum(rule: rules.Sum, tables: Tables) -> Reader:
    return _joined([_compile(part, tables) for part in rule.sum], sum)


def _joined(parts: list[Reader], join: Callable[[list[int]], int]) -> Reader:
    def read(facts: Facts) -> Reading:
        found = [part(facts) for part in parts]
        because = tuple(reference for reading in found for reference in reading.because)
        return Reading(join([reading.low for reading in found]), join([reading.high for reading in found]), because)

    return read


def _count(rule: rules.Count, _: Tables) -> Reader:
    tests = [(test_of(condition), condition.looked_at) for condition in rule.count]

    def read(facts: Facts) -> Reading:
        certain = possible = 0
        because: tuple[str, ...] = ()
        for test, looked_at in tests:
            outcome = test(facts)
            if outcome is not False:
                certain, possible, because = certain + (outcome is True), possible + 1, because + looked_at
        return Reading(certain, possible, because)

    return read


def _first(rule: rules.First, tables: Tables) -> Reader:
    branches = [(test_of(b.when), _compile(b.then, tables), b.when.looked_at) for b in rule.first]
    otherwise = _compile(rule.otherwise, tables)
    all_looked_at = tuple(reference for branch in rule.first for reference in branch.when.looked_at)

    def read(facts: Facts) -> Reading:
        bounds: Range | None = None
        because: tuple[str, ...] = ()
        for test, then, looked_at in branches:
            outcome = test(facts)
            if outcome is False:
                continue
            low, high, why = then(facts)
            if bounds is None or high > bounds[1]:
                because = looked_at + why
            bounds = (low, high) if bounds is None else (min(bounds[0], low), max(bounds[1], high))
            if outcome is True:
                return Reading(*bounds, because)
        low, high, why = otherwise(facts)
        if bounds is None or high > bounds[1]:
            because = why or all_looked_at
        return Reading(*((low, high) if bounds is None else (min(bounds[0], low), max(bounds[1], high))), because)

    return read


_COMPILERS: Mapping[type, Callable[[Any, Tables], Reader]] = {
    rules.Is: _fixed,
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
