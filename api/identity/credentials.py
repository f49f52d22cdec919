"""What a client proves itself with: a secret or a key pair.

Invariants: a secret is 256 random bits, returned once and kept as a digest; of a key pair only the public half is ever
taken; comparisons take the same time whatever they find.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from pydantic import Field, StringConstraints, TypeAdapter

from api.http.schemas import Wire
from api.problems import Flaw, Refusal

SECRET_BYTES = 32
Method = Literal["client_secret_basic", "private_key_jwt"]
Coordinate = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""256 bits in base64url."""
KeyId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]


class EllipticKey(Wire):
    """A public key on P-256 (RFC 7518); it signs with ES256."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Coordinate
    y: Coordinate
    kid: KeyId | None = None
    use: Literal["sig"] | None = None
    alg: Literal["ES256"] | None = None


class EdwardsKey(Wire):
    """A public key on Ed25519 (RFC 8037); it signs with Ed25519, in older libraries called EdDSA."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Coordinate
    kid: KeyId | None = None
    use: Literal["sig"] | None = None
    alg: Literal["Ed25519", "EdDSA"] | None = None


PublicKey = Annotated[EllipticKey | EdwardsKey, Field(discriminator="kty")]
"""A public JWK. A private member is an unknown field, and refused like one."""
_stored: TypeAdapter[EllipticKey | EdwardsKey] = TypeAdapter(PublicKey)


class Credential(NamedTuple):
    """One of the two, as it is stored."""

    secret_digest: str | None
    public_key: str | None

    @property
    def method(self) -> Method:
        """How the client authenticates with it."""
        return "client_secret_basic" if self.public_key is None else "private_key_jwt"

    def is_secret(self, secret: str) -> bool:
        """Tell, in constant time, whether this is the secret."""
        return self.secret_digest is not None and hmac.compare_digest(digest_of(secret), self.secret_digest)

    def key(self) -> ECKey | OKPKey | None:
        """Return the public key, if it is one."""
        return None if self.public_key is None else _import(_stored.validate_json(self.public_key))


class Credentials(NamedTuple):
    """The credential of a client and the one it replaces, while that is still valid."""

    current: Credential
    old: Credential
    old_until: datetime | None

    def valid(self, at: datetime) -> list[Credential]:
        """Return those that are valid at a moment, the current one first."""
        return [self.current, self.old] if self.old_until is not None and at < self.old_until else [self.current]


def make_credential(key: EllipticKey | EdwardsKey | None) -> tuple[Credential, str | None]:
    """Return a credential on the key, or on a new secret, which is returned beside it."""
    if key is not None:
        try:
            _import(key).get_op_key("verify")
        except (JoseError, ValueError):
            flaw = Flaw("/public_key", "key", "The coordinates are no point of the curve.")
            raise Refusal("invalid", "Correct every problem named in errors.", [flaw]) from None
        return Credential(None, key.model_dump_json(exclude_none=True)), None
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return Credential(digest_of(secret), None), secret


def digest_of(value: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()


def _import(key: EllipticKey | EdwardsKey) -> ECKey | OKPKey:
    members = key.model_dump(exclude_none=True, exclude={"use", "alg"})
    return ECKey.import_key(members) if isinstance(key, EllipticKey) else OKPKey.import_key(members)
