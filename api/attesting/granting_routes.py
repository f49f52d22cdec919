"""HTTP of grants of attestations; they are listed, read and taken back under `/v1/grants` like all others."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from api.attesting import granting
from api.attesting.schemas import AttestationGrantIn
from api.db.session import Sessions, unit_of_work
from api.grants.routes import grant_fields, reading_out
from api.grants.schemas import GrantOut, ReadingOut
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["grants"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Granter = Annotated[Principal, Depends(require("grants:write"))]


@router.post(
    "/attestations/{id_}/grants", status_code=201, openapi_extra=documented(AttestationGrantIn),
    responses=problem_docs("malformed", "not_found", "unsupported_media_type", "invalid"),
)  # fmt: skip
def grant_attestation(
    principal: Granter, sessions: SessionsHere, id_: UUID,
    body: Annotated[AttestationGrantIn, Depends(json_body(AttestationGrantIn))],
) -> GrantOut:  # fmt: skip
    """Let another investor, or an auditor, read an attestation that speaks of oneself: document and bundle, whole."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = granting.make(session, principal, id_, body)
        session.commit()
    return GrantOut(**grant_fields(made))


@router.get("/attestations/{id_}/readings", responses=problem_docs("not_found", "invalid"))
def list_attestation_readings(
    principal: Granter, sessions: SessionsHere, id_: UUID, limit: Limit = 50, after: After = None
) -> Page[ReadingOut]:
    """List which grantee read an attestation that speaks of oneself, and when; newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(granting.list_readings(session, principal, id_, limit, after), limit)
    return Page(items=[reading_out(row) for row in rows], next=str(rows[-1].id) if more else None)
