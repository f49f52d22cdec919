"""HTTP of identity: the token endpoint, its metadata, organisations and clients."""

from typing import Annotated, Any
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from api.db.session import Sessions, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity import service
from api.identity.access import require, sessions_of
from api.identity.models import Organisation
from api.identity.oauth.server import TokenRequest, TokenServer
from api.identity.schemas import ClientIn, ClientOut, OAuthErrorOut, OrganisationIn, OrganisationOut, TokenOut
from api.identity.scopes import SCOPES
from api.problems import Refusal
from api.tenancy import Principal, Role, tenant_of

router = APIRouter(tags=["identity"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]

_TOKEN_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "scope": {"type": "string"},
                        "resource": {"type": "string", "format": "uri"},
                    },
                }
            }
        },
    },
    "security": [{"client_secret_basic": []}],
}


async def _token_request(request: Request) -> TokenRequest:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise Refusal("unsupported_media_type", "Send application/x-www-form-urlencoded.")
    try:
        parameters = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Refusal("malformed", "The form cannot be read.") from None
    return TokenRequest(request.headers, parameters)


@router.post(
    "/oauth/token", response_model=TokenOut, openapi_extra=_TOKEN_BODY,
    responses={400: {"model": OAuthErrorOut}, 401: {"model": OAuthErrorOut}, **problem_docs("unsupported_media_type")}
    | {401: {"model": OAuthErrorOut, "description": "The client is not authenticated"}},
)  # fmt: skip
def issue_token(request: Request, asked: Annotated[TokenRequest, Depends(_token_request)]) -> Response:
    """Give an access token for client credentials (RFC 6749 section 4.4), as an RFC 9068 JWT."""
    server: TokenServer = request.app.state.token_server
    status, body, headers = server.answer(asked)
    return JSONResponse(dict(body), status_code=status, headers=dict(headers))


@router.get("/.well-known/oauth-authorization-server")
def read_metadata(request: Request) -> dict[str, str | list[str]]:
    """Return the metadata of the authorization server (RFC 8414)."""
    server: TokenServer = request.app.state.token_server
    return {
        "issuer": server.issuer,
        "token_endpoint": server.audience + "/oauth/token",
        "jwks_uri": server.audience + "/.well-known/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }


@router.get("/.well-known/jwks.json")
def read_keys(request: Request) -> dict[str, Any]:
    """Return the public keys that verify access tokens (RFC 7517)."""
    server: TokenServer = request.app.state.token_server
    return server.keys.public()


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
    with unit_of_work(sessions, tenant_of(principal)) as session:
        organisation = service.create_organisation(session, body.name, body.country, body.roles)
        session.commit()
    return _out(organisation)


@router.get("/v1/organisations", responses=problem_docs("invalid"))
def list_organisations(
    principal: Annotated[Principal, Depends(require("organisations:read"))],
    sessions: SessionsHere,
    role: Role | None = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[OrganisationOut]:
    """List the directory of organisations, newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found, more = cut(service.find_organisations(session, role, limit, after), limit)
    return Page(items=[_out(item) for item in found], next=str(found[-1].id) if more else None)


@router.post(
    "/v1/organisations/{organisation}/clients", status_code=201, openapi_extra=documented(ClientIn),
    responses=problem_docs("malformed", "not_found", "unsupported_media_type", "invalid"),
)  # fmt: skip
def create_client(
    organisation: UUID,
    principal: Annotated[Principal, Depends(require("organisations:write"))],
    sessions: SessionsHere,
    body: Annotated[ClientIn, Depends(json_body(ClientIn))],
) -> ClientOut:
    """Create an OAuth client of an organisation (operator); its secret is in the answer, once."""
    service.require_role(principal, Role.OPERATOR)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        owner = service.read_organisation(session, organisation)
    client, secret = service.create_client(sessions, owner, body.name, body.scopes)
    return ClientOut(
        id=client.id, organisation=client.tenant_id, name=client.name, scopes=client.scopes, secret=secret,
        created_at=client.created_at,
    )  # fmt: skip


def _out(organisation: Organisation) -> OrganisationOut:
    roles = [Role(role) for role in organisation.roles]
    return OrganisationOut(id=organisation.id, name=organisation.name, country=organisation.country, roles=roles)
