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


class _Before(NamedTuple):
    """A row that was read before: what was found, the criteria, and the questions and criteria that now differ."""

    facts: Facts
    known: Mapping[str, Any]
    new: set[str]


class Reads:
    """The facts of one row, with what was read of them so far."""

    def __init__(self, facts: Facts, *before: "Reads | None") -> None:
        """Read a row; `before` are some that were read under the same revisions, the likest first."""
        self.facts = facts
        self.known: dict[str, Any] = {}
        self._before = [
            _Before(one.facts, one.known, set(_differing(one.facts, facts))) for one in before if one is not None
        ]

    def prove(self, levels: Mapping[str, int], best_levels: Mapping[str, int]) -> None:
        """Put evidence behind the answers, before anything is read that looks at evidence."""
        self.facts.levels, self.facts.best_levels = levels, best_levels
        for facts, _, new in self._before:
            new.update(_unlike(facts.levels, levels))
            if facts.best_levels is not facts.levels or best_levels is not levels:
                new.update(_unlike(facts.best_levels, best_levels))

    def carry_over(self) -> None:
        """Take over the choices of the likest row, once that row is done."""
        for facts, _, new in self._before[:1]:
            self.facts.carry_over(facts.choices, new)

    def read(self, step: Step[Outcome]) -> Outcome:
        """Return what a step finds."""
        name, looks = step.name, step.looks
        for _, known, new in self._before:
            if name in known and new.isdisjoint(looks):
                found: Outcome = known[name]
                break
        else:
            found = step.read(self.facts)
        self.known[name] = found
        return found

    def settle(self, code: str, reading: Reading) -> None:
        """State the value of a criterion, for the steps that look at it."""
        self.facts.values[code] = reading
        for facts, _, new in self._before:
            before = facts.values.get(code)
            if before is not reading and (before is None or before[:2] != reading[:2]):
                new.add(code)


def _differing(one: Facts, other: Facts) -> Iterable[str]:
    """Yield the questions of which something else is known, evidence left aside."""
    yield from _unlike(one.answers, other.answers)
    yield from one.hidden ^ other.hidden
    yield from one.accepted ^ other.accepted
    if one.totals is not other.totals:
        yield from (reference.partition(".")[0] for reference in _unlike(one.totals, other.totals))


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    """Yield the keys under which two mappings differ."""
    if one is not other and one != other:
        yield from one.keys() - other.keys()
        yield from (key for key, value in other.items() if key not in one or one[key] != value)
