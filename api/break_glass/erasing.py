"""What goes of break-glass accesses: the people of the operator, and a reason that names somebody.

Invariants: only of what is over, as until then the names decide who approves and who reads; by the owner and by the
operator alike; the database does it all, this module has no right to. Nothing here commits.
"""

from typing import NamedTuple

from sqlalchemy import text

from api.db.session import TenantSession

_ERASE = text("select went, stays from erase_break_glass_persons(:wanted)")


class Erased(NamedTuple):
    """In how many accesses something went, and how many still run and keep it."""

    went: int
    stays: int


def erase_people(session: TenantSession, person: str | None) -> Erased:
    """Take a person, exactly as named, or everybody, from the accesses that one owns or asked for.

    A reason in which the person's name stands goes whole; with everybody, every reason goes.
    """
    return Erased(*session.execute(_ERASE, {"wanted": person}).one())
