"""Looking codes up in a table, as a function of facts; with the table's columns and the codes that need evidence.

Invariants: of several codes that are chosen the highest counts, of codes that are possible the range from the lowest to
the highest; what is certainly chosen leaves nothing else possible.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from questionnaires import rules
from questionnaires.conditions import Range
from questionnaires.rowfacts import Facts, Reading

Ranges: TypeAlias = Mapping[str, Range]
"""The lowest and the highest level of each code."""


def read_lookup(
    rule: rules.Lookup, entries: Mapping[str, rules.Entry], column: Callable[[Facts], Reading] | None
) -> Callable[[Facts], Reading]:
    """Return the function of a lookup; `column` gives the range of columns that are possible."""
    of = rule.of
    own: tuple[str, ...] = (of,)
    by_columns: dict[Range, Ranges] = {}
    plain: Ranges = {code: _entry(entry, None) for code, entry in entries.items()}

    def read(facts: Facts) -> Reading:
        certain, possible = facts.choice(of)
        if not possible:
            return Reading(0, 0, own)
        because, ranges = own, plain
        if column is not None:
            first, last, why = column(facts)
            because = own + why
            if (first, last) not in by_columns:
                by_columns[first, last] = {code: _entry(entry, (first, last)) for code, entry in entries.items()}
            ranges = by_columns[first, last]
        unproven = rule.unproven if rule.unproven and not facts.level(of) else None
        highest = max(ranges[code][1] for code in _read_as(possible, unproven))
        if unproven and facts.level(of, best=True):  # proven, unless answers contradict each other
            unproven = None
        if certain:  # then nothing else is possible
            return Reading(max(ranges[code][0] for code in _read_as(possible, unproven)), highest, because)
        if not facts.is_single(of):
            return Reading(0, highest, because)
        return Reading(min(ranges[code][0] for code in _read_as(possible, unproven)), highest, because)

    return read


def _read_as(codes: Iterable[str], unproven: Mapping[str, str] | None) -> Iterable[str]:
    return codes if unproven is None else [unproven.get(code, code) for code in codes]


def _entry(entry: rules.Entry, columns: Range | None) -> Range:
    if isinstance(entry, int):
        return entry, entry
    if columns is None:
        return entry[0], entry[-1]
    reached = entry[columns[0] : columns[1] + 1]
    return min(reached), max(reached)
