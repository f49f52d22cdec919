"""What is read of one row, as steps: a step that looks at nothing new since the row before is not read again.

Invariants: a step is a pure function of what it looks at, so that carrying its outcome over changes no result; what
differs between two rows is found by comparing everything that a step may look at: answers, what is asked, evidence,
sums over like rows, and criteria that were derived.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from questionnaires.rowfacts import Facts, Reading

Outcome = TypeVar("Outcome")


class Step(NamedTuple, Generic[Outcome]):
    """One thing that is read of rows: its name, the questions and criteria that it looks at, and how it is read."""

    name: str
    looks: frozenset[str]
    read: Callable[[Facts], Outcome]


class Reads:
    """The facts of one row, with what was read of them so far."""

    def __init__(self, facts: Facts, before: "Reads | None" = None) -> None:
        """Read a row; `before` is one that was read under the same revisions."""
        self.facts = facts
        self.known: dict[str, Any] = {}
        self._carried: Mapping[str, Any] = {} if before is None else before.known
        self._values: Mapping[str, Reading] = {} if before is None else before.facts.values
        self._before = None if before is None else before.facts
        self._new: set[str] = set()
        if before is not None:
            self._new.update(_differing(before.facts, facts))
            facts.carry_over(before.facts.choices, self._new)

    def prove(self, levels: Mapping[str, int], best_levels: Mapping[str, int]) -> None:
        """Put evidence behind the answers, before anything is read that looks at evidence."""
        facts, before = self.facts, self._before
        facts.levels, facts.best_levels = levels, best_levels
        if before is not None:
            self._new.update(_unlike(before.levels, levels))
            if before.best_levels is not before.levels or best_levels is not levels:
                self._new.update(_unlike(before.best_levels, best_levels))
            self._before = None  # nothing more is compared: rows need not keep each other alive

    def read(self, step: Step[Outcome]) -> Outcome:
        """Return what a step finds."""
        name = step.name
        if name in self._carried and self._new.isdisjoint(step.looks):
            found: Outcome = self._carried[name]
        else:
            found = step.read(self.facts)
        self.known[name] = found
        return found

    def settle(self, code: str, reading: Reading) -> None:
        """State the value of a criterion, for the steps that look at it."""
        self.facts.values[code] = reading
        before = self._values.get(code)
        if before is None or before[:2] != reading[:2]:
            self._new.add(code)


def _differing(one: Facts, other: Facts) -> Iterable[str]:
    """Yield the questions of which something else is known, evidence left aside."""
    yield from _unlike(one.answers, other.answers)
    yield from one.hidden ^ other.hidden
    yield from one.accepted ^ other.accepted
    if one.totals is not other.totals:
        yield from (reference.partition(".")[0] for reference in _unlike(one.totals, other.totals))


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    """Yield the keys under which two mappings differ."""
    if one != other:
        yield from one.keys() - other.keys()
        yield from (key for key, value in other.items() if key not in one or one[key] != value)
