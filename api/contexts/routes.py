"""HTTP of context snapshots."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.catalogue.service import Catalogue, catalogue_of
from api.contexts import service
from api.contexts.schemas import AreaOut, ContextIn, ContextOut, ContextWithAreasOut, SourceOut
from api.contexts.service import Found
from api.db.session import Sessions, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.identity.access import require, sessions_of
from api.problems import not_found
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1/contexts", tags=["catalogue"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Reader = Annotated[Principal, Depends(require("catalogue:read"))]
Maker = Annotated[Principal, Depends(require("contexts:write"))]


@router.get("", responses=problem_docs())
def list_contexts(principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere) -> list[ContextOut]:
    """List the context snapshots with their dates and sources: shipped, loaded by the operator, and one's own."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        listed = service.list_contexts(session, principal, catalogue)
    return [ContextOut.model_validate(_out(found)) for found in listed]


@router.get("/{name}", responses=problem_docs("not_found", "invalid"))
def read_context(principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, name: str) -> ContextWithAreasOut:
    """Return a snapshot with its areas, by digest, id (the newest) or id@revision.

    A context of another's own is shown, by its digest, to whom it was asked with.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = service.find_context(session, catalogue, name)
    if found is None:
        raise not_found()
    places = {code: AreaOut.model_validate(area.model_dump(mode="json")) for code, area in found.context.areas.items()}
    return ContextWithAreasOut.model_validate({**_out(found), "places": places})


@router.post(
    "", status_code=201, openapi_extra=documented(ContextIn),
    responses=problem_docs("malformed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def make_context(
    principal: Maker, sessions: SessionsHere, catalogue: CatalogueHere,
    body: Annotated[ContextIn, Depends(json_body(ContextIn))],
) -> ContextOut:  # fmt: skip
    """Make a context of your own: a snapshot with some areas changed, each with reason and source. It never changes."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = service.make_context(session, principal, catalogue, body)
        session.commit()
    return ContextOut.model_validate(_out(made))


def _out(found: Found) -> dict[str, Any]:
    context = found.context
    return {
        "id": context.id, "revision": context.revision, "title": context.title, "digest": found.digest,
        "areas": len(context.areas), "based_on": context.based_on,
        "sources": [SourceOut.model_validate(source.model_dump()) for source in context.sources],
    }  # fmt: skip
