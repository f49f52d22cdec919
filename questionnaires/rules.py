"""Derivation rules as data: how a criterion's value follows from answers.

Invariants: the operators are closed; an open answer is read as everything it could still be, so a rule gives the range
of values that are still possible, and every completion of the answers lies inside it; no rule reads the order of rows.
A mitigation rule is a ladder: each rung needs those below it and counts only as far as its weakest answer is proven.
"""

from typing import Annotated, TypeAlias

from pydantic import Field

from questionnaires.conditions import Condition, CriterionCode, FieldReference
from questionnaires.definition import ChoiceCode, Model
from questionnaires.scales import Level

Thresholds = Annotated[tuple[int, ...], Field(min_length=1, max_length=8)]
TableName = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$")]


class Is(Model):
    """A fixed level."""

    is_level: Level = Field(alias="level")


class Column(Model):
    """Which column of a table is read: the number of thresholds that the expression reaches."""

    of: "Expression"
    at: Thresholds


class Lookup(Model):
    """Look the chosen code up in a table; of several chosen codes the highest counts, of none 0.

    `unproven` maps a code to the code it reads as while no evidence stands behind the answer.
    """

    lookup: TableName
    of: FieldReference
    column: Column | None = None
    unproven: dict[ChoiceCode, ChoiceCode] = Field(default_factory=dict)


class Number(Model):
    """A whole number as answered."""

    number: FieldReference


class Total(Model):
    """The sum of a number over all rows with the same product, end user and area."""

    total: FieldReference


class Size(Model):
    """How many choices are made."""

    size: FieldReference


class Value(Model):
    """The value of another criterion."""

    criterion: CriterionCode


class Index(Model):
    """The level of the place's percentile rank: how many of the falling thresholds (in hundredths) it stays below."""

    index: FieldReference
    falling: Thresholds


class Territory(Model):
    """The level that the context snapshot lists for the place."""

    territory: FieldReference


class Band(Model):
    """How many of the thresholds the expression reaches."""

    band: "Expression"
    at: Thresholds


class Max(Model):
    """The largest."""

    max: tuple["Expression", ...] = Field(min_length=1)


class Least(Model):
    """The smallest."""

    min: tuple["Expression", ...] = Field(min_length=1)


class Sum(Model):
    """The sum."""

    sum: tuple["Expression", ...] = Field(min_length=1)


class Count(Model):
    """How many of the conditions hold."""

    count: tuple[Condition, ...] = Field(min_length=1)


class Branch(Model):
    """One line of a first-match list."""

    when: Condition
    then: "Expression"


class First(Model):
    """The first branch whose condition holds, else `otherwise`."""

    first: tuple[Branch, ...] = Field(min_length=1)
    otherwise: "Expression"


Expression: TypeAlias = (
    Is | Lookup | Number | Total | Size | Value | Index | Territory | Band | Max | Least | Sum | Count | First
)

Entry: TypeAlias = Level | tuple[Level, ...]
"""A table entry: a level, a level per column, or (in a table without columns) the two ends of a range."""


class Limit(Model):
    """A mitigation counts at most so much while `when` may hold, unless `unless` is proven."""

    at_most: Level
    when: Condition
    unless: Condition


class Ladder(Model):
    """Rungs 1 to 4; a rung is reached where its condition and all below it certainly hold."""

    ladder: tuple[Condition, Condition, Condition, Condition]
    limits: tuple[Limit, ...] = ()


class Proven(Model):
    """A mitigation looked up from one choice, as far as the answer is proven."""

    proven: TableName
    of: FieldReference


MitigationRule: TypeAlias = Ladder | Proven

for _model in (Column, Lookup, Band, Max, Least, Sum, Branch, First):
    _model.model_rebuild()
