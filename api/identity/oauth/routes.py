"""HTTP of OAuth: the three endpoints for clients, the metadata, the keys."""

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from api.db.session import unit_of_work
from api.identity.oauth.assertions import ALGORITHMS
from api.identity.oauth.endpoints import METHODS
from api.identity.oauth.requests import Form, refuse
from api.identity.oauth.server import INTROSPECTION, REVOCATION, TOKEN, TokenServer
from api.identity.schemas import IntrospectionOut, MetadataOut, OAuthErrorOut, TokenOut
from api.identity.scopes import SCOPES
from api.limits import Limit, forget_free, key_of_address, take
from api.settings import Settings

router = APIRouter(tags=["oauth"])

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 40
ASSERTION = {"client_assertion_type": {"type": "string"}, "client_assertion": {"type": "string"}}
TOKEN_FIELDS = {
    "grant_type": {"const": "client_credentials"}, "scope": {"type": "string"},
    "resource": {"type": "string", "format": "uri"},
}  # fmt: skip
STATE_FIELDS = {"token": {"type": "string"}, "token_type_hint": {"type": "string"}}
ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": OAuthErrorOut, "description": "The request is refused"},
    401: {"model": OAuthErrorOut, "description": "The client is not authenticated"},
}


async def _read_form(request: Request) -> Form | None:
    """Return the form; None where there is none that can be read."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        text = (await request.body()).decode()
        parameters = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return None
    return Form(request.headers, parameters) if media_type == FORM else None


FormHere = Annotated[Form | None, Depends(_read_form)]


def _documented(fields: dict[str, Any], required: str) -> dict[str, Any]:
    schema = {"type": "object", "required": [required], "properties": fields | ASSERTION}
    return {
        "requestBody": {"required": True, "content": {FORM: {"schema": schema}}},
        "security": [{"client_secret_basic": []}, {}],
    }


def _answer(request: Request, form: Form | None) -> Response:
    server: TokenServer = request.app.state.token_server
    settings: Settings = request.app.state.settings
    with unit_of_work(request.app.state.sessions, None) as session:
        forget_free(session)
        take(
            session,
            key_of_address(request.client.host if request.client else ""),
            Limit(settings.address_per_second, settings.address_at_once),
        )
        session.commit()
    answer = refuse("invalid_request") if form is None else server.answer(request.url.path, form)
    if answer.body is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    return JSONResponse(dict(answer.body), status_code=answer.status, headers=dict(answer.headers))


@router.post(
    TOKEN, response_model=TokenOut, openapi_extra=_documented(TOKEN_FIELDS, "grant_type"), responses=ERRORS
)  # fmt: skip
def issue_token(request: Request, form: FormHere) -> Response:
    """Give an access token for client credentials (RFC 6749 section 4.4), as an RFC 9068 JWT."""
    return _answer(request, form)


@router.post(
    REVOCATION, response_class=Response, openapi_extra=_documented(STATE_FIELDS, "token"), responses=ERRORS
)  # fmt: skip
def revoke_token(request: Request, form: FormHere) -> Response:
    """Revoke an access token of the client that asks (RFC 7009); no process takes it from the next request on."""
    return _answer(request, form)


@router.post(
    INTROSPECTION, response_model=IntrospectionOut, openapi_extra=_documented(STATE_FIELDS, "token"), responses=ERRORS
)  # fmt: skip
def introspect_token(request: Request, form: FormHere) -> Response:
    """Tell the state of an access token of one's own organisation (RFC 7662)."""
    return _answer(request, form)


@router.get("/.well-known/oauth-authorization-server")
def read_metadata(request: Request) -> MetadataOut:
    """Return the metadata of the authorization server (RFC 8414)."""
    server: TokenServer = request.app.state.token_server
    methods, algorithms = list(METHODS), [name for names in ALGORITHMS.values() for name in names]
    return MetadataOut(
        issuer=server.issuer,
        token_endpoint=server.audience + TOKEN,
        revocation_endpoint=server.audience + REVOCATION,
        introspection_endpoint=server.audience + INTROSPECTION,
        jwks_uri=server.audience + "/.well-known/jwks.json",
        scopes_supported=list(SCOPES),
        response_types_supported=[],
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=methods,
        token_endpoint_auth_signing_alg_values_supported=algorithms,
        revocation_endpoint_auth_methods_supported=methods,
        revocation_endpoint_auth_signing_alg_values_supported=algorithms,
        introspection_endpoint_auth_methods_supported=methods,
        introspection_endpoint_auth_signing_alg_values_supported=algorithms,
    )


@router.get("/.well-known/jwks.json")
def read_keys(request: Request) -> dict[str, Any]:
    """Return the public keys that verify access tokens (RFC 7517)."""
    server: TokenServer = request.app.state.token_server
    return server.keys.public()
