"""From a bearer token to a principal, at every request.

Invariants: the signature, issuer, audience, type and time of a token are checked, and the client is looked up anew, so
that revoking it works at once and everywhere; a missing scope is told before any row is looked at.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.jwt import Claims, ClaimsOption, JWTClaimsRegistry

from api import clock
from api.db.session import Sessions, unit_of_work
from api.identity.oauth.server import TokenServer
from api.identity.scopes import SCOPES
from api.identity.service import find_client
from api.problems import Refusal
from api.tenancy import Principal

_bearer = HTTPBearer(auto_error=False, scheme_name="access_token", bearerFormat="RFC 9068")
LEEWAY = 5


def sessions_of(request: Request) -> Sessions:
    """Return the application's session factory."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def require(scope: str) -> Callable[..., Principal]:
    """Return a dependency that gives the caller if its token carries the scope."""
    assert scope in SCOPES

    def principal(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Principal:
        server: TokenServer = request.app.state.token_server
        if credentials is None:
            raise _unauthenticated("Send an access token.", None)
        caller = authenticate(server, sessions_of(request), credentials.credentials)
        if not caller.may(scope):
            challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
            raise Refusal("forbidden", f"The scope {scope} is needed.", headers={"WWW-Authenticate": challenge})
        return caller

    principal.scope = scope  # type: ignore[attr-defined]  # read by the tests that walk the route table
    return principal


def authenticate(server: TokenServer, sessions: Sessions, token: str) -> Principal:
    """Return the principal of a token; refuse one that is forged, expired, for another service, or revoked."""
    claims = _claims(server, token)
    with unit_of_work(sessions, None) as session:
        client = find_client(session, str(claims["client_id"]))
    if client is None or client.revoked or str(client.organisation) != claims["tenant"]:
        raise _unauthenticated("The token is no longer accepted.", "invalid_token")
    scopes = frozenset(str(claims["scope"]).split()) & client.scopes
    return Principal(organisation=client.organisation, client=client.id, roles=client.roles, scopes=scopes)


def _claims(server: TokenServer, token: str) -> Claims:
    essential: ClaimsOption = {"essential": True}
    registry = JWTClaimsRegistry(
        now=lambda: int(clock.now().timestamp()), leeway=LEEWAY,
        iss={"essential": True, "value": server.issuer}, aud={"essential": True, "value": server.audience},
        exp=essential, iat=essential, client_id=essential, tenant=essential, scope=essential,
    )  # fmt: skip
    try:
        decoded = jwt.decode(token, server.keys.verifying, algorithms=["ES256"])
        registry.validate(decoded.claims)
    except Exception:  # noqa: BLE001  # a parser of what strangers send raises whatever it stumbles over
        raise _unauthenticated("The token is not valid.", "invalid_token") from None
    if decoded.header.get("typ") not in {"at+jwt", "application/at+jwt"}:
        raise _unauthenticated("The token is not an access token.", "invalid_token")
    return decoded.claims


def _unauthenticated(detail: str, error: str | None) -> Refusal:
    challenge = "Bearer" if error is None else f'Bearer error="{error}"'
    return Refusal("unauthenticated", detail, headers={"WWW-Authenticate": challenge})
