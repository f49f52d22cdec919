"""HTTP of published overlays: private to their organisation."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.db.session import Sessions, unit_of_work
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.overlays import draft_routes, reading
from api.overlays.draft_routes import overlay_out
from api.overlays.schemas import OverlayOut, OverlayTextOut
from api.tenancy import Principal, tenant_of

router = APIRouter(tags=["overlays"])
router.include_router(draft_routes.router)
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Reader = Annotated[Principal, Depends(require("overlays:read"))]
Named = Annotated[str, Path(description="A digest, an id (its newest revision) or id@revision.", max_length=100)]


@router.get("/v1/overlays", responses=problem_docs("invalid"))
def list_overlays(
    principal: Reader, sessions: SessionsHere, limit: Limit = 50, after: After = None
) -> Page[OverlayOut]:
    """List one's own published overlays, newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(reading.list_own(session, principal, limit, after), limit)
    return Page(items=[overlay_out(row) for row in rows], next=str(rows[-1].id) if more else None)


@router.get("/v1/overlays/{name}", responses=problem_docs("not_found", "invalid"))
def read_overlay(principal: Reader, sessions: SessionsHere, name: Named) -> OverlayTextOut:
    """Return one of one's own overlay revisions with all that it says; it never changes."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        row = reading.read(session, principal, name)
    return OverlayTextOut(**dict(overlay_out(row)), definition=json.loads(row.definition))
