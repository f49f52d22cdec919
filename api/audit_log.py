"""HTTP of the audit log: one's own chain, in pages to read and as a file to verify.

Stands apart from `api.audit`, which every feature writes to and which therefore lies below all of them.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.audit import service
from api.audit.models import AuditEntry
from api.audit.schemas import AuditEntryOut, AuditPageOut, EntryOut, PersonOut
from api.db.session import Sessions, unit_of_work
from api.http.errors import problem_docs
from api.http.paging import Limit, cut
from api.identity.access import require, sessions_of
from api.ids import TenantId
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["audit"])
Reader = Annotated[Principal, Depends(require("audit:read"))]
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
After = Annotated[int, Query(ge=0, description="The `next` of the page before.")]
JSON_LINES = "application/jsonl"
_LINES: dict[int | str, dict[str, Any]] = {200: {"content": {JSON_LINES: {}}}}


@router.get("/audit-entries", responses=problem_docs("invalid"))
def list_entries(principal: Reader, sessions: SessionsHere, limit: Limit = 50, after: After = 0) -> AuditPageOut:
    """List what happened in one's own organisation, oldest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(service.list_entries(session, tenant_of(principal), limit, after), limit)
    return AuditPageOut(items=[_out(row) for row in rows], next=rows[-1].seq if more else None)


@router.get("/audit-log", response_class=StreamingResponse, responses=problem_docs() | _LINES)
def export_log(principal: Reader, sessions: SessionsHere) -> StreamingResponse:
    """Return one's own chain whole, as JSON lines that `enduse audit` verifies."""
    return StreamingResponse(_lines(sessions, tenant_of(principal)), media_type=JSON_LINES)


def _lines(sessions: Sessions, tenant: TenantId) -> Iterator[bytes]:
    """Yield the chain page by page: no connection is held while a slow reader reads."""
    after = 0
    while True:
        with unit_of_work(sessions, tenant) as session:
            page = service.list_entries(session, tenant, service.PAGE, after)
        for entry in page[: service.PAGE]:
            yield service.line_of(entry)
        if len(page) <= service.PAGE:
            return
        after = page[service.PAGE - 1].seq


def _out(row: AuditEntry) -> AuditEntryOut:
    person = None if row.person is None or row.salt is None else PersonOut(name=row.person, salt=row.salt)
    entry = EntryOut.model_validate(json.loads(row.payload))
    return AuditEntryOut(seq=row.seq, digest=row.digest, entry=entry, person=person, erased_by=row.erased_by)
