"""HTTP of the catalogue: how answers are scored. Questionnaires stand in `api.definitions`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.catalogue.schemas import CriteriaOut
from api.catalogue.service import Catalogue, catalogue_of
from api.http.errors import problem_docs
from api.identity.access import require
from api.problems import not_found
from api.tenancy import Principal
from questionnaires.revisions import revision_json

router = APIRouter(prefix="/v1", tags=["catalogue"])
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Reader = Annotated[Principal, Depends(require("catalogue:read"))]


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
