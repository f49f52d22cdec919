"""Removing files that no row names any more.

Invariants: the row goes first, then the file, so that a crash leaves at most a file too many, which the sweep finds; a
file is removed while nobody can be about to name it: evidence holds the tenant's files while it is attached, and what
other writers have kept but not named yet is younger than `GRACE`.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import text

from api import clock
from api.db.session import Sessions, TenantSession, unit_of_work
from api.evidence.files import FileStore
from api.evidence.service import hold_files
from api.ids import TenantId
from api.privacy.register import FILES
from questionnaires.canonical import Digest

GRACE = timedelta(days=1)

_NAMED = " union ".join(  # the register's own names of tables and columns; no input
    f"select {column} from {table} where tenant_id = :tenant and {column} = any(:digests) and {condition}"  # noqa: S608
    for (table, column), condition in FILES.items()
)


def remove_unnamed(sessions: Sessions, files: FileStore, tenant: TenantId, digests: Iterable[str]) -> int:
    """Remove those files of a tenant that no row names; return how many."""
    wanted = sorted(set(digests))
    if not wanted:
        return 0
    with unit_of_work(sessions, tenant) as session:
        hold_files(session, tenant, alone=True)
        named = _named(session, tenant, wanted)
        unnamed = [digest for digest in wanted if digest not in named]
        for digest in unnamed:
            files.remove(tenant, Digest(digest))
    return len(unnamed)


def sweep(sessions: Sessions, files: FileStore, tenant: TenantId) -> int:
    """Remove every file of a tenant that is older than `GRACE` and that no row names; return how many."""
    removed = 0
    for digests in files.list_older(tenant, clock.now() - GRACE):
        with unit_of_work(sessions, tenant) as session:
            named = _named(session, tenant, digests)
        removed += remove_unnamed(sessions, files, tenant, [digest for digest in digests if digest not in named])
    return removed


def _named(session: TenantSession, tenant: TenantId, digests: Sequence[str]) -> set[str]:
    return set(session.scalars(text(_NAMED), {"tenant": tenant, "digests": list(digests)}))
