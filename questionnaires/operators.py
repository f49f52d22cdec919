"""The operators of conditions, as data: what may be said about answers, and what each of them looks at.

Invariants: the table is closed, and which operator is meant is seen by its keys alone, so that a mistake is told once
and where it stands; what a condition looks at is known without evaluating it.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self, TypeAlias, cast
from typing import Any as AnyType

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

DEEPEST_CONDITION = 8
"""Levels of `all`, `any`, `not` and `where` within each other."""
LARGEST_CONDITION = 100
"""Operators within one condition."""

Group: TypeAlias = Literal["company", "product", "deployment", "incident"]
RowGroup: TypeAlias = Literal["product", "deployment", "incident"]
FieldReference = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[0-9]{2}\.[a-z][a-z0-9_]{0,39}$")]
ColumnReference = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{3}-[0-9]{2}\.[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}$")
]
QuestionId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[0-9]{2}$")]
CriterionCode = Annotated[str, StringConstraints(pattern=r"^(B[1-9]|E[1-8]|M[1-9]|M10|CTX)$")]
Day = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
"""An ISO date. Days of this form compare as text."""
Choices = Annotated[tuple[Annotated[str, StringConstraints(max_length=40)], ...], Field(min_length=1, max_length=60)]
StatedState = Literal[
    "answered", "not_known", "not_applicable", "declined_confidential", "declined_legal", "disputed"
]  # fmt: skip
"""A state that a respondent has chosen: `not_answered` is no choice, and decides nothing."""


class _Operator(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @cached_property
    def looked_at(self) -> tuple[str, ...]:
        """Every `QUESTION.field`, question and criterion that the condition looks at, sorted."""
        condition = cast("Condition", self)
        return (*sorted(references(condition)), *sorted(criteria_of(condition)))

    @cached_property
    def own_questions(self) -> tuple[str, ...]:
        """Every question that the condition looks at in the row itself and in those it belongs to, sorted."""
        return tuple(sorted({name.partition(".")[0] for name in own_references(cast("Condition", self))}))

    @cached_property
    def counts(self) -> bool:
        """Whether the condition counts rows, so that it looks at the whole document."""
        return any(isinstance(part, RowsAre) for part in walk(cast("Condition", self)))


class AnswerIs(_Operator):
    """The single choice is one of the named."""

    answer: FieldReference
    is_: Choices = Field(alias="is")


class AnswerHas(_Operator):
    """At least one of the named choices is among those chosen."""

    answer: FieldReference
    has: Choices


class Compared(_Operator):
    """What has one bound: `at_least` or `at_most`."""

    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("exactly one of at_least and at_most is needed")
        return self


class NumberIs(Compared):
    """The whole number lies at or beyond the bound."""

    number: FieldReference


class SizeIs(Compared):
    """So many choices are chosen, or lines or files given."""

    size: FieldReference


class RatioIs(Compared):
    """The first number as a whole percentage of the second; 100 where the second is 0 (there was no case)."""

    ratio: tuple[FieldReference, FieldReference]


class CriterionIs(Compared):
    """The value of another criterion. Only in criteria, never in a questionnaire."""

    criterion: CriterionCode


class Answered(_Operator):
    """The field is stated. A state that shows no value says that it is not."""

    answered: FieldReference


class StateIs(_Operator):
    """The answer is in one of the named states."""

    state: QuestionId
    is_: Annotated[tuple[StatedState, ...], Field(min_length=1, max_length=6)] = Field(alias="is")


class RowsAre(Compared):
    """So many rows of the group are listed; with `where`, of those for which it holds."""

    rows: RowGroup
    where: "Condition | None" = None


class DateIs(_Operator):
    """The date lies before or after a day, the day itself not included."""

    date: FieldReference
    before: Day | None = None
    after: Day | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.before is None) == (self.after is None):
            raise ValueError("exactly one of before and after is needed")
        return self


class ColumnIs(_Operator):
    """Some line of a table has one of the named choices in a column."""

    column: ColumnReference
    is_: Choices = Field(alias="is")


class All(_Operator):
    """Every condition holds."""

    all: tuple["Condition", ...] = Field(min_length=1, max_length=60)


class Any(_Operator):
    """At least one condition holds."""

    any: tuple["Condition", ...] = Field(min_length=1, max_length=60)


class Not(_Operator):
    """The condition does not hold."""

    not_: "Condition" = Field(alias="not")


_KEYS = (
    "all", "any", "not", "not_", "number", "size", "ratio", "criterion", "answered", "state", "rows", "date", "column",
)  # fmt: skip


def _operator(value: object) -> str | None:
    """Return which operator is meant: the key that only it has."""
    if isinstance(value, _Operator):
        return _TAGS[type(value)]
    if not isinstance(value, dict):
        return None
    if "answer" in value:
        return "has" if "has" in value else "is"
    return next((key.rstrip("_") for key in _KEYS if key in value), None)


Condition: TypeAlias = Annotated[
    Annotated[AnswerIs, Tag("is")]
    | Annotated[AnswerHas, Tag("has")]
    | Annotated[NumberIs, Tag("number")]
    | Annotated[SizeIs, Tag("size")]
    | Annotated[RatioIs, Tag("ratio")]
    | Annotated[CriterionIs, Tag("criterion")]
    | Annotated[Answered, Tag("answered")]
    | Annotated[StateIs, Tag("state")]
    | Annotated[RowsAre, Tag("rows")]
    | Annotated[DateIs, Tag("date")]
    | Annotated[ColumnIs, Tag("column")]
    | Annotated[All, Tag("all")]
    | Annotated[Any, Tag("any")]
    | Annotated[Not, Tag("not")],
    Discriminator(
        _operator,
        custom_error_type="unknown_operator",
        custom_error_message="this is no condition: name one of the operators that the documentation lists",
    ),
]
_TAGS: dict[type, str] = {
    AnswerIs: "is", AnswerHas: "has", NumberIs: "number", SizeIs: "size", RatioIs: "ratio", CriterionIs: "criterion",
    Answered: "answered", StateIs: "state", RowsAre: "rows", DateIs: "date", ColumnIs: "column", All: "all", Any: "any",
    Not: "not",
}  # fmt: skip
for _model in (RowsAre, All, Any, Not):
    _model.model_rebuild()


def parts(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions directly within a condition."""
    match condition:
        case All():
            return condition.all
        case Any():
            return condition.any
        case Not():
            return (condition.not_,)
        case RowsAre():
            return () if condition.where is None else (condition.where,)
        case _:
            return ()


