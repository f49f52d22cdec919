"""What goes of the directory: persons of operators' acts, and claims that have expired.

Invariants: an act stays, with its reason; a claim that has not expired stays, whoever's it is. Nothing here commits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, func, select, update

from api.db.session import TenantSession
from api.directory.models import Claim, DirectoryAct
from api.ids import TenantId


def erase_actor(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from one's own acts."""
    query = update(DirectoryAct).where(DirectoryAct.tenant_id == tenant, DirectoryAct.person.is_not(None))
    if person is not None:
        query = query.where(DirectoryAct.person == person)
    changed: Any = session.execute(query.values(person=None))
    assert isinstance(changed, CursorResult)
    return changed.rowcount


def count_claims(session: TenantSession, tenant: TenantId) -> int:
    """Return how many claims of one's own entry are kept."""
    return session.scalars(select(func.count()).select_from(Claim).where(Claim.tenant_id == tenant)).one()


def forget_claims(session: TenantSession, tenant: TenantId, at: datetime) -> Sequence[UUID]:
    """Delete the claims of an entry that have expired; return their ids."""
    query = delete(Claim).where(Claim.tenant_id == tenant, Claim.expires_at < at)
    return session.scalars(query.returning(Claim.id)).all()
