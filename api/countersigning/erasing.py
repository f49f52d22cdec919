"""What goes of countersignatures: the persons who acted; what was signed, with the officer's name, stays."""

from typing import Any

from sqlalchemy import CursorResult, update

from api.countersigning.models import Countersignature
from api.db.session import TenantSession
from api.ids import TenantId


def erase_countersigner(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from one's own countersignatures."""
    query = update(Countersignature).where(Countersignature.tenant_id == tenant, Countersignature.person.is_not(None))
    if person is not None:
        query = query.where(Countersignature.person == person)
    result: Any = session.execute(query.values(person=None))
    assert isinstance(result, CursorResult)
    return result.rowcount
