"""The keys that sign access tokens: a new one reaches a running server, an old one verifies until it is removed."""

from pathlib import Path

import pytest
from joserfc.jws import extract_compact

from api.identity.keys import LOOK_EVERY, TokenKeys, create_key
from api.keys import folder_of
from tests.databases import TestDatabase
from tests.service import Party, Service, serving


def kid_of(token: str) -> str:
    """Return the key that a token names."""
    return str(extract_compact(token.encode()).headers()["kid"])


def status(service: Service, token: str) -> int:
    """Return what a server says to a token."""
    headers = {"Authorization": f"Bearer {token}"}
    return service.client.get("/v1/disclosure-requests/received", headers=headers).status_code


def test_a_new_key_reaches_a_running_server_and_the_old_verifies_on(service: Service, database: TestDatabase) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    create_key(folder_of(service.settings))
    with serving(database.app_url, service.settings.data_folder, service.settings.base_url) as second:
        beside = Party(second.client, vendor.tenant, vendor.name, vendor.credentials)
        assert kid_of(beside.token) != kid_of(vendor.token)
        assert {status(server, party.token) for server in (service, second) for party in (vendor, beside)} == {200}
    published = service.client.get("/.well-known/jwks.json").json()["keys"]
    assert {key["kid"] for key in published} == {kid_of(vendor.token), kid_of(beside.token)}
    assert not any("d" in key for key in published)
    assert kid_of(vendor.fetch_token()) == kid_of(beside.token)


def test_the_folder_is_looked_at_once_a_minute(tmp_path: Path) -> None:
    now = [0.0]
    first = create_key(tmp_path)
    keys = TokenKeys(tmp_path, lambda: now[0])
    old = keys.current.keys[0].kid
    create_key(tmp_path)
    now[0] = LOOK_EVERY - 1
    assert keys.current.keys[0].kid == old
    now[0] = LOOK_EVERY
    new = keys.current.keys[0].kid
    assert new != old
    first.unlink()
    now[0] = 2 * LOOK_EVERY
    assert [key["kid"] for key in keys.public()["keys"]] == [new]
    with pytest.raises(KeyError):
        keys.named(str(old))
    assert create_key(tmp_path).name == "token-0003.pem"  # no number is given twice


def test_a_key_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    create_key(tmp_path)
    keys = TokenKeys(tmp_path)
    kid = keys.current.keys[0].kid
    (tmp_path / "token-0002.pem").write_text("nonsense")
    with pytest.raises(KeyError):
        keys.named("unknown")
    assert keys.named(str(kid)).kid == kid
