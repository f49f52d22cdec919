"""HTTP of identity: organisations and their clients; the OAuth endpoints are included."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from api.audit.service import record
from api.db.session import Sessions, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity import clients, service
from api.identity.access import require, sessions_of, settings_of
from api.identity.clients import Registration
from api.identity.credentials import Credential
from api.identity.identifiers import Register
from api.identity.models import Client, Organisation
from api.identity.oauth import routes as oauth
from api.identity.schemas import (
    ClientIn,
    ClientItemOut,
    ClientOut,
    OrganisationIn,
    OrganisationOut,
    OwnClientIn,
    RotationIn,
)
from api.identity.scopes import scopes_for
from api.problems import Refusal
from api.tenancy import Principal, Role, tenant_of

router = APIRouter(tags=["identity"])
router.include_router(oauth.router)
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Writer = Annotated[Principal, Depends(require("clients:write"))]


@router.post(
    "/v1/organisations", status_code=201, openapi_extra=documented(OrganisationIn),
    responses=problem_docs("malformed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def create_organisation(
    principal: Annotated[Principal, Depends(require("organisations:write"))],
    sessions: SessionsHere,
    body: Annotated[OrganisationIn, Depends(json_body(OrganisationIn))],
) -> OrganisationOut:
    """Create an organisation (operator)."""
    service.require_role(principal, Role.OPERATOR)
    if Role.OPERATOR in body.roles and not principal.may(*scopes_for([Role.OPERATOR])):
        raise Refusal("forbidden", "Only a client with every scope of an operator creates another operator.")
    with unit_of_work(sessions, tenant_of(principal)) as session:
        identity = service.Identity(body.lei, body.register_, body.parent, body.domain)
        organisation = service.create_organisation(session, body.name, body.country, body.roles, identity)
        record(session, principal, "organisation.create", organisation.id)
        session.commit()
    return organisation_out(organisation)


@router.get("/v1/organisations", responses=problem_docs("invalid"))
def list_organisations(
    principal: Annotated[Principal, Depends(require("organisations:read"))],
    sessions: SessionsHere,
    role: Role | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[OrganisationOut]:
    """List the organisations that somebody runs, newest first; for operators also the records. See `:search`."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found, more = cut(service.find_organisations(session, principal, role, limit, after), limit)
    return Page(items=[organisation_out(item) for item in found], next=str(found[-1].id) if more else None)


@router.post(
    "/v1/organisations/{organisation}/clients", status_code=201, openapi_extra=documented(ClientIn),
    responses=problem_docs("malformed", "not_found", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def create_client(
    organisation: UUID,
    principal: Annotated[Principal, Depends(require("organisations:write"))],
    sessions: SessionsHere,
    body: Annotated[ClientIn, Depends(json_body(ClientIn))],
    request: Request,
) -> ClientOut:
    """Create an OAuth client of an organisation (operator); its secret is in the answer, once."""
    service.require_role(principal, Role.OPERATOR)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        owner = service.read_organisation(session, organisation)
    if owner.claimed_at is None:
        raise Refusal("conflict", "Nobody runs this record: approve a claim of it instead, and say why.")
    most = settings_of(request).clients_per_organisation
    client, secret = clients.create_client(sessions, owner, registration(body), principal, most)
    return client_out(client, secret)


@router.get("/v1/clients", responses=problem_docs("invalid"))
def list_clients(
    principal: Annotated[Principal, Depends(require("clients:read"))],
    sessions: SessionsHere,
    limit: Limit = 50,
    after: After = None,
) -> Page[ClientItemOut]:
    """List the clients of one's own organisation, newest first, revoked and expired ones too."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found, more = cut(clients.list_clients(session, principal, limit, after), limit)
    return Page(items=[_item(client) for client in found], next=str(found[-1].id) if more else None)


@router.post(
    "/v1/clients", status_code=201, openapi_extra=documented(OwnClientIn),
    responses=problem_docs("malformed", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def create_own_client(
    principal: Writer, sessions: SessionsHere, body: Annotated[OwnClientIn, Depends(json_body(OwnClientIn))],
    request: Request,
) -> ClientOut:  # fmt: skip
    """Create a client of one's own organisation, with no scope that the caller lacks, and no longer life."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        most = settings_of(request).clients_per_organisation
        client, secret = clients.create_own(session, registration(body), principal, most)
        session.commit()
    return client_out(client, secret)


@router.post(
    "/v1/clients/{id_}:rotate", openapi_extra=documented(RotationIn),
    responses=problem_docs("malformed", "not_found", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def rotate_client(
    id_: UUID, principal: Writer, sessions: SessionsHere, body: Annotated[RotationIn, Depends(json_body(RotationIn))]
) -> ClientOut:
    """Give a client a new secret or key; the present one stays valid for the overlap, any older one ends now."""
    overlap = timedelta(seconds=body.overlap_seconds)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        client, secret = clients.rotate(session, principal, id_, body.public_key, overlap)
        session.commit()
    return client_out(client, secret)


@router.post("/v1/clients/{id_}:revoke", responses=problem_docs("not_found", "invalid"))
def revoke_client(id_: UUID, principal: Writer, sessions: SessionsHere) -> ClientItemOut:
    """Revoke a client and all its tokens, for good: no process serves it from the next request on."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        client = clients.revoke(session, principal, id_)
        session.commit()
    return _item(client)


def registration(body: ClientIn) -> Registration:
    """Return what a new client is to be."""
    return Registration(body.name, body.scopes, body.expires_at, body.public_key)


def _item(client: Client) -> ClientItemOut:
    return ClientItemOut(
        id=client.id, organisation=client.tenant_id, name=client.name, scopes=client.scopes,
        authentication=Credential(client.secret_digest, client.public_key).method, created_at=client.created_at,
        created_by=client.created_by, last_used_at=client.last_used_at, old_credential_until=client.old_until,
        expires_at=client.expires_at, revoked_at=client.revoked_at,
    )  # fmt: skip


def client_out(client: Client, secret: str | None) -> ClientOut:
    """Return a client with its secret, this once."""
    return ClientOut(**_item(client).model_dump(), secret=secret)


def organisation_out(organisation: Organisation) -> OrganisationOut:
    """Return an organisation as the directory shows it: never who made a record of it, or when."""
    register = None
    if organisation.register_country is not None and organisation.register_number is not None:
        register = Register(country=organisation.register_country, number=organisation.register_number)
    return OrganisationOut.model_validate({
        "id": organisation.id, "name": organisation.name, "country": organisation.country, "roles": organisation.roles,
        "lei": organisation.lei, "register": register, "parent": organisation.parent_id, "domain": organisation.domain,
        "claimed": organisation.claimed_at is not None, "proof": organisation.proof,
    })  # fmt: skip
