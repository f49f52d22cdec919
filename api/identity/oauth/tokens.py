"""Access tokens: RFC 9068 JWTs signed with ES256, made for clients and read at every request.

Invariants: a token names its tenant; the newest key signs; a reader takes the key that the token names from its own
set, and only a token that this service made, for itself, that has not expired.
"""

from typing import Any, NamedTuple

from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact
from joserfc.jwt import Claims, ClaimsOption, JWTClaimsRegistry

from api import clock, ids
from api.identity.keys import TokenKeys

LIFETIME = 900
"""Seconds that an access token lives."""
LEEWAY = 5
TYPES = {"at+jwt", "application/at+jwt"}
TEXTS = ("sub", "client_id", "jti", "tenant", "scope")


class Tokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib is untyped
    """Makes tokens that name the tenant."""

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

    def get_jti(self, client: Any, grant_type: Any, user: Any, scope: Any) -> str:  # noqa: ARG002
        """Return the id by which the token is revoked."""
        return str(ids.uuid7())

    def get_extra_claims(self, client: Any, grant_type: Any, user: Any, scope: Any) -> dict[str, str]:  # noqa: ARG002
        """Return the organisation that the client acts for."""
        return {"tenant": str(client.found.organisation)}


class Reader(NamedTuple):
    """Reads tokens of one issuer for one audience."""

    issuer: str
    audience: str
    keys: TokenKeys

    def read(self, token: str) -> Claims | None:
        """Return the claims of a token that is valid by itself (it may be revoked); None of any other."""
        essential = ClaimsOption(essential=True)
        registry = JWTClaimsRegistry(
            now=int(clock.now().timestamp()), leeway=LEEWAY, exp=essential, iat=essential,
            iss={"essential": True, "value": self.issuer}, aud={"essential": True, "value": self.audience},
        )  # fmt: skip
        try:
            header = extract_compact(token.encode()).headers()
            decoded = jwt.decode(token, self.keys.named(str(header["kid"])), algorithms=["ES256"])
            registry.validate(decoded.claims)
        except Exception:  # noqa: BLE001  # a parser of what strangers send raises whatever it stumbles over
            return None
        texts = all(isinstance(decoded.claims.get(name), str) for name in TEXTS)
        return decoded.claims if texts and decoded.header.get("typ") in TYPES else None
