"""OAuth over the real server: each refused request beside the accepted one, with the error that the RFC names."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey, OKPKey

from api.identity.scopes import SCOPES
from api.tenancy import Role
from tests.databases import database_on
from tests.features.oauth import (
    GRANT,
    ISSUER,
    TYPE,
    World,
    access_token,
    asserting,
    by_assertion,
    by_hmac,
    claims_for,
    segment,
    signed,
    world_on,
)

TOKEN, REVOKE, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/introspect"
RESOURCE = "/v1/disclosure-requests/received"
STRANGER = ECKey.generate_key("P-256")
EDWARDS_STRANGER = OKPKey.generate_key("Ed25519")


@pytest.fixture(scope="module")
def world(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with database_on(cluster) as database, world_on(database, tmp_path_factory.mktemp("data")) as found:
        yield found


def basic(*, who: str = "secret", **form: Any) -> Callable[[World], dict[str, Any]]:
    """Return a request with a client's secret in the header."""
    return lambda world: {"data": form, "auth": getattr(world, who)}


def ec(header: Mapping[str, Any] | None = None, key: ECKey | OKPKey | None = None, **changes: Any) -> Any:
    """Return a request with an assertion of the client on P-256."""
    return lambda world: {"data": by_assertion(world, world.elliptic[0], key or world.elliptic[1], header, **changes)}


