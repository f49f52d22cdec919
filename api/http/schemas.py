"""The base of all wire models, and the wire form of a problem."""

from datetime import datetime
from typing import Annotated, Generic, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

Item = TypeVar("Item")


class Wire(BaseModel):
    """A wire model: unknown keys are refused, so that a typing error is never silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="after")
    @classmethod
    def _storable(cls, value: object) -> object:
        """Refuse what the database cannot keep."""
        if isinstance(value, str) and "\0" in value:
            raise ValueError("a text must not hold the character NUL")
        return value


def refuse_value(code: str, remedy: str) -> NoReturn:
    """Refuse a value within a validator; the remedy reaches the caller, so it says what to do and repeats nothing."""
    raise PydanticCustomError(code, "{remedy}", {"remedy": remedy})


JOINERS = "\u200c\u200d"
"""Joiners have no form of their own, but Persian and Indic names need them."""


def _is_shown(value: str, *, besides: str) -> bool:
    """Tell whether every character is printed as itself, those named aside."""
    return value.translate(dict.fromkeys(map(ord, besides))).isprintable()


def _check_name(value: str) -> str:
    """Refuse a name that cannot be read, or reads as another: it is printed where people decide."""
    if not _is_shown(value, besides=JOINERS):
        raise ValueError("a name must not hold control or direction characters")
    if not any(character.isalnum() for character in value) or len(value.encode(errors="replace")) > LONGEST_NAME:
        raise ValueError("a name needs a letter or digit, and takes 300 bytes at most")
    return value


def check_readable(value: str) -> str:
    """Refuse text that does not read as it is written: it is signed, and shown where people decide."""
    if not _is_shown(value, besides=JOINERS + "\n"):
        raise ValueError("a text must not hold control or direction characters, line breaks aside")
    return value


LONGEST_NAME = 300
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_check_name)
]
"""What an organisation, a client, a person or a role is called."""


def format_moment(moment: datetime) -> str:
    """Return a UTC moment as RFC 3339 with whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[datetime, PlainSerializer(format_moment, return_type=str, when_used="json")]
"""A UTC moment, written as RFC 3339."""


class FlawOut(Wire):
    """One problem within the body."""

    pointer: str = Field(
        description="RFC 6901 pointer into the request body.", examples=["/company/GOV-01/value/policy"]
    )
    code: str = Field(examples=["choice"])
    detail: str


class ProblemOut(Wire):
    """RFC 9457 problem details."""

    type: str = Field(examples=["urn:enduse:problem:invalid"])
    title: str
    status: int
    detail: str
    errors: list[FlawOut] = Field(default_factory=list, description="Every problem of the body, all at once.")


class Page(Wire, Generic[Item]):
    """One page of a list, newest first; `next` is the cursor of the following page, absent on the last."""

    items: list[Item]
    next: str | None = None
