"""A context of one's own: a shipped snapshot with some areas changed, each with its reason and source.

Invariants: the base is named by digest and is never itself one's own; what is not changed reads as in the base; an id
of one's own begins with `own-`, so that no name of the catalogue can be taken.
"""

from collections.abc import Mapping

from pydantic import Field

from questionnaires.canonical import Digest
from questionnaires.context import Area, AreaCode, Context, Source
from questionnaires.countries import is_known
from questionnaires.definition import Model, Text

OWN = "own-"
MOST_CHANGES = 500


class Change(Model):
    """What is said of one area, in place of what the base says of it. `rank` and `territory` as in `Area`."""

    name: Text | None = None
    parent: AreaCode | None = None
    rank: int | None = Field(default=None, ge=0, le=10000)
    territory: int | None = Field(default=None, ge=0, le=4)
    reason: Text
    source: Source


def find_flaws(base: Context, changes: Mapping[str, Change]) -> list[tuple[str, str]]:
    """Return every area's code with what is wrong about its change."""
    found = []
    for code, change in sorted(changes.items()):
        if not is_known(code):
            found.append((code, "The code is that of no country, nor of a part of one."))
        if code not in base.areas and change.name is None:
            found.append((code, "The area is new: give its name."))
        if change.parent is not None and (change.parent == code or not _stands(base, changes, change.parent)):
            found.append((code, "The parent is no other area of the list."))
        if change.rank is None and change.territory is None and change.parent is None:
            found.append((code, "Nothing is changed: give a rank, a territory or a parent."))
    return found


def _stands(base: Context, changes: Mapping[str, Change], code: str) -> bool:
    return code in base.areas or code in changes


def derive(  # noqa: PLR0913, PLR0917  # what it is called, what it stands on, and what it changes
    id_: str, revision: str, title: str, base: Context, base_digest: Digest, changes: Mapping[str, Change]
) -> Context:
    """Return the base with its areas changed; raise ValueError where `find_flaws` finds something."""
    if not id_.startswith(OWN) or find_flaws(base, changes):
        raise ValueError("the changes have flaws")
    areas = dict(base.areas)
    for code, change in changes.items():
        said = change.model_dump(exclude_none=True, exclude={"source"}) | {"source": change.source.title}
        known = areas[code].model_dump(exclude_none=True) if code in areas else {}
        areas[code] = Area.model_validate(known | said)
    sources = tuple(dict.fromkeys((*base.sources, *(changes[code].source for code in sorted(changes)))))
    return Context(
        id=id_, revision=revision, title=title, based_on=base_digest, sources=sources,
        areas={code: areas[code] for code in sorted(areas)},
    )  # fmt: skip
