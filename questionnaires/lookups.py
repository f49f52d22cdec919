"""Looking codes up in a table, as a function of facts; with the table's columns and the codes that need evidence.

Invariants: of several codes that are chosen the highest counts, of codes that are possible the range from the lowest to
the highest; what is certainly chosen leaves nothing else possible.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from questionnaires import rules
from questionnaires.conditions import Range
from questionnaires.rowfacts import Facts, Reading

_MOST_KNOWN = 256
"""Sets of codes whose levels a lookup keeps: far more than are chosen together."""


def read_lookup(
    rule: rules.Lookup, entries: Mapping[str, rules.Entry], column: Callable[[Facts], Reading] | None
) -> Callable[[Facts], Reading]:
    """Return the function of a lookup; `column` gives the range of columns that are possible."""
    of = rule.of
    own: tuple[str, ...] = (of,)

    @lru_cache(maxsize=_MOST_KNOWN)
    def reach(codes: frozenset[str], columns: Range | None, *, proven: bool) -> tuple[int, int, int]:
        """Return what codes give: the lowest of what they give at least, the highest of that, the highest of all."""
        read_as = codes if proven else [rule.unproven.get(code, code) for code in codes]
        ranges = [_entry(entries[code], columns) for code in read_as]
        lows = [low for low, _ in ranges]
        return min(lows), max(lows), max(high for _, high in ranges)

    def read(facts: Facts) -> Reading:
        certain, possible = facts.choice(of)
        if not possible:
            return Reading(0, 0, own)
        columns, because = None, own
        if column is not None:
            first, last, why = column(facts)
            columns, because = (first, last), own + why
        proven = not rule.unproven or facts.level(of) > 0
        found = reach(possible, columns, proven=proven)
        highest = found[2]
        if not proven and facts.level(of, best=True):  # proven, unless answers contradict each other
            found = reach(possible, columns, proven=True)
        if certain:  # then nothing else is possible
            return Reading(found[1], highest, because)
        return Reading(found[0] if facts.is_single(of) else 0, highest, because)

    return read


def _entry(entry: rules.Entry, columns: Range | None) -> Range:
    if isinstance(entry, int):
        return entry, entry
    if columns is None:
        return entry[0], entry[-1]
    reached = entry[columns[0] : columns[1] + 1]
    return min(reached), max(reached)
