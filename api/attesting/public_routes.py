"""HTTP of the short address that stands on every document: open to everybody, as JSON or as a plain page.

Invariants: the page is text without script, style or picture, and may load none; every value in it is escaped.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from pydantic import Field

from api import clock
from api.attesting import public_record
from api.attesting.public_record import PublicRecord
from api.attesting.routes import VALUES
from api.attesting.short_address import read_id
from api.db.session import Sessions, TenantSession, unit_of_work
from api.http.errors import problem_docs
from api.http.schemas import Moment, Wire, format_moment
from api.identity.access import sessions_of
from api.problems import not_found
from api.settings import Settings

router = APIRouter(tags=["log"])
REGISTRY = "/v1/registry/"
FindPublished = Callable[[TenantSession, UUID], UUID | None]
"""Finds the entry of an attestation in the registry, which is a feature above: the application hands it over."""
HEADERS = {"Cache-Control": "public, max-age=2", "Vary": "Accept", "X-Robots-Tag": "noindex"}
_WEIGHT = re.compile(r"(?:^|;)\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|$)", re.IGNORECASE)
_PAGE = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
}  # fmt: skip


class PublicStatusOut(Wire):
    """How an attestation stands. Why one is suspended, only its parties and whom they let read are told."""

    value: Literal["valid", "revoked", "suspended", "superseded"]
    meaning: str
    since: Moment | None
    reason: str | None


class PublicRecordOut(Wire):
    """What the log and the status list tell of an attestation whose id one holds. Names stand in the document."""

    attestation: str
    issued_at: Moment
    statement: str
    document: str
    status: PublicStatusOut
    as_of: Moment
    superseded_by: str | None
    entries: int
    record: str
    checkpoint: str
    registry: str | None = Field(description="Where it is published with names and result, if both parties agreed.")
    how_to_verify: str


_CONTENT: dict[int | str, dict[str, Any]] = {200: {"model": PublicRecordOut, "content": {"text/html": {}}}}


@router.get("/a/{id_}", response_model=None, responses=problem_docs("not_found", "invalid") | _CONTENT)
def read_public_record(
    id_: str, request: Request, sessions: Annotated[Sessions, Depends(sessions_of)],
    accept: Annotated[str, Header(description="`text/html` for a page.")] = "",
) -> Response:  # fmt: skip
    """Return how an attestation stands, by the short id on its document or its whole id."""
    wanted = read_id(id_)
    if wanted is None:
        raise not_found()
    with unit_of_work(sessions, None) as session:
        found = public_record.find(session, request.app.state.published, wanted)
        find_published: FindPublished = request.app.state.find_published
        entry = find_published(session, wanted)
    if found is None:
        raise not_found()
    out = _out(found, entry, request)
    if prefers_page(accept):
        page = _template().render(record=out, moment=format_moment)
        return Response(page, media_type="text/html; charset=utf-8", headers=HEADERS | _PAGE)
    return Response(out.model_dump_json(), media_type="application/json", headers=HEADERS)


def prefers_page(accept: str) -> bool:
    """Tell whether a header Accept wants a page more than JSON, or as much and before it (RFC 9110, 12.5.1)."""
    weights: dict[str, Decimal] = {}
    for part in accept.split(","):
        kind, _, parameters = part.partition(";")
        weight = _WEIGHT.search(parameters)
        weights.setdefault(kind.strip().lower(), Decimal(weight[1]) if weight else Decimal(1))
    named = [kind for kind in weights if kind in {"text/html", "application/json"} and weights[kind]]
    return bool(named) and max(named, key=lambda kind: weights[kind]) == "text/html"


def _out(found: PublicRecord, entry: UUID | None, request: Request) -> PublicRecordOut:
    settings: Settings = request.app.state.settings
    return PublicRecordOut(
        attestation=str(found.attestation), issued_at=found.issued_at, statement=found.statement,
        document=found.document,
        status=PublicStatusOut(
            value=VALUES[found.value], meaning=public_record.MEANINGS[found.value], since=found.since,
            reason=found.reason,
        ),
        as_of=clock.now(), superseded_by=found.by, entries=found.entries,
        record=f"{settings.base_url}/log/records/{found.statement}", checkpoint=f"{settings.base_url}/log/checkpoint",
        registry=f"{settings.base_url}{REGISTRY}{entry}" if entry else None,
        how_to_verify=public_record.HOW_TO_VERIFY,
    )  # fmt: skip


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("api.attesting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("record.html")
