"""The definition of a questionnaire: sections, questions and the typed fields of an answer.

Invariants: every model is frozen and refuses unknown keys; a question belongs to one group (company, product,
deployment or incident) and is answered once per row of that group; identifiers are unique; a condition names only
known fields, of kinds that it can read, and no question hangs on itself. What was added after the first release leaves
the JSON form where it stands at its default, so that the digest of a released revision never changes.
"""

import re
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from questionnaires.canonical import Digest
from questionnaires.consistency import find_problems
from questionnaires.fields import (
    LARGEST_NUMBER,
    AnswerField,
    AreaField,
    ChoiceCode,
    ChoiceField,
    Column,
    DateField,
    DateRangeField,
    DecimalField,
    FieldBase,
    FieldName,
    FilesField,
    FreeText,
    IntegerField,
    LongTextField,
    MatrixField,
    Model,
    MoneyField,
    MultiField,
    OneField,
    OrganisationField,
    PercentField,
    ProductField,
    SingleChoice,
    TableField,
    Text,
    TextField,
    YesPartialNoField,
    is_absent,
)
from questionnaires.operators import Condition, FieldReference, Group, QuestionId, check_size

__all__ = [
    "GROUPS", "LARGEST_NUMBER", "ROW_GROUPS", "ROW_ID", "AnswerField", "AreaField", "ChoiceCode", "ChoiceField",
    "Column", "DateField", "DateRangeField", "DecimalField", "DerivedFrom", "DigestText", "FieldBase", "FieldName",
    "FieldReference", "FilesField", "FreeText", "Group", "IntegerField", "Language", "LongTextField", "MatrixField",
    "Model", "MoneyField", "MultiField", "OneField", "OrganisationField", "PercentField", "ProductField",
    "Question", "QuestionId", "Questionnaire", "Reference", "Section", "SingleChoice", "TableField", "Text",
    "TextField", "YesPartialNoField",
]  # fmt: skip

GROUPS: tuple[Group, ...] = ("company", "product", "deployment", "incident")
ROW_GROUPS: tuple[Group, ...] = GROUPS[1:]
"""The groups that are answered once per row. Incidents may be missing from a document: most have none."""

MOST_QUESTIONS = 2000
"""Questions of one revision."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
"""A language tag (BCP 47): language, and where needed script and region."""
DigestText = Annotated[Digest, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
When = Annotated[Condition | None, AfterValidator(check_size)]


def _is_true(value: object) -> bool:
    return value is True


def _is_false(value: object) -> bool:
    return value is False


def _is_empty(value: object) -> bool:
    return value == ()


class Reference(Model):
    """Where a question comes from. `checked` says that the locator was read in the named text, not recalled."""

    framework: Text
    locator: Text
    checked: bool = False


class Question(Model):
    """One question: what is asked, why, of what, and which criteria it feeds.

    A `confidential` answer is withheld from publication unless the respondent says otherwise; one that is not
    `required` may be left open without counting against completeness. Fields `for_readers` ask more than any rule
    reads, such as a date or choices that score alike: people read that.
    """

    id: QuestionId
    per: Group
    text: Text
    help: Text
    why: Text
    evidence_expected: Text | None = None
    references: tuple[Reference, ...] = Field(default=(), max_length=20)
    feeds: tuple[Annotated[str, StringConstraints(max_length=40)], ...] = Field(default=(), max_length=30)
    screen: bool = False
    red_line: bool = False
    confidential: bool = Field(default=False, exclude_if=_is_false)
    required: bool = Field(default=True, exclude_if=_is_true)
    asked_when: When = None
    for_readers: tuple[FieldName, ...] = Field(default=(), max_length=12, exclude_if=_is_empty)
    fields: dict[FieldName, AnswerField] = Field(min_length=1, max_length=12)

    @model_validator(mode="after")
    def _check_readers(self) -> Self:
        unknown = [name for name in self.for_readers if name not in self.fields]
        if unknown:
            raise ValueError(f"for_readers names {', '.join(unknown)}, which the question does not ask")
        return self


class Section(Model):
    """A titled run of questions. Its condition is every question's beside the question's own."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    title: Text
    note: Text | None = Field(default=None, exclude_if=is_absent)
    asked_when: When = Field(default=None, exclude_if=is_absent)
    questions: tuple[Question, ...] = Field(min_length=1, max_length=200)


class DerivedFrom(Model):
    """What a questionnaire is built on, and what it promises.

    `extends`: every question of the base stands in it unchanged; `complies_with`: every answer to it can be read as
    an answer to the base. See `ancestry.py`, which checks the promise.
    """

    digest: DigestText
    relation: Literal["extends", "complies_with"]


class Questionnaire(Model):
    """A whole revision. Published, it never changes; it is known by its digest."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,60}$")]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}$")]
    title: Text
    language: Language = "en"
    derived_from: DerivedFrom | None = Field(default=None, exclude_if=is_absent)
    introduction: Text
    sections: tuple[Section, ...] = Field(min_length=1, max_length=26)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """All questions by id, in reading order."""
        return {question.id: question for section in self.sections for question in section.questions}

    @cached_property
    def by_group(self) -> dict[Group, dict[str, Question]]:
        """The questions of each group by id, in reading order."""
        return {g: {q.id: q for q in self.questions.values() if q.per == g} for g in GROUPS}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups that a document has: incidents only where something is asked of them."""
        return tuple(group for group in GROUPS if group != "incident" or self.by_group[group])

    @cached_property
    def gates(self) -> dict[str, tuple[Condition, ...]]:
        """The conditions of each question that has any, by id: its section's and its own. All must hold."""
        found = {
            question.id: tuple(c for c in (section.asked_when, question.asked_when) if c is not None)
            for section in self.sections
            for question in section.questions
        }
        return {id_: conditions for id_, conditions in found.items() if conditions}

    @cached_property
    def gated(self) -> dict[Group, tuple[str, ...]]:
        """The ids of each group's questions that have conditions, in reading order."""
        return {group: tuple(id_ for id_ in self.gates if self.questions[id_].per == group) for group in GROUPS}

    @cached_property
    def silences(self) -> dict[int, tuple[Condition, bool | None]]:
        """What conditions say of no answer, by their `id`, as far as it was asked (see `truths`).

        Each is kept with it, so that no other comes to have the same id.
        """
        return {}

    @cached_property
    def codes(self) -> dict[str, frozenset[str]]:
        """The choices of every `QUESTION.field`, and `QUESTION.field.column` of a table, that has choices."""
        found: dict[str, frozenset[str]] = {}
        for id_, question in self.questions.items():
            for name, field in question.fields.items():
                columns = field.columns if isinstance(field, TableField) else {}
                parts = {f"{id_}.{name}": field, **{f"{id_}.{name}.{code}": column for code, column in columns.items()}}
                found |= {place: part.codes for place, part in parts.items() if isinstance(part, ChoiceField)}
        return found

    def field(self, reference: FieldReference) -> AnswerField:
        """Return the field that `QUESTION.field` names; raise KeyError if there is none."""
        question, _, name = reference.partition(".")
        return self.questions[question].fields[name]

    @model_validator(mode="after")
    def _check(self) -> Self:
        count = sum(len(section.questions) for section in self.sections)
        problems = (
            [flaw.sentence for flaw in find_problems(self)]
            if count <= MOST_QUESTIONS
            else [f"more than {MOST_QUESTIONS} questions"]
        )
        if problems:
            raise ValueError("; ".join(problems))
        return self


ROW_ID = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
"""Row ids are the respondent's own, stable over saves."""
