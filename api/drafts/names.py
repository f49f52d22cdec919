"""The ids of what tenants publish themselves: own questionnaires and overlays.

Invariants: an own id begins with `own-` and twelve digits of its organisation, so that no two organisations share one
and none is that of anything shipped, now or later; a shipped id never begins with `own-` (a test holds it).
"""

from uuid import UUID

OWN = "own-"
DIGITS = 12
LONGEST_ID = 61


def namespace_of(tenant: UUID) -> str:
    """Return what the ids of all that an organisation publishes begin with."""
    return f"{OWN}{tenant.hex[-DIGITS:]}-"


def own_id(tenant: UUID, written: str) -> str | None:
    """Return the id under which a draft is published; None where its own cannot be used."""
    space = namespace_of(tenant)
    if written.startswith(space):
        return written
    if written.startswith(OWN) or len(space + written) > LONGEST_ID:
        return None
    return space + written
