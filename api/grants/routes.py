"""HTTP of grants and readings."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends

from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.grants import service
from api.grants.schemas import GrantIn, GrantOut, GrantWithCopyOut, ReadingOut
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.submissions.models import AccessGrant, AccessRecord
from api.submissions.service import note_reading
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["grants"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Granter = Annotated[Principal, Depends(require("grants:write"))]
Reader = Annotated[Principal, Depends(require("submissions:read"))]


@router.post(
    "/submissions/{id_}/grants", status_code=201, openapi_extra=documented(GrantIn),
    responses=problem_docs("malformed", "not_found", "unsupported_media_type", "invalid"),
)  # fmt: skip
def grant_access(
    principal: Granter, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID,
    body: Annotated[GrantIn, Depends(json_body(GrantIn))],
) -> GrantOut:  # fmt: skip
    """Show one's own sealed submission, or a copy of a part of it, to another organisation."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = service.make(session, principal, catalogue, id_, body)
        session.commit()
    return GrantOut(**grant_fields(made))


@router.get("/grants", responses=problem_docs("invalid"))
def list_grants(
    principal: Reader, sessions: SessionsHere, side: Literal["made", "received"] = "received", limit: Limit = 50,
    after: After = None,
) -> Page[GrantOut]:  # fmt: skip
    """List the grants that one made, or received and may still use; newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(service.list_grants(session, principal, side, limit, after), limit)
    return Page(items=[GrantOut(**grant_fields(row)) for row in rows], next=str(rows[-1].id) if more else None)


@router.get("/grants/{id_}", responses=problem_docs("not_found", "invalid"))
def read_grant(principal: Reader, sessions: SessionsHere, id_: UUID) -> GrantWithCopyOut:
    """Return a grant with what it shows."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = service.read(session, principal, id_)
        if found.shown is not None:
            note_reading(session, principal, found.tenant_id, found.submission_id, "copy")
    return GrantWithCopyOut.model_validate({**grant_fields(found), "shown": found.shown})


@router.post("/grants/{id_}:revoke", responses=problem_docs("not_found", "conflict", "invalid"))
def revoke_grant(principal: Granter, sessions: SessionsHere, id_: UUID) -> GrantOut:
    """Take a grant back: the grantee's very next request finds nothing. What sealing granted to the issuer stays."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        revoked = service.revoke(session, principal, id_)
        session.commit()
    return GrantOut(**grant_fields(revoked))


@router.get("/submissions/{id_}/readings", responses=problem_docs("not_found", "invalid"))
def list_readings(
    principal: Granter, sessions: SessionsHere, id_: UUID, limit: Limit = 50, after: After = None
) -> Page[ReadingOut]:
    """List who read what of one's own submission, newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(service.list_readings(session, principal, id_, limit, after), limit)
    return Page(items=[reading_out(row) for row in rows], next=str(rows[-1].id) if more else None)


def reading_out(row: AccessRecord) -> ReadingOut:
    """Return the wire form of a reading."""
    said = {"reader": row.reader_id, "what": row.what, "at": row.at, "person": row.person}
    return ReadingOut.model_validate({**said, "attestation": row.attestation_id})


def grant_fields(row: AccessGrant) -> dict[str, Any]:
    """Return the wire form of a grant, but for what it shows."""
    return {
        "id": row.id,
        "submission": row.submission_id,
        "attestation": row.attestation_id,
        "respondent": row.tenant_id,
        "grantee": row.grantee_id,
        "purpose": row.purpose,
        "level": row.level,
        "granted_at": row.granted_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "made_by": row.made_by,
    }
