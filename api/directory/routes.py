"""HTTP of the directory: search, records, and what operators do. Claims stand in `api.directory.claim_routes`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import StringConstraints

from api.db.session import Sessions, unit_of_work
from api.directory import claim_routes, operating, service
from api.directory.schemas import (
    ActOut,
    ApprovalIn,
    ClaimedOut,
    CorrectionIn,
    MergedOut,
    MergeIn,
    RecordIn,
)
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.identity.clients import Registration
from api.identity.identifiers import Country, Register
from api.identity.routes import client_out, organisation_out
from api.identity.schemas import OrganisationOut
from api.identity.service import read_organisation, read_shown, require_role
from api.problems import Flaw, Refusal
from api.tenancy import Principal, Role, tenant_of

router = APIRouter(tags=["directory"])
router.include_router(claim_routes.router)
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Reader = Annotated[Principal, Depends(require("organisations:read"))]
Operator = Annotated[Principal, Depends(require("organisations:write"))]
Searched = Annotated[str, StringConstraints(max_length=200)]
Lei = Annotated[str | None, Query(description="Exact.", pattern="^[0-9A-Z]{20}$")]
RegisterCountry = Annotated[Country | None, Query(description="Of the register; with `register_number`.")]
RegisterNumber = Annotated[Searched | None, Query(description="Exact but for case, spaces and punctuation.")]
NameStart = Annotated[Searched | None, Query(description="How the name begins; case, accents and punctuation aside.")]
_BODY = ("malformed", "not_found", "conflict", "unsupported_media_type", "invalid")


@router.get("/v1/organisations:search", responses=problem_docs("invalid"))
def search_organisations(  # noqa: PLR0913, PLR0917  # the parameters of the query
    principal: Reader, sessions: SessionsHere, lei: Lei = None, register_country: RegisterCountry = None,
    register_number: RegisterNumber = None, name: NameStart = None, country: Country | None = None, limit: Limit = 50,
    after: After = None,
) -> Page[OrganisationOut]:  # fmt: skip
    """Search the directory, newest first. Records, which nobody runs yet, are found by investors and operators."""
    if (register_country is None) != (register_number is None):
        flaw = Flaw("/register_number", "half", "Give register_country and register_number together.")
        raise Refusal("invalid", "Correct every problem named in errors.", [flaw])
    register = None
    if register_country is not None and register_number is not None:
        register = Register.model_construct(country=register_country, number=register_number)
    wanted = service.Wanted(lei, register, name, country)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found, more = cut(service.search(session, principal, wanted, limit, after), limit)
    return Page(items=[organisation_out(item) for item in found], next=str(found[-1].id) if more else None)


@router.get("/v1/organisations/{organisation}", responses=problem_docs("not_found", "invalid"))
def read_entry(organisation: UUID, principal: Reader, sessions: SessionsHere) -> OrganisationOut:
    """Return an organisation; for the id of one that was merged into another, that other."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = read_shown(session, principal, organisation)
    return organisation_out(found)


@router.post(
    "/v1/vendor-records", status_code=201, openapi_extra=documented(RecordIn),
    responses=problem_docs("malformed", "conflict", "unsupported_media_type", "invalid")
    | {200: {"model": OrganisationOut, "description": "The directory has the vendor already"}},
)  # fmt: skip
def name_vendor(
    principal: Annotated[Principal, Depends(require("records:write"))],
    sessions: SessionsHere,
    body: Annotated[RecordIn, Depends(json_body(RecordIn))],
    response: Response,
) -> OrganisationOut:
    """Name a vendor that nobody runs yet, so that requests can be issued to it; they wait until it is claimed.

    One with this LEI or register number that is there already is returned, with 200.
    """
    require_role(principal, Role.INVESTOR)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found, new = service.name_vendor(session, principal, body)
        session.commit()
    response.status_code = 201 if new else 200
    return organisation_out(found)


@router.patch(
    "/v1/organisations/{organisation}", openapi_extra=documented(CorrectionIn), responses=problem_docs(*_BODY)
)  # fmt: skip
def correct_entry(
    organisation: UUID, principal: Operator, sessions: SessionsHere,
    body: Annotated[CorrectionIn, Depends(json_body(CorrectionIn))],
) -> OrganisationOut:  # fmt: skip
    """Correct an entry (operator), with a reason."""
    require_role(principal, Role.OPERATOR)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = operating.correct_entry(session, principal, organisation, body)
        session.commit()
    return organisation_out(found)


@router.post(
    "/v1/organisations/{organisation}:approve", status_code=201, openapi_extra=documented(ApprovalIn),
    responses=problem_docs(*_BODY),
)  # fmt: skip
def approve_claim(
    organisation: UUID, principal: Operator, sessions: SessionsHere,
    body: Annotated[ApprovalIn, Depends(json_body(ApprovalIn))],
) -> ClaimedOut:  # fmt: skip
    """Give a record to whoever convinced the operator to be it, with a reason; the secret is in the answer, once."""
    require_role(principal, Role.OPERATOR)
    asked = Registration(body.client.name, public_key=body.client.public_key)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        taken = operating.approve(session, principal, organisation, body.reason, asked)
        session.commit()
    return ClaimedOut(
        organisation=organisation_out(taken.organisation), client=client_out(taken.client, taken.secret)
    )  # fmt: skip


@router.post(
    "/v1/organisations/{organisation}:merge", openapi_extra=documented(MergeIn), responses=problem_docs(*_BODY)
)  # fmt: skip
def merge_entries(
    organisation: UUID, principal: Operator, sessions: SessionsHere,
    body: Annotated[MergeIn, Depends(json_body(MergeIn))],
) -> MergedOut:  # fmt: skip
    """Merge a record, which never acted, into another entry (operator), with a reason. Its id stays as an alias."""
    require_role(principal, Role.OPERATOR)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        moved = operating.merge_with_reason(session, principal, organisation, body.into, body.reason)
        kept = read_organisation(session, body.into)
        session.commit()
    return MergedOut(organisation=organisation_out(kept), moved=moved)


@router.get("/v1/directory-acts", responses=problem_docs("invalid"))
def list_acts(principal: Operator, sessions: SessionsHere, limit: Limit = 50, after: After = None) -> Page[ActOut]:
    """List what the caller's organisation did to the directory as its operator, newest first, with the reasons."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(operating.list_acts(session, principal, limit, after), limit)
    items = [
        ActOut.model_validate({
            "id": row.id, "act": row.act, "organisation": row.organisation_id, "into": row.into_id,
            "reason": row.reason, "at": row.at, "client": row.client_id, "person": row.person,
        })
        for row in rows
    ]  # fmt: skip
    return Page(items=items, next=str(rows[-1].id) if more else None)
