"""Revocation (RFC 7009) and introspection (RFC 7662) of access tokens.

Invariants: a client revokes its own tokens only, and from the next request on no process takes them; it learns the
state of its own organisation's tokens only, unless it belongs to an operator and holds `tokens:introspect`; everything
else is `{"active": false}`, whatever the reason; a hint is a hint and refuses nothing.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, TokenEndpoint
from joserfc.jwt import Claims

from api import clock
from api.identity.lookup import FoundClient
from api.identity.oauth.requests import FormRequest
from api.identity.oauth.tokens import LEEWAY
from api.tenancy import Role

if TYPE_CHECKING:
    from api.identity.oauth.server import TokenServer

METHODS = ("client_secret_basic", "private_key_jwt")
INTROSPECT = "tokens:introspect"
SHOWN = ("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "tenant")
Reply = tuple[int, Any, list[tuple[str, str]]]


class _Endpoint(TokenEndpoint):  # type: ignore[misc]  # Authlib is untyped
    """What both have in common: an authenticated client and a token."""

    server: "TokenServer"
    CLIENT_AUTH_METHODS = METHODS

    def read(self, request: FormRequest) -> tuple[FoundClient, Claims | None]:
        """Return the authenticated client and the claims of the token it names; None where that is no valid token."""
        request.check()
        client: FoundClient = self.authenticate_endpoint_client(request).found
        token = request.form.get("token")
        if token is None:
            raise InvalidRequestError("The token is missing.")
        return client, self.server.reader.read(token)


class Revocation(_Endpoint):
    """Revokes a token of the client that asks."""

    ENDPOINT_NAME = "revocation"

    def create_endpoint_response(self, request: FormRequest) -> Reply:
        """Revoke the token; what is no token, or expired, needs none."""
        client, claims = self.read(request)
        if claims is not None:
            if claims["client_id"] != str(client.id):
                raise InvalidGrantError("The token was issued to another client.")
            until = datetime.fromtimestamp(claims["exp"] + LEEWAY, UTC)
            self.server.revoke(client, claims["jti"], until)
        return 200, None, []


class Introspection(_Endpoint):
    """Tells the state of a token."""

    ENDPOINT_NAME = "introspection"

    def create_endpoint_response(self, request: FormRequest) -> Reply:
        """Return the token's claims if it is accepted now and the client may know of it."""
        client, claims = self.read(request)
        found = None if claims is None else self.server.find(claims["client_id"], claims["jti"])
        if claims is None or found is None or not accepts(found, claims) or not _may_know(client, found):
            return 200, {"active": False}, []
        scopes = sorted(set(claims["scope"].split()) & found.scopes)
        shown = {name: claims[name] for name in SHOWN}
        return 200, {"active": True, "token_type": "Bearer", "scope": " ".join(scopes), **shown}, []


def accepts(client: FoundClient, claims: Claims) -> bool:
    """Tell whether a valid token is accepted now: its client lives, and it was not revoked."""
    return client.lives(clock.now()) and not client.token_revoked and str(client.organisation) == claims["tenant"]


def _may_know(asking: FoundClient, of: FoundClient) -> bool:
    everyone = Role.OPERATOR in asking.roles and INTROSPECT in asking.scopes
    return everyone or asking.organisation == of.organisation
