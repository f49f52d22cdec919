"""Use cases of drafts of one's own questionnaires.

Invariants: a draft is its organisation's alone; it may be wrong as a questionnaire, but can be read; replacing one says
which version it replaces.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import defer

from api import clock, ids
from api.audit.service import record
from api.db.session import TenantSession
from api.definitions.models import QuestionnaireDraft
from api.definitions.written import Written
from api.http.paging import page_of
from api.ids import TenantId
from api.problems import Refusal, not_found
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest, digest_bytes

MOST_DRAFTS = 100
"""Drafts of one organisation."""


def create(session: TenantSession, principal: Principal, written: Written) -> QuestionnaireDraft:
    """Keep a new draft."""
    tenant, at = tenant_of(principal), clock.now()
    hold_definitions(session, tenant)
    count = session.scalars(select(func.count()).where(QuestionnaireDraft.tenant_id == tenant)).one()
    if count >= MOST_DRAFTS:
        raise Refusal("quota_exceeded", f"Your organisation has {count} drafts. Delete one that is no longer needed.")
    times = {"created_at": at, "saved_at": at}
    draft = QuestionnaireDraft(tenant_id=tenant, id=ids.uuid7(), version=1, **times, **written._asdict())
    session.add(draft)
    session.flush()
    record(session, principal, "questionnaire.draft", draft.id, after=_digest(draft))
    return draft


def replace(
    session: TenantSession, principal: Principal, id_: UUID, written: Written, expected: int | None
) -> QuestionnaireDraft:
    """Put another text in place of a draft's, if it still has the expected version; None takes any."""
    draft = open_draft(session, principal, id_, expected)
    before = _digest(draft)
    for name, value in written._asdict().items():
        setattr(draft, name, value)
    draft.version, draft.saved_at = draft.version + 1, clock.now()
    session.flush()
    record(session, principal, "questionnaire.replace", id_, before=before, after=_digest(draft))
    return draft


def read(session: TenantSession, principal: Principal, id_: UUID) -> QuestionnaireDraft:
    """Return one of one's own drafts."""
    found = session.get(QuestionnaireDraft, (tenant_of(principal), id_))
    if found is None:
        raise not_found()
    return found


def open_draft(session: TenantSession, principal: Principal, id_: UUID, expected: int | None) -> QuestionnaireDraft:
    """Return one of one's own drafts, locked until the transaction ends; refuse another version than expected."""
    key = (tenant_of(principal), id_)
    found = session.get(QuestionnaireDraft, key, with_for_update=True, populate_existing=True)
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
    record(session, principal, "questionnaire.delete", id_, before=before)


def list_drafts(
    session: TenantSession, principal: Principal, limit: int, after: UUID | None
) -> Sequence[QuestionnaireDraft]:
    """Return a page of one's own drafts without their texts, newest first, and one row more."""
    query = select(QuestionnaireDraft).where(QuestionnaireDraft.tenant_id == tenant_of(principal))
    query = query.options(defer(QuestionnaireDraft.source))
    return session.scalars(page_of(query, QuestionnaireDraft.id, limit, after)).all()


def hold_definitions(session: TenantSession, tenant: TenantId) -> None:
    """Until the transaction ends, let nobody else add drafts or revisions of the organisation: they are counted."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:tenant, 15))"), {"tenant": str(tenant)})


def erase_drafts(session: TenantSession, tenant: TenantId) -> int:
    """Delete every draft of an organisation; return how many there were. Commits nothing."""
    found = session.scalars(select(QuestionnaireDraft).where(QuestionnaireDraft.tenant_id == tenant)).all()
    for draft in found:
        session.delete(draft)
    session.flush()
    return len(found)


def _digest(draft: QuestionnaireDraft) -> Digest:
    return digest_bytes(draft.source.encode())
