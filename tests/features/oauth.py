"""Clients of every kind, and tokens and assertions that are wrong in one respect, for the tests of OAuth."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey

from api.identity.keys import load_keys
from api.keys import folder_of
from tests.contract.contract import check
from tests.service import Party, Service, serving

ISSUER = "https://issuer.example"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT = {"grant_type": "client_credentials"}
ALGORITHMS = ["ES256", "Ed25519"]
Key = ECKey | OKPKey


class World(NamedTuple):
    """An installation whose issuer is not its resource, and its clients: id, and secret or private key."""

    service: Service
    vendor: Party
    other: Party
    secret: tuple[str, str]
    elliptic: tuple[str, ECKey]
    edwards: tuple[str, OKPKey]
    revoked: tuple[str, str]
    expired: tuple[str, str]

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send a request without a token and check the answer against the contract."""
        answer = self.service.client.post(path, **options)
        check(answer)
        return answer


@contextmanager
def world_on(database: Any, folder: Path) -> Iterator[World]:
    """Give the clients on a service of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENDUSE_ISSUER", ISSUER)
        with serving(database.app_url, folder) as service:
            vendor, other = service.organisation("Quillmere", "vendor"), service.organisation("Tarnbrook", "vendor")
            elliptic, edwards = ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")
            revoked, expired = create(vendor), create(vendor, expires_at="2099-01-01T00:00:00Z")
            assert vendor.post(f"/v1/clients/{revoked['id']}:revoke").status_code == 200
            with psycopg.connect(database.superuser_url) as connection:
                past = "created_at = now() - interval '2 s', expires_at = now() - interval '1 s'"
                connection.execute(f"update oauth_client set {past} where id = %s", (expired["id"],))
            yield World(
                service, vendor, other, vendor.credentials,
                (create(vendor, public_key=elliptic.as_dict(private=False))["id"], elliptic),
                (create(vendor, public_key=edwards.as_dict(private=False))["id"], edwards),
                (revoked["id"], revoked["secret"]), (expired["id"], expired["secret"]),
            )  # fmt: skip


def create(party: Party, *scopes: str, **more: Any) -> dict[str, Any]:
    """Create a client of the party's own organisation."""
    answer = party.post("/v1/clients", {"name": "more", "scopes": list(scopes) or ["requests:read"], **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def laid_over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the base with changes; None removes."""
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def claims_for(client: str, **changes: Any) -> dict[str, Any]:
    """Return the claims of an assertion; numbers of `exp`, `iat` and `nbf` count from now."""
    now = int(time.time())
    base = {"iss": client, "sub": client, "aud": ISSUER, "exp": 60, "iat": 0, "jti": str(uuid4())}
    moved = laid_over(base, changes)
    return {
        name: value + now if name in {"exp", "iat", "nbf"} and isinstance(value, int) else value
        for name, value in moved.items()
    }


def signed(key: Key, claims: Mapping[str, Any], **header: Any) -> str:
    """Return a signed JWT."""
    base = {"alg": "ES256" if key.key_type == "EC" else "Ed25519", "typ": "JWT"}
    return jwt.encode(laid_over(base, header), dict(claims), key, algorithms=[*ALGORITHMS, "EdDSA"], default_type=None)


def by_assertion(world: World, client: str, key: Key, header: Mapping[str, Any] | None = None, **changes: Any) -> Any:
    """Return the form of a token request with an assertion that is wrong in the respects named."""
    return GRANT | asserting(signed(key, claims_for(client, **changes), **(header or {})))


def asserting(assertion: str) -> dict[str, str]:
    """Return the parameters that carry an assertion."""
    return {"client_assertion_type": TYPE, "client_assertion": assertion}


def segment(value: Any) -> str:
    """Return a part of a JWT."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def by_hmac(claims: Mapping[str, Any], secret: bytes, **header: Any) -> str:
    """Return a JWT signed with HS256, whose secret is what everybody knows: the public key."""
    text = f"{segment({'alg': 'HS256', **header})}.{segment(claims)}"
    return f"{text}.{segment(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def access_token(world: World, header: Mapping[str, Any] | None = None, key: Key | None = None, **changes: Any) -> str:
    """Return an access token signed with the service's own key, or another, wrong in the respects named."""
    own = load_keys(folder_of(world.service.settings), create=False).current.keys[0]
    assert isinstance(own, ECKey)
    who = {"client_id": world.secret[0], "sub": world.secret[0], "tenant": world.vendor.id, "scope": "requests:read"}
    right = {"iss": ISSUER, "aud": world.service.settings.base_url, **who}
    claims = claims_for(world.secret[0], **(right | changes))
    return signed(key or own, claims, **{"typ": "at+jwt", "kid": own.kid, **(header or {})})
