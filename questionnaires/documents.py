"""The answer document: what a respondent has said so far, and reading it as facts.

A document is plain JSON: `company` maps question ids to answers; `product` and `deployment` map row ids to rows with a
`name`, their `answers` and, for a deployment, its `product`. Invariants: an answer whose state shows no value is open;
an open field is read as everything that its kind allows; nothing here depends on the order of keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from questionnaires.conditions import Choice, Range
from questionnaires.definition import GROUPS, LARGEST_NUMBER, Group, MultiField, OneField, Questionnaire

Answer = Mapping[str, Any]
"""`state`, and as the state needs: `value`, `reason`, `legal_basis`, `reply`."""

Document = Mapping[str, Any]

STATES = (
    "answered", "not_known", "not_applicable", "declined_confidential", "declined_legal", "disputed", "not_answered",
)  # fmt: skip
SHOWS_VALUE = frozenset({"answered", "disputed"})
"""States whose value is read. A disputed value counts as it stands and is printed beside the reply."""

ANY_NUMBER: Range = (0, LARGEST_NUMBER)
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
    for group in GROUPS[1:]:
        for row, content in document.get(group, _NOTHING).items():
            for question, answer in content.get("answers", _NOTHING).items():
                yield group, AnswerKey(question, row), answer


def deployments(document: Document) -> Sequence[Deployment]:
    """Return the deployment rows, sorted by row id, each joined with its product's and the company's answers."""
    joined = []
    for row in sorted(document.get("deployment", _NOTHING)):
        product = document["deployment"][row].get("product", "")
        answers = {
            **answers_of(document, "company"),
            **answers_of(document, "product", product),
            **answers_of(document, "deployment", row),
        }
        joined.append(Deployment(row, product, answers))
    return joined


def value_of(answer: Answer | None) -> Mapping[str, Any]:
    """Return the fields that an answer shows; empty where it is absent or its state shows none."""
    if answer is None or answer.get("state") not in SHOWS_VALUE:
        return _NOTHING
    value: Mapping[str, Any] = answer.get("value", _NOTHING)
    return value


@lru_cache(maxsize=64)
def _choices(questionnaire_fields: tuple[str, ...]) -> frozenset[str]:
    return frozenset(questionnaire_fields)


class AnswerFacts:
    """Answers read as facts for conditions (see `conditions.Facts`); criteria are not known here."""

    def __init__(self, questionnaire: Questionnaire, answers: Mapping[str, Answer]) -> None:
        """Read the given answers, which may come from several groups, under one questionnaire."""
        self._questionnaire = questionnaire
        self._answers = answers
        self._choices: dict[str, Choice] = {}

    def given(self, reference: str) -> Any:
        """Return the stated value of `QUESTION.field`, or None where it is open."""
        question, _, field = reference.partition(".")
        return value_of(self._answers.get(question)).get(field)

    def choice(self, reference: str) -> Choice:
        """Return the certain and the possible choices."""
        found = self._choices.get(reference)
        if found is None:  # rules ask for the same field again and again
            found = self._choices[reference] = self._read_choice(reference)
        return found

    def _read_choice(self, reference: str) -> Choice:
        stated = self.given(reference)
        if stated is None:
            return frozenset(), open_choices(self._questionnaire, reference)
        chosen = frozenset((stated,)) if isinstance(stated, str) else frozenset(stated)
        return chosen, chosen

    def number(self, reference: str) -> Range:
        """Return the stated number, or every number."""
        stated = self.given(reference)
        return ANY_NUMBER if stated is None else (stated, stated)

    def size(self, reference: str) -> Range:
        """Return how many choices are made, or could be."""
        stated = self.given(reference)
        if stated is None:
            return 0, len(open_choices(self._questionnaire, reference))
        return len(stated), len(stated)

    def is_single(self, reference: str) -> bool:
        """Return whether the field takes exactly one choice."""
        return isinstance(self._questionnaire.field(reference), OneField)

    def criterion(self, code: str) -> Range:
        """Refuse: a questionnaire's conditions see answers only."""
        raise LookupError(f"{code} is a criterion; conditions of a questionnaire look at answers only")


def open_choices(questionnaire: Questionnaire, reference: str) -> frozenset[str]:
    """Return every choice of a field: what an open answer could still turn out to be."""
    field = questionnaire.field(reference)
    if not isinstance(field, OneField | MultiField):
        raise TypeError(f"{reference} has no choices")
    return _choices(tuple(field.choices))
