"""Tokens, organisations and clients: what is given, and what is refused."""

import time
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from api.identity.keys import load_keys
from api.keys import folder_of
from tests.contract.contract import check
from tests.databases import TestDatabase
from tests.service import Party, Service, issue


def ask(service: Service, auth: tuple[str, str] | None, **form: str) -> httpx.Response:
    """Ask the token endpoint."""
    answer = service.client.post("/oauth/token", data={"grant_type": "client_credentials", **form}, auth=auth)
    check(answer)
    return answer


def test_a_client_gets_a_token_with_all_its_scopes(service: Service) -> None:
    vendor = service.organisation("Quillmere", "vendor", scopes=["requests:read", "answers:read"])
    answer = ask(service, vendor.credentials).json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 900
    assert answer["scope"] == "answers:read requests:read"


def test_a_token_may_be_narrower_than_the_client(service: Service) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    vendor.token = vendor.fetch_token(scope="answers:read")
    refused = vendor.get("/v1/disclosure-requests/received")
    assert refused.status_code == 403
    assert 'scope="requests:read"' in refused.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "organisations:write"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_the_token_endpoint_refuses(service: Service, form: dict[str, str], error: str) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    answer = ask(service, vendor.credentials, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("who", ["nobody", "a stranger", "a wrong secret", "no uuid"])
def test_an_unproven_client_is_refused(service: Service, who: str) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    auth = {
        "nobody": None,
        "a stranger": (str(uuid4()), "secret"),
        "a wrong secret": (vendor.credentials[0], "secret"),
        "no uuid": ("x", "secret"),
    }[who]
    answer = ask(service, auth)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def forged(service: Service, party: Party, change: str) -> str:
    """Return a token that is wrong in one respect."""
    keys = load_keys(folder_of(service.settings), create=False)
    key = ECKey.generate_key("P-256", {"kid": keys.current.keys[0].kid}) if change == "key" else keys.current.keys[0]
    now = int(time.time())
    claims = {
        "iss": service.settings.issuer, "aud": service.settings.base_url, "exp": now + 60, "iat": now,
        "client_id": party.credentials[0], "tenant": party.id, "scope": "requests:read", "sub": party.credentials[0],
        "jti": str(uuid4()),
    }  # fmt: skip
    header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    wrong = {
        "iss": {"iss": "https://elsewhere.example"}, "aud": {"aud": "https://elsewhere.example"},
        "exp": {"exp": now - 60},
        "tenant": {"tenant": str(uuid4())}, "client": {"client_id": str(uuid4())}, "no scope": {"scope": None},
    }.get(change, {})  # fmt: skip
    claims = {name: value for name, value in {**claims, **wrong}.items() if value is not None}
    return jwt.encode({**header, **({"typ": "JWT"} if change == "typ" else {})}, claims, key)


def test_a_well_made_token_is_accepted(service: Service) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    vendor.token = forged(service, vendor, "nothing")
    assert vendor.get("/v1/disclosure-requests/received").status_code == 200


@pytest.mark.parametrize("change", ["key", "iss", "aud", "exp", "tenant", "client", "no scope", "typ"])
def test_a_token_wrong_in_one_respect_is_refused(service: Service, change: str) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    vendor.token = forged(service, vendor, change)
    answer = vendor.get("/v1/disclosure-requests/received")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(service: Service, token: str) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    vendor.token = token
    assert vendor.get("/v1/disclosure-requests/received").status_code == 401


def test_only_an_operator_creates_organisations(service: Service) -> None:
    investor = service.organisation("Aster", "investor")
    body = {"name": "Another", "roles": ["vendor"]}
    assert investor.post("/v1/organisations", body).status_code == 403
    assert investor.post(f"/v1/organisations/{investor.id}/clients", {"name": "more"}).status_code == 403


def test_a_client_gets_no_scope_beyond_its_roles(service: Service) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    body = {"name": "more", "scopes": ["answers:write", "requests:issue", "nonsense"]}
    answer = service.operator.post(f"/v1/organisations/{vendor.id}/clients", body)
    assert answer.status_code == 422
    assert [flaw["pointer"] for flaw in answer.json()["errors"]] == ["/scopes/1", "/scopes/2"]


def test_the_directory_is_found_by_role(service: Service) -> None:
    investor = service.organisation("Aster", "investor")
    service.organisation("Quillmere", "vendor")
    service.organisation("Tarnbrook", "vendor")
    first = investor.get("/v1/organisations?role=vendor&limit=1").json()
    second = investor.get(f"/v1/organisations?role=vendor&limit=1&after={first['next']}").json()
    assert [page["items"][0]["name"] for page in (first, second)] == ["Tarnbrook", "Quillmere"]
    assert second["next"] is None


def test_metadata_and_keys_are_open_and_hold_nothing_private(service: Service) -> None:
    metadata = service.client.get("/.well-known/oauth-authorization-server").json()
    assert metadata["issuer"] == service.settings.issuer
    (key,) = service.client.get(metadata["jwks_uri"]).json()["keys"]
    assert "d" not in key


def test_every_wrong_field_of_a_body_is_named_and_no_value_repeated(service: Service) -> None:
    body = {"name": "", "country": "secretland", "roles": [], "colour": "red"}
    answer = service.operator.post("/v1/organisations", body)
    assert answer.status_code == 422
    assert {flaw["pointer"] for flaw in answer.json()["errors"]} == {"/name", "/country", "/roles", "/colour"}
    assert "secretland" not in answer.text


def test_strict_bodies_take_no_number_for_a_text(service: Service) -> None:
    assert service.operator.post("/v1/organisations", {"name": 5, "roles": ["vendor"]}).status_code == 422


def test_the_acting_person_stands_in_the_history_and_in_the_audit_log(database: TestDatabase, service: Service) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    request = issue(service.organisation("Aster", "investor"), vendor)["id"]
    answers = {"company": {"TRA-02": {"state": "not_known"}}}
    acting = {"Enduse-Acting-Person": quote("Žofie Ørsted 株")}
    saved = vendor.patch(f"/v1/disclosure-requests/{request}/submission", answers, headers=acting)
    assert saved.status_code == 200
    with psycopg.connect(database.superuser_url) as connection:
        people = connection.execute("select person from submission_revision").fetchall()
    assert people == [("Žofie Ørsted 株",)]
    entries = vendor.get("/v1/audit-entries").json()["items"]
    assert [item["person"] and item["person"]["name"] for item in entries][-1] == "Žofie Ørsted 株"


@pytest.mark.parametrize(
    "value", ["", "%", "%ff", "a%00b", "%0A", "é".encode("latin-1"), "%E2%80%AE", "x" * 201, "%C3%A9" * 151, "..."]
)
def test_what_is_no_name_is_no_acting_person(service: Service, value: Any) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    answer = vendor.get("/v1/disclosure-requests/received", headers={"Enduse-Acting-Person": value})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:enduse:problem:malformed")


def test_there_is_one_acting_person(service: Service) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    headers = [("Authorization", f"Bearer {vendor.token}"), *[("Enduse-Acting-Person", name) for name in "AB"]]
    assert service.client.get("/v1/disclosure-requests/received", headers=headers).status_code == 400
