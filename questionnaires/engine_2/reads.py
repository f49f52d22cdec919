"""What is read of rows, as steps: a step reads all rows at once, and those in which it looks at the same only once.

Invariants: a step is a pure function of what it looks at, so that taking over its outcome changes no result. What is
known of a question, its evidence, a sum or a criterion in one row stands for it as a mark, and two marks are equal only
where the same is known. Nothing outlives an assessment.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from questionnaires.answerfacts import split
from questionnaires.documents import Answer
from questionnaires.rowfacts import Facts, Reading

Outcome = TypeVar("Outcome")
Mark: TypeAlias = Hashable
"""What is known of one question, its evidence, one sum or criterion, in one row."""
NOT_ASKED: Mark = -1


class Step(Generic[Outcome]):
    """One thing that is read of rows: its name, what it looks at, and how it is read."""

    def __init__(
        self,
        name: str,
        fields: Collection[str],
        others: Collection[str],
        read: Callable[[Facts], Outcome],
        proven: Collection[str] = (),
    ) -> None:
        """Name a step.

        `fields` are the questions and fields that it looks at, `others` sums over like rows and criteria, `proven` the
        questions at whose evidence it looks.
        """
        self.name, self.fields, self.read, self.proven = name, frozenset(fields), read, sorted(proven)
        self.looks = frozenset(split(field)[0] for field in fields).union(others)


class Looks:
    """What the steps of a revision look at, all together."""

    def __init__(self, steps: Collection[Step[Any]]) -> None:
        """Read what each step names."""
        self.fields: defaultdict[str, set[str]] = defaultdict(set)
        for reference in {field for step in steps for field in step.fields}:
            question, field = split(reference)
            self.fields[question].add(field)
        self.questions = self.fields.keys()
        """Every question that some step looks at."""
        self.others = frozenset[str]().union(*(step.looks for step in steps)) - self.questions
        """Every sum and criterion that some step looks at."""
        self.proven = frozenset[str]().union(*(step.proven for step in steps))
        """Every question at whose evidence some step looks."""


class Memory:
    """What the steps of one assessment found, under the marks of what they looked at."""

    def __init__(self, looks: Looks) -> None:
        """Start with nothing found by any of the steps that look at this."""
        self.looks = looks
        self.found: defaultdict[str, dict[Mark, Any]] = defaultdict(dict)
        self._numbers: dict[Hashable, int] = {}
        self._answers: dict[tuple[str, int], tuple[Mark, Answer]] = {}

    def number(self, known: Hashable) -> int:
        """Return the same number for the same knowledge: numbers are compared faster than what they stand for."""
        return self._numbers.setdefault(known, len(self._numbers))

    def mark(self, question: str, answers: list[Answer | None]) -> list[Mark]:
        """Return the marks of rows' answers to a question, as far as any step looks at them."""
        if answers and all(answer is answers[0] for answer in answers):  # most are the company's, or not given
            return [self._mark(question, answers[0])] * len(answers)
        return [self._mark(question, answer) for answer in answers]

    def _mark(self, question: str, answer: Answer | None) -> Mark:
        if answer is None:
            return None
        known = self._answers.get((question, id(answer)))
        if known is None:
            fields, value = self.looks.fields[question], answer.get("value", {})
            told = value if "" in fields else {field: value.get(field) for field in fields}
            mark = self.number((answer.get("state"), repr(told)))
            known = mark, answer  # kept, so that no other answer comes to have its id
            self._answers[question, id(answer)] = known
        return known[0]


class Reads:
    """Rows, column by column: the marks of what is known of them and their facts.

    A row that is asked for less where open answers turn out so is read twice: a second time, after all the others, as
    far as it is asked for sure.
    """

    def __init__(self, memory: Memory, facts: Sequence[Facts]) -> None:
        """Mark what is known of rows, but for evidence and criteria."""
        self._memory, self.facts, looks = memory, list(facts), memory.looks
        self._fewest: dict[int, int] = {}
        answers = [one.answers for one in facts]
        self.marks: dict[str, list[Mark]] = {
            question: memory.mark(question, [given.get(question) for given in answers]) for question in looks.questions
        }
        self.marks |= {name: [one.totals.get(name) for one in facts] for name in looks.others}
        self._proofs: dict[str, list[Mark]] = {}
        for place, one in enumerate(facts):
            for question in one.hidden & looks.questions:
                given = self.marks[question][place]
                self.marks[question][place] = NOT_ASKED if given is None else memory.number((NOT_ASKED, given))
            for question in one.accepted & looks.questions:
                self.marks[question][place] = memory.number(("accepted", self.marks[question][place]))

    def prove(self) -> None:
        """Mark the evidence behind the rows' facts, before anything is read that looks at evidence."""
        for question in self._memory.looks.proven:
            self._proofs[question] = [
                (one.levels.get(question, 0), one.best_levels.get(question, 0)) for one in self.facts
            ]

    def ask_fewest(self, fewest: Mapping[int, Facts]) -> None:
        """Read rows a second time, proven alike, where nothing is asked that open answers could still rule out."""
        for column in (*self.marks.values(), *self._proofs.values()):
            column.extend([column[row] for row in fewest])
        for row, facts in fewest.items():
            facts.levels, facts.best_levels = self.facts[row].levels, self.facts[row].best_levels
            self._fewest[row] = len(self.facts)
            for question in (facts.hidden - self.facts[row].hidden) & self._memory.looks.questions:
                self.marks[question][len(self.facts)] = NOT_ASKED
            self.facts.append(facts)

    def places(self, row: int) -> tuple[int, ...]:
        """Return where a row is read: as far as it is asked and, where that differs, as far as it surely is."""
        return (row, self._fewest[row]) if row in self._fewest else (row,)

    def of(self, row: int, found: Sequence[Outcome]) -> tuple[Outcome, ...]:
        """Return what was found of a row as far as it is asked and, where that differs, as far as it surely is."""
        fewest = self._fewest.get(row)
        return (found[row],) if fewest is None else (found[row], found[fewest])

    def read(self, step: Step[Outcome]) -> list[Outcome]:
        """Return what a step finds in every row, then in those that are read a second time (see `of`)."""
        columns = [*(self.marks[name] for name in step.looks), *(self._proofs[question] for question in step.proven)]
        keys = list(zip(*columns, strict=True)) if columns else [()] * len(self.facts)
        found = self._memory.found[step.name]
        for marks, place in dict(
            zip(keys, range(len(keys)), strict=True)
        ).items():  # any place with these marks will do
            if marks not in found:
                found[marks] = step.read(self.facts[place])
        return [found[marks] for marks in keys]

    def settle(self, code: str, readings: Sequence[Reading]) -> None:
        """State the value of a criterion in every row, for the steps that look at it."""
        self.marks[code] = [reading[:2] for reading in readings]
        for facts, reading in zip(self.facts, readings, strict=True):
            facts.values[code] = reading
