"""What goes of reviews: the persons who decided and who replied; what they said is part of what was attested."""

from typing import Any

from sqlalchemy import CursorResult, update

from api.db.session import TenantSession
from api.ids import TenantId
from api.reviews.models import ReviewDecision, ReviewReply


def erase_decider(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from one's own decisions."""
    return _erase(session, ReviewDecision, tenant, person)


def erase_replier(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from one's own replies."""
    return _erase(session, ReviewReply, tenant, person)


def _erase(
    session: TenantSession, table: type[ReviewDecision | ReviewReply], tenant: TenantId, person: str | None
) -> int:
    query = update(table).where(table.tenant_id == tenant, table.person.is_not(None))
    if person is not None:
        query = query.where(table.person == person)
    result: Any = session.execute(query.values(person=None))
    assert isinstance(result, CursorResult)
    return result.rowcount
