"""HTTP of disclosure requests."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from api.campaigns import service
from api.campaigns.models import DisclosureRequest
from api.campaigns.schemas import PartyOut, RequestIn, RequestOut, RequestWithQuestionsOut
from api.catalogue.service import Catalogue, catalogue_of
from api.contexts.service import names_of as context_names
from api.db.session import Sessions, TenantSession, unit_of_work
from api.definitions.reading import pinned
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.identity.service import names_of, require_role
from api.tenancy import Principal, Role, tenant_of

router = APIRouter(prefix="/v1/disclosure-requests", tags=["disclosure requests"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Reader = Annotated[Principal, Depends(require("requests:read"))]
Lister = Callable[[TenantSession, Principal, int, UUID | None], Sequence[DisclosureRequest]]


@router.post(
    "", status_code=201, openapi_extra=documented(RequestIn),
    responses=problem_docs("malformed", "quota_exceeded", "unsupported_media_type", "invalid"),
)  # fmt: skip
def issue_request(
    principal: Annotated[Principal, Depends(require("requests:issue"))],
    sessions: SessionsHere,
    catalogue: CatalogueHere,
    request: Request,
    body: Annotated[RequestIn, Depends(json_body(RequestIn))],
) -> RequestOut:
    """Issue a questionnaire revision to a vendor, with a due date."""
    require_role(principal, Role.INVESTOR)
    opener: service.OpenSubmission = request.app.state.open_submission
    with unit_of_work(sessions, tenant_of(principal)) as session:
        issued = service.issue(session, principal, request.app.state.settings, catalogue, body, opener)
        out = _outs(session, catalogue, [issued])[0]
        session.commit()
    return RequestOut(**out)


@router.get("/issued", responses=problem_docs("invalid"))
def list_issued(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, limit: Limit = 50, after: After = None
) -> Page[RequestOut]:
    """List the requests that the caller issued, newest first."""
    return _page(principal, sessions, catalogue, service.list_issued, limit, after)


@router.get("/received", responses=problem_docs("invalid"))
def list_received(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, limit: Limit = 50, after: After = None
) -> Page[RequestOut]:
    """List the requests that the caller received, newest first."""
    return _page(principal, sessions, catalogue, service.list_received, limit, after)


@router.get("/{id_}", responses=problem_docs("not_found", "invalid"))
def read_request(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID
) -> RequestWithQuestionsOut:
    """Return a request with its questionnaire and the JSON Schema of the answers."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = service.read_request(session, principal, id_)
        out = _outs(session, catalogue, [found])[0]
        asked = pinned(session, catalogue, found.tenant_id, found.questionnaire_digest)
    return RequestWithQuestionsOut(**out, definition=asked.definition, schema=asked.validator.schema)


def _page(  # noqa: PLR0913, PLR0917  # whose, which list, and which page
    principal: Principal, sessions: Sessions, catalogue: Catalogue, lister: Lister, limit: int, after: UUID | None
) -> Page[RequestOut]:
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(lister(session, principal, limit, after), limit)
        items = [RequestOut(**out) for out in _outs(session, catalogue, rows)]
    return Page(items=items, next=str(rows[-1].id) if more else None)


def _outs(session: TenantSession, catalogue: Catalogue, rows: Sequence[DisclosureRequest]) -> list[dict[str, Any]]:
    contexts = context_names(session, catalogue, {row.context_digest for row in rows})
    names = names_of(session, {id_ for row in rows for id_ in (row.tenant_id, row.respondent_id)})
    return [
        {
            "id": row.id,
            "issuer": PartyOut(id=row.tenant_id, name=names[row.tenant_id]),
            "respondent": PartyOut(id=row.respondent_id, name=names[row.respondent_id]),
            "submission": row.submission_id,
            "questionnaire_id": row.questionnaire_id,
            "questionnaire": row.questionnaire_digest,
            "criteria": row.criteria_digest,
            "context": row.context_digest,
            "context_name": contexts[row.context_digest],
            "issued_at": row.issued_at,
            "due_on": row.due_on,
            "note": row.note,
        }
        for row in rows
    ]
