"""Exports: an organisation takes all of its data along.

Invariants: one snapshot of the database; rows of the organisation, and of others only what they addressed to it;
written through a file without a name, so that a killed worker leaves nothing readable; the file is kept first, and only
the first run of the job to end names it. It counts as the organisation's storage: one that is full asks for none, and
what was let in is finished.
"""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO, Any
from uuid import UUID

from sqlalchemy import select, text, update

from api import clock, ids
from api.audit.models import AuditEntry
from api.audit.service import line_of, record
from api.db.session import Sessions, TenantSession, unit_of_work
from api.evidence.files import FileStore, open_files
from api.http.paging import page_of
from api.http.schemas import format_moment
from api.ids import TenantId
from api.jobs.queue import enqueue
from api.privacy.archive import Archive
from api.privacy.contents import EXPORTED, readme
from api.privacy.models import DataExport
from api.privacy.retention import read_retention
from api.problems import not_found
from api.quotas.service import count_file, require_room
from api.settings import Settings
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest

TASK = "privacy.export"
AT_ONCE = 20
"""Rows fetched at once: a row of answers may take megabytes."""


def ask(session: TenantSession, principal: Principal, settings: Settings) -> DataExport:
    """Have an export made, if there is room; where one waits already, ask for its making again and return it."""
    tenant = tenant_of(principal)
    waiting = select(DataExport).where(DataExport.tenant_id == tenant, DataExport.file_digest.is_(None))
    found = session.scalars(waiting.order_by(DataExport.id.desc()).limit(1)).one_or_none()
    if found is None:
        require_room(session, tenant, settings)
    made = found or DataExport(
        tenant_id=tenant, id=ids.uuid7(), client_id=principal.client, asked_at=clock.now(),
        file_digest=None, file_size=None, done_at=None, expires_at=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    enqueue(session, TASK, tenant=tenant, export=made.id)
    if found is None:
        record(session, principal, "export.make", made.id)
    return made


def read(session: TenantSession, principal: Principal, id_: UUID) -> DataExport:
    """Return an export of the caller's organisation that has not expired."""
    found = session.get(DataExport, (tenant_of(principal), id_))
    if found is None or (found.expires_at is not None and found.expires_at <= clock.now()):
        raise not_found()
    return found


def list_exports(session: TenantSession, principal: Principal, limit: int, after: UUID | None) -> Sequence[DataExport]:
    """Return a page of one's own exports, and one row more."""
    query = select(DataExport).where(DataExport.tenant_id == tenant_of(principal))
    return session.scalars(page_of(query, DataExport.id, limit, after)).all()


def fetch(session: TenantSession, principal: Principal, files: FileStore, export: DataExport) -> Iterator[bytes]:
    """Return the pieces of an export that is done, and tell of it; the caller commits."""
    assert export.file_digest is not None
    record(session, principal, "export.fetch", export.id, after=Digest(export.file_digest))
    return files.stream(TenantId(export.tenant_id), Digest(export.file_digest))


def render(sessions: Sessions, settings: Settings, *, tenant: UUID, export: UUID) -> None:
    """Write an export and keep it, unless that is done."""
    owner, files = TenantId(tenant), open_files(settings)
    with unit_of_work(sessions, owner) as session:
        found = session.get(DataExport, (tenant, export))
        days = read_retention(session, settings, owner)["exports"].days
    if found is None or found.file_digest is not None:
        return
    with tempfile.TemporaryFile(dir=settings.data_folder) as file:
        with unit_of_work(sessions, owner) as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            write(session, files, owner, file)
        digest, size = files.put_file(owner, file)
    at = clock.now()
    with unit_of_work(sessions, owner) as session:
        named = session.execute(
            update(DataExport)
            .where(DataExport.tenant_id == tenant, DataExport.id == export, DataExport.file_digest.is_(None))
            .values(file_digest=digest, file_size=size, done_at=at, expires_at=at + timedelta(days=days))
            .returning(DataExport.id)
        )
        if named.one_or_none() is not None:
            count_file(session, owner, digest, size)
            record(session, None, "export.render", export, after=digest)
        session.commit()


def write(session: TenantSession, files: FileStore, tenant: TenantId, file: IO[bytes]) -> None:
    """Write everything of a tenant into a file, as one snapshot of the database shows it."""
    at = clock.now()
    archive, missing = Archive(file, at), list[str]()
    archive.add("organisation.jsonl", _rows(session, "organisation", "id", tenant))
    archive.add("audit-log.jsonl", _audit_log(session, tenant))
    for table, contents in EXPORTED.items():
        archive.add(f"{table}.jsonl", _rows(session, table, "tenant_id", tenant))
        if contents.received:
            archive.add(f"received/{table}.jsonl", _rows(session, table, contents.received, tenant))
    for owner, digest, name in _files(session, tenant):
        try:
            archive.add(name, files.stream(owner, digest), stored=True)
        except FileNotFoundError:
            missing.append(name)
    for side in ("tenant_id", "respondent_id"):
        query = f"select id, bundle from attestation where {side} = :tenant order by id"  # noqa: S608  # no input
        for row in _stream(session, query, tenant, at_once=1):
            archive.add(f"attestations/{row.id}.json", [row.bundle])
    names = [entry["name"] for entry in archive.entries]
    archive.add("README.txt", [readme(str(tenant), format_moment(at), names).encode()])
    archive.close({"organisation": str(tenant), "made_at": format_moment(at), "missing": missing})


def _stream(session: TenantSession, query: str, tenant: TenantId, at_once: int = AT_ONCE) -> Iterator[Any]:
    """Yield rows of a query, some at a time through a cursor of the server."""
    yield from session.execute(text(query), {"tenant": tenant}, execution_options={"yield_per": at_once})


def _rows(session: TenantSession, table: str, column: str, tenant: TenantId) -> Iterator[bytes]:
    """Yield the rows of a table that name the tenant in a column, as JSON lines."""
    left_out = EXPORTED[table].leaves_out if table in EXPORTED else {}
    named = (
        "select attname from pg_attribute where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped"
    )
    columns = session.scalars(text(f"{named} order by attnum"), {"table": table}).all()
    kept = ", ".join(f'"{name}"' for name in columns if name not in left_out)
    order = "id" if "id" in columns else "1, 2"
    query = f"select to_jsonb(r)::text from (select {kept} from {table} where {column} = :tenant order by {order}) r"  # noqa: S608  # names of tables and columns, from the catalogue and from `EXPORTED`
    for (line,) in _stream(session, query, tenant):
        yield line.encode() + b"\n"


def _audit_log(session: TenantSession, tenant: TenantId) -> Iterator[bytes]:
    query = select(AuditEntry).where(AuditEntry.tenant_id == tenant).order_by(AuditEntry.seq)
    for entry in session.scalars(query, execution_options={"yield_per": AT_ONCE}):
        yield line_of(entry)
        session.expunge(entry)


def _files(session: TenantSession, tenant: TenantId) -> Iterator[tuple[TenantId, Digest, str]]:
    """Yield every stored file that belongs into the export: its owner, its digest and its name there."""
    evidence = (
        "select distinct file_digest from evidence where tenant_id = :tenant and file_erased_at is null"
        " order by file_digest"
    )
    for row in _stream(session, evidence, tenant):
        yield tenant, Digest(row.file_digest), f"evidence/{row.file_digest.removeprefix('sha256:')}"
    for side in ("tenant_id", "respondent_id"):
        documents = (
            "select tenant_id, id, pdf_digest from attestation"  # noqa: S608  # no input
            f" where {side} = :tenant and pdf_digest is not null order by id"
        )
        for row in _stream(session, documents, tenant):
            yield TenantId(row.tenant_id), Digest(row.pdf_digest), f"attestations/{row.id}.pdf"
