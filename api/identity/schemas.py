"""Wire models of organisations and clients."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.http.schemas import Moment, Name, Wire
from api.tenancy import Role


class OrganisationIn(Wire):
    """A new organisation."""

    name: Name
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    roles: list[Role] = Field(min_length=1, max_length=4)


class OrganisationOut(Wire):
    """An organisation as everybody sees it."""

    id: UUID
    name: str
    country: str | None
    roles: list[Role]


class ClientIn(Wire):
    """A new OAuth client; without scopes it gets all that the organisation's roles allow."""

    name: Name
    scopes: list[str] | None = Field(default=None, min_length=1, max_length=40)


class ClientOut(Wire):
    """A new OAuth client with its secret, which is shown this once."""

    id: UUID
    organisation: UUID
    name: str
    scopes: list[str]
    secret: str = Field(description="Shown once; the service keeps only its digest.")
    created_at: Moment


class TokenOut(Wire):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class OAuthErrorOut(Wire):
    """An OAuth error (RFC 6749 section 5.2)."""

    error: str
    error_description: str | None = None
