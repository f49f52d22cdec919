"""What the printed questionnaire shows of a definition.

Invariants: every question stands once, in reading order; a list of choices that is long stands once at the end, however
many fields offer it; a reference is printed where it was checked, and else called unchecked.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from api.attesting.questionnaire.clauses import Clause, tell
from api.attesting.questionnaire.effort import hours_of
from questionnaires.definition import (
    AnswerField,
    ChoiceField,
    Column,
    Group,
    MultiField,
    Question,
    Questionnaire,
    Section,
    TableField,
)
from questionnaires.revisions import revision_digest

LONGEST_LIST = 24
"""Choices that are printed beside their boxes; longer lists stand at the end."""
SHORT_LABEL = 46
"""Characters of a label that leave room for a second column of choices."""
ONE_LINE = 100
"""Characters of all choices of a field that fit on one line."""
FEWEST_IN_COLUMNS = 5
MANY = 10
"""Choices from which on they stand in two columns, however long their labels are."""
BLANK_LINES = 3
"""Empty lines of a table."""
GROUP_WORDS: Mapping[Group, str] = {
    "company": "once for the company",
    "product": "once per product",
    "deployment": "once per deployment: one product, one end user, one place, one use",
    "incident": "once per incident",
}


class FieldView(NamedTuple):
    """A field with what is printed beside it: its choices, laid out as line, list or columns, or its list's number."""

    field: AnswerField
    choices: Mapping[str, str]
    shows_codes: bool
    layout: str
    list_number: int | None
    column_notes: tuple[tuple[str, str], ...]


class QuestionView(NamedTuple):
    """A question with the condition of its own, and its fields."""

    question: Question
    number: int
    clause: Clause | None
    fields: tuple[FieldView, ...]
    references: tuple[str, ...]


class SectionView(NamedTuple):
    """A section with its condition, how often its questions are answered, and the questions."""

    section: Section
    clause: Clause | None
    groups: tuple[tuple[Group, int], ...]
    questions: tuple[QuestionView, ...]


class GroupView(NamedTuple):
    """How often and how long a group's questions are answered."""

    group: Group
    words: str
    questions: int
    always: int
    hours: str
    hours_always: str


class Content(NamedTuple):
    """Everything that the templates print."""

    questionnaire: Questionnaire
    digest: str
    sections: tuple[SectionView, ...]
    groups: tuple[GroupView, ...]
    lists: tuple[Mapping[str, str], ...]
    blank_lines: int
    confidential: int
    optional: int


def read(questionnaire: Questionnaire) -> Content:
    """Return the content of a questionnaire's print."""
    lists: list[Mapping[str, str]] = []
    numbers = {id_: number for number, id_ in enumerate(questionnaire.questions, 1)}
    sections = tuple(_view(questionnaire, section, numbers, lists) for section in questionnaire.sections)
    return Content(
        questionnaire=questionnaire,
        digest=revision_digest(questionnaire),
        sections=sections,
        groups=tuple(_groups(questionnaire)),
        lists=tuple(lists),
        blank_lines=BLANK_LINES,
        confidential=sum(question.confidential for question in questionnaire.questions.values()),
        optional=sum(not question.required for question in questionnaire.questions.values()),
    )


def _groups(questionnaire: Questionnaire) -> Iterator[GroupView]:
    for group in questionnaire.groups:
        questions = questionnaire.by_group[group]
        if questions:
            yield GroupView(
                group,
                GROUP_WORDS[group],
                len(questions),
                sum(id_ not in questionnaire.gates for id_ in questions),
                hours_of(questionnaire, group),
                hours_of(questionnaire, group, open_only=True),
            )


def _view(
    questionnaire: Questionnaire, section: Section, numbers: Mapping[str, int], lists: list[Mapping[str, str]]
) -> SectionView:
    when = section.asked_when
    counts = {group: sum(q.per == group for q in section.questions) for group in questionnaire.groups}
    return SectionView(
        section,
        None if when is None else tell(questionnaire, when, own=section.code),
        tuple((group, count) for group, count in counts.items() if count),
        tuple(_question(questionnaire, question, numbers[question.id], lists) for question in section.questions),
    )


def _question(
    questionnaire: Questionnaire, question: Question, number: int, lists: list[Mapping[str, str]]
) -> QuestionView:
    when = question.asked_when
    return QuestionView(
        question,
        number,
        None if when is None else tell(questionnaire, when),
        tuple(_field(field, lists) for field in question.fields.values()),
        tuple(f"{r.framework}, {r.locator}" for r in question.references if r.checked),
    )


def _field(field: AnswerField, lists: list[Mapping[str, str]]) -> FieldView:
    choices: Mapping[str, str] = field.choices if isinstance(field, ChoiceField) else {}
    return FieldView(
        field=field,
        choices=choices,
        shows_codes=_shows_codes(choices),
        layout=_lay_out(choices),
        list_number=_list_number(choices, lists),
        column_notes=tuple(_column_notes(field, lists)) if isinstance(field, TableField) else (),
    )


def _lay_out(choices: Mapping[str, str]) -> str:
    if sum(len(label) + 6 for label in choices.values()) <= ONE_LINE:
        return "line"
    fits = max(map(len, choices.values())) <= SHORT_LABEL and len(choices) >= FEWEST_IN_COLUMNS
    return "columns" if fits or len(choices) >= MANY else "list"


def _list_number(choices: Mapping[str, str], lists: list[Mapping[str, str]]) -> int | None:
    """Return the number of a long list of choices, which is noted when it is first met; None for a short one."""
    if len(choices) <= LONGEST_LIST:
        return None
    if choices not in lists:
        lists.append(choices)
    return lists.index(choices) + 1


def _shows_codes(choices: Mapping[str, str]) -> bool:
    """Return whether the codes say something to a reader: those of a list (T01) do, words repeat the label."""
    return bool(choices) and all(code.isupper() for code in choices)


def _column_notes(field: TableField, lists: list[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for column in field.columns.values():
        if isinstance(column, ChoiceField):
            yield column.label, _note(column, lists)


def _note(column: Column, lists: list[Mapping[str, str]]) -> str:
    assert isinstance(column, ChoiceField)
    number = _list_number(column.choices, lists)
    if number is not None:
        return f"a code of list {number} at the end"
    shown = _shows_codes(column.choices)
    words = "; ".join(f"{code} {label}" if shown else label for code, label in column.choices.items())
    return f"{'any' if isinstance(column, MultiField) else 'one'} of: {words}"
