"""Client authentication by a signed assertion (RFC 7523 section 2.2, `private_key_jwt` of OpenID Connect).

Invariants: the key is a registered one, never one that the assertion brings or points at; the algorithm follows from
the key; the only audience is this authorization server; an assertion lives five minutes at most and is used once.
"""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from authlib.oauth2.rfc6749 import InvalidClientError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from api import clock
from api.identity.credentials import Credential

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE = 300
"""Seconds that an assertion may have to live when it is presented."""
LEEWAY = 5
LONGEST_JTI = 200
HEADER = {"alg", "typ", "kid"}
"""What the header may hold: nothing that brings a key or names one elsewhere."""
TYPES = {None, "JWT", "client-authentication+jwt"}
ALGORITHMS = {"EC": ["ES256"], "OKP": ["Ed25519", "EdDSA"]}


class Assertion(NamedTuple):
    """A verified assertion: what makes it unique, and until when it would be accepted."""

    jti: str
    until: datetime


def named_client(assertion: str) -> str:
    """Return the client that an assertion says it is from; nothing of it is verified yet."""
    _, claims = _read(assertion)
    name = claims.get("sub")
    if not isinstance(name, str):
        raise InvalidClientError
    return name


def verify(assertion: str, credentials: Sequence[Credential], client: str, audiences: Collection[str]) -> Assertion:
    """Return the assertion if it is from the client and for one of the audiences; raise InvalidClientError if not."""
    header, _ = _read(assertion)
    if not header.keys() <= HEADER or header.get("typ") not in TYPES:
        raise InvalidClientError
    keys = [key for key in (credential.key() for credential in credentials) if key is not None]
    for key in keys:
        if header.get("kid") in {None, key.kid, key.thumbprint()}:
            try:
                claims = jwt.decode(assertion, key, registry=_registry(key)).claims
            except (JoseError, ValueError, TypeError):
                continue
            return _check(claims, client, audiences)
    raise InvalidClientError


def _check(claims: dict[str, Any], client: str, audiences: Collection[str]) -> Assertion:
    now, essential = clock.now(), ClaimsOption(essential=True)
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()), leeway=LEEWAY, exp=essential, jti=essential, aud=essential,
        iss={"essential": True, "value": client}, sub={"essential": True, "value": client},
    )  # fmt: skip
    try:
        registry.validate(claims)
    except JoseError:
        raise InvalidClientError from None
    audience, expiry, jti = claims["aud"], claims["exp"], claims["jti"]
    # One audience only: with several, another server could pass the assertion on to this one.
    if (audience if isinstance(audience, list) else [audience]) not in [[one] for one in audiences]:
        raise InvalidClientError
    if expiry > now.timestamp() + LONGEST_LIFE + LEEWAY or len(jti) > LONGEST_JTI:
        raise InvalidClientError
    return Assertion(jti, datetime.fromtimestamp(expiry + LEEWAY, UTC))


def _read(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims, neither of them verified."""
    try:
        parts = extract_compact(assertion.encode())
        header, claims = parts.headers(), json.loads(parts.payload)
    except (JoseError, ValueError, RecursionError):
        raise InvalidClientError from None
    if not isinstance(claims, dict):
        raise InvalidClientError
    return dict(header), claims


class _Edwards(type(JWSRegistry.algorithms["EdDSA"])):  # type: ignore[misc]  # its class has no public name
    """EdDSA on Ed25519, the only such curve taken here; joserfc warns of the old name, the only one many can send."""

    security_warning = None


def _registry(key: ECKey | OKPKey) -> JWSRegistry:
    """Return the algorithms of a key and no others."""
    registry = JWSRegistry(algorithms=ALGORITHMS[key.key_type])
    registry.algorithms = {**JWSRegistry.algorithms, "EdDSA": _Edwards()}
    return registry
