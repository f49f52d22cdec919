"""From a bearer token to a principal, at every request.

Invariants: the signature, issuer, audience, type and time of a token are checked, and client and token are looked up
anew, in one statement, so that revoking either works at once and everywhere; a missing scope is told before any row is
looked at. The acting person is a claim of the client, never an account here: it gives no right.
"""

from collections.abc import Callable, Sequence
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import TypeAdapter, ValidationError

from api.db.session import Sessions, unit_of_work
from api.http.schemas import LONGEST_NAME, Name
from api.identity.lookup import find_client
from api.identity.oauth.endpoints import accepts
from api.identity.oauth.server import TokenServer
from api.identity.scopes import SCOPES
from api.limits import Limit, take
from api.problems import Refusal
from api.settings import Settings
from api.tenancy import Principal

ACTING_PERSON = "Enduse-Acting-Person"
LONGEST_ENCODED = 3 * LONGEST_NAME
"""Percent-encoding makes three characters of a byte."""
REALM = 'Bearer realm="enduse"'

_bearer = HTTPBearer(auto_error=False, scheme_name="access_token", bearerFormat="RFC 9068")
_name: TypeAdapter[str] = TypeAdapter(Name)


def sessions_of(request: Request) -> Sessions:
    """Return the application's session factory."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def settings_of(request: Request) -> Settings:
    """Return the application's settings."""
    settings: Settings = request.app.state.settings
    return settings


def require(scope: str) -> Callable[..., Principal]:
    """Return a dependency that gives the caller if its token carries the scope."""
    assert scope in SCOPES

    def principal(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Principal:
        server: TokenServer = request.app.state.token_server
        if credentials is None:
            raise _unauthenticated("Send an access token.", None)
        person = read_person(request.headers.getlist(ACTING_PERSON))
        settings = settings_of(request)
        caller = authenticate(server, sessions_of(request), credentials.credentials, settings, person)
        if not caller.may(scope):
            challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
            raise Refusal("forbidden", f"The scope {scope} is needed.", headers={"WWW-Authenticate": challenge})
        return caller

    principal.scope = scope  # type: ignore[attr-defined]  # read by the tests that walk the route table
    return principal


def authenticate(
    server: TokenServer, sessions: Sessions, token: str, settings: Settings, person: str | None = None
) -> Principal:
    """Return the principal of a token; refuse one that is forged, expired, foreign, revoked, or too busy."""
    claims = server.reader.read(token)
    if claims is None:
        raise _unauthenticated("The token is not valid.", "invalid_token")
    with unit_of_work(sessions, None) as session:
        client = find_client(session, claims["client_id"], claims["jti"])
        if client is None or not accepts(client, claims):
            raise _unauthenticated("The token is no longer accepted.", "invalid_token")
        take(session, f"client:{client.id}", Limit(settings.client_per_second, settings.client_at_once))
        all_clients = Limit(settings.organisation_per_second, settings.organisation_at_once)
        take(session, f"organisation:{client.organisation}", all_clients)
        session.commit()
    return Principal(
        organisation=client.organisation, client=client.id, roles=client.roles, person=person,
        scopes=frozenset(claims["scope"].split()) & client.scopes,
    )  # fmt: skip


def read_person(headers: Sequence[str]) -> str | None:
    """Return the person that the header names, in percent-encoded UTF-8; None without header.

    Raises Refusal for a header that stands twice, is not so encoded, or holds what is no name.
    """
    if not headers:
        return None
    try:
        (header,) = headers
        encoded = header.encode("ascii")
        if len(encoded) > LONGEST_ENCODED:
            raise ValueError  # noqa: TRY301  # told like all others
        return _name.validate_python(unquote(header, errors="strict"), strict=True)
    except (ValueError, ValidationError):  # both name what was sent
        raise Refusal("malformed", f"{ACTING_PERSON} takes one name, in percent-encoded UTF-8.") from None


def _unauthenticated(detail: str, error: str | None) -> Refusal:
    challenge = REALM if error is None else f'{REALM}, error="{error}"'
    return Refusal("unauthenticated", detail, headers={"WWW-Authenticate": challenge})
