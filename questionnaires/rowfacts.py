"""What the rules may look at for one deployment: answers, evidence levels, sums over like rows, earlier criteria.

Invariants: a question that is not asked reads as nothing chosen, 0 or not stated; a question answered without a value
may still get one.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from questionnaires.answerfacts import NO_CODES, AnswerFacts, split
from questionnaires.conditions import Choice, Condition, Range
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Group, Questionnaire
from questionnaires.documents import STATED_STATES, Deployment, value_of

ANY_LEVEL: Range = (0, 4)
NO_CHOICE: Choice = (NO_CODES, NO_CODES)
NO_NUMBER: Range = (0, 0)


class Reading(NamedTuple):
    """The possible range of a value and what decided it: answers (`BUY-01.kind`), criteria (`B3`), places (`XB-01`)."""

    low: int
    high: int
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
        self.row_counts: Mapping[Group, int] = {}
        self.values: dict[str, Reading] = {}

    def criterion(self, code: str) -> Range:
        """Return the range of a criterion derived before."""
        reading = self.values[code]
        return reading.low, reading.high

    def _read_choice(self, reference: str) -> Choice:
        if split(reference)[0] in self.hidden:
            return NO_CHOICE
        return super()._read_choice(reference)

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

    def outcomes(self, group: Group, where: Condition | None) -> Iterable[bool | None]:
        """Return one truth per row of a group; a rule of the criteria counts rows, and looks into none."""
        return super().outcomes(group, where) if where is not None else [True] * self.row_counts.get(group, 0)

    def _is_hidden(self, reference: str) -> bool:
        return split(reference)[0] in self.hidden

    def states(self, question: str) -> frozenset[str]:
        """Return the states that are possible: whatever was said instead of a value, a value may still be given."""
        return super().states(question) if value_of(self.answers.get(question)) else STATED_STATES

    @property
    def dropped(self) -> frozenset[str]:
        """The questions that drop out of a rung."""
        return self.hidden | self.accepted if self.accepted else self.hidden

    def level(self, reference: str, *, best: bool = False) -> int:
        """Return the evidence level of the answer that a reference names; `best` is the low bound's."""
        return (self.best_levels if best else self.levels).get(split(reference)[0], 0)
