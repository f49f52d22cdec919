"""HTTP of public verification."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from api import clock
from api.db.session import Sessions, unit_of_work
from api.http.errors import problem_docs
from api.identity.access import sessions_of
from api.limits import Limit, key_of_address, take
from api.problems import Refusal
from api.settings import Settings
from api.transparency.published import PublishedHead
from api.transparency.reading import read_record
from api.verifying.service import Verifier
from attestations.byte_range import MAX_PDF

router = APIRouter(prefix="/v1", tags=["verification"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
TYPES = ("application/pdf", "application/json")
MINUTE = 60
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}
_REPORT: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}


@router.post(
    "/verifications", max_body_size=MAX_PDF, response_model=None, openapi_extra=_UPLOAD,
    responses=problem_docs("malformed", "too_large", "unsupported_media_type", "too_many", "busy") | _REPORT,
)  # fmt: skip
async def verify_upload(request: Request, sessions: SessionsHere) -> Response:
    """Verify an attestation (PDF or bundle) that anybody has, and return the report of `enduse verify --json`.

    Nothing is stored. This address is a convenience: whoever does not trust us runs `enduse verify`, which asks nobody.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in TYPES:
        raise Refusal("unsupported_media_type", "Send application/pdf, or the bundle as application/json.")
    await run_in_threadpool(_count, request, sessions)
    verifier: Verifier = request.app.state.verifier
    with verifier.place():
        file = await request.body()
        report = await verifier.verify(file, clock.now(), partial(_find_record, request, sessions))
    return JSONResponse(report)


async def _find_record(request: Request, sessions: Sessions, statement: str) -> bytes | None:
    published: PublishedHead = request.app.state.published
    settings: Settings = request.app.state.settings
    return await run_in_threadpool(read_record, sessions, published, settings, request.app.state.status_key, statement)


def _count(request: Request, sessions: Sessions) -> None:
    settings: Settings = request.app.state.settings
    limit = Limit(settings.verifications_per_minute / MINUTE, settings.verifications_per_minute)
    with unit_of_work(sessions, None) as session:
        take(session, "verify:" + key_of_address(request.client.host if request.client else ""), limit)
        session.commit()
