"""How long things stay, and the job that removes what is past its time.

Invariants: an organisation chooses within the installation's bounds; what goes, goes in batches, each a transaction
with its audit entry (how many, and the digest of their ids), so that a crash loses nothing and a repetition finds the
rest; sealed submissions and attestations never go here; files go after their rows.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from api import clock
from api.audit.service import Action, record
from api.db.session import Sessions, TenantSession, unit_of_work
from api.directory.erasing import forget_claims
from api.evidence.files import FileStore, open_files
from api.identity.erasing import forget_expired
from api.identity.service import list_ids
from api.ids import TenantId
from api.jobs.queue import enqueue
from api.privacy.models import DataExport, RetentionSetting
from api.privacy.removal import remove_unnamed, sweep
from api.problems import Flaw, Refusal
from api.settings import Days, Settings
from api.submissions.erasing import Gone, empty_drafts, forget_readings, release_evidence
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import digest

Kind = Literal["drafts", "access_records", "evidence", "exports"]
KINDS: tuple[Kind, ...] = ("drafts", "access_records", "evidence", "exports")
TASK = "privacy.tend"
BATCH, DRAFTS_AT_ONCE = 500, 20


class Kept(NamedTuple):
    """For how many days something stays, and between which bounds the organisation chooses."""

    days: int
    chosen: bool
    bounds: Days


def read_retention(session: TenantSession, settings: Settings, tenant: TenantId) -> dict[Kind, Kept]:
    """Return how long each kind stays; what was chosen outside later bounds counts as the nearest within."""
    row = session.get(RetentionSetting, tenant)
    found: dict[Kind, Kept] = {}
    for kind in KINDS:
        bounds: Days = getattr(settings, f"keep_{kind}")
        chosen: int | None = getattr(row, kind) if row is not None else None
        days = bounds.default if chosen is None else min(max(chosen, bounds.least), bounds.most)
        found[kind] = Kept(days, chosen is not None, bounds)
    return found


def choose_retention(
    session: TenantSession, principal: Principal, settings: Settings, chosen: Mapping[Kind, int | None]
) -> dict[Kind, Kept]:
    """Set how long each kind stays, None for the default; refuse all where one lies outside its bounds."""
    tenant, flaws = tenant_of(principal), []
    for kind, days in chosen.items():
        bounds: Days = getattr(settings, f"keep_{kind}")
        if days is not None and not bounds.least <= days <= bounds.most:
            flaws.append(Flaw(f"/{kind}", "bounds", f"Choose {bounds.least} to {bounds.most} days, or null."))
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    values: dict[str, int | None] = {str(kind): days for kind, days in chosen.items()}
    put = insert(RetentionSetting).values(tenant_id=tenant, **values)
    session.execute(put.on_conflict_do_update(index_elements=["tenant_id"], set_=values))
    record(session, principal, "retention.set", tenant, after=digest(values))
    session.expire_all()
    return read_retention(session, settings, tenant)


def tend_all(sessions: Sessions, settings: Settings) -> None:  # noqa: ARG001  # what the scheduler passes
    """Have each organisation's data tended to, each in a job of its own."""
    with unit_of_work(sessions, None) as session:
        for tenant in list_ids(session):
            enqueue(session, TASK, tenant=tenant)
        session.commit()


def tend(sessions: Sessions, settings: Settings, *, tenant: UUID) -> None:
    """Remove what is past its time in one organisation, and files that nothing names."""
    owner, files, now = TenantId(tenant), open_files(settings), clock.now()
    with unit_of_work(sessions, owner) as session:
        kept = read_retention(session, settings, owner)
    before = {kind: now - timedelta(days=kept[kind].days) for kind in KINDS}
    steps: Mapping[Action, Callable[[TenantSession], Gone]] = {
        "retention.drafts": lambda s: empty_drafts(
            s, owner, DRAFTS_AT_ONCE, now, (before["drafts"].date(), before["drafts"])
        ),
        "retention.evidence": lambda s: release_evidence(s, owner, BATCH, now, before["evidence"].date()),
        "retention.access_records": lambda s: forget_readings(s, owner, BATCH, before["access_records"]),
        "retention.exports": lambda s: drop_exports(s, owner, now, before["exports"]),
    }
    for action, step in steps.items():
        while _do_batch(sessions, files, owner, action, step):
            pass
    while _forget_credentials(sessions, owner, now):
        pass
    sweep(sessions, files, owner)


def drop_exports(session: TenantSession, tenant: TenantId, now: datetime, asked_before: datetime) -> Gone:
    """Delete exports that have expired, or were asked for before a moment and never got done."""
    past = or_(DataExport.expires_at <= now, DataExport.expires_at.is_(None) & (DataExport.asked_at < asked_before))
    return delete_exports(
        session,
        tenant,
        list(session.scalars(select(DataExport.id).where(DataExport.tenant_id == tenant, past).limit(BATCH))),
    )


def delete_exports(session: TenantSession, tenant: TenantId, ids: list[UUID]) -> Gone:
    """Delete exports of an organisation; return what their files were called."""
    query = select(DataExport).where(DataExport.tenant_id == tenant, DataExport.id.in_(ids))
    rows = session.scalars(query).all()
    for row in rows:
        session.delete(row)
    session.flush()
    return Gone([row.id for row in rows], [row.file_digest for row in rows if row.file_digest])


def _do_batch(
    sessions: Sessions, files: FileStore, tenant: TenantId, action: Action, step: Callable[[TenantSession], Gone]
) -> bool:
    """Remove one batch, tell of it, then remove its files; tell whether there was anything."""
    with unit_of_work(sessions, tenant) as session:
        gone = step(session)
        if gone.ids:
            ids = sorted(str(id_) for id_ in gone.ids)
            record(session, None, action, tenant, before=digest(ids), count=len(ids))
            session.commit()
    remove_unnamed(sessions, files, tenant, gone.files)
    return bool(gone.ids)


def _forget_credentials(sessions: Sessions, tenant: TenantId, now: datetime) -> bool:
    with unit_of_work(sessions, tenant) as session:
        gone = sorted(forget_expired(session, tenant, BATCH, now) or map(str, forget_claims(session, tenant, now)))
        if gone:
            record(session, None, "retention.credentials", tenant, before=digest(gone), count=len(gone))
            session.commit()
    return bool(gone)
