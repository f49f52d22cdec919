"""Where candidates come from: an interface, and the lists that the operator loaded.

Invariants: every list has its date; a provider that cannot answer for all names raises, and gives no part of an answer.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.screening.models import ScreeningEntry, ScreeningList
from questionnaires.names import require_tools
from questionnaires.screening import MATCHER, Entry, Index


class ProviderError(Exception):
    """A provider cannot answer; `code` is a word of the catalogue of failures, and nothing else is told."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class DatedList(NamedTuple):
    """A list that was looked through, as of its date; `digest` is that of its file, where there is one."""

    code: str
    title: str
    dated: date
    digest: str | None
    source: str


class Match(NamedTuple):
    """A record that a name is like."""

    name: str
    list: DatedList
    record: str
    matched: str
    score: int


class Provider(Protocol):
    """Looks names up."""

    matcher: str

    def lists(self) -> Sequence[DatedList]:
        """Return the lists that are looked through."""

    def find(self, names: Sequence[str]) -> Sequence[Match]:
        """Return the records that the names are like; raise ProviderError where not all could be looked up."""


class LoadedLists:
    """The lists in the database. Raises NotInstalledError where names cannot be compared."""

    matcher = MATCHER

    def __init__(self, session: Session) -> None:
        """Read which lists there are."""
        require_tools()
        self._session = session
        self._lists = session.scalars(select(ScreeningList).order_by(ScreeningList.code)).all()

    def lists(self) -> Sequence[DatedList]:
        """Return the loaded lists."""
        return [DatedList(one.code, one.title, one.dated, one.digest, "loaded") for one in self._lists]

    def find(self, names: Sequence[str]) -> Sequence[Match]:
        """Return the records that the names are like, in the order of the names."""
        dated = {one.code: one for one in self.lists()}
        index = self._index()
        return [
            Match(name, dated[hit.entry.list], hit.entry.record, hit.matched, hit.score)
            for name in names
            for hit in index.find(name)
        ]

    def _index(self) -> Index:
        key = tuple((one.code, one.digest) for one in self._lists)
        known = _KEPT.get(key)
        if known is None:
            codes = {one.id: one.code for one in self._lists}
            query = select(ScreeningEntry).where(ScreeningEntry.list_id.in_(codes))
            rows = self._session.scalars(query.order_by(ScreeningEntry.list_id, ScreeningEntry.record))
            known = Index(Entry(codes[row.list_id], row.record, tuple(row.names)) for row in rows)
            _KEPT.clear()  # one set of lists at a time: an index of a large list takes memory
            _KEPT[key] = known
        return known


_KEPT: dict[tuple[tuple[str, str], ...], Index] = {}
"""The index that this process built last, by the digests of its lists."""
