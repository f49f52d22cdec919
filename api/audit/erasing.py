"""Erasing persons from the audit log.

Invariants: nothing but the person goes, and every batch leaves an entry whose digest covers what is left of the entries
that it touched; the database does both steps' checking, this module cannot change an entry itself.
"""

from uuid import UUID

from sqlalchemy import text

from api.audit.service import Actor, record
from api.db.session import TenantSession
from questionnaires.canonical import Digest

BATCH = 5000
"""Entries that one entry of erasure covers."""

_ERASE = text("select entries, cover from erase_audit_persons(:wanted, :most)")


def erase_persons(session: TenantSession, actor: Actor | None, erasure: UUID, person: str | None) -> int:
    """Erase a person, exactly as named, or everybody (None); return how many entries named them. Commits nothing."""
    erased = 0
    while True:
        count, cover = session.execute(_ERASE, {"wanted": person, "most": BATCH}).one()
        if not count:
            return erased
        record(session, actor, "audit.erase", erasure, after=Digest(cover), count=count)
        erased += count
