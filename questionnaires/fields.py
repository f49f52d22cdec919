"""The kinds of field that an answer can have.

Invariants: every kind has a size that cannot be passed; no kind holds a binary float: figures with decimals are text.
What was added after the first release leaves the JSON form where it stands at its default, so that digests stay.
"""

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
ChoiceCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
DecimalText = Annotated[str, StringConstraints(pattern=r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$")]
Labels = Annotated[dict[ChoiceCode, Text], Field(min_length=2, max_length=60)]

LARGEST_NUMBER = 10**12
"""Upper limit of every whole number in an answer: above any count of people, far below 2^53 (RFC 8785)."""
MOST_FILES = 20
"""Files of one field."""
AGREEMENT = {"yes": "Yes", "partial": "In part", "no": "No"}
"""The codes of every yes_partial_no field, with the labels that it has where its author gives none."""


def is_absent(value: object) -> bool:
    """Return whether a value that was added after the first release is not given, so that the JSON form omits it."""
    return value is None


class Model(BaseModel):
    """A frozen part of a definition; unknown keys are the author's mistake and are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldBase(Model):
    """What every typed field of an answer has: the label the respondent reads."""

    label: Text


class OneField(FieldBase):
    """Exactly one of the choices."""

    kind: Literal["one"]
    choices: Labels

    @cached_property
    def codes(self) -> frozenset[str]:
        """What an open answer could still turn out to be."""
        return frozenset(self.choices)


class MultiField(FieldBase):
    """Any number of the choices; an empty list says "none of these"."""

    kind: Literal["multi"]
    choices: Labels

    @cached_property
    def codes(self) -> frozenset[str]:
        """What an open answer could still name."""
        return frozenset(self.choices)


class YesPartialNoField(FieldBase):
    """One of `yes`, `partial` and `no`; labels may be given for some or all of them."""

    kind: Literal["yes_partial_no"]
    labels: dict[Literal["yes", "partial", "no"], Text] | None = Field(default=None, exclude_if=is_absent)

    @cached_property
    def choices(self) -> dict[str, str]:
        """The three codes with their labels."""
        return {code: (self.labels or {}).get(code, label) for code, label in AGREEMENT.items()}  # type: ignore[call-overload]  # the codes

    @cached_property
    def codes(self) -> frozenset[str]:
        """What an open answer could still turn out to be."""
        return frozenset(AGREEMENT)


class IntegerField(FieldBase):
    """A whole number in the unit that the label names."""

    kind: Literal["integer"]
    minimum: int = Field(default=0, ge=0)
    maximum: int = Field(default=LARGEST_NUMBER, le=LARGEST_NUMBER)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("the minimum lies above the maximum")
        return self


class DecimalField(FieldBase):
    """A number with up to `places` decimals, written as text, in the unit that the label names."""

    kind: Literal["decimal"]
    places: int = Field(default=2, ge=1, le=6)
    minimum: DecimalText = "0"
    maximum: DecimalText = "999999999999999"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if Decimal(self.minimum) > Decimal(self.maximum):
            raise ValueError("the minimum lies above the maximum")
        return self


class PercentField(FieldBase):
    """A whole percentage, 0 to 100."""

    kind: Literal["percent"]


class MoneyField(FieldBase):
    """An amount, not negative, as text, with its currency (ISO 4217)."""

    kind: Literal["money"]


class DateField(FieldBase):
    """A day, ISO 8601, of the years 1900 to 2199."""

    kind: Literal["date"]


class DateRangeField(FieldBase):
    """The first and the last day of a period."""

    kind: Literal["date_range"]


class TextField(FieldBase):
    """Free text. Never scored, printed as it stands."""

    kind: Literal["text"]
    max_length: int = Field(default=2000, ge=1, le=20000)


class LongTextField(FieldBase):
    """Free text of several paragraphs. Never scored, printed as it stands."""

    kind: Literal["long_text"]
    max_length: int = Field(default=10000, ge=1, le=20000)


class AreaField(FieldBase):
    """A country or territory: ISO 3166-1 alpha-2, ISO 3166-2, or a code of the context snapshot's area list."""

    kind: Literal["area"]


class OrganisationField(FieldBase):
    """An organisation: its name, and where known its country, LEI (ISO 17442) and number in a register."""

    kind: Literal["organisation"]


class ProductField(FieldBase):
    """The row id of a product of the same submission."""

    kind: Literal["product"]


class FilesField(FieldBase):
    """Digests of evidence attached to the answer."""

    kind: Literal["files"]


class MatrixField(FieldBase):
    """One of the columns chosen for each of the rows; a row left out is open."""

    kind: Literal["matrix"]
    rows: Annotated[dict[ChoiceCode, Text], Field(min_length=1, max_length=40)]
    columns: Annotated[dict[ChoiceCode, Text], Field(min_length=2, max_length=12)]


Column = Annotated[
    OneField
    | MultiField
    | YesPartialNoField
    | IntegerField
    | DecimalField
    | PercentField
    | MoneyField
    | DateField
    | DateRangeField
    | TextField
    | AreaField
    | OrganisationField
    | ProductField,
    Field(discriminator="kind"),
]


class TableField(FieldBase):
    """Rows of typed columns."""

    kind: Literal["table"]
    columns: dict[FieldName, Column] = Field(min_length=1, max_length=12)
    max_rows: int = Field(default=500, ge=1, le=2000)


AnswerField = Annotated[
    OneField
    | MultiField
    | YesPartialNoField
    | IntegerField
    | DecimalField
    | PercentField
    | MoneyField
    | DateField
    | DateRangeField
    | TextField
    | LongTextField
    | AreaField
    | OrganisationField
    | ProductField
    | FilesField
    | MatrixField
    | TableField,
    Field(discriminator="kind"),
]

ChoiceField = OneField | MultiField | YesPartialNoField
"""The kinds that have `choices`."""
SingleChoice = OneField | YesPartialNoField
"""The kinds that take exactly one of their `choices`."""
FreeText = TextField | LongTextField
"""The kinds that hold free text."""
