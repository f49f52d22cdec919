"""The answer document: what a respondent has said so far, and reading it as facts.

A document is plain JSON: `company` maps question ids to answers; `product`, `deployment` and `incident` map row ids to
rows with a `name`, their `answers` and, for a deployment, its `product`, for an incident, its `deployment` or null.
Invariants: an answer whose state shows no value is open; an open field is read as everything that its kind allows;
nothing here depends on the order of keys; a document without incidents has no such key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from questionnaires.conditions import Choice, Condition, Days, Range
from questionnaires.definition import (
    LARGEST_NUMBER,
    ROW_GROUPS,
    FilesField,
    Group,
    MultiField,
    Questionnaire,
    SingleChoice,
    TableField,
)
from questionnaires.fields import MOST_FILES

Answer = Mapping[str, Any]
"""`state`, and as the state needs: `value`, `reason`, `legal_basis`, `reply`."""

Document = Mapping[str, Any]

STATES = (
    "answered", "not_known", "not_applicable", "declined_confidential", "declined_legal", "disputed", "not_answered",
)  # fmt: skip
SHOWS_VALUE = frozenset({"answered", "disputed"})
"""States whose value is read. A disputed value counts as it stands and is printed beside the reply."""

STATED_STATES = frozenset(STATES) - {"not_answered"}
"""States that were chosen. Without one of them an answer may still come to have any."""

ANY_NUMBER: Range = (0, LARGEST_NUMBER)
ANY_DAY: Days = ("1900-01-01", "2199-12-31")
NO_CODES: frozenset[str] = frozenset()
_NOTHING: Mapping[str, Any] = {}


class AnswerKey(NamedTuple):
    """Names one answer: the question and the row (empty for the company)."""

    question: str
    row: str


class Deployment(NamedTuple):
    """A deployment row with all answers that speak about it, by question."""

    row: str
    product: str
    answers: Mapping[str, Answer]


def answers_of(document: Document, group: Group, row: str = "") -> Mapping[str, Answer]:
    """Return the answers of the company or of one row; empty where there is none."""
    owner = document if group == "company" else document.get(group, _NOTHING).get(row, _NOTHING)
    answers: Mapping[str, Answer] = owner.get("company" if group == "company" else "answers", _NOTHING)
    return answers


def iterate(document: Document) -> Iterator[tuple[Group, AnswerKey, Answer]]:
    """Yield every answer of a document with its group and key."""
    for question, answer in document.get("company", _NOTHING).items():
        yield "company", AnswerKey(question, ""), answer
    for group in ROW_GROUPS:
        for row, content in document.get(group, _NOTHING).items():
            for question, answer in content.get("answers", _NOTHING).items():
                yield group, AnswerKey(question, row), answer


def compose(company: Mapping[str, Any], rows: Mapping[Group, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document of the company's answers and the rows; incidents only where there are any."""
    document: dict[str, Any] = {"company": company}
    for group in ROW_GROUPS:
        if group != "incident" or rows.get(group):
            document[group] = rows.get(group, {})
    return document


def owners_of(document: Document, group: Group, row: str) -> list[tuple[Group, str]]:
    """Return the groups and rows whose answers speak about a row, from the company to the row itself."""
    own: Mapping[str, Any] = document.get(group, _NOTHING).get(row, _NOTHING) if group != "company" else _NOTHING
    found: list[tuple[Group, str]] = [("company", "")]
    if group == "incident" and isinstance(own.get("deployment"), str):
        found = owners_of(document, "deployment", own["deployment"])
    elif group == "deployment" and isinstance(own.get("product"), str):
        found.append(("product", own["product"]))
    return found if group == "company" else [*found, (group, row)]


def joined_answers(document: Document, group: Group, row: str = "") -> dict[str, Answer]:
    """Return all answers that speak about a row, by question: its own, and those of the rows that it names."""
    return {
        id_: answer for owner in owners_of(document, group, row) for id_, answer in answers_of(document, *owner).items()
    }


def deployments(document: Document) -> Sequence[Deployment]:
    """Return the deployment rows, sorted by row id, each joined with its product's and the company's answers."""
    joined = []
    for row in sorted(document.get("deployment", _NOTHING)):
        product = document["deployment"][row].get("product", "")
        joined.append(Deployment(row, product, joined_answers(document, "deployment", row)))
    return joined


def value_of(answer: Answer | None) -> Mapping[str, Any]:
    """Return the fields that an answer shows; empty where it is absent or its state shows none."""
    if answer is None or answer.get("state") not in SHOWS_VALUE:
        return _NOTHING
    value: Mapping[str, Any] = answer.get("value", _NOTHING)
    return value


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
        return answer.get("value", _NOTHING).get(field)

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
            stated = answer.get("value", _NOTHING).get(field)
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
        state = self.answers.get(question, _NOTHING).get("state")
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
