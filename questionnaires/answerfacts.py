"""Answers read as facts for conditions.

Invariant: an open field is read as everything that its kind allows, so that nothing is gained by leaving it open.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from questionnaires.conditions import Choice, Condition, Days, Range
from questionnaires.definition import (
    LARGEST_NUMBER,
    FilesField,
    Group,
    MultiField,
    Questionnaire,
    SingleChoice,
    TableField,
)
from questionnaires.documents import NOTHING, SHOWS_VALUE, STATED_STATES, Answer
from questionnaires.fields import MOST_FILES

ANY_NUMBER: Range = (0, LARGEST_NUMBER)
ANY_DAY: Days = ("1900-01-01", "2199-12-31")
NO_CODES: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def split(reference: str) -> tuple[str, str]:
    """Return the question and the field (empty where a question is named) of a reference."""
    question, _, field = reference.partition(".")
    return question, field


@lru_cache(maxsize=4096)
def _only(code: str) -> Choice:
    """Return the choices where one is made."""
    chosen = frozenset((code,))
    return chosen, chosen


class AnswerFacts:
    """Answers read as facts for conditions (see `conditions.Facts`); criteria are not known here."""

    def __init__(self, questionnaire: Questionnaire, answers: Mapping[str, Answer]) -> None:
        """Read the given answers, which may come from several groups, under one questionnaire."""
        self._questionnaire = questionnaire
        self.answers = answers
        self.choices: dict[str, Choice] = {}
        """What was read so far: rules ask for the same field again and again."""

    def given(self, reference: str) -> Any:
        """Return the stated value of `QUESTION.field`, or None where it is open."""
        question, field = split(reference)
        answer = self.answers.get(question)
        if answer is None or answer.get("state") not in SHOWS_VALUE:
            return None
        return answer.get("value", NOTHING).get(field)

    def choice(self, reference: str) -> Choice:
        """Return the certain and the possible choices."""
        found = self.choices.get(reference)
        if found is None:
            found = self.choices[reference] = self._read_choice(reference)
        return found

    def _read_choice(self, reference: str) -> Choice:
        question, field = split(reference)
        answer = self.answers.get(question)  # as `given` does: this is asked most
        stated = None
        if answer is not None and answer.get("state") in SHOWS_VALUE:
            stated = answer.get("value", NOTHING).get(field)
        if stated is None:
            return NO_CODES, open_choices(self._questionnaire, reference)
        if isinstance(stated, str):
            return _only(stated)
        chosen = frozenset(stated)
        return chosen, chosen

    def number(self, reference: str) -> Range:
        """Return the stated number, or every number."""
        stated = self.given(reference)
        return ANY_NUMBER if stated is None else (stated, stated)

    def size(self, reference: str) -> Range:
        """Return how many choices are made, lines or files given, or could be."""
        stated = self.given(reference)
        if stated is None:
            return 0, most_entries(self._questionnaire, reference)
        return len(stated), len(stated)

    def days(self, reference: str) -> Days:
        """Return the stated day, or every day."""
        stated = self.given(reference)
        return ANY_DAY if stated is None else (stated, stated)

    def states(self, question: str) -> frozenset[str]:
        """Return the state that was chosen, or every state."""
        state = self.answers.get(question, NOTHING).get("state")
        return frozenset((state,)) if state in STATED_STATES else STATED_STATES

    def stated(self, reference: str) -> bool | None:
        """Return whether a field is stated; None where no state was chosen, or one that shows other fields."""
        if self.given(reference) is not None:
            return True
        return None if not self.states(reference.partition(".")[0]).isdisjoint(SHOWS_VALUE) else False

    def column(self, reference: str) -> Choice:
        """Return the choices that certainly stand in a column of a table, and those that may."""
        table, _, column = reference.rpartition(".")
        lines = self.given(table)
        given = [line.get(column) for line in lines or ()]
        listed = ([entry] if isinstance(entry, str) else entry for entry in given if entry is not None)
        certain = frozenset(code for entry in listed for code in entry)
        is_open = lines is None or None in given
        return certain, certain | open_choices(self._questionnaire, reference) if is_open else certain

    def outcomes(self, group: Group, where: Condition | None) -> Iterable[bool | None]:
        """Refuse: counting rows needs the whole document."""
        raise LookupError(f"rows of {group} are counted over a whole document, and {where} is read for one row")

    def is_single(self, reference: str) -> bool:
        """Return whether the field takes exactly one choice."""
        return isinstance(self._questionnaire.field(reference), SingleChoice)

    def criterion(self, code: str) -> Range:
        """Refuse: a questionnaire's conditions see answers only."""
        raise LookupError(f"{code} is a criterion; conditions of a questionnaire look at answers only")


def open_choices(questionnaire: Questionnaire, reference: str) -> frozenset[str]:
    """Return every choice of a field, or of a table's column: what an open answer could still turn out to be."""
    found = questionnaire.codes.get(reference)
    if found is None:
        raise TypeError(f"{reference} has no choices")
    return found


def most_entries(questionnaire: Questionnaire, reference: str) -> int:
    """Return how many entries a field can have at most; raise TypeError for one that has none."""
    match questionnaire.field(reference):
        case MultiField() as field:
            return len(field.choices)
        case TableField() as field:
            return field.max_rows
        case FilesField():
            return MOST_FILES
        case _:
            raise TypeError(f"{reference} has no size")
