"""HTTP of the log, open to everybody: heads, tiles, proofs, and the record of an attestation that one holds.

Invariants: nothing is handed out that is not under the published head; a record is found by the digest of a statement
alone, which only those know who have the attestation.
"""

import base64
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api import clock
from api.db.session import Sessions, TenantSession, unit_of_work
from api.http.errors import problem_docs
from api.identity.access import sessions_of
from api.problems import Flaw, Refusal, not_found
from api.settings import Settings
from api.transparency import reading, service, witnessing
from api.transparency.published import PublishedHead
from api.transparency.schemas import ConsistencyOut, InclusionOut
from api.transparency.status import StatusKey, issue_list
from attestations.transparency import notes, tiles
from attestations.transparency.tree import Hash

router = APIRouter(prefix="/log", tags=["log"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Size = Annotated[int, Query(ge=1, le=2**53 - 1)]
Number = Annotated[int, Query(ge=0, le=2**53 - 1)]
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FOR_A_MINUTE = {"Cache-Control": "public, max-age=60"}
FOR_A_MOMENT = {"Cache-Control": "public, max-age=2"}
_NOTE = {"requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string"}}}}}


def published_of(request: Request) -> PublishedHead:
    """Return the published head of the service."""
    found: PublishedHead = request.app.state.published
    return found


Published = Annotated[PublishedHead, Depends(published_of)]


def _content(kind: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {kind: {}}}}


@router.get("/key", response_model=None, responses=_content("text/plain"))
def read_log_key(published: Published) -> Response:
    """Return the log's public key in the form of C2SP signed-note. Compare it with one you got by another way."""
    return Response(published.log.text() + "\n", media_type="text/plain")


@router.get("/checkpoint", response_model=None, responses=problem_docs("not_found") | _content("text/plain"))
def read_checkpoint(published: Published) -> Response:
    """Return the published head (C2SP tlog-checkpoint)."""
    note = published.read()
    if note is None:
        raise not_found()
    return Response(note, media_type="text/plain; charset=utf-8", headers=FOR_A_MOMENT)


@router.post(
    "/cosignatures", status_code=204, response_model=None, max_body_size=notes.MAX_NOTE, openapi_extra=_NOTE,
    responses=problem_docs("malformed", "too_large", "unsupported_media_type", "conflict", "invalid"),
)  # fmt: skip
async def add_cosignatures(request: Request, published: Published, sessions: SessionsHere) -> Response:
    """Add a witness's cosignature (C2SP tlog-cosignature) to the published head; taken from the operator's witnesses.

    Send the checkpoint as a note with your signature line under it. It is served with the head and in proofs, until
    the log has a newer head.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/plain":
        raise Refusal("unsupported_media_type", "Send text/plain.")
    await run_in_threadpool(_cosign, sessions, published, await request.body())
    return Response(status_code=204)


@router.get(
    "/tile/{path:path}",
    response_model=None,
    responses=problem_docs("not_found", "invalid") | _content("application/octet-stream"),
)
def read_tile(path: str, published: Published, sessions: SessionsHere) -> Response:
    """Return a tile of hashes or of entries (C2SP tlog-tiles)."""
    try:
        tile = tiles.read_address(path)
    except ValueError:
        raise not_found() from None
    if not tile.is_in(_size(published)):
        raise not_found()
    with unit_of_work(sessions, None) as session:
        if tile.level is None:
            data = tiles.pack_entries(service.entries_between(session, tile.number * tiles.WIDTH, tile.width))
        else:
            data = b"".join(service.hashes_of(session, [(place,) for place in tile.places()]))
    return Response(data, media_type="application/octet-stream", headers=FOR_EVER)


@router.get("/proofs/inclusion", responses=problem_docs("invalid"))
def prove_inclusion(number: Number, size: Size, published: Published, sessions: SessionsHere) -> InclusionOut:
    """Prove that the entry at a place is in the tree of a size."""
    if number >= size:
        raise _invalid("/size", "too_small", "Above number.")
    _require_size(size, published)
    with unit_of_work(sessions, None) as session:
        hashes = service.prove_inclusion(session, number, size)
    return InclusionOut(number=number, size=size, hashes=_texts(hashes))


@router.get("/proofs/consistency", responses=problem_docs("invalid"))
def prove_consistency(old: Size, new: Size, published: Published, sessions: SessionsHere) -> ConsistencyOut:
    """Prove that the tree of the newer size begins with that of the older."""
    if old > new:
        raise _invalid("/old", "too_large", "At most new.")
    _require_size(new, published)
    with unit_of_work(sessions, None) as session:
        hashes = service.prove_consistency(session, old, new)
    return ConsistencyOut(old=old, new=new, hashes=_texts(hashes))


@router.get(
    "/records/{statement}",
    response_model=None,
    responses=problem_docs("not_found", "invalid") | _content("application/json"),
)
def read_record(statement: str, published: Published, sessions: SessionsHere, request: Request) -> Response:
    """Return what the log holds about a statement, by the SHA-256 of its bytes (`sha256:` and 64 digits)."""
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", statement):
        raise not_found()
    found = reading.read_record(
        sessions, published, request.app.state.settings, request.app.state.status_key, statement
    )
    if found is None:
        raise not_found()
    return Response(found, media_type="application/json", headers=FOR_A_MOMENT)


@router.get("/status-lists/1", response_model=None, responses=_content("application/statuslist+jwt"))
def read_status_list(request: Request, sessions: SessionsHere) -> Response:
    """Return what became of every attestation, as of now: a signed status list token, good for a day."""
    with unit_of_work(sessions, None) as session:
        token = _issue_list(session, request)
    return Response(token, media_type="application/statuslist+jwt", headers=FOR_A_MINUTE)


def _cosign(sessions: Sessions, published: PublishedHead, note: bytes) -> None:
    with unit_of_work(sessions, None) as session:
        witnessing.cosign(session, published, note)


def _issue_list(session: TenantSession, request: Request) -> str:
    settings: Settings = request.app.state.settings
    key: StatusKey = request.app.state.status_key
    return issue_list(session, settings.base_url, key, clock.now())


def _size(published: PublishedHead) -> int:
    head = published.head()
    return 0 if head is None else head.size


def _require_size(size: int, published: PublishedHead) -> None:
    if size > _size(published):
        raise _invalid("/size", "not_published", "Ask for at most the size of the checkpoint.")


def _invalid(pointer: str, code: str, detail: str) -> Refusal:
    return Refusal("invalid", "Correct every problem named in errors.", [Flaw(pointer, code, detail)])


def _texts(hashes: list[Hash]) -> list[str]:
    return [base64.b64encode(hash_).decode() for hash_ in hashes]
