"""The form and the answer of the three endpoints that clients call: token, revocation, introspection.

Invariants: a parameter without a value counts as left out, one that stands twice is refused (RFC 6749 section 3.2);
only `resource` may be repeated (RFC 8707); a client authenticates in one way only (section 2.3).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

REPEATABLE = {"resource"}
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
CHALLENGE = {"WWW-Authenticate": 'Basic realm="enduse", charset="UTF-8"'}


class Form(NamedTuple):
    """A request: its headers, and its parameters as sent, each with all its values."""

    headers: Mapping[str, str]
    parameters: Mapping[str, list[str]]


class Answer(NamedTuple):
    """Status, JSON body (None: no body) and headers."""

    status: int
    body: Mapping[str, Any] | None
    headers: Mapping[str, str]


def refuse(error: str, status: int = 400) -> Answer:
    """Return an error as RFC 6749 section 5.2 has it."""
    return Answer(status, {"error": error}, NO_STORE | (CHALLENGE if error == "invalid_client" else {}))


class FormRequest(OAuth2Request):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's form of a request."""

    def __init__(self, uri: str, form: Form) -> None:
        """Take a form that was sent to an address, which is ours whatever proxy stands before us."""
        super().__init__("POST", uri, headers=form.headers)
        given = {name: [value for value in values if value] for name, values in form.parameters.items()}
        self.sent = form.parameters
        self.resources = given.get("resource", [])
        self.payload = BasicOAuth2Payload({name: values[0] for name, values in given.items() if values})

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters that have a value."""
        form: Mapping[str, str] = self.payload.data
        return form

    def check(self) -> None:
        """Raise InvalidRequestError for a repeated parameter, or for two ways of authentication."""
        if any(len(values) > 1 for name, values in self.sent.items() if name not in REPEATABLE):
            raise InvalidRequestError("A parameter stands more than once.")
        halves = [name in self.form for name in ("client_assertion", "client_assertion_type")]
        if any(halves) and not all(halves):
            raise InvalidRequestError("client_assertion and client_assertion_type belong together.")
        if ("Authorization" in self.headers) + ("client_secret" in self.form) + all(halves) > 1:
            raise InvalidRequestError("Authenticate in one way only.")
