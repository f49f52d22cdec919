"""HTTP of the public registry: for everybody, without an account.

Invariants: what is not published, or not any more, is not found; every answer names its version, and a cache asks again
before it shows one, so that a revocation or a withdrawal is seen at once.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from api import clock
from api.db.session import Sessions, TenantSession, unit_of_work
from api.http.errors import problem_docs
from api.http.paging import After, cut
from api.http.paging import Limit as PageLimit
from api.http.schemas import Page
from api.identity.access import sessions_of, settings_of
from api.limits import Limit, key_of_address, take
from api.problems import not_found
from api.publication import feed, registry
from api.publication.models import RegistryEntry
from api.publication.registry import Listed, Search
from api.publication.registry_schemas import PublishedOut, Status, WithdrawnOut
from api.publication.registry_view import show
from api.settings import Settings
from api.transparency.published import PublishedHead
from api.transparency.reading import read_record
from questionnaires.canonical import digest_bytes
from questionnaires.scales import BandName

router = APIRouter(prefix="/v1/registry", tags=["registry"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
SettingsHere = Annotated[Settings, Depends(settings_of)]
MINUTE = 60
IN_FEED = 50
CACHE = "public, no-cache"
"""Keep it, and ask whether it still holds before each use."""


Word = Annotated[str | None, Query(min_length=1, max_length=200, description="How words of the vendor's name begin.")]
Lei = Annotated[str | None, Query(pattern=r"^[A-Z0-9]{20}$", description="LEI of the vendor.")]
Either = Annotated[UUID | None, Query(description="Either party.")]
Worst = Annotated[BandName | None, Query(description="At worst this band; a range is read at its worse end.")]
Asked = Annotated[str | None, Query(max_length=200, description="`ID` or `ID@REVISION`.")]
IsStale = Annotated[bool | None, Query(description="Issued more than 12 months ago, or not.")]
WithArchived = Annotated[bool, Query(description="With those issued more than 36 months ago.")]


def _search(  # noqa: PLR0913, PLR0917  # one parameter for each filter
    q: Word = None, lei: Lei = None, organisation: Either = None, worst_band: Worst = None, questionnaire: Asked = None,
    issued_since: date | None = None, status: Status | None = None, stale: IsStale = None,
    archived: WithArchived = False,
) -> Search:  # fmt: skip
    return Search(
        name=q, lei=lei, organisation=organisation, worst_band=worst_band, questionnaire=questionnaire,
        issued_since=issued_since, status=status, stale=stale, archived=archived,
    )  # fmt: skip


def _count(request: Request, sessions: SessionsHere, settings: SettingsHere) -> None:
    limit = Limit(settings.registry_per_minute / MINUTE, settings.registry_per_minute)
    with unit_of_work(sessions, None) as session:
        take(session, "registry:" + key_of_address(request.client.host if request.client else ""), limit)
        session.commit()


Counted = Depends(_count)


def _documented(model: type[BaseModel] | Any, media_type: str = "application/json") -> dict[int | str, dict[str, Any]]:
    shown = {"model": model} if model is not None else {"content": {media_type: {}}}
    return {
        200: {"description": "As of now.", **shown},
        304: {"description": "What the reader has still holds."},
    }


@router.get(
    "", response_model=None, dependencies=[Counted],
    responses=problem_docs("invalid", "too_many") | _documented(Page[PublishedOut]),
)  # fmt: skip
def search_registry(
    request: Request, sessions: SessionsHere, wanted: Annotated[Search, Depends(_search)], limit: PageLimit = 50,
    after: After = None,
) -> Response:  # fmt: skip
    """List published attestations, the last published first. Those issued 36 months ago are listed on request."""
    with unit_of_work(sessions, None) as session:
        rows, more = cut(registry.search(session, wanted, clock.now(), limit, after), limit)
    items = [show(row, settings_of(request).base_url) for row in rows]
    return _json(request, Page(items=items, next=str(items[-1].id) if more else None))


@router.get(
    "/feed", response_model=None, dependencies=[Counted],
    responses=problem_docs("too_many") | _documented(None, feed.MEDIA_TYPE),
)  # fmt: skip
def read_feed(request: Request, sessions: SessionsHere, settings: SettingsHere) -> Response:
    """Return the 50 attestations that were published last, as an Atom feed."""
    at = clock.now()
    with unit_of_work(sessions, None) as session:
        rows = registry.search(session, Search(), at, IN_FEED, None)[:IN_FEED]
    began = at.replace(hour=0, minute=0, second=0, microsecond=0)
    data = feed.write_feed([show(row, settings.base_url) for row in rows], settings.base_url, began)
    return _answer(request, data, feed.MEDIA_TYPE, digest_bytes(data))


@router.get(
    "/{id_}", response_model=None, dependencies=[Counted],
    responses=problem_docs("not_found", "invalid", "too_many") | _documented(PublishedOut | WithdrawnOut),
)  # fmt: skip
def read_entry(request: Request, sessions: SessionsHere, settings: SettingsHere, id_: UUID) -> Response:
    """Return a published attestation, also an archived one; of a withdrawn one, that it was withdrawn and when."""
    with unit_of_work(sessions, None) as session:
        found = registry.read(session, id_, clock.now())
    withdrawn = found.entry.withdrawn_at
    if withdrawn is not None:
        return _json(request, WithdrawnOut(id=id_, withdrawn_on=withdrawn.date()))
    return _json(request, show(found, settings.base_url))


@router.get(
    "/{id_}/pdf", response_model=None, dependencies=[Counted],
    responses=problem_docs("not_found", "invalid", "too_many") | _documented(None, "application/pdf"),
)  # fmt: skip
def read_entry_pdf(request: Request, sessions: SessionsHere, id_: UUID) -> Response:
    """Return the sealed document of what is published."""
    entry = _published(sessions, lambda session: registry.read(session, id_, clock.now(), RegistryEntry.pdf))
    if entry.pdf is None or entry.pdf_digest is None:
        raise not_found()
    answer = _answer(request, entry.pdf, "application/pdf", entry.pdf_digest)
    answer.headers["Content-Disposition"] = f'attachment; filename="attestation-{id_}.pdf"'
    return answer


@router.get(
    "/{id_}/bundle", response_model=None, dependencies=[Counted],
    responses=problem_docs("not_found", "invalid", "too_many") | _documented(dict[str, Any]),
)  # fmt: skip
def read_entry_bundle(request: Request, sessions: SessionsHere, id_: UUID) -> Response:
    """Return the bundle that the document embeds: the signed envelope, and what is disclosed."""
    entry = _published(sessions, lambda session: registry.read(session, id_, clock.now(), RegistryEntry.bundle))
    assert entry.bundle is not None
    return _answer(request, entry.bundle, "application/json", digest_bytes(entry.bundle))


@router.get(
    "/{id_}/record", response_model=None, dependencies=[Counted],
    responses=problem_docs("not_found", "invalid", "too_many") | _documented(dict[str, Any]),
)  # fmt: skip
def read_entry_record(request: Request, sessions: SessionsHere, settings: SettingsHere, id_: UUID) -> Response:
    """Return the record for `enduse verify --record`: what the log holds about it, and the status list."""
    entry = _published(sessions, lambda session: registry.read(session, id_, clock.now()))
    published: PublishedHead = request.app.state.published
    assert entry.statement is not None
    found = read_record(sessions, published, settings, request.app.state.status_key, entry.statement)
    if found is None:
        raise not_found()
    return _answer(request, found, "application/json", digest_bytes(found))


def _published(sessions: Sessions, find: Callable[[TenantSession], Listed]) -> RegistryEntry:
    with unit_of_work(sessions, None) as session:
        entry = find(session).entry
    if entry.withdrawn_at is not None:
        raise not_found()
    return entry


def _json(request: Request, model: BaseModel) -> Response:
    data = model.model_dump_json().encode()
    return _answer(request, data, "application/json", digest_bytes(data))


def _answer(request: Request, data: bytes, media_type: str, digest: str) -> Response:
    tag = f'"{digest}"'
    headers = {"ETag": tag, "Cache-Control": CACHE, "X-Content-Type-Options": "nosniff"}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media_type, headers=headers)
