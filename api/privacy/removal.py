"""Removing files that no row names any more.

Invariants: the row goes first, then the file, so that a crash leaves at most a file too many, which the sweep finds; a
file is removed under the lock of its organisation's usage, under which evidence, documents and exports are named, so
that nobody is about to name it; what is kept but neither counted nor named yet is younger than `GRACE`.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import text

from api import clock
from api.db.session import Sessions, TenantSession, unit_of_work
from api.evidence.files import FileStore, open_files
from api.ids import TenantId
from api.privacy.register import FILES
from api.quotas.service import remove_files
from api.settings import Settings

GRACE = timedelta(days=1)
AT_ONCE = 100
"""Files removed in one transaction: their organisation's uploads wait for it."""

_NAMING = " union ".join(  # the register's own names of tables and columns; no input
    f"select {column} from {table} where tenant_id = :tenant and {condition}"  # noqa: S608
    for (table, column), condition in FILES.items()
)
_NAMED = text(f"select file from ({_NAMING}) named (file) where file = any(:digests)")  # noqa: S608
_UNNAMED = text(
    "select digest from stored_file where tenant_id = :tenant and not permanent"  # noqa: S608
    f" and digest not in (select file from ({_NAMING}) named (file) where file is not null)"
)


def remove_unnamed(sessions: Sessions, files: FileStore, tenant: TenantId, digests: Iterable[str]) -> int:
    """Remove those files of a tenant that no row names, and count them no longer; return how many."""
    removed, wanted = 0, sorted(set(digests))
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first : first + AT_ONCE]
        with unit_of_work(sessions, tenant) as session:
            removed += remove_files(session, files, tenant, some, partial(_named, session, tenant))
            session.commit()
    return removed


def tidy(sessions: Sessions, settings: Settings, *, tenant: UUID) -> None:
    """Remove what is counted of a tenant and named no more; a job, after a withdrawal."""
    _remove_counted(sessions, open_files(settings), TenantId(tenant))


def sweep(sessions: Sessions, files: FileStore, tenant: TenantId) -> int:
    """Remove every file of a tenant that no row names, whether counted or older than `GRACE`; return how many."""
    removed = _remove_counted(sessions, files, tenant)
    for digests in files.list_older(tenant, clock.now() - GRACE):
        with unit_of_work(sessions, tenant) as session:
            named = _named(session, tenant, digests)
        removed += remove_unnamed(sessions, files, tenant, [digest for digest in digests if digest not in named])
    return removed


def _remove_counted(sessions: Sessions, files: FileStore, tenant: TenantId) -> int:
    with unit_of_work(sessions, tenant) as session:
        unnamed = session.scalars(_UNNAMED, {"tenant": tenant}).all()
    return remove_unnamed(sessions, files, tenant, unnamed)


def _named(session: TenantSession, tenant: TenantId, digests: Sequence[str]) -> set[str]:
    return set(session.scalars(_NAMED, {"tenant": tenant, "digests": list(digests)}))
