"""HTTP of drafts of overlays: write, lint, publish."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.definitions.schemas import FindingOut, FindingsOut
from api.definitions.written import JSON, YAML, Written, checked, read_written
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.http.versions import expected_version, tag_of
from api.identity.access import require, sessions_of
from api.overlays import drafts, publishing
from api.overlays.models import OverlayDraft, PublishedOverlay
from api.overlays.schemas import OverlayDraftOut, OverlayOut
from api.problems import Refusal
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1/overlay-drafts", tags=["overlays"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Writer = Annotated[Principal, Depends(require("overlays:write"))]
IfMatch = Annotated[str | None, Header(description="The ETag of the version that is meant; `*` takes any.")]
_TEXT = {JSON: {"schema": {"type": "object"}}, YAML: {"schema": {"type": "string"}}}
_READ: dict[str, Any] = {JSON: _TEXT[JSON], YAML: {}}
_WRITTEN: dict[str, Any] = {"requestBody": {"required": True, "content": _TEXT}}
_BODY = ("malformed", "unsupported_media_type", "too_large", "invalid")


async def written_body(_: Writer, request: Request) -> Written:
    """Read the text, after the token: nobody unknown makes us read."""
    return await read_written(request)


Body = Annotated[Written, Depends(written_body)]


@router.post("", status_code=201, openapi_extra=_WRITTEN, responses=problem_docs("quota_exceeded", *_BODY))
def create_overlay_draft(
    principal: Writer, sessions: SessionsHere, written: Body, response: Response
) -> OverlayDraftOut:
    """Begin an overlay on standard criteria, in YAML or JSON. It may be unfinished: `:lint` says what to mend."""
    text = checked(written)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        draft = drafts.create(session, principal, text)
        session.commit()
    response.headers["ETag"] = tag_of(draft.version)
    return _line(draft)


@router.get("", responses=problem_docs("invalid"))
def list_overlay_drafts(
    principal: Writer, sessions: SessionsHere, limit: Limit = 50, after: After = None
) -> Page[OverlayDraftOut]:
    """List the drafts of one's own overlays, newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(drafts.list_drafts(session, principal, limit, after), limit)
    return Page(items=[_line(row) for row in rows], next=str(rows[-1].id) if more else None)


@router.get("/{id_}", responses=problem_docs("not_found", "invalid") | {200: {"content": _READ}})
def read_overlay_draft(principal: Writer, sessions: SessionsHere, id_: UUID) -> Response:
    """Return a draft's text as it was sent, with its ETag."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        draft = drafts.read(session, principal, id_)
    return Response(draft.source.encode(), media_type=draft.media_type, headers={"ETag": tag_of(draft.version)})


@router.put(
    "/{id_}", openapi_extra=_WRITTEN, responses=problem_docs("not_found", "changed", "unconditional", *_BODY)
)  # fmt: skip
def replace_overlay_draft(  # noqa: PLR0913, PLR0917  # FastAPI's way of naming what an endpoint needs
    principal: Writer, sessions: SessionsHere, id_: UUID, written: Body, response: Response, if_match: IfMatch = None
) -> OverlayDraftOut:  # fmt: skip
    """Put another text in place of a draft's. `If-Match` is needed, so that no colleague's work is lost."""
    text = checked(written)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        if if_match is None:
            drafts.read(session, principal, id_)
            raise Refusal("unconditional", "Send the ETag of the version that you have read as If-Match.")
        draft = drafts.replace(session, principal, id_, text, expected_version(if_match))
        session.commit()
    response.headers["ETag"] = tag_of(draft.version)
    return _line(draft)


@router.delete("/{id_}", status_code=204, responses=problem_docs("not_found", "invalid"))
def delete_overlay_draft(principal: Writer, sessions: SessionsHere, id_: UUID) -> None:
    """Delete a draft. What was published from it stays."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        drafts.delete(session, principal, id_)
        session.commit()


@router.post("/{id_}:lint", responses=problem_docs("not_found", "invalid"))
def lint_overlay_draft(principal: Writer, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID) -> FindingsOut:
    """Say what is to be mended in a draft, each with its place; changes nothing."""
    examined = publishing.examine(sessions, principal, catalogue, id_)
    findings = [FindingOut(**found._asdict()) for found in examined.findings]
    return FindingsOut(version=examined.version, errors=len(findings), warnings=0, findings=findings)


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
    expected = expected_version(if_match)
    if expected is not None and expected != examined.version:
        raise Refusal("changed", "Read the draft again, and publish what you have read.")
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


def _line(draft: OverlayDraft) -> OverlayDraftOut:
    return OverlayDraftOut(
        id=draft.id, title=draft.title, media_type=draft.media_type, version=draft.version,
        created_at=draft.created_at, saved_at=draft.saved_at,
    )  # fmt: skip
