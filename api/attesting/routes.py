"""HTTP of attestations."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.attesting import granting, revoking, service
from api.attesting.models import Attestation, AttestationRevocation
from api.attesting.schemas import AttestationIn, AttestationOut, PreviewOut, RevocationIn, StatusOut
from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, TenantSession, unit_of_work
from api.evidence.files import FileStore
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.settings import Settings
from api.standing.service import Standing, standings_of
from api.tenancy import Principal, tenant_of
from attestations.signing import Signer
from attestations.status_list import AttestationStatus

router = APIRouter(prefix="/v1", tags=["attestations"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Issuer = Annotated[Principal, Depends(require("attestations:issue"))]
Revoker = Annotated[Principal, Depends(require("attestations:revoke"))]
Reader = Annotated[Principal, Depends(require("attestations:read"))]
Prefer = Annotated[str | None, Header(description="`wait=N`: wait up to N seconds (30 at most) for the document.")]
LONGEST_WAIT, PAUSE, RETRY_AFTER = 30, 0.1, "1"
VALUES: Mapping[AttestationStatus, Literal["valid", "revoked", "suspended", "superseded"]] = {
    AttestationStatus.VALID: "valid", AttestationStatus.REVOKED: "revoked",
    AttestationStatus.SUSPENDED: "suspended", AttestationStatus.SUPERSEDED: "superseded",
}  # fmt: skip
_BODY_PROBLEMS = ("malformed", "not_found", "unsupported_media_type", "invalid")
_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}},
    202: {"description": "The document is being rendered."},
}


@router.post("/attestations:preview", openapi_extra=documented(AttestationIn), responses=problem_docs(*_BODY_PROBLEMS))
def preview_attestation(
    principal: Issuer, sessions: SessionsHere, catalogue: CatalogueHere,
    body: Annotated[AttestationIn, Depends(json_body(AttestationIn))],
) -> PreviewOut:  # fmt: skip
    """Return the statement as it would be signed now, without storing or signing anything."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        _, content = service.state(session, principal, catalogue, body.submission)
    return PreviewOut(statement=content)


@router.post(
    "/attestations", status_code=201, openapi_extra=documented(AttestationIn),
    responses=problem_docs(*_BODY_PROBLEMS, "conflict", "quota_exceeded"),
)  # fmt: skip
def issue_attestation(
    principal: Issuer, sessions: SessionsHere, catalogue: CatalogueHere, request: Request,
    body: Annotated[AttestationIn, Depends(json_body(AttestationIn))],
) -> AttestationOut:  # fmt: skip
    """Sign the statement about a sealed submission. Both sides receive it; the document follows within seconds."""
    signer: Signer = request.app.state.signer
    settings: Settings = request.app.state.settings
    with unit_of_work(sessions, tenant_of(principal)) as session:
        attestation = service.attest(session, principal, catalogue, signer, settings, body.submission)
        (out,) = _out(session, [attestation])
        session.commit()
    return out


@router.get("/attestations", responses=problem_docs("invalid"))
def list_attestations(
    principal: Reader, sessions: SessionsHere, side: Literal["issued", "received", "granted"] = "issued",
    limit: Limit = 50, after: After = None,
) -> Page[AttestationOut]:  # fmt: skip
    """List the attestations that one issued or received, or was granted by their vendor; newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(service.list_attestations(session, principal, side, limit, after), limit)
        items = _out(session, rows)
    return Page(items=items, next=str(rows[-1].id) if more else None)


@router.get("/attestations/{id_}.pdf", response_model=None, responses=problem_docs("not_found", "invalid") | _PDF)
async def read_pdf(
    principal: Reader, sessions: SessionsHere, request: Request, id_: UUID, prefer: Prefer = None
) -> Response:
    """Return the sealed document; 202 with Retry-After while it is being rendered."""
    deadline = time.monotonic() + _wait(prefer)
    attestation = await run_in_threadpool(_find, sessions, principal, id_)
    while attestation.pdf_digest is None and time.monotonic() < deadline and not await request.is_disconnected():
        await asyncio.sleep(PAUSE)
        attestation = await run_in_threadpool(_find, sessions, principal, id_)
    if attestation.pdf_digest is None:
        return Response(status_code=202, headers={"Retry-After": RETRY_AFTER})
    files: FileStore = request.app.state.files
    data = await run_in_threadpool(service.read_pdf, files, attestation)
    await run_in_threadpool(_note, sessions, principal, attestation)
    name = f'attachment; filename="attestation-{id_}.pdf"'
    headers = {"ETag": f'"{attestation.pdf_digest}"', "Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="application/pdf", headers=headers)


@router.get("/attestations/{id_}", responses=problem_docs("not_found", "invalid"))
def read_attestation(principal: Reader, sessions: SessionsHere, id_: UUID) -> AttestationOut:
    """Return an attestation."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        (out,) = _out(session, [service.read_attestation(session, principal, id_)])
    return out


