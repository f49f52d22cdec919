"""Use cases of drafts.

Invariants: a draft is its organisation's alone; it may be wrong as what it is to become, but can be read; replacing one
says which version it replaces.
"""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import defer

from api import clock, ids
from api.audit.service import Action, record
from api.db.session import TenantSession
from api.drafts.models import Draft
from api.drafts.written import Written
from api.http.paging import page_of
from api.http.versions import EVERY, Versions
from api.ids import TenantId
from api.problems import Refusal, not_found
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest, digest_bytes

MOST_DRAFTS = 100
"""Drafts of one kind and one organisation."""
D = TypeVar("D", bound=Draft)


class Acts(NamedTuple):
    """What the audit log calls it when a draft is begun, replaced and deleted."""

    create: Action
    replace: Action
    delete: Action


class Drafts(Generic[D]):
    """The drafts of one kind. `lock` is a number that no other kind has, for the lock of `hold`."""

    def __init__(self, model: type[D], acts: Acts, lock: int) -> None:
        """Name the table, what the audit log calls its changes, and the number of the lock."""
        self.model, self._acts, self._lock = model, acts, lock

    def create(self, session: TenantSession, principal: Principal, written: Written) -> D:
        """Keep a new draft."""
        tenant, at = tenant_of(principal), clock.now()
        self.hold(session, tenant)
        count = session.scalar(select(func.count()).select_from(self.model).where(self.model.tenant_id == tenant)) or 0
        if count >= MOST_DRAFTS:
            raise Refusal(
                "quota_exceeded", f"Your organisation has {count} drafts. Delete one that is no longer needed."
            )
        times = {"created_at": at, "saved_at": at}
        draft = self.model(tenant_id=tenant, id=ids.uuid7(), version=1, **times, **written._asdict())
        session.add(draft)
        session.flush()
        record(session, principal, self._acts.create, draft.id, after=_digest(draft))
        return draft

    def replace(
        self, session: TenantSession, principal: Principal, id_: UUID, written: Written, expected: Versions
    ) -> D:
        """Put another text in place of a draft's, if it still has an expected version."""
        draft = self.open(session, principal, id_, expected)
        before = _digest(draft)
        for name, value in written._asdict().items():
            setattr(draft, name, value)
        draft.version, draft.saved_at = draft.version + 1, clock.now()
        session.flush()
        record(session, principal, self._acts.replace, id_, before=before, after=_digest(draft))
        return draft

    def read(self, session: TenantSession, principal: Principal, id_: UUID) -> D:
        """Return one of one's own drafts."""
        found = session.get(self.model, (tenant_of(principal), id_))
        if found is None:
            raise not_found()
        return found

    def open(self, session: TenantSession, principal: Principal, id_: UUID, expected: Versions) -> D:
        """Return one of one's own drafts, locked until the transaction ends; refuse another version than expected."""
        key = (tenant_of(principal), id_)
        found = session.get(self.model, key, with_for_update=True, populate_existing=True)
        if found is None:
            raise not_found()
        if found.version not in expected:
            raise Refusal("changed", "Read the draft again and repeat the change on top of it.")
        return found

    def delete(self, session: TenantSession, principal: Principal, id_: UUID) -> None:
        """Delete a draft; what was published from it stays."""
        draft = self.open(session, principal, id_, EVERY)
        before = _digest(draft)
        session.delete(draft)
        session.flush()
        record(session, principal, self._acts.delete, id_, before=before)

    def list_page(self, session: TenantSession, principal: Principal, limit: int, after: UUID | None) -> Sequence[D]:
        """Return a page of one's own drafts without their texts, newest first, and one row more."""
        query = select(self.model).where(self.model.tenant_id == tenant_of(principal))
        query = query.options(defer(self.model.source))
        return session.scalars(page_of(query, self.model.id, limit, after)).all()

    def hold(self, session: TenantSession, tenant: TenantId) -> None:
        """Until the transaction ends, let nobody else add drafts or revisions of the organisation: they are counted."""
        lock = text("select pg_advisory_xact_lock(hashtextextended(:tenant, :kind))")
        session.execute(lock, {"tenant": str(tenant), "kind": self._lock})

    def erase_all(self, session: TenantSession, tenant: TenantId) -> int:
        """Delete every draft of an organisation; return how many there were. Commits nothing."""
        found = session.scalars(select(self.model).where(self.model.tenant_id == tenant)).all()
        for draft in found:
            session.delete(draft)
        session.flush()
        return len(found)


def _digest(draft: Draft) -> Digest:
    return digest_bytes(draft.source.encode())
