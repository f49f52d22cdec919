"""HTTP of anchors: an organisation's own audit head in the transparency log."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.db.session import Sessions, unit_of_work
from api.http.errors import problem_docs
from api.identity.access import require, sessions_of
from api.problems import not_found
from api.tenancy import Principal, tenant_of
from api.transparency.audit_heads import find_anchor
from attestations import audit_anchor

router = APIRouter(prefix="/v1", tags=["audit"])
_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}


@router.get("/audit-anchor", response_model=None, responses=problem_docs("not_found", "invalid") | _JSON)
def read_anchor(
    principal: Annotated[Principal, Depends(require("audit:read"))],
    sessions: Annotated[Sessions, Depends(sessions_of)],
    request: Request,
    day: date | None = None,
) -> Response:
    """Return the proof that the head of one's own audit log at the end of a day (the newest) stands in the log.

    `enduse audit verify FILE --anchor ANCHOR --trust TRUST` reads it.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = find_anchor(session, request.app.state.published, tenant_of(principal), day)
    if found is None:
        raise not_found()
    return Response(audit_anchor.build(found), media_type="application/json")
