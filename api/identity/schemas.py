"""Wire models of organisations, clients and the OAuth endpoints."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.http.schemas import Moment, Name, Wire
from api.identity.credentials import Method, PublicKey
from api.identity.identifiers import Country, Domain, Lei, Register
from api.tenancy import Role

EXAMPLE_LEI = "ENDU00EXAMPLE0000039"
"""No entity has it; only its check digits are right."""


class IdentityIn(Wire):
    """What identifies an organisation, as far as it is known."""

    lei: Lei | None = Field(default=None, description="ISO 17442; one organisation has it.", examples=[EXAMPLE_LEI])
    register_: Register | None = Field(default=None, alias="register", description="Its number in a company register.")
    parent: UUID | None = Field(default=None, description="The organisation that it belongs to.")
    domain: Domain | None = Field(default=None, description="Of its website.", examples=["quillmere.example"])


class OrganisationIn(IdentityIn):
    """A new organisation."""

    name: Name
    country: Country | None = None
    roles: list[Role] = Field(min_length=1, max_length=4)


class OrganisationOut(Wire):
    """An organisation as the directory shows it."""

    id: UUID
    name: str
    country: str | None
    roles: list[Role]
    lei: str | None = Field(description="As stated, not examined by us.")
    register_: Register | None = Field(alias="register", description="As stated, not examined by us.")
    parent: UUID | None
    domain: str | None
    claimed: bool = Field(description="False for a record: nobody runs it yet, and requests to it wait.")
    proof: Literal["operator", "dns", "email"] | None = Field(
        description="How whoever runs it proved to: to an operator, or by control of the domain; null for a record."
    )


class ClientIn(Wire):
    """A new OAuth client; without scopes it gets all that the organisation's roles allow."""

    name: Name
    scopes: list[str] | None = Field(default=None, min_length=1, max_length=40)
    expires_at: AwareDatetime | None = Field(default=None, description="From then on the client is an unknown one.")
    public_key: PublicKey | None = Field(default=None, description="Public JWK, for `private_key_jwt`; else a secret.")


class OwnClientIn(ClientIn):
    """A new OAuth client of one's own organisation; its scopes are named, as no client is given more than it needs."""

    scopes: list[str] = Field(min_length=1, max_length=40)


class RotationIn(Wire):
    """A new credential: the public key given, or else a new secret."""

    public_key: PublicKey | None = None
    overlap_seconds: int = Field(
        ge=0, le=24 * 60 * 60, description="How long the present credential stays valid beside the new one."
    )


class ClientItemOut(Wire):
    """An OAuth client, without what it proves itself with."""

    id: UUID
    organisation: UUID
    name: str
    scopes: list[str]
    authentication: Method
    created_at: Moment
    created_by: UUID | None = Field(description="The client that made it; null where the operator did.")
    last_used_at: Moment | None = Field(description="When it last fetched a token, to the hour.")
    old_credential_until: Moment | None = Field(description="Until when the credential before is valid too.")
    expires_at: Moment | None
    revoked_at: Moment | None


class ClientOut(ClientItemOut):
    """An OAuth client that was given a credential; a secret is shown this once."""

    secret: str | None = Field(description="Shown once; the service keeps only its digest. Null with a public key.")


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


class IntrospectionOut(Wire):
    """The state of a token (RFC 7662 section 2.2); of a token that is not accepted, nothing else is told."""

    active: bool
    scope: str | None = None
    client_id: str | None = None
    token_type: str | None = None
    exp: int | None = None
    iat: int | None = None
    sub: str | None = None
    aud: str | None = None
    iss: str | None = None
    jti: str | None = None
    tenant: str | None = None


class MetadataOut(Wire):
    """The metadata of the authorization server (RFC 8414 section 2)."""

    issuer: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