def raw(text: str, **form: str) -> Callable[[World], dict[str, Any]]:
    """Return a request with a body as it stands."""
    return lambda world: {
        "content": text, "auth": world.secret, "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }  # fmt: skip


def with_form(build: Callable[[World], dict[str, Any]], **form: Any) -> Callable[[World], dict[str, Any]]:
    """Return a request with more in its form."""

    def more(world: World) -> dict[str, Any]:
        made = build(world)
        return {**made, "data": made["data"] | form}

    return more


def pem_of(world: World) -> bytes:
    """Return what everybody may know of the client's key."""
    found: bytes = world.elliptic[1].as_pem(private=False)
    return found


CREDENTIALS = basic(**GRANT)
FORMS: dict[str, tuple[str, Callable[[World], dict[str, Any]], int, str]] = {
    # RFC 6749 and RFC 6750: the form, the secret, the scope
    "6749 2.3 secret in the header and in the form": (TOKEN, basic(**GRANT, client_secret="x"), 400, "invalid_request"),
    "6749 2.3 secret and assertion at once": (
        TOKEN, lambda w: {"auth": w.secret} | ec()(w), 400, "invalid_request"),
    "6749 2.3.1 secret in the form": (
        TOKEN, lambda w: {"data": GRANT | {"client_id": w.secret[0], "client_secret": w.secret[1]}}, 401,
        "invalid_client"),
    "6749 2.3.1 secret in the address": (
        TOKEN, lambda w: {"data": GRANT, "params": {"client_id": w.secret[0], "client_secret": w.secret[1]}}, 401,
        "invalid_client"),
    "6749 2.3.1 parameters in the address": (TOKEN, lambda w: {"params": GRANT, "auth": w.secret,
        "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400, "invalid_request"),
    "6749 3.2 grant type missing": (TOKEN, basic(scope="requests:read"), 400, "invalid_request"),
    "6749 3.2 grant type without a value": (TOKEN, basic(grant_type=""), 400, "invalid_request"),
    "6749 3.2 grant type twice": (TOKEN, raw("grant_type=client_credentials&grant_type=client_credentials"), 400,
        "invalid_request"),
    "6749 3.2 scope twice": (TOKEN, raw("grant_type=client_credentials&scope=a&scope=b"), 400, "invalid_request"),
    "6749 3.2 form that is no UTF-8": (TOKEN, raw("grant_type=%ff"), 400, "invalid_request"),
    "6749 3.2 JSON for a form": (TOKEN, lambda w: {"json": GRANT, "auth": w.secret}, 400, "invalid_request"),
    "6749 3.2 a thousand parameters": (TOKEN, raw("&".join(f"a{n}=b" for n in range(1000))), 400, "invalid_request"),
    "6749 3.3 scope that no client holds": (TOKEN, basic(**GRANT, scope="everything"), 400, "invalid_scope"),
    "6749 3.3 scope beyond the role": (TOKEN, basic(**GRANT, scope="requests:issue"), 400, "invalid_scope"),
    "6749 3.3 one scope of two not held": (
        TOKEN, basic(**GRANT, scope="requests:read organisations:write"), 400, "invalid_scope"),
    "6749 3.3 scopes not parted by one space": (
        TOKEN, basic(**GRANT, scope="requests:read\tanswers:read"), 400, "invalid_scope"),
    "6749 5.2 nobody": (TOKEN, lambda _: {"data": GRANT}, 401, "invalid_client"),
    "6749 5.2 unknown client": (TOKEN, lambda _: {"data": GRANT, "auth": (str(uuid4()), "x")}, 401, "invalid_client"),
    "6749 5.2 wrong secret": (TOKEN, lambda w: {"data": GRANT, "auth": (w.secret[0], "x")}, 401, "invalid_client"),
    "6749 5.2 no secret": (TOKEN, lambda w: {"data": GRANT, "auth": (w.secret[0], "")}, 401, "invalid_client"),
    "6749 5.2 secret of another client": (
        TOKEN, lambda w: {"data": GRANT, "auth": (w.other.credentials[0], w.secret[1])}, 401, "invalid_client"),
    "6749 5.2 revoked client": (TOKEN, basic(who="revoked", **GRANT), 401, "invalid_client"),
    "6749 5.2 expired client": (TOKEN, basic(who="expired", **GRANT), 401, "invalid_client"),
    "6749 5.2 client with a key sends a secret": (
        TOKEN, lambda w: {"data": GRANT, "auth": (w.elliptic[0], "x")}, 401, "invalid_client"),
    "6749 5.2 client_id of another": (
        TOKEN, lambda w: {"data": GRANT | {"client_id": w.elliptic[0]}, "auth": w.secret}, 401, "invalid_client"),
    "6749 5.2 bearer token for a secret": (
        TOKEN, lambda w: {"data": GRANT, "headers": {"Authorization": f"Bearer {w.vendor.token}"}}, 401,
        "invalid_client"),
    # RFC 9700: the grants that are no longer given
    "9700 2.4 password grant": (TOKEN, basic(grant_type="password", username="a", password="b"), 400,
        "unsupported_grant_type"),
    "9700 2.1 authorization code": (TOKEN, basic(grant_type="authorization_code", code="a"), 400,
        "unsupported_grant_type"),
    "9700 4.14 refresh token": (TOKEN, basic(grant_type="refresh_token", refresh_token="a"), 400,
        "unsupported_grant_type"),
    "6749 4.5 grant that is a trap": (TOKEN, basic(grant_type='"\\\x07é'), 400, "unsupported_grant_type"),
    # RFC 8707: whom a token is for
    "8707 2 another resource": (TOKEN, basic(**GRANT, resource="https://elsewhere.example"), 400, "invalid_target"),
    "8707 2 ours and another": (TOKEN, lambda w: {"auth": w.secret, "data": GRANT | {
        "resource": [w.service.settings.base_url, "https://elsewhere.example"]}}, 400, "invalid_target"),
    "8707 2 with a fragment": (TOKEN, lambda w: {"auth": w.secret, "data": GRANT | {
        "resource": w.service.settings.base_url + "#x"}}, 400, "invalid_target"),
    "8707 2 not absolute": (TOKEN, basic(**GRANT, resource="/v1"), 400, "invalid_target"),
    # RFC 7521 and RFC 7523: assertions
    "7521 4.2 assertion without its type": (
        TOKEN, lambda w: {"data": {n: v for n, v in ec()(w)["data"].items() if n != "client_assertion_type"}}, 400,
        "invalid_request"),
    "7521 4.2 type without an assertion": (
        TOKEN, lambda _: {"data": GRANT | {"client_assertion_type": TYPE}}, 400, "invalid_request"),
    "7521 4.2 another type": (TOKEN, with_form(ec(), client_assertion_type="urn:saml"), 401, "invalid_client"),
    "7521 4.2.1 client_id of another": (TOKEN, with_form(ec(), client_id=str(uuid4())), 401, "invalid_client"),
    "7523 3 no JWT": (TOKEN, lambda _: {"data": GRANT | asserting("a.b.c")}, 401, "invalid_client"),
    "7523 3 claims that are a list": (TOKEN, lambda _: {"data": GRANT | asserting(
        f"{segment({'alg': 'ES256'})}.{segment([])}.AAAA")}, 401, "invalid_client"),
    "7523 3.1 issuer missing": (TOKEN, ec(iss=None), 401, "invalid_client"),
    "7523 3.1 issuer is another": (TOKEN, ec(iss=str(uuid4())), 401, "invalid_client"),
    "7523 3.2 subject missing": (TOKEN, ec(sub=None), 401, "invalid_client"),
    "7523 3.2 subject is another client": (
        TOKEN, lambda w: ec(sub=w.edwards[0])(w), 401, "invalid_client"),
    "7523 3.2 subject is unknown": (TOKEN, ec(sub=str(uuid4()), iss=None), 401, "invalid_client"),
    "7523 3.2 subject is a number": (TOKEN, ec(sub=5), 401, "invalid_client"),
    "7523 3.3 audience missing": (TOKEN, ec(aud=None), 401, "invalid_client"),
    "7523 3.3 audience is another server": (TOKEN, ec(aud="https://elsewhere.example"), 401, "invalid_client"),
    "7523 3.3 audience is the resource": (
        TOKEN, lambda w: ec(aud=w.service.settings.base_url)(w), 401, "invalid_client"),
    "7523 3.3 audience is the introspection endpoint": (
        TOKEN, lambda w: ec(aud=w.service.settings.base_url + INTROSPECT)(w), 401, "invalid_client"),
    "7523 3.3 two audiences": (TOKEN, ec(aud=[ISSUER, "https://elsewhere.example"]), 401, "invalid_client"),
    "7523 3.4 no end": (TOKEN, ec(exp=None), 401, "invalid_client"),
    "7523 3.4 expired": (TOKEN, ec(exp=-60), 401, "invalid_client"),
    "7523 3.4 ends too late": (TOKEN, ec(exp=3600), 401, "invalid_client"),
    "7523 3.4 ends never": (TOKEN, ec(exp=10**30), 401, "invalid_client"),
    "7523 3.5 not yet valid": (TOKEN, ec(nbf=120), 401, "invalid_client"),
    "7523 3.6 made in the future": (TOKEN, ec(iat=120), 401, "invalid_client"),
    "7523 3.7 no jti": (TOKEN, ec(jti=None), 401, "invalid_client"),
    "7523 3.7 endless jti": (TOKEN, ec(jti="x" * 1000), 401, "invalid_client"),
    "7523 3.9 signed with another key": (TOKEN, ec(key=STRANGER), 401, "invalid_client"),
    "7523 3.9 signed with another kind of key": (TOKEN, ec(key=EDWARDS_STRANGER), 401, "invalid_client"),
    "7523 3.9 brings its own key": (
        TOKEN, ec({"jwk": STRANGER.as_dict(private=False)}, STRANGER), 401, "invalid_client"),
    "7523 3.9 names a key elsewhere": (TOKEN, ec({"jku": "https://elsewhere.example/jwks"}), 401, "invalid_client"),
    "7523 3.9 names a certificate elsewhere": (
        TOKEN, ec({"x5u": "https://elsewhere.example/cert"}), 401, "invalid_client"),
    "7523 3.9 names an unknown key": (TOKEN, ec({"kid": "../../token-0001.pem"}), 401, "invalid_client"),
    "7523 3.9 is an access token by type": (TOKEN, ec({"typ": "at+jwt"}), 401, "invalid_client"),
    "7523 3.9 critical extension": (TOKEN, ec({"crit": ["b64"], "b64": True}), 401, "invalid_client"),
    "8725 3.1 algorithm none": (TOKEN, lambda w: {"data": GRANT | asserting(
        f"{segment({'alg': 'none'})}.{segment(claims_for(w.elliptic[0]))}.")}, 401, "invalid_client"),
    "8725 2.1 public key as HMAC secret": (
        TOKEN, lambda w: {"data": GRANT | asserting(by_hmac(claims_for(w.elliptic[0]), pem_of(w)))}, 401,
        "invalid_client"),
    "7523 2.2 client with a secret sends an assertion": (
        TOKEN, lambda w: {"data": by_assertion(w, w.secret[0], STRANGER)}, 401, "invalid_client"),
    "7523 2.2 access token for an assertion": (
        TOKEN, lambda w: {"data": GRANT | asserting(w.vendor.token)}, 401, "invalid_client"),
    # RFC 7009 and RFC 7662
    "7009 2.1 nobody": (REVOKE, lambda w: {"data": {"token": w.vendor.token}}, 401, "invalid_client"),
    "7009 2.1 wrong secret": (
        REVOKE, lambda w: {"data": {"token": w.vendor.token}, "auth": (w.secret[0], "x")}, 401, "invalid_client"),
    "7009 2.1 revoked client": (
        REVOKE, lambda w: {"data": {"token": w.vendor.token}, "auth": w.revoked}, 401, "invalid_client"),
    "7009 2.1 token missing": (REVOKE, basic(token_type_hint="access_token"), 400, "invalid_request"),
    "7009 2.1 token of another client": (
        REVOKE, lambda w: {"data": {"token": w.other.token}, "auth": w.secret}, 400, "invalid_grant"),
    "7009 2.1 two tokens": (REVOKE, raw("token=a&token=b"), 400, "invalid_request"),
    "7662 2.1 nobody": (INTROSPECT, lambda w: {"data": {"token": w.vendor.token}}, 401, "invalid_client"),
    "7662 2.1 by the token itself": (
        INTROSPECT, lambda w: {"data": {"token": w.vendor.token},
                               "headers": {"Authorization": f"Bearer {w.vendor.token}"}}, 401, "invalid_client"),
    "7662 2.1 token missing": (INTROSPECT, basic(token=""), 400, "invalid_request"),
    "7662 2.1 expired client": (
        INTROSPECT, lambda w: {"data": {"token": w.vendor.token}, "auth": w.expired}, 401, "invalid_client"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMS)
def test_a_wrong_form_is_refused_in_the_words_of_the_rfc(world: World, case: str) -> None:
    path, build, status, error = FORMS[case]
    answer = world.post(path, **build(world))
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert answer.headers["content-type"] == "application/json"
    assert ("www-authenticate" in answer.headers) == (status == 401)
    if status == 401:
        assert answer.headers["www-authenticate"].startswith('Basic realm="')
        assert answer.json() == {"error": "invalid_client"}
    assert world.vendor.get(RESOURCE).status_code == 200  # nothing was revoked on the way


ACCEPTED: dict[str, Callable[[World], dict[str, Any]]] = {
    "secret": CREDENTIALS,
    "secret, and client_id in the form": lambda w: {"data": GRANT | {"client_id": w.secret[0]}, "auth": w.secret},
    "scope without a value is left out": basic(**GRANT, scope=""),
    "unknown parameters are ignored": basic(**GRANT, colour="red"),
    "scope of its own": basic(**GRANT, scope="requests:read answers:read"),
    "resource, with a slash": lambda w: {"data": GRANT | {"resource": w.service.settings.base_url + "/"},
                                         "auth": w.secret},
    "resource twice": lambda w: {"data": GRANT | {"resource": [w.service.settings.base_url] * 2}, "auth": w.secret},
    "assertion for the issuer": ec(),
    "assertion for the token endpoint": lambda w: ec(aud=w.service.settings.base_url + TOKEN)(w),
    "assertion for one audience in a list": ec(aud=[ISSUER]),
    "assertion of five minutes": ec(exp=300),
    "assertion that names its key": lambda w: ec({"kid": w.elliptic[1].thumbprint()})(w),
    "assertion without a type": ec({"typ": None}),
    "assertion with the new type": ec({"typ": "client-authentication+jwt"}),
    "assertion with Ed25519": lambda w: {"data": by_assertion(w, *w.edwards)},
    "assertion with Ed25519 by its old name": lambda w: {"data": by_assertion(w, *w.edwards, {"alg": "EdDSA"})},
}  # fmt: skip


@pytest.mark.parametrize("case", ACCEPTED)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # the test signs with the old name on purpose
def test_a_right_form_gets_a_token_that_is_accepted(world: World, case: str) -> None:
    answer = world.post(TOKEN, **ACCEPTED[case](world))
    assert answer.status_code == 200, answer.text
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert world.service.client.get(RESOURCE, headers=bearer).status_code == 200


def test_an_assertion_is_used_once_at_every_endpoint(world: World) -> None:
    once = asserting(signed(world.elliptic[1], claims_for(world.elliptic[0])))
    assert world.post(INTROSPECT, data={"token": "x"} | once).json() == {"active": False}
    for path, form in ((TOKEN, GRANT), (REVOKE, {"token": "x"}), (INTROSPECT, {"token": "x"})):
        answer = world.post(path, data=form | once)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_two_clients_may_use_the_same_jti(world: World) -> None:
    jti = str(uuid4())
    for client, key in (world.elliptic, world.edwards):
        assert world.post(TOKEN, data=by_assertion(world, client, key, jti=jti)).status_code == 200


def test_an_assertion_that_fails_uses_nothing_up(world: World) -> None:
    jti = str(uuid4())
    assert world.post(TOKEN, **ec(key=STRANGER, jti=jti)(world)).status_code == 401
    assert world.post(TOKEN, **ec(jti=jti)(world)).status_code == 200


def as_hmac(world: World) -> str:
    """Return a token of the service signed with HS256, whose secret is the published key."""
    _, claims, _ = access_token(world).split(".")
    jwk = world.service.client.get("/.well-known/jwks.json").json()["keys"][0]
    secret = ECKey.import_key(jwk).as_pem(private=False)
    return by_hmac(json.loads(base64.urlsafe_b64decode(claims + "==")), secret, typ="at+jwt", kid=jwk["kid"])


TOKENS: dict[str, Callable[[World], str]] = {
    "9068 4 type of any JWT": lambda w: access_token(w, {"typ": "JWT"}),
    "9068 4 no type": lambda w: access_token(w, {"typ": None}),
    "9068 4 another issuer": lambda w: access_token(w, iss="https://elsewhere.example"),
    "9068 4 another audience": lambda w: access_token(w, aud="https://elsewhere.example"),
    "9068 4 the issuer as audience": lambda w: access_token(w, aud=ISSUER),
    "9068 4 no audience": lambda w: access_token(w, aud=None),
    "9068 4 signed by a stranger": lambda w: access_token(w, key=STRANGER),
    "9068 4 algorithm none": lambda w: f"{segment({'alg': 'none', 'typ': 'at+jwt'})}.{w.vendor.token.split('.')[1]}.",
    "9068 4 public key as HMAC secret": as_hmac,
    "9068 4 expired": lambda w: access_token(w, exp=-60),
    "9068 4 an assertion": lambda w: signed(w.elliptic[1], claims_for(w.elliptic[0])),
    "9068 2.2 no end": lambda w: access_token(w, exp=None),
    "9068 2.2 no subject": lambda w: access_token(w, sub=None),
    "9068 2.2 no client": lambda w: access_token(w, client_id=None),
    "9068 2.2 no time": lambda w: access_token(w, iat=None),
    "9068 2.2 no jti": lambda w: access_token(w, jti=None),
    "9068 2.1 key unknown": lambda w: access_token(w, {"kid": "x"}),
    "9068 2.1 no key named": lambda w: access_token(w, {"kid": None}),
    "9068 2.1 brings its own key": lambda w: access_token(w, {"jwk": STRANGER.as_dict(private=False)}, STRANGER),
    "7519 4.1.5 not yet valid": lambda w: access_token(w, nbf=120),
    "7519 4.1.6 made in the future": lambda w: access_token(w, iat=120),
    "tenant of another": lambda w: access_token(w, tenant=w.other.id),
    "scope that is a list": lambda w: access_token(w, scope=["requests:read"]),
    "client revoked": lambda w: access_token(w, client_id=w.revoked[0]),
    "client expired": lambda w: access_token(w, client_id=w.expired[0]),
    "changed on the way": lambda w: w.vendor.token[:-8] + "AAAAAAAA",
    "no JWT": lambda _: "x",
}


@pytest.mark.parametrize("case", TOKENS)
def test_a_wrong_token_is_refused_and_never_active(world: World, case: str) -> None:
    token = TOKENS[case](world)
    answer = world.service.client.get(RESOURCE, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="enduse", error="invalid_token"'
    assert answer.headers["cache-control"] == "no-store"
    state = world.post(INTROSPECT, data={"token": token}, auth=world.secret)
    assert (state.status_code, state.json()) == (200, {"active": False})
    assert world.post(REVOKE, data={"token": token}, auth=world.secret).status_code in {200, 400}


def test_the_same_token_wrong_in_nothing_is_accepted_and_active(world: World) -> None:
    token = access_token(world)
    headers = {"Authorization": f"Bearer {token}"}
    assert world.service.client.get(RESOURCE, headers=headers).status_code == 200
    assert world.post(INTROSPECT, data={"token": token}, auth=world.secret).json()["active"] is True


@pytest.mark.parametrize("where", ["address", "form", "other scheme", "nowhere"])
def test_a_token_anywhere_but_in_the_header_is_none(world: World, where: str) -> None:
    token = world.vendor.token
    answer = world.service.client.request(
        "GET", RESOURCE,
        params={"access_token": token} if where == "address" else None,
        data={"access_token": token} if where == "form" else None,
        headers={"Authorization": f"DPoP {token}"} if where == "other scheme" else None,
    )  # fmt: skip
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="enduse"')


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
def test_the_endpoints_take_only_a_post(world: World, path: str) -> None:
    answer = world.service.client.get(path, auth=world.secret)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_the_documented_scopes_are_those_of_the_code() -> None:
    text = (Path(__file__).parents[2] / "docs" / "oauth.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| `[a-z-]+:[a-z]+` \|", line)]
    assert rows == [
        [
            f"`{name}`",
            scope.does,
            "all" if scope.roles == frozenset(Role) else ", ".join(r for r in Role if r in scope.roles),
        ]
        for name, scope in SCOPES.items()
    ]


def test_no_user_agent_is_sent_anywhere_with_a_token(world: World) -> None:
    assert world.service.client.get("/oauth/authorize", params={"response_type": "token"}).status_code == 404
