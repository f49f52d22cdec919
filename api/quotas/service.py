"""Use cases of quotas.

Invariants: what is used is counted in the transaction that uses it, under a lock on the organisation's one row, so that
what comes at once is counted one after the other, and no file is removed while a row is about to name it; what does not
fit is refused before anything is stored. The document of an attestation and an export are counted but never refused:
what asked for them was let in by then, so that is what is refused, where no room is left.

Locks are taken in one order, so that nobody waits for each other: submissions, then their requests, then usage (of
several organisations: in the order of their ids), then audit chains.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from api.audit.service import record
from api.db.session import TenantSession, in_the_name_of
from api.ids import TenantId
from api.problems import Refusal
from api.quotas.models import StoredFile, Usage
from api.quotas.schemas import QuotaIn
from api.settings import Settings
from api.tenancy import Principal
from questionnaires.canonical import Digest, digest, digest_bytes


class Keeper(Protocol):
    """What keeps files, and how many bytes an organisation may keep there unless the operator says otherwise."""

    quota: int

    def put(self, tenant: TenantId, data: bytes) -> Digest:
        """Keep the bytes and return their digest."""

    def remove(self, tenant: TenantId, digest: Digest) -> None:
        """Remove the bytes of a digest, if they are there."""


class Measure(NamedTuple):
    """What is used of what is allowed."""

    used: int
    allowed: int


class Use(NamedTuple):
    """What an organisation uses and may use."""

    stored_bytes: Measure
    open_requests: Measure


def read_use(session: TenantSession, tenant: TenantId, settings: Settings) -> Use:
    """Return what an organisation, the session's own, uses and may use."""
    row = session.scalars(select(Usage).where(Usage.tenant_id == tenant)).one_or_none()
    bytes_, requests = settings.storage_quota_bytes, settings.open_request_quota
    if row is None:
        return Use(Measure(0, bytes_), Measure(0, requests))
    return Use(
        Measure(row.stored_bytes, bytes_ if row.allowed_bytes is None else row.allowed_bytes),
        Measure(row.open_requests, requests if row.allowed_requests is None else row.allowed_requests),
    )


def keep_file(session: TenantSession, files: Keeper, tenant: TenantId, data: bytes, *, document: bool) -> Digest:
    """Keep a file of the session's own organisation and count it; a document is counted and never refused.

    Until the transaction ends, no other file of the organisation is kept or removed: so a file that is named is there.
    """
    usage, name = _lock(session, tenant), digest_bytes(data)
    file = session.get(StoredFile, (tenant, name), populate_existing=True)
    if file is None:
        allowed = files.quota if usage.allowed_bytes is None else usage.allowed_bytes
        if not document and usage.stored_bytes + len(data) > allowed:
            raise _full(Measure(usage.stored_bytes, allowed))
        file = StoredFile(tenant_id=tenant, digest=name, size=len(data), permanent=document)
        session.add(file)
        _add(session, tenant, stored_bytes=len(data))
    file.permanent = file.permanent or document
    session.flush()
    return files.put(tenant, data)


def count_file(session: TenantSession, tenant: TenantId, name: Digest, size: int) -> None:
    """Count a file of the session's own organisation that is kept already; what asked for it was let in before."""
    _lock(session, tenant)
    if session.get(StoredFile, (tenant, name), populate_existing=True) is None:
        session.add(StoredFile(tenant_id=tenant, digest=name, size=size, permanent=False))
        _add(session, tenant, stored_bytes=size)
    session.flush()


def require_room(session: TenantSession, tenant: TenantId, settings: Settings) -> None:
    """Refuse where an organisation's storage is full: what is asked for now would need a file."""
    stored = read_use(session, tenant, settings).stored_bytes
    if stored.used >= stored.allowed:
        raise _full(stored)


def count_request(session: TenantSession, tenant: TenantId, settings: Settings) -> None:
    """Count a request that the session's own organisation issues; refuse it where too many are open."""
    usage = _lock(session, tenant)
    allowed = settings.open_request_quota if usage.allowed_requests is None else usage.allowed_requests
    if usage.open_requests >= allowed:
        raise _exceeded("open requests", Measure(usage.open_requests, allowed), "Wait until some are answered")
    _add(session, tenant, open_requests=1)


def count_closed(session: TenantSession, issuer: TenantId, closed: int) -> None:
    """Count that so many requests of an organisation, in whose name the transaction is, are open no longer."""
    _add(session, issuer, open_requests=-closed)


def set_quota(
    session: TenantSession, principal: Principal, tenant: TenantId, asked: QuotaIn, settings: Settings
) -> Use:
    """Set what an organisation may use, in its name, as an operator; what it keeps already it keeps."""
    said = digest(asked.model_dump(mode="json"))
    with in_the_name_of(session, tenant):
        _lock(session, tenant)
        values = {"allowed_bytes": asked.storage_bytes, "allowed_requests": asked.open_requests}
        session.execute(update(Usage).where(Usage.tenant_id == tenant).values(values))
        record(session, principal, "quota.set", tenant, after=said)
        use = read_use(session, tenant, settings)
    if tenant != principal.organisation:
        record(session, principal, "quota.set", tenant, after=said)
    return use


def _lock(session: TenantSession, tenant: TenantId) -> Usage:
    """Return an organisation's row, made where it is missing, locked until the transaction ends."""
    row = {"tenant_id": tenant, "stored_bytes": 0, "open_requests": 0}
    session.execute(insert(Usage).values(row).on_conflict_do_nothing())
    query = select(Usage).where(Usage.tenant_id == tenant).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def _add(session: TenantSession, tenant: TenantId, stored_bytes: int = 0, open_requests: int = 0) -> None:
    more = {"stored_bytes": Usage.stored_bytes + stored_bytes, "open_requests": Usage.open_requests + open_requests}
    session.execute(
        update(Usage).where(Usage.tenant_id == tenant).values(more).execution_options(synchronize_session=False)
    )


def remove_files(
    session: TenantSession,
    files: Keeper,
    tenant: TenantId,
    digests: Iterable[str],
    find_named: Callable[[Sequence[str]], Collection[str]],
) -> int:
    """Remove those of an organisation's files that no row names and that are no documents; return how many.

    `find_named` is asked under the lock which of them a row names. The caller commits. Cut off at any point it can be
    run again: a file is counted until it is known to be gone.
    """
    _lock(session, tenant)
    wanted = sorted(set(digests))
    query = select(StoredFile).where(StoredFile.tenant_id == tenant, StoredFile.digest.in_(wanted))
    counted = {file.digest: file for file in session.scalars(query)}
    kept = {*find_named(wanted), *(name for name, file in counted.items() if file.permanent)}
    unnamed = [name for name in wanted if name not in kept]
    for name in unnamed:
        files.remove(tenant, Digest(name))
        if (file := counted.get(name)) is not None:
            _add(session, tenant, stored_bytes=-file.size)
            session.delete(file)
    session.flush()
    return len(unnamed)


def _full(measure: Measure) -> Refusal:
    return _exceeded("bytes of files", measure, "Withdraw evidence from drafts")


def _exceeded(what: str, measure: Measure, advice: str) -> Refusal:
    detail = (
        f"Your organisation uses {measure.used} of {measure.allowed} {what}. {advice}, or ask the operator for more."
    )
    return Refusal("quota_exceeded", detail)