def walk(condition: Condition) -> Iterator[Condition]:
    """Yield a condition and every condition within it."""
    yield condition
    for part in parts(condition):
        yield from walk(part)


def looks(condition: Condition) -> Iterator[str]:
    """Yield what one operator itself looks at: `QUESTION.field`, and a question where its state is meant."""
    match condition:
        case AnswerIs() | AnswerHas():
            yield condition.answer
        case NumberIs():
            yield condition.number
        case SizeIs():
            yield condition.size
        case RatioIs():
            yield from condition.ratio
        case Answered():
            yield condition.answered
        case StateIs():
            yield condition.state
        case DateIs():
            yield condition.date
        case ColumnIs():
            yield condition.column.rpartition(".")[0]
        case _:
            return


def references(condition: Condition) -> frozenset[str]:
    """Return every `QUESTION.field` (`QUESTION` for a state) that the condition looks at, in whatever rows."""
    return frozenset(reference for part in walk(condition) for reference in looks(part))


def own_references(condition: Condition) -> frozenset[str]:
    """Return what the condition looks at in the row itself and in those it belongs to: nothing that it counts."""
    found = set(looks(condition))
    if not isinstance(condition, RowsAre):
        for part in parts(condition):
            found |= own_references(part)
    return frozenset(found)


def criteria_of(condition: Condition) -> frozenset[str]:
    """Return every criterion that the condition looks at."""
    return frozenset(part.criterion for part in walk(condition) if isinstance(part, CriterionIs))


def check_size(condition: AnyType) -> AnyType:
    """Return a condition (or none) as it is; raise ValueError where it is deeper or larger than any reader follows."""
    level, depth, size = [] if condition is None else [condition], 0, 0
    while level:
        depth, size = depth + 1, size + len(level)
        if depth > DEEPEST_CONDITION or size > LARGEST_CONDITION:
            most = f"{LARGEST_CONDITION} operators on {DEEPEST_CONDITION} levels"
            raise ValueError(f"a condition holds {most} at most; split the question")
        level = [part for one in level for part in parts(one)]
    return condition
