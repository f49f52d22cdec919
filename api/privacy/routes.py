"""HTTP of privacy: exports, retention, erasures; each of one's own organisation."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from api.db.session import Sessions, unit_of_work
from api.evidence.files import FileStore
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.privacy import erasure, exporting, retention
from api.privacy.models import DataExport, Erasure
from api.privacy.removal import remove_unnamed
from api.privacy.retention import Kept, Kind
from api.privacy.schemas import (
    ErasureIn,
    ErasureOut,
    ExportOut,
    KeptOut,
    MadeErasureOut,
    RetentionIn,
    RetentionOut,
)  # fmt: skip
from api.settings import Settings
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["privacy"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Exporter = Annotated[Principal, Depends(require("exports:write"))]
Keeper = Annotated[Principal, Depends(require("retention:write"))]
Eraser = Annotated[Principal, Depends(require("erasures:write"))]
WAITING, RETRY_AFTER = 202, "2"
_MAKING: dict[int | str, dict[str, Any]] = {202: {"description": "The export is being written."}}
_OUT: dict[int | str, dict[str, Any]] = {202: {"description": "The export is being written.", "model": ExportOut}}
_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}, **_MAKING}


@router.post("/exports", status_code=202, responses=problem_docs("quota_exceeded"))
def ask_for_export(principal: Exporter, sessions: SessionsHere, request: Request, response: Response) -> ExportOut:
    """Have everything that is kept for one's own organisation written into a ZIP."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = exporting.ask(session, principal, _settings(request))
        session.commit()
    response.headers["Retry-After"] = RETRY_AFTER
    return _export_out(made)


@router.get("/exports", responses=problem_docs("invalid"))
def list_exports(
    principal: Exporter, sessions: SessionsHere, limit: Limit = 50, after: After = None
) -> Page[ExportOut]:
    """List one's own exports, newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(exporting.list_exports(session, principal, limit, after), limit)
    return Page(items=[_export_out(row) for row in rows], next=str(rows[-1].id) if more else None)


@router.get("/exports/{id_}", responses=problem_docs("not_found", "invalid") | _OUT)
def read_export(principal: Exporter, sessions: SessionsHere, id_: UUID, response: Response) -> ExportOut:
    """Return an export; 202 with Retry-After while it is being written."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = exporting.read(session, principal, id_)
    if found.file_digest is None:
        response.status_code, response.headers["Retry-After"] = WAITING, RETRY_AFTER
    return _export_out(found)


@router.get("/exports/{id_}/content", response_model=None, responses=problem_docs("not_found", "invalid") | _ZIP)
def read_content(principal: Exporter, sessions: SessionsHere, request: Request, id_: UUID) -> Response:
    """Return the ZIP of an export; 202 with Retry-After while it is being written."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = exporting.read(session, principal, id_)
        if found.file_digest is None:
            return Response(status_code=WAITING, headers={"Retry-After": RETRY_AFTER})
        pieces = exporting.fetch(session, principal, _files(request), found)
        session.commit()
    headers = {
        "ETag": f'"{found.file_digest}"', "Content-Disposition": f'attachment; filename="export-{id_}.zip"',
        "Content-Length": str(found.file_size),
    }  # fmt: skip
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@router.get("/retention", responses=problem_docs())
def read_retention(principal: Keeper, sessions: SessionsHere, request: Request) -> RetentionOut:
    """Return how long one's own data stays, and what may be chosen."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _retention_out(retention.read_retention(session, _settings(request), tenant_of(principal)))


@router.put(
    "/retention", openapi_extra=documented(RetentionIn),
    responses=problem_docs("malformed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def choose_retention(
    principal: Keeper, sessions: SessionsHere, request: Request,
    body: Annotated[RetentionIn, Depends(json_body(RetentionIn))],
) -> RetentionOut:  # fmt: skip
    """Choose how long one's own data stays, within the installation's bounds. What is past its time goes at night."""
    chosen: dict[Kind, int | None] = {kind: getattr(body, kind) for kind in retention.KINDS}
    with unit_of_work(sessions, tenant_of(principal)) as session:
        kept = retention.choose_retention(session, principal, _settings(request), chosen)
        session.commit()
    return _retention_out(kept)


@router.post(
    "/erasures", status_code=201, openapi_extra=documented(ErasureIn),
    responses=problem_docs("malformed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def erase(
    principal: Eraser, sessions: SessionsHere, request: Request,
    body: Annotated[ErasureIn, Depends(json_body(ErasureIn))],
) -> MadeErasureOut:  # fmt: skip
    """Erase a person's data, or all that may go of one's own organisation, and tell what went and what stays."""
    tenant = tenant_of(principal)
    with unit_of_work(sessions, tenant) as session:
        made = erasure.erase(session, principal, body)
        session.commit()
    remove_unnamed(sessions, _files(request), tenant, made.files)
    return MadeErasureOut.model_validate({**_erasure_out(made.erasure).model_dump(), "salt": made.salt})


@router.get("/erasures", responses=problem_docs("invalid"))
def list_erasures(
    principal: Eraser, sessions: SessionsHere, limit: Limit = 50, after: After = None
) -> Page[ErasureOut]:
    """List one's own erasures, newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(erasure.list_erasures(session, principal, limit, after), limit)
    return Page(items=[_erasure_out(row) for row in rows], next=str(rows[-1].id) if more else None)


@router.get("/erasures/{id_}", responses=problem_docs("not_found", "invalid"))
def read_erasure(principal: Eraser, sessions: SessionsHere, id_: UUID) -> ErasureOut:
    """Return an erasure with its report."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _erasure_out(erasure.read(session, principal, id_))


def _files(request: Request) -> FileStore:
    files: FileStore = request.app.state.files
    return files


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _export_out(row: DataExport) -> ExportOut:
    return ExportOut(
        id=row.id, asked_at=row.asked_at, done_at=row.done_at, expires_at=row.expires_at, digest=row.file_digest,
        size=row.file_size,
    )  # fmt: skip


def _retention_out(kept: dict[Kind, Kept]) -> RetentionOut:
    out = {
        kind: KeptOut(days=one.days, chosen=one.chosen, least=one.bounds.least, most=one.bounds.most)
        for kind, one in kept.items()
    }
    return RetentionOut.model_validate(out)


def _erasure_out(row: Erasure) -> ErasureOut:
    values = {name: getattr(row, name) for name in ErasureOut.model_fields}
    return ErasureOut.model_validate(values)
