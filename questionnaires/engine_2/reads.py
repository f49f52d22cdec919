"""What is read of rows, as steps: a step that looks at the same as in an earlier row is not read again.

Invariants: a step is a pure function of what it looks at, so that taking over its outcome changes no result. What is
known of a question, a sum or a criterion in one row stands for it as a mark, and two marks are equal only where the
same is known: the answer, whether it is asked, what a reviewer accepted, the evidence. Nothing outlives an assessment.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from copy import copy
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

from questionnaires.answerfacts import split
from questionnaires.documents import Answer
from questionnaires.rowfacts import Facts, Reading

Outcome = TypeVar("Outcome")
Mark: TypeAlias = Hashable
"""What is known of one question, sum or criterion, in one row."""
NOT_ASKED: Mark = -1
_NOT_READ: Any = object()


class Step(Generic[Outcome]):
    """One thing that is read of rows: its name, the questions, sums and criteria it looks at, and how it is read."""

    def __init__(
        self, name: str, fields: Collection[str], others: Collection[str], read: Callable[[Facts], Outcome]
    ) -> None:
        """Name a step; `fields` are the questions and fields it looks at, `others` sums over like rows and criteria.

        `pick` takes the marks of all these out of those of a row.
        """
        self.name, self.fields, self.read = name, frozenset(fields), read
        self.looks = frozenset(others).union(split(field)[0] for field in fields)
        looks = sorted(self.looks)
        self.pick: Callable[[Mapping[str, Mark]], Mark] = itemgetter(*looks) if looks else _pick_nothing


def _pick_nothing(_: Mapping[str, Mark]) -> Mark:
    return None


class Memory:
    """What the steps of one assessment found, under the marks of what they looked at."""

    def __init__(self, steps: Iterable[Step[Any]]) -> None:
        """Start with nothing found by any of these steps."""
        self.blank: dict[str, Mark] = {}
        self.fields: defaultdict[str, set[str]] = defaultdict(set)
        for step in steps:
            self.blank.update(dict.fromkeys(step.looks))
            for reference in step.fields:
                question, field = split(reference)
                self.fields[question].add(field)
        self.found: defaultdict[str, dict[Mark, Any]] = defaultdict(dict)
        self._numbers: dict[Hashable, int] = {}
        self._answers: dict[int, tuple[Mark, Answer]] = {}

    def number(self, known: Hashable) -> int:
        """Return the same number for the same knowledge: numbers are compared faster than what they stand for."""
        return self._numbers.setdefault(known, len(self._numbers))

    def mark(self, question: str, answer: Answer) -> Mark:
        """Return the mark of an answer, as far as any step looks at it; rows share those of product and company."""
        known = self._answers.get(id(answer))
        if known is None:
            fields, value = self.fields.get(question, ()), answer.get("value", {})
            told = value if "" in fields else {field: value.get(field) for field in fields}
            mark = self.number((answer.get("state"), repr(told)))
            known = self._answers[id(answer)] = mark, answer  # kept, so that no other answer comes to have its id
        return known[0]


class Reads:
    """One row: the marks of what is known of it, the criteria derived so far, and its facts."""

    def __init__(self, memory: Memory, facts: Facts) -> None:
        """Mark what is known of a row, but for evidence and criteria."""
        self.facts, self._memory = facts, memory
        self.values = facts.values
        self.fewest: Reads | None = None
        """The same row where nothing is asked that open answers could still rule out; None where nothing is such."""
        self.marks: dict[str, Mark] = {
            **memory.blank,
            **{id_: memory.mark(id_, answer) for id_, answer in facts.answers.items()},
            **facts.totals,
            **dict.fromkeys(facts.hidden, NOT_ASKED),
        }
        for id_ in facts.accepted:
            self.marks[id_] = memory.number(("accepted", self.marks[id_]))

    def prove(self, levels: Mapping[str, int], best_levels: Mapping[str, int]) -> None:
        """Put evidence behind the answers, before anything is read that looks at evidence."""
        self.facts.levels, self.facts.best_levels = levels, best_levels
        number, known = self._memory.number, self.marks.get
        proven = levels if best_levels is levels else {**best_levels, **levels}
        self.marks.update({id_: number((known(id_), levels.get(id_), best_levels.get(id_))) for id_ in proven})

    def without(self, gone: Collection[str], facts: Facts) -> "Reads":
        """Return the reads of the same row, proven alike, where some questions are not asked."""
        facts.levels, facts.best_levels = self.facts.levels, self.facts.best_levels
        other = copy(self)
        other.facts, other.values = facts, facts.values
        other.marks = {**self.marks, **dict.fromkeys(gone, NOT_ASKED)}
        return other

    @property
    def both(self) -> tuple["Reads", ...]:
        """The row as far as it is asked, and as far as it surely is."""
        return (self,) if self.fewest is None else (self, self.fewest)

    def read(self, step: Step[Outcome]) -> Outcome:
        """Return what a step finds."""
        found, marks = self._memory.found[step.name], step.pick(self.marks)
        outcome: Outcome = found.get(marks, _NOT_READ)
        if outcome is _NOT_READ:
            outcome = found[marks] = step.read(self.facts)
        return outcome

    def settle(self, code: str, reading: Reading) -> None:
        """State the value of a criterion, for the steps that look at it."""
        self.values[code] = reading
        self.marks[code] = reading[:2]
