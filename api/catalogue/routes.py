"""HTTP of the catalogue: what can be asked, and how it will be scored."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.catalogue.schemas import CriteriaOut, RevisionOut
from api.catalogue.service import Catalogue, catalogue_of
from api.http.errors import problem_docs
from api.identity.access import require
from api.problems import not_found
from api.tenancy import Principal
from questionnaires.revisions import revision_json

router = APIRouter(prefix="/v1", tags=["catalogue"])
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Reader = Annotated[Principal, Depends(require("catalogue:read"))]
_JSON: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}},
    304: {"description": "Unchanged: a revision never changes."},
}


@router.get("/questionnaires", responses=problem_docs())
def list_questionnaires(_: Reader, catalogue: CatalogueHere) -> list[RevisionOut]:
    """List the questionnaire revisions."""
    return [
        RevisionOut(id=item.id, revision=item.revision, title=item.title, digest=digest)
        for digest, item in catalogue.questionnaires.items()
    ]


@router.get("/questionnaires/{name}", responses=problem_docs("not_found", "invalid") | _JSON)
def read_questionnaire(_: Reader, catalogue: CatalogueHere, request: Request, name: str) -> Response:
    """Return a questionnaire revision by digest, id (newest) or id@revision. It holds no scoring key."""
    return _document(catalogue, request, "questionnaire", name)


@router.get("/questionnaires/{name}/schema", responses=problem_docs("not_found", "invalid") | _JSON)
def read_schema(_: Reader, catalogue: CatalogueHere, request: Request, name: str) -> Response:
    """Return the JSON Schema (2020-12) of the answers to a questionnaire revision."""
    return _document(catalogue, request, "schema", name)


@router.get("/criteria", responses=problem_docs())
def list_criteria(_: Reader, catalogue: CatalogueHere) -> list[CriteriaOut]:
    """List the criteria revisions."""
    return [
        CriteriaOut(
            id=item.id, revision=item.revision, title=item.title, digest=digest, engine=item.engine,
            questionnaire=item.questionnaire,
        )
        for digest, item in catalogue.criteria.items()
    ]  # fmt: skip


@router.get("/criteria/{name}", responses=problem_docs("not_found", "invalid"))
def read_criteria(_: Reader, catalogue: CatalogueHere, name: str) -> dict[str, Any]:
    """Return a criteria revision: scales, rules, tables and weights, all as data."""
    found = catalogue.criteria_for(name)
    if found is None:
        raise not_found()
    return revision_json(found[1])


def _document(catalogue: Catalogue, request: Request, kind: str, name: str) -> Response:
    """Return prepared bytes, or 304: a revision never changes."""
    found = catalogue.questionnaire(name)
    if found is None:
        raise not_found()
    data, tag = catalogue.documents[f"{kind}/{found[0]}"]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, max-age=3600"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/json", headers=headers)
