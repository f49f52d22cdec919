"""The definition of a questionnaire: sections, questions and the typed fields of an answer.

Invariants: every model is frozen and refuses unknown keys; a question belongs to one group (company, product or
deployment) and is answered once per row of that group; identifiers are unique; a condition names only known fields.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from questionnaires.conditions import Condition, FieldReference, references

Group = Literal["company", "product", "deployment"]
_SEEN_BY: dict[Group, tuple[Group, ...]] = {
    "company": ("company",), "product": ("company", "product"), "deployment": ("company", "product", "deployment"),
}  # fmt: skip
GROUPS: tuple[Group, ...] = ("company", "product", "deployment")

QuestionId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[0-9]{2}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
ChoiceCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]

LARGEST_NUMBER = 10**12
"""Upper limit of every whole number in an answer: above any count of people, far below 2^53 (RFC 8785)."""


class Model(BaseModel):
    """A frozen part of a definition; unknown keys are the author's mistake and are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reference(Model):
    """Where a question comes from. `checked` says that the locator was read in the named text, not recalled."""

    framework: Text
    locator: Text
    checked: bool = False


class FieldBase(Model):
    """What every typed field of an answer has: the label the respondent reads."""

    label: Text


class OneField(FieldBase):
    """Exactly one of the choices."""

    kind: Literal["one"]
    choices: dict[ChoiceCode, Text] = Field(min_length=2, max_length=60)


class MultiField(FieldBase):
    """Any number of the choices; an empty list says "none of these"."""

    kind: Literal["multi"]
    choices: dict[ChoiceCode, Text] = Field(min_length=2, max_length=60)


class IntegerField(FieldBase):
    """A whole number in the unit that the label names."""

    kind: Literal["integer"]
    minimum: int = Field(default=0, ge=0)
    maximum: int = Field(default=LARGEST_NUMBER, le=LARGEST_NUMBER)


class PercentField(FieldBase):
    """A whole percentage, 0 to 100."""

    kind: Literal["percent"]


class TextField(FieldBase):
    """Free text. Never scored, printed as it stands."""

    kind: Literal["text"]
    max_length: int = Field(default=2000, ge=1, le=20000)


class AreaField(FieldBase):
    """A country or territory: ISO 3166-1 alpha-2, ISO 3166-2, or a code of the context snapshot's area list."""

    kind: Literal["area"]


class ProductField(FieldBase):
    """The row id of a product of the same submission."""

    kind: Literal["product"]


Column = Annotated[
    OneField | IntegerField | PercentField | TextField | AreaField | ProductField,
    Field(discriminator="kind"),
]


class TableField(FieldBase):
    """Rows of typed columns."""

    kind: Literal["table"]
    columns: dict[FieldName, Column] = Field(min_length=1, max_length=12)
    max_rows: int = Field(default=500, ge=1, le=2000)


AnswerField = Annotated[
    OneField | MultiField | IntegerField | PercentField | TextField | AreaField | ProductField | TableField,
    Field(discriminator="kind"),
]


class Question(Model):
    """One question: what is asked, why, of what, and which criteria it feeds."""

    id: QuestionId
    per: Group
    text: Text
    help: Text
    why: Text
    evidence_expected: Text | None = None
    references: tuple[Reference, ...] = ()
    feeds: tuple[str, ...] = ()
    screen: bool = False
    red_line: bool = False
    asked_when: Condition | None = None
    fields: dict[FieldName, AnswerField] = Field(min_length=1, max_length=12)


class Section(Model):
    """A titled run of questions."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    title: Text
    questions: tuple[Question, ...] = Field(min_length=1)


class Questionnaire(Model):
    """A whole revision. Published, it never changes; it is known by its digest."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,60}$")]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}$")]
    title: Text
    language: Literal["en"] = "en"
    introduction: Text
    sections: tuple[Section, ...] = Field(min_length=1)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """All questions by id, in reading order."""
        return {question.id: question for section in self.sections for question in section.questions}

    @cached_property
    def by_group(self) -> dict[Group, dict[str, Question]]:
        """The questions of each group by id, in reading order."""
        return {g: {q.id: q for q in self.questions.values() if q.per == g} for g in GROUPS}

    def field(self, reference: FieldReference) -> AnswerField:
        """Return the field that `QUESTION.field` names; raise KeyError if there is none."""
        question, _, name = reference.partition(".")
        return self.questions[question].fields[name]

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        codes = [section.code for section in self.sections]
        ids = [question.id for section in self.sections for question in section.questions]
        yield from (f"section {code} stands twice" for code in sorted({c for c in codes if codes.count(c) > 1}))
        yield from (f"question {id_} stands twice" for id_ in sorted({i for i in ids if ids.count(i) > 1}))
        for question in self.questions.values():
            for reference in references(question.asked_when) if question.asked_when else ():
                yield from self._condition_problems(question, reference)

    def _condition_problems(self, question: Question, reference: FieldReference) -> Iterator[str]:
        name, _, field = reference.partition(".")
        asked = self.questions.get(name)
        if asked is None or field not in asked.fields:
            yield f"{question.id} depends on {reference}, which does not exist"
        elif name == question.id:
            yield f"{question.id} depends on itself"
        elif asked.per not in _SEEN_BY[question.per]:
            yield f"{question.id} is asked per {question.per} and cannot depend on {reference}, asked per {asked.per}"


ROW_ID = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
"""Row ids are the respondent's own, stable over saves."""
