"""What goes of evidence: names of files, persons of gradings, and files whose time is over.

Invariants: a row goes, or says that its file is gone, before the file does; a sealed submission's evidence keeps its
digest; nothing here commits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, func, update

from api.db.session import TenantSession
from api.evidence.models import Evidence, EvidenceAbout, Grading
from api.ids import TenantId

NEUTRAL = "erased"
"""What a file is called whose name was erased; the database takes no other."""


def erase_names(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take the names from one's own files: those that hold a person's name, its parts parted as files do, or all."""
    query = update(Evidence).where(Evidence.tenant_id == tenant, Evidence.file_name != NEUTRAL)
    if person is not None:
        query = query.where(func.strpos(_plain(Evidence.file_name), _plain(person)) > 0)
    return _count(session.execute(query.values(file_name=NEUTRAL)))


def _plain(value: Any) -> Any:
    return func.translate(func.lower(value), "_-.+", "    ")


def erase_reviewer(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from one's own gradings."""
    query = update(Grading).where(Grading.tenant_id == tenant, Grading.person.is_not(None))
    if person is not None:
        query = query.where(Grading.person == person)
    return _count(session.execute(query.values(person=None)))


def drop_evidence(session: TenantSession, tenant: TenantId, submissions: Sequence[UUID]) -> list[str]:
    """Drop all evidence of drafts and return the digests of its files; the database refuses for what is sealed."""
    about = delete(EvidenceAbout).where(EvidenceAbout.tenant_id == tenant, EvidenceAbout.submission_id.in_(submissions))
    session.execute(about)
    query = delete(Evidence).where(Evidence.tenant_id == tenant, Evidence.submission_id.in_(submissions))
    return list(session.scalars(query.returning(Evidence.file_digest)))


def mark_erased(session: TenantSession, tenant: TenantId, evidence: Sequence[UUID], at: datetime) -> list[str]:
    """Say of evidence that its file is gone, and return the digests of the files, which may go then."""
    query = update(Evidence).where(
        Evidence.tenant_id == tenant, Evidence.id.in_(evidence), Evidence.file_erased_at.is_(None)
    )
    return list(session.scalars(query.values(file_erased_at=at).returning(Evidence.file_digest)))


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
