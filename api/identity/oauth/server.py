"""The token endpoint's server: client credentials with `client_secret_basic` (RFC 6749 section 4.4).

Invariants: a scope that the client lacks is refused, never dropped; a revoked client is an unknown one; `resource`
(RFC 8707) may name this service only; tokens are RFC 9068 JWTs signed with ES256.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc.jwk import KeySet

from api.db.session import Sessions, unit_of_work
from api.identity.keys import TokenKeys
from api.identity.scopes import SCOPES
from api.identity.service import FoundClient, find_client

UNAUTHENTICATED, CHALLENGE = 401, {"WWW-Authenticate": "Basic"}
LIFETIME = 900
"""Seconds that an access token lives."""


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """The resource named is not this service (RFC 8707 section 2)."""

    error = "invalid_target"


class TokenRequest(NamedTuple):
    """The parts of a token request; parameters as sent, each with all its values."""

    headers: Mapping[str, str]
    parameters: Mapping[str, list[str]]


class TokenResponse(NamedTuple):
    """Status, JSON body and headers of the answer."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib is untyped
    """A client in the words that Authlib asks for."""

    def __init__(self, found: FoundClient) -> None:
        """Wrap a client that exists and is not revoked."""
        self.found = found

    def get_client_id(self) -> str:
        """Return the client id."""
        return str(self.found.id)

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether the secret is right."""
        return self.found.proves(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002  # Authlib's signature
        """Tell whether the client may authenticate this way."""
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client may use the grant."""
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return the scope granted: all that the client holds where none is named."""
        return scope or " ".join(sorted(self.found.scopes))


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib is untyped
    """The grant, strict about parameters, scope and resource."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def validate_token_request(self) -> None:
        """Refuse repeated parameters, scopes the client lacks, resources that are not ours."""
        repeated = [name for name, values in self.request.payload.datalist.items() if len(values) > 1]
        if repeated:
            raise InvalidRequestError("A parameter stands more than once.")
        super().validate_token_request()
        wanted = set((self.request.payload.scope or "").split())
        if not wanted <= self.request.client.found.scopes:
            raise InvalidScopeError("The client does not hold every scope that it asks for.")
        resource = self.request.payload.data.get("resource")
        if resource is not None and resource.rstrip("/") != self.server.audience:
            raise InvalidTargetError("The resource is not this service.")


class Tokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib is untyped
    """RFC 9068 access tokens that name the tenant."""

    def __init__(self, issuer: str, audience: str, keys: TokenKeys) -> None:
        """Sign with the newest of the keys."""
        super().__init__(issuer=issuer, alg="ES256", expires_generator=lambda *_: LIFETIME)
        self._audience, self._keys = audience, keys

    def get_jwks(self) -> KeySet:
        """Return the one key that signs: of two, Authlib would take a random one."""
        return self._keys.current

    def get_audiences(self, client: Any, user: Any, scope: Any) -> str:  # noqa: ARG002  # Authlib's signature
        """Return this service."""
        return self._audience

    def get_extra_claims(self, client: Any, grant_type: Any, user: Any, scope: Any) -> dict[str, str]:  # noqa: ARG002
        """Return the organisation that the client acts for."""
        return {"tenant": str(client.found.organisation)}


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's server on our sessions."""

    def __init__(self, sessions: Sessions, issuer: str, audience: str, keys: TokenKeys) -> None:
        """Serve clients found through the given sessions."""
        super().__init__(scopes_supported=list(SCOPES))
        self.issuer, self.audience, self.keys, self._sessions = issuer, audience, keys, sessions
        self.register_grant(ClientCredentials)
        self.register_token_generator("default", Tokens(issuer, audience, keys))

    def answer(self, request: TokenRequest) -> TokenResponse:
        """Return the answer to a token request."""
        try:
            response: TokenResponse = self.create_token_response(request)
        except (UnicodeError, ValueError):  # an Authorization header that cannot be decoded
            return TokenResponse(UNAUTHENTICATED, {"error": "invalid_client"}, CHALLENGE)
        if response.body.get("error") == "invalid_client":  # in the same words, whether the client exists or not
            return TokenResponse(UNAUTHENTICATED, {"error": "invalid_client"}, CHALLENGE)
        return response

    def query_client(self, client_id: str) -> RegisteredClient | None:
        """Return the client, unless it is revoked."""
        with unit_of_work(self._sessions, None) as session:
            found = find_client(session, client_id)
        return RegisteredClient(found) if found is not None and not found.revoked else None

    def save_token(self, token: Any, request: Any) -> None:
        """Keep nothing: the token proves itself, and the client is looked up at every use."""

    def create_oauth2_request(self, request: TokenRequest) -> OAuth2Request:
        """Return Authlib's form of the request; the address is ours, whatever proxy stands before us."""
        wrapped = OAuth2Request("POST", self.audience + "/oauth/token", headers=request.headers)
        payload = BasicOAuth2Payload({name: values[0] for name, values in request.parameters.items()})
        payload._datalist = dict(request.parameters)  # noqa: SLF001  # the generic payload takes single values only
        wrapped.payload = payload
        return wrapped

    def handle_response(self, status: int, body: Any, headers: Any) -> TokenResponse:
        """Return the response in our own form."""
        content = body if isinstance(body, dict) else json.loads(body or "{}")
        kept = {name: value for name, value in dict(headers).items() if name.lower() != "content-type"}
        return TokenResponse(status, content, kept)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Tell nobody."""
