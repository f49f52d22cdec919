"""Context snapshots: what is known about places at a date, known by digest.

Invariants: the place of use is read, never the end user's state; an area with its own figure uses it, else its
parent's; a bare parent code that has listed areas reads as the worst of them; a place that is not listed stays open.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints

from questionnaires.definition import DigestText, Model, Text
from questionnaires.fields import is_absent


def _is_empty(value: object) -> bool:
    return value == ()


AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,4})?$")]


class Source(Model):
    """Where figures come from, printed wherever they are used; `digest` is that of the file they were read from."""

    title: Text
    publisher: Text
    year: int
    licence: Text
    taken_on: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    digest: DigestText | None = Field(default=None, exclude_if=is_absent)


class Area(Model):
    """A country or territory. `rank` is a percentile rank in hundredths (0 to 10000), higher is freer.

    `territory` is 0 none, 1 local unrest, 2 state of emergency, 3 armed conflict or heavily securitised, 4 occupation,
    annexation or mass internment; left out means that the list says nothing. `source` is the title of the source of an
    area that somebody changed; memberships are told and earn nothing.
    """

    name: Text
    parent: AreaCode | None = None
    rank: Annotated[int, Field(ge=0, le=10000)] | None = None
    territory: Annotated[int, Field(ge=0, le=4)] | None = None
    reason: Text | None = None
    source: Text | None = Field(default=None, exclude_if=is_absent)
    memberships: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,29}$")], ...] = Field(
        default=(), exclude_if=_is_empty
    )


class Context(Model):
    """A dated snapshot, or the rows of one that were used; `based_on` is the digest of the one that it changes."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,60}$")]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2})?(-[0-9]{2})?$")]
    title: Text
    based_on: DigestText | None = Field(default=None, exclude_if=is_absent)
    sources: tuple[Source, ...] = Field(min_length=1)
    areas: dict[AreaCode, Area]

    @property
    def name(self) -> str:
        """How the snapshot is named: its id with its date."""
        return f"{self.id}@{self.revision}"

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """The listed areas of each parent code."""
        found: dict[str, list[str]] = {}
        for code, area in sorted(self.areas.items()):
            if area.parent:
                found.setdefault(area.parent, []).append(code)
        return {parent: tuple(codes) for parent, codes in found.items()}

    def ranks(self, code: str) -> list[int]:
        """Return the ranks that speak for a place of use: its own (else its parent's) and those of its listed areas."""
        return [rank for place in self._places(code) if (rank := self._rank(place)) is not None]

    def territories(self, code: str) -> list[int]:
        """Return the territory levels listed for a place of use and for its listed areas."""
        levels = (self.areas[place].territory for place in self._places(code))
        return [level for level in levels if level is not None]

    def used(self, codes: Iterable[str]) -> "Context":
        """Return the snapshot cut down to the rows that reading these places needs; it reads the same for them."""
        needed: set[str] = set()
        for code in codes:
            for place in self._places(code):
                needed.add(place)
                parent = self.areas[place].parent
                if parent in self.areas:
                    needed.add(parent)
        return self.model_copy(update={"areas": {code: self.areas[code] for code in sorted(needed)}})

    def _places(self, code: str) -> tuple[str, ...]:
        return (code, *self.children.get(code, ())) if code in self.areas else ()

    def _rank(self, code: str) -> int | None:
        area = self.areas[code]
        if area.rank is None and area.parent in self.areas:
            return self.areas[area.parent].rank
        return area.rank
