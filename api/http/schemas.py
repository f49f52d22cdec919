"""The base of all wire models, and the wire form of a problem."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator

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
