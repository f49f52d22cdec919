"""Conditions as data: when a question is asked, when a rule matches.

Invariants: the operators are closed; a condition is three-valued (True, False, None for "cannot be decided yet"); an
answer that is absent, open or hidden decides nothing, whatever the operator; references are known without evaluating.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Protocol, Self, TypeAlias, cast
from typing import Any as AnyType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FieldReference = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[0-9]{2}\.[a-z][a-z0-9_]{0,39}$")]
CriterionCode = Annotated[str, StringConstraints(pattern=r"^(B[1-9]|E[1-8]|M[1-9]|M10|CTX)$")]
Choices = Annotated[tuple[str, ...], Field(min_length=1, max_length=60)]

Range: TypeAlias = tuple[int, int]
"""The lowest and the highest whole number that is still possible, both included."""

Choice: TypeAlias = tuple[frozenset[str], frozenset[str]]
"""The choices that are certain, and the choices that are still possible."""


class _Operator(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @cached_property
    def looked_at(self) -> tuple[str, ...]:
        """Every `QUESTION.field` and criterion that the condition looks at, sorted."""
        condition = cast("Condition", self)
        return (*sorted(references(condition)), *sorted(criteria_of(condition)))


class AnswerIs(_Operator):
    """The single choice is one of the named."""

    answer: FieldReference
    is_: Choices = Field(alias="is")


class AnswerHas(_Operator):
    """At least one of the named choices is among those chosen."""

    answer: FieldReference
    has: Choices


class _Compared(_Operator):
    at_least: int | None = None
    at_most: int | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("exactly one of at_least and at_most is needed")
        return self


class NumberIs(_Compared):
    """The whole number lies at or beyond the bound."""

    number: FieldReference


class SizeIs(_Compared):
    """So many choices are chosen."""

    size: FieldReference


class RatioIs(_Compared):
    """The first number as a whole percentage of the second; 100 where the second is 0 (there was no case)."""

    ratio: tuple[FieldReference, FieldReference]


class CriterionIs(_Compared):
    """The value of another criterion. Only in criteria, never in a questionnaire."""

    criterion: CriterionCode


class All(_Operator):
    """Every condition holds."""

    all: tuple["Condition", ...] = Field(min_length=1)


class Any(_Operator):
    """At least one condition holds."""

    any: tuple["Condition", ...] = Field(min_length=1)


class Not(_Operator):
    """The condition does not hold."""

    not_: "Condition" = Field(alias="not")


Condition: TypeAlias = AnswerIs | AnswerHas | NumberIs | SizeIs | RatioIs | CriterionIs | All | Any | Not
for _model in (All, Any, Not):
    _model.model_rebuild()


class Facts(Protocol):
    """What a condition may look at. Everything open is given as everything still possible."""

    def choice(self, reference: str) -> Choice:
        """Return the certain and the possible choices of a field."""

    def number(self, reference: str) -> Range:
        """Return the possible range of a whole number."""

    def size(self, reference: str) -> Range:
        """Return the possible range of the count of choices."""

    def criterion(self, code: str) -> Range:
        """Return the possible range of a criterion."""


def evaluate(condition: Condition, facts: Facts) -> bool | None:
    """Return whether the condition holds; None where open facts could still decide either way."""
    return _EVALUATORS[type(condition)](condition, facts)


def _among(chosen: Choice, wanted: tuple[str, ...]) -> bool | None:
    certain, possible = chosen
    if not certain.isdisjoint(wanted):
        return True
    return False if possible.isdisjoint(wanted) else None


def compare(values: Range, bound: _Compared) -> bool | None:
    """Return whether every, none or only some of the possible values lie at or beyond the bound."""
    low, high = values
    if bound.at_least is not None:
        return True if low >= bound.at_least else False if high < bound.at_least else None
    most = bound.at_most
    assert most is not None
    return True if high <= most else False if low > most else None


def ratio(part: Range, whole: Range) -> Range:
    """Return the possible percentages, floored; 100 where the whole is 0."""
    if whole[1] == 0:
        return 100, 100
    worst, best = part[0] * 100 // whole[1], part[1] * 100 // max(whole[0], 1)
    return (min(worst, 100), max(best, 100)) if whole[0] == 0 else (worst, best)


def negate(outcome: bool | None) -> bool | None:
    """Return the opposite; what cannot be decided stays so."""
    return None if outcome is None else not outcome


def references(condition: Condition) -> frozenset[str]:
    """Return every `QUESTION.field` that the condition looks at."""
    return frozenset(_references(condition))


def criteria_of(condition: Condition) -> frozenset[str]:
    """Return every criterion that the condition looks at."""
    match condition:
        case CriterionIs():
            return frozenset({condition.criterion})
        case All() | Any():
            parts = condition.all if isinstance(condition, All) else condition.any
            return frozenset().union(*(criteria_of(part) for part in parts))
        case Not():
            return criteria_of(condition.not_)
        case _:
            return frozenset()


def _references(condition: Condition) -> Iterator[str]:
    match condition:
        case AnswerIs() | AnswerHas():
            yield condition.answer
        case NumberIs():
            yield condition.number
        case SizeIs():
            yield condition.size
        case RatioIs():
            yield from condition.ratio
        case CriterionIs():
            return
        case All() | Any():
            for part in condition.all if isinstance(condition, All) else condition.any:
                yield from _references(part)
        case Not():
            yield from _references(condition.not_)


def _conjunction(outcomes: Iterator[bool | None]) -> bool | None:
    known: bool | None = True
    for outcome in outcomes:
        if outcome is False:
            return False
        if outcome is None:
            known = None
    return known


_EVALUATORS: Mapping[type, Callable[[AnyType, Facts], bool | None]] = {
    AnswerIs: lambda condition, facts: _among(facts.choice(condition.answer), condition.is_),
    AnswerHas: lambda condition, facts: _among(facts.choice(condition.answer), condition.has),
    NumberIs: lambda condition, facts: compare(facts.number(condition.number), condition),
    SizeIs: lambda condition, facts: compare(facts.size(condition.size), condition),
    RatioIs: lambda condition, facts: compare(ratio(*map(facts.number, condition.ratio)), condition),
    CriterionIs: lambda condition, facts: compare(facts.criterion(condition.criterion), condition),
    All: lambda condition, facts: _conjunction(evaluate(part, facts) for part in condition.all),
    Any: lambda condition, facts: negate(_conjunction(negate(evaluate(part, facts)) for part in condition.any)),
    Not: lambda condition, facts: negate(evaluate(condition.not_, facts)),
}
