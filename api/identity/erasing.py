"""What goes of clients: names, all credentials of an organisation that leaves, and what has expired.

Invariants: a revoked client is not changed; what still refuses a token or an assertion stays; nothing here commits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update

from api.db.session import TenantSession
from api.identity.models import Client, RevokedToken, UsedAssertion
from api.ids import TenantId

NEUTRAL = "erased"


def erase_client_names(session: TenantSession, tenant: TenantId, person: str) -> tuple[int, int]:
    """Rename one's own clients whose name holds a person's; return how many, and how many revoked ones keep it."""
    named = (Client.tenant_id == tenant, func.strpos(func.lower(Client.name), func.lower(person)) > 0)
    changed: Any = session.execute(update(Client).where(*named, Client.revoked_at.is_(None)).values(name=NEUTRAL))
    assert isinstance(changed, CursorResult)
    return changed.rowcount, session.scalars(select(func.count()).select_from(Client).where(*named)).one()


def revoke_all(session: TenantSession, tenant: TenantId, at: datetime) -> int:
    """Revoke every client of an organisation and take its name; return how many there were."""
    query = update(Client).where(Client.tenant_id == tenant, Client.revoked_at.is_(None))
    changed: Any = session.execute(query.values(name=NEUTRAL, revoked_at=at))
    assert isinstance(changed, CursorResult)
    return changed.rowcount


def forget_expired(session: TenantSession, tenant: TenantId, limit: int, at: datetime) -> Sequence[str]:
    """Forget up to `limit` used assertions, or else revoked tokens, that have expired; return what named them."""
    for table in (UsedAssertion, RevokedToken):
        old = select(table.digest).where(table.tenant_id == tenant, table.expires_at < at).limit(limit)
        query = delete(table).where(table.tenant_id == tenant, table.digest.in_(old))
        if gone := session.scalars(query.returning(table.digest)).all():
            return gone
    return ()
