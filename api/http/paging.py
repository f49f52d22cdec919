"""Pages of lists, newest first, by id.

Invariant: a cursor is the id of the last row shown; ids are UUIDv7, so they sort by time and a page costs one index
scan.
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

Row = TypeVar("Row")
Selection = TypeVar("Selection", bound=Select[*tuple[Any, ...]])

Limit = Annotated[int, Query(ge=1, le=100, description="Rows on the page.")]
After = Annotated[UUID | None, Query(description="Cursor: the `next` of the page before.")]


def page_of(query: Selection, id_: InstrumentedAttribute[UUID], limit: int, after: UUID | None) -> Selection:
    """Return the query of one page and one row more, which tells whether another page follows."""
    if after is not None:
        query = query.where(id_ < after)
    return query.order_by(id_.desc()).limit(limit + 1)


def cut(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """Return the rows of the page and whether more follow."""
    return rows[:limit], len(rows) > limit
