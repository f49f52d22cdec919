"""Wire models of screening."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.http.schemas import Moment, Wire

Failure = Literal[
    "not_installed", "no_lists", "outside_not_configured", "outside_not_allowed",
    "outside_unreachable", "outside_too_slow", "outside_refused", "outside_too_large", "outside_invalid",
    "outside_undated",
]  # fmt: skip


class ListOut(Wire):
    """A list that the operator loaded, as of its date. Nobody says that it is complete."""

    code: str
    title: str
    publisher: str
    licence: str
    dated: date
    digest: str = Field(description="Of the file that was loaded.")
    records: int


class UsedListOut(Wire):
    """A list that was looked through: loaded here, or an outside service's."""

    code: str
    title: str
    dated: date
    digest: str | None
    source: Literal["loaded", "outside"]


class ScreeningIn(Wire):
    """What to look through: the loaded lists, and the outside service as well where everybody concerned allows it."""

    outside: bool = False


class ScreeningOut(Wire):
    """A screening. Candidates are likenesses of names: a person finds out whether they mean anything."""

    id: UUID
    submission: UUID
    outside: bool
    state: Literal["waiting", "done", "failed"]
    failure: Failure | None
    matcher: str | None = Field(description="Which matcher and version gave the scores.")
    lists: list[UsedListOut]
    names: int | None = Field(description="How many names were compared.")
    asked_at: Moment
    finished_at: Moment | None


class CandidateOut(Wire):
    """A record that a name is like, and what a person decided about it."""

    id: UUID
    screening: UUID
    question: str
    row: str | None
    field: str
    name: str = Field(description="As the answer gives it.")
    list: str
    list_title: str
    list_dated: date
    list_digest: str | None
    record: str = Field(description="The list's own id of the record.")
    matched: str = Field(description="The name of the record that is likest.")
    score: int = Field(ge=0, le=10000, description="How alike the names are: 10000 is the same.")
    state: Literal["open", "confirmed", "dismissed"]
    reason: str | None
    decided_at: Moment | None


class CandidateDecisionIn(Wire):
    """Why a person confirms or dismisses a candidate; the person stands in the header `Enduse-Acting-Person`."""

    reason: Annotated[str, StringConstraints(min_length=10, max_length=2000, strip_whitespace=True)]


class ScreeningSettingIn(Wire):
    """Whether names may be sent to the outside service that the operator set."""

    outside: bool


class ScreeningSettingOut(ScreeningSettingIn):
    """The setting, and whether there is such a service at all."""

    configured: bool
