"""Use cases of drafts of overlays.

Invariants: a draft is its organisation's alone; it may be wrong as an overlay, but can be read; replacing one says
which version it replaces.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import defer

from api import clock, ids
from api.audit.service import record
from api.db.session import TenantSession
from api.definitions.written import Written
from api.http.paging import page_of
from api.ids import TenantId
from api.overlays.models import OverlayDraft
from api.problems import Refusal, not_found
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest, digest_bytes

MOST_DRAFTS = 100
"""Drafts of one organisation."""


def create(session: TenantSession, principal: Principal, written: Written) -> OverlayDraft:
    """Keep a new draft."""
    tenant, at = tenant_of(principal), clock.now()
    hold_overlays(session, tenant)
    count = session.scalars(select(func.count()).where(OverlayDraft.tenant_id == tenant)).one()
    if count >= MOST_DRAFTS:
        raise Refusal("quota_exceeded", f"Your organisation has {count} drafts. Delete one that is no longer needed.")
    times = {"created_at": at, "saved_at": at}
    draft = OverlayDraft(tenant_id=tenant, id=ids.uuid7(), version=1, **times, **written._asdict())
    session.add(draft)
    session.flush()
    record(session, principal, "overlay.draft", draft.id, after=_digest(draft))
    return draft


def replace(
    session: TenantSession, principal: Principal, id_: UUID, written: Written, expected: int | None
) -> OverlayDraft:
    """Put another text in place of a draft's, if it still has the expected version; None takes any."""
    draft = open_draft(session, principal, id_, expected)
    before = _digest(draft)
    for name, value in written._asdict().items():
        setattr(draft, name, value)
    draft.version, draft.saved_at = draft.version + 1, clock.now()
    session.flush()
    record(session, principal, "overlay.replace", id_, before=before, after=_digest(draft))
    return draft


def read(session: TenantSession, principal: Principal, id_: UUID) -> OverlayDraft:
    """Return one of one's own drafts."""
    found = session.get(OverlayDraft, (tenant_of(principal), id_))
    if found is None:
        raise not_found()
    return found


def open_draft(session: TenantSession, principal: Principal, id_: UUID, expected: int | None) -> OverlayDraft:
    """Return one of one's own drafts, locked until the transaction ends; refuse another version than expected."""
    key = (tenant_of(principal), id_)
    found = session.get(OverlayDraft, key, with_for_update=True, populate_existing=True)
    if found is None:
        raise not_found()
    if expected is not None and expected != found.version:
        raise Refusal("changed", "Read the draft again and repeat the change on top of it.")
    return found


def delete(session: TenantSession, principal: Principal, id_: UUID) -> None:
    """Delete a draft; what was published from it stays."""
    draft = open_draft(session, principal, id_, None)
    before = _digest(draft)
    session.delete(draft)
    session.flush()
    record(session, principal, "overlay.delete", id_, before=before)


def list_drafts(session: TenantSession, principal: Principal, limit: int, after: UUID | None) -> Sequence[OverlayDraft]:
    """Return a page of one's own drafts without their texts, newest first, and one row more."""
    query = select(OverlayDraft).where(OverlayDraft.tenant_id == tenant_of(principal))
    query = query.options(defer(OverlayDraft.source))
    return session.scalars(page_of(query, OverlayDraft.id, limit, after)).all()


def hold_overlays(session: TenantSession, tenant: TenantId) -> None:
    """Until the transaction ends, let nobody else add drafts or revisions of the organisation: they are counted."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:tenant, 24))"), {"tenant": str(tenant)})


def erase_drafts(session: TenantSession, tenant: TenantId) -> int:
    """Delete every draft of an organisation; return how many there were. Commits nothing."""
    found = session.scalars(select(OverlayDraft).where(OverlayDraft.tenant_id == tenant)).all()
    for draft in found:
        session.delete(draft)
    session.flush()
    return len(found)


def _digest(draft: OverlayDraft) -> Digest:
    return digest_bytes(draft.source.encode())
