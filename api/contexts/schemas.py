"""Wire models of context snapshots."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.http.schemas import Wire
from questionnaires.context import AreaCode
from questionnaires.own_context import MOST_CHANGES, OWN

Line = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class SourceOut(Wire):
    """Where figures of a context snapshot come from; `digest` is that of the file they were read from."""

    title: Line
    publisher: Line
    year: int
    licence: Line
    taken_on: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None


class ContextOut(Wire):
    """A context snapshot with its date and sources."""

    id: str
    revision: str = Field(description="The date of the snapshot: a year, a month or a day.")
    title: str
    digest: str
    areas: int
    based_on: str | None = Field(default=None, description="Of a context of one's own: the digest of what it changes.")
    sources: list[SourceOut]


class AreaOut(Wire):
    """A place. `rank` in hundredths of a percentile, higher is freer; `territory` 0 to 4."""

    name: str
    parent: str | None = None
    rank: int | None = None
    territory: int | None = None
    reason: str | None = None
    source: str | None = Field(default=None, description="Of a changed area: the title of its source.")
    memberships: list[str] = Field(default=[])


class ContextWithAreasOut(ContextOut):
    """A context snapshot with all its areas, by code."""

    places: dict[str, AreaOut]


class ChangeIn(Wire):
    """What one area is to read, with the reason and the source. What is left out reads as in the base."""

    name: Line | None = None
    parent: AreaCode | None = None
    rank: int | None = Field(default=None, ge=0, le=10000)
    territory: int | None = Field(default=None, ge=0, le=4)
    reason: Line
    source: SourceOut


class ContextIn(Wire):
    """A context of one's own: a snapshot of the catalogue, by digest, id or id@revision, with some areas changed."""

    id: Annotated[str, StringConstraints(pattern=rf"^{OWN}[a-z0-9-]{{2,50}}$")]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] = Field(
        description="The day as of which you changed the list."
    )
    title: Line
    based_on: Annotated[str, StringConstraints(pattern=r"^[a-z0-9:@.-]{3,100}$")] = "world"
    areas: dict[AreaCode, ChangeIn] = Field(min_length=1, max_length=MOST_CHANGES)
