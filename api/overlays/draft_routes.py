"""HTTP of drafts of overlays: write, lint, publish."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.db.session import unit_of_work
from api.drafts import answering
from api.drafts.answering import CatalogueHere, IfMatch, SessionsHere
from api.drafts.schemas import DraftLineOut, FindingsOut
from api.drafts.written import Written
from api.http.errors import problem_docs
from api.http.paging import After, Limit
from api.http.schemas import Page
from api.identity.access import require
from api.overlays import publishing
from api.overlays.drafts import DRAFTS
from api.overlays.models import PublishedOverlay
from api.overlays.schemas import OverlayOut
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1/overlay-drafts", tags=["overlays"])
_writer = require("overlays:write")
Writer = Annotated[Principal, Depends(_writer)]
Body = Annotated[Written, Depends(answering.body_after(_writer))]


@router.post("", status_code=201, openapi_extra=answering.WRITTEN, responses=answering.TO_BEGIN)
def create_overlay_draft(principal: Writer, sessions: SessionsHere, written: Body, response: Response) -> DraftLineOut:
    """Begin an overlay on standard criteria, in YAML or JSON. It may be unfinished: `:lint` says what to mend."""
    return answering.begin(DRAFTS, principal, sessions, written, response)


@router.get("", responses=problem_docs("invalid"))
def list_overlay_drafts(
    principal: Writer, sessions: SessionsHere, limit: Limit = 50, after: After = None
) -> Page[DraftLineOut]:
    """List the drafts of one's own overlays, newest first."""
    return answering.show_page(DRAFTS, principal, sessions, limit, after)


@router.get("/{id_}", responses=answering.TO_SHOW)
def read_overlay_draft(principal: Writer, sessions: SessionsHere, id_: UUID) -> Response:
    """Return a draft's text as it was sent, with its ETag."""
    return answering.show(DRAFTS, principal, sessions, id_)


@router.put("/{id_}", openapi_extra=answering.WRITTEN, responses=answering.TO_REPLACE)
def replace_overlay_draft(  # noqa: PLR0913, PLR0917  # FastAPI's way of naming what an endpoint needs
    principal: Writer, sessions: SessionsHere, id_: UUID, written: Body, response: Response, if_match: IfMatch = None
) -> DraftLineOut:  # fmt: skip
    """Put another text in place of a draft's. `If-Match` is needed, so that no colleague's work is lost."""
    return answering.replace(DRAFTS, principal, sessions, id_, written, response, if_match)


@router.delete("/{id_}", status_code=204, responses=problem_docs("not_found", "invalid"))
def delete_overlay_draft(principal: Writer, sessions: SessionsHere, id_: UUID) -> None:
    """Delete a draft. What was published from it stays."""
    answering.delete(DRAFTS, principal, sessions, id_)


@router.post("/{id_}:lint", responses=problem_docs("not_found", "invalid"))
def lint_overlay_draft(principal: Writer, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID) -> FindingsOut:
    """Say what is to be mended in a draft, each with its place; changes nothing."""
    return answering.tell(publishing.examine(sessions, principal, catalogue, id_))


@router.post(
    "/{id_}:publish", status_code=201,
    responses=problem_docs("not_found", "changed", "quota_exceeded", "invalid")
    | {200: {"model": OverlayOut, "description": "The newest revision says the same already."}},
)  # fmt: skip
def publish_overlay_draft(  # noqa: PLR0913, PLR0917  # FastAPI's way of naming what an endpoint needs
    principal: Writer, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID, response: Response,
    if_match: IfMatch = None,
) -> OverlayOut:  # fmt: skip
    """Publish a draft as the next revision of its id, which never changes; refuse with every error that it has."""
    examined = publishing.examine(sessions, principal, catalogue, id_)
    answering.require_version(examined, if_match)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        row, is_new = publishing.publish(session, principal, catalogue, id_, examined)
        session.commit()
    if not is_new:
        response.status_code = 200
    return overlay_out(row)


def overlay_out(row: PublishedOverlay) -> OverlayOut:
    """Return the wire form of a published overlay."""
    return OverlayOut(
        id=row.overlay_id, revision=str(row.revision), title=row.title, digest=row.digest, base=row.base_digest,
        criteria=row.criteria_digest, published_at=row.published_at,
    )  # fmt: skip
