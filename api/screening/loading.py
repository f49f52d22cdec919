"""Loading lists, as the owner of the database: the serving role only reads them.

Invariants: a list takes the place of an older one of its code, whole and in one transaction; an older list never takes
the place of a newer one.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from api import clock, ids
from api.screening.models import ScreeningEntry, ScreeningList
from api.screening.reading import ListError, ReadList
from questionnaires.canonical import digest_bytes

_AT_ONCE = 2000


class Told(NamedTuple):
    """What the operator says of a file: a list's title (its code unless given), who publishes it, and its licence."""

    title: str | None
    publisher: str
    licence: str


def store(session: Session, data: bytes, lists: Sequence[ReadList], told: Told) -> list[ScreeningList]:
    """Put the lists of a file in the place of their older ones; commits nothing. Raises ListError for older dates."""
    newer = [
        f"{one.code}: the loaded list is of {dated}, which is newer"
        for one in lists
        for dated in session.scalars(select(ScreeningList.dated).where(ScreeningList.code == one.code))
        if dated > one.dated
    ]
    if newer:
        raise ListError(newer)
    return [_put(session, one, told, digest_bytes(data)) for one in lists]


def _put(session: Session, one: ReadList, told: Told, digest: str) -> ScreeningList:
    session.execute(delete(ScreeningList).where(ScreeningList.code == one.code))
    made = ScreeningList(
        id=ids.uuid7(), code=one.code, title=told.title or one.code, publisher=told.publisher, licence=told.licence,
        dated=one.dated, digest=digest, records=len(one.records), loaded_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    rows = [{"list_id": made.id, "record": record, "names": list(names)} for record, names in one.records.items()]
    for some in _parts(rows):
        session.execute(insert(ScreeningEntry), some)
    return made


def _parts(rows: Sequence[dict[str, object]]) -> Iterator[Sequence[dict[str, object]]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