@router.post(
    "/attestations/{id_}:revoke", openapi_extra=documented(RevocationIn), responses=problem_docs(*_BODY_PROBLEMS)
)
def revoke_attestation(
    principal: Revoker,
    sessions: SessionsHere,
    id_: UUID,
    body: Annotated[RevocationIn, Depends(json_body(RevocationIn))],
) -> AttestationOut:
    """Revoke an attestation for good: the log and the status list say so. A second time changes nothing."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        (out,) = _out(session, [revoking.revoke(session, principal, id_, body.reason)])
        session.commit()
    return out


@router.get(
    "/attestations/{id_}/bundle", response_model=None,
    responses=problem_docs("not_found", "invalid") | _JSON,
)  # fmt: skip
def read_bundle(principal: Reader, sessions: SessionsHere, id_: UUID) -> Response:
    """Return the bundle that the document embeds: the signed envelope, the disclosures, the revisions."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = service.read_attestation(session, principal, id_)
        data = found.bundle
        granting.note_reading(session, principal, found, "bundle")
    return Response(data, media_type="application/json")


@router.get("/trust.json", response_model=None, responses=_JSON)
def read_trust(request: Request) -> Response:
    """Return the trust list of this service (root, signer, log), as `enduse verify --trust` reads it.

    Open to everybody. Compare the root's fingerprint with one you got by another way: this address proves nothing.
    """
    trust: bytes = request.app.state.trust
    return Response(trust, media_type="application/json")


def _find(sessions: Sessions, principal: Principal, id_: UUID) -> Attestation:
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return service.read_attestation(session, principal, id_)


def _note(sessions: Sessions, principal: Principal, attestation: Attestation) -> None:
    with unit_of_work(sessions, tenant_of(principal)) as session:
        granting.note_reading(session, principal, attestation, "pdf")


def _wait(prefer: str | None) -> float:
    found = re.search(r"(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])", prefer or "")
    return min(int(found[1]), LONGEST_WAIT) if found else 0.0


def _out(session: TenantSession, rows: Sequence[Attestation]) -> list[AttestationOut]:
    revocations, standings = revoking.revocations_of(session, rows), standings_of(session, rows)
    return [_one_out(row, revocations.get(row.id), standings.get(row.id)) for row in rows]


def _one_out(row: Attestation, revocation: AttestationRevocation | None, standing: Standing | None) -> AttestationOut:
    return AttestationOut(
        id=row.id, issuer=row.tenant_id, respondent=row.respondent_id, submission=row.submission_id,
        issued_at=row.issued_at, pdf=row.pdf_digest, pdf_size=row.pdf_size,
        revoked_at=revocation.revoked_at if revocation else None,
        revocation_reason=revocation.reason if revocation else None,
        status=_status_out(standing) if standing else None,
    )  # fmt: skip


def _status_out(standing: Standing) -> StatusOut:
    value = VALUES[standing.value]
    return StatusOut(value=value, reason=standing.reason, since=standing.since)
