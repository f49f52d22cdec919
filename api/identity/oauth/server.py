"""The authorization server: client credentials (RFC 6749 section 4.4), by secret or by signed assertion.

Invariants: a scope that the client lacks is refused, never dropped; a revoked or expired client is an unknown one, and
told in the same words; `resource` (RFC 8707) may name this service only; a password travels in the header only.
"""

from datetime import datetime
from typing import Any

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from api import clock
from api.db.session import Sessions, unit_of_work
from api.identity import lookup
from api.identity.keys import TokenKeys
from api.identity.lookup import FoundClient, find_client
from api.identity.oauth import assertions
from api.identity.oauth.endpoints import METHODS, Introspection, Revocation
from api.identity.oauth.requests import NO_STORE, Answer, Form, FormRequest, refuse
from api.identity.oauth.tokens import Reader, Tokens
from api.identity.scopes import SCOPES

TOKEN, REVOCATION, INTROSPECTION = "/oauth/token", "/oauth/revoke", "/oauth/introspect"
UNAUTHENTICATED = 401


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """The resource named is not this service (RFC 8707 section 2)."""

    error = "invalid_target"


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib is untyped
    """A client in the words that Authlib asks for."""

    def __init__(self, found: FoundClient) -> None:
        """Wrap a client that is neither revoked nor expired."""
        self.found = found
        self.valid = found.credentials.valid(clock.now())

    def get_client_id(self) -> str:
        """Return the client id."""
        return str(self.found.id)

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether the secret is right."""
        return any(credential.is_secret(client_secret) for credential in self.valid)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002  # Authlib's signature
        """Tell whether the client may authenticate this way."""
        return any(credential.method == method for credential in self.valid)

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client may use the grant."""
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return the scope granted: all that the client holds where none is named."""
        return " ".join(sorted(set(scope.split(" ")) if scope else self.found.scopes))


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib is untyped
    """The grant, strict about parameters, scope and resource."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def check_grant_type(self) -> None:
        """Refuse a request that names no grant, or another one."""
        if self.request.payload.grant_type is None:
            raise InvalidRequestError("The grant_type is missing.")
        if self.request.payload.grant_type != self.GRANT_TYPE:
            raise OAuth2Error(error="unsupported_grant_type")

    def validate_requested_scope(self) -> None:
        """Refuse scopes that the client lacks, and resources that are not ours."""
        wanted = self.request.payload.scope
        if wanted is not None and not set(wanted.split(" ")) <= self.request.client.found.scopes:
            raise InvalidScopeError("The client does not hold every scope that it asks for.")
        if any(resource.removesuffix("/") != self.server.audience for resource in self.request.resources):
            raise InvalidTargetError("The resource is not this service.")


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's server on our sessions."""

    def __init__(self, sessions: Sessions, issuer: str, audience: str, keys: TokenKeys) -> None:
        """Serve clients found through the given sessions."""
        super().__init__(scopes_supported=list(SCOPES))
        self.issuer, self.audience, self.keys, self._sessions = issuer, audience, keys, sessions
        self.reader = Reader(issuer, audience, keys)
        self.register_client_auth_method("private_key_jwt", self._authenticate_by_assertion)
        self.register_token_generator("default", Tokens(issuer, audience, keys))
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def answer(self, path: str, form: Form) -> Answer:
        """Return the answer of one of the three endpoints."""
        if path == TOKEN:
            answer: Answer = self.create_token_response(form)
        else:
            answer = self.create_endpoint_response(
                {REVOCATION: "revocation", INTROSPECTION: "introspection"}[path], form
            )
        if answer.body is not None and answer.body.get("error") == "invalid_client":
            return refuse("invalid_client", UNAUTHENTICATED)  # in the same words, whether the client exists or not
        return answer

    def create_token_response(self, request: Form) -> Answer:
        """Return the answer of the token endpoint; what it says of a wrong grant repeats nothing that was sent."""
        form = self.create_oauth2_request(request)
        try:
            form.check()
            grant = ClientCredentials(form, self)
            grant.check_grant_type()
            grant.validate_token_request()
            return self.handle_response(*grant.create_token_response())
        except OAuth2Error as error:
            answer: Answer = self.handle_error_response(form, error)
            return answer

    def authenticate_client(self, request: FormRequest, methods: Any, endpoint: str = "token") -> RegisteredClient:
        """Return the client that proves itself; `client_id` may stand in the form too, and must then be the same."""
        try:
            client: RegisteredClient = super().authenticate_client(request, methods, endpoint)
        except (UnicodeError, ValueError):  # an Authorization header that cannot be decoded
            raise InvalidClientError from None
        if request.form.get("client_id", client.get_client_id()) != client.get_client_id():
            raise InvalidClientError
        return client

    def _authenticate_by_assertion(self, query_client: Any, request: FormRequest) -> RegisteredClient | None:
        if request.form.get("client_assertion_type") != assertions.ASSERTION_TYPE:
            return None
        assertion = request.form["client_assertion"]
        client: RegisteredClient | None = query_client(assertions.named_client(assertion))
        if client is None:
            return None
        audiences = {self.issuer, self.audience + TOKEN}
        found = assertions.verify(assertion, client.valid, client.get_client_id(), audiences)
        return client if lookup.use_assertion(self._sessions, client.found, found.jti, found.until) else None

    def query_client(self, client_id: str) -> RegisteredClient | None:
        """Return the client, unless it is revoked or expired."""
        found = self.find(client_id)
        return RegisteredClient(found) if found is not None and found.lives(clock.now()) else None

    def find(self, client_id: str, jti: str | None = None) -> FoundClient | None:
        """Return a client, dead or alive, and whether the token with this id is revoked."""
        with unit_of_work(self._sessions, None) as session:
            return find_client(session, client_id, jti)

    def revoke(self, client: FoundClient, jti: str, until: datetime) -> None:
        """Revoke a token of the client; `until` is when it would have expired."""
        lookup.revoke_token(self._sessions, client, jti, until)

    def save_token(self, token: Any, request: FormRequest) -> None:  # noqa: ARG002  # Authlib's signature
        """Keep nothing of the token, which proves itself; note that the client is in use."""
        lookup.note_use(self._sessions, request.client.found)

    def create_oauth2_request(self, request: Form) -> FormRequest:
        """Return Authlib's form of the request."""
        return FormRequest(self.audience + TOKEN, request)

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        """Return the answer in our own form."""
        kept = {name: value for name, value in dict(headers).items() if name.lower() != "content-type"}
        return Answer(status, body, NO_STORE | kept)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Tell nobody."""
