"""HTTP of questionnaires: lists, revisions with their schemas, differences, translations."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from api.catalogue.compiled import CompiledQuestionnaire
from api.catalogue.schemas import RevisionOut
from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.definitions import draft_routes, reading, translating
from api.definitions.schemas import (
    ChangeOut,
    DifferenceOut,
    QuestionnaireOut,
    TranslationIn,
    TranslationLineOut,
    TranslationOut,
)
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.tenancy import Principal, tenant_of
from questionnaires.comparison import compare
from questionnaires.revisions import revision_json
from questionnaires.translations import Translation, coverage, direction, translated

router = APIRouter(tags=["questionnaires"])
router.include_router(draft_routes.router)
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Reader = Annotated[Principal, Depends(require("catalogue:read"))]
Writer = Annotated[Principal, Depends(require("questionnaires:write"))]
Named = Annotated[str, Path(description="A digest, an id (its newest revision) or id@revision.")]
NamedInQuery = Annotated[str, Query(max_length=100, description="A digest, an id or id@revision.")]
LanguageTag = Annotated[str, Path(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
_JSON: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}},
    304: {"description": "Unchanged: a revision never changes."},
}


@router.get("/v1/questionnaires", responses=problem_docs("invalid"))
def list_questionnaires(  # noqa: PLR0913, PLR0917  # FastAPI's way of naming what an endpoint needs
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere,
    side: Literal["shipped", "own"] = "shipped", limit: Limit = 50, after: After = None,
) -> Page[QuestionnaireOut]:  # fmt: skip
    """List questionnaire revisions: the `shipped` ones, all on one page, or one's `own`, newest first."""
    if side == "shipped":
        return Page(items=[QuestionnaireOut(**_line(one)) for one in catalogue.shipped.values()])
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(reading.list_own(session, principal, limit, after), limit)
    items = [
        QuestionnaireOut(
            id=row.questionnaire_id, revision=str(row.revision), title=row.title, digest=row.digest,
            published_at=row.published_at,
        )
        for row in rows
    ]  # fmt: skip
    return Page(items=items, next=str(rows[-1].id) if more else None)


@router.get("/v1/questionnaires:diff", responses=problem_docs("not_found", "invalid"))
def compare_questionnaires(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, old: NamedInQuery, new: NamedInQuery
) -> DifferenceOut:
    """Say what differs between any two revisions that the caller may read."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        before, after = (reading.read(session, principal, catalogue, name) for name in (old, new))
    changes = [
        ChangeOut.model_validate({**change._asdict(), "kind": change.kind.name.lower(), "words": change.words})
        for change in compare(before.questionnaire, after.questionnaire)
    ]
    return DifferenceOut(old=RevisionOut(**_line(before)), new=RevisionOut(**_line(after)), changes=changes)


@router.get("/v1/questionnaires/{name}", responses=problem_docs("not_found", "invalid") | _JSON)
def read_questionnaire(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, request: Request, name: Named
) -> Response:
    """Return a questionnaire revision. It holds no scoring key. Whoever was asked with one reads it by its digest."""
    return _document(_find(sessions, principal, catalogue, name), request, "questionnaire")


@router.get("/v1/questionnaires/{name}/schema", responses=problem_docs("not_found", "invalid") | _JSON)
def read_schema(  # noqa: PLR0913, PLR0917  # FastAPI's way of naming what an endpoint needs
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, request: Request, name: Named,
    partial: Annotated[bool, Query(description="The schema of a save instead of a whole document.")] = False,
) -> Response:  # fmt: skip
    """Return the JSON Schema (2020-12) of the answers to a questionnaire revision."""
    return _document(_find(sessions, principal, catalogue, name), request, "partial" if partial else "schema")


@router.get("/v1/questionnaires/{name}/translations", responses=problem_docs("not_found", "invalid"))
def list_translations(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, name: Named
) -> list[TranslationLineOut]:
    """List the translations of a revision, and how much each of them speaks."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        asked = reading.read(session, principal, catalogue, name)
        found = translating.list_translations(session, principal, asked)
    return [TranslationLineOut.model_validate(_coverage(asked, one)) for one in found]


@router.get("/v1/questionnaires/{name}/translations/{language}", responses=problem_docs("not_found", "invalid"))
def read_translation(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, name: Named, language: LanguageTag
) -> TranslationOut:
    """Return a revision for display in another language."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        asked = reading.read(session, principal, catalogue, name)
        found = translating.read_translation(session, principal, asked, language)
    return _translation_out(asked, found)


@router.put(
    "/v1/questionnaires/{name}/translations/{language}", openapi_extra=documented(TranslationIn),
    responses=problem_docs("malformed", "not_found", "quota_exceeded", "unsupported_media_type", "invalid"),
)  # fmt: skip
def translate_questionnaire(  # noqa: PLR0913, PLR0917  # FastAPI's way of naming what an endpoint needs
    principal: Writer, sessions: SessionsHere, catalogue: CatalogueHere, name: Named, language: LanguageTag,
    body: Annotated[TranslationIn, Depends(json_body(TranslationIn))],
) -> TranslationOut:  # fmt: skip
    """Put the texts of one's own published revision into another language; whoever reads the revision reads them."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        asked = reading.read(session, principal, catalogue, name)
        found = translating.translate(session, principal, asked, language, body)
        session.commit()
    return _translation_out(asked, found)


@router.delete(
    "/v1/questionnaires/{name}/translations/{language}", status_code=204, responses=problem_docs("not_found", "invalid")
)
def remove_translation(
    principal: Writer, sessions: SessionsHere, catalogue: CatalogueHere, name: Named, language: LanguageTag
) -> None:
    """Remove a translation of one's own published revision."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        asked = reading.read(session, principal, catalogue, name)
        translating.remove(session, principal, asked, language)
        session.commit()


def _find(sessions: Sessions, principal: Principal, catalogue: Catalogue, name: str) -> CompiledQuestionnaire:
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return reading.read(session, principal, catalogue, name)


def _line(asked: CompiledQuestionnaire) -> dict[str, str]:
    one = asked.questionnaire
    return {"id": one.id, "revision": one.revision, "title": one.title, "digest": asked.digest}


def _coverage(asked: CompiledQuestionnaire, translation: Translation) -> dict[str, Any]:
    spoken = coverage(asked.questionnaire, translation)
    return {
        "language": translation.language,
        "direction": direction(translation.language),
        "present": spoken.present,
        "total": spoken.total,
    }


def _translation_out(asked: CompiledQuestionnaire, translation: Translation) -> TranslationOut:
    return TranslationOut.model_validate(
        {
            **_coverage(asked, translation),
            "questionnaire": asked.digest,
            "missing": list(coverage(asked.questionnaire, translation).missing),
            "definition": revision_json(translated(asked.questionnaire, translation)),
        }
    )


def _document(asked: CompiledQuestionnaire, request: Request, kind: str) -> Response:
    """Return prepared bytes, or 304: a revision never changes."""
    data, tag = asked.documents[kind]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, max-age=3600"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/json", headers=headers)
