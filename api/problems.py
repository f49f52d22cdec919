"""What can go wrong in a request, as RFC 9457 problems.

Invariants: a problem says what to do; it repeats nothing that was sent; a foreign row and a missing row give the same
problem. The catalogue below is closed and printed in the docs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

TYPE_PREFIX = "urn:enduse:problem:"

CATALOGUE: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "unauthenticated": (401, "An access token is needed"),
    "forbidden": (403, "The access token does not allow this"),
    "not_found": (404, "There is nothing here that you may see"),
    "method_not_allowed": (405, "This method is not offered here"),
    "not_acceptable": (406, "None of the accepted media types is offered"),
    "too_slow": (408, "The request took too long to arrive"),
    "conflict": (409, "The request does not fit the present state"),
    "sealed": (409, "The submission is sealed and can no longer change"),
    "quota_exceeded": (409, "The organisation's quota is used up"),
    "changed": (412, "The draft has changed since it was read"),
    "too_large": (413, "The body is larger than allowed"),
    "unsupported_media_type": (415, "The media type is not accepted"),
    "invalid": (422, "The request has problems"),
    "unconditional": (428, "The request must say which version it replaces"),
    "too_many": (429, "Too many requests"),
    "head_too_large": (431, "The head of the request is larger than allowed"),
    "internal": (500, "The service failed; nothing was changed"),
    "busy": (503, "The service has more connections than it takes"),
}


class Flaw(NamedTuple):
    """One problem within a body: RFC 6901 pointer, short code, what to do."""

    pointer: str
    code: str
    detail: str


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818  # named for what it is: the service says no
    """A request is refused and nothing stored was touched."""

    code: str
    detail: str = ""
    errors: Sequence[Flaw] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of the problem."""
        return CATALOGUE[self.code][0]

    @property
    def title(self) -> str:
        """The title of the problem."""
        return CATALOGUE[self.code][1]


def not_found() -> Refusal:
    """Return the one answer for what does not exist and for what is not the caller's to see."""
    return Refusal("not_found", "Check the id, and that it belongs to your organisation.")
