"""An organisation's own clients: made narrower, given new credentials, revoked at once in every process."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import event, text
from sqlalchemy.exc import ProgrammingError

from api import clock
from api.db.session import TenantSession, unit_of_work
from api.http.schemas import format_moment
from api.identity import clients
from api.identity.scopes import scopes_for
from api.tenancy import Principal, Role
from tests.contract.contract import check
from tests.databases import TestDatabase
from tests.features.oauth import GRANT, asserting, claims_for, create, signed
from tests.service import Party, Service, serving

RECEIVED = "/v1/disclosure-requests/received"
TOKEN, REVOKE, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/introspect"


@pytest.fixture
def vendor(service: Service) -> Party:
    """Return an organisation whose client holds every scope of a vendor."""
    return service.organisation("Quillmere", "vendor")


@pytest.fixture
def second(service: Service, database: TestDatabase) -> Iterator[Service]:
    """Give a second server of the same installation."""
    settings = service.settings
    with serving(database.app_url, settings.data_folder, settings.base_url) as found:
        yield found


def post(service: Service, path: str, auth: tuple[str, str] | None, **form: str) -> httpx.Response:
    """Send a form to one of the OAuth endpoints."""
    answer = service.client.post(path, data=form, auth=auth)
    check(answer)
    return answer


def statuses(servers: tuple[Service, ...], token: str) -> list[int]:
    """Return what each server says to a token."""
    headers = {"Authorization": f"Bearer {token}"}
    return [server.client.get(RECEIVED, headers=headers).status_code for server in servers]


def party_of(service: Service, vendor: Party, made: dict[str, Any]) -> Party:
    """Return the organisation as one of its clients speaks for it."""
    return Party(service.client, vendor.tenant, vendor.name, (made["id"], made["secret"]))


def later(**parts: float) -> str:
    """Return a moment that lies ahead."""
    return format_moment(clock.now() + timedelta(**parts))


# Made and listed


def test_a_new_client_has_the_scopes_named_and_its_secret_is_shown_once(service: Service, vendor: Party) -> None:
    made = create(vendor, "requests:read", expires_at=later(days=30))
    answer = post(service, TOKEN, (made["id"], made["secret"]), **GRANT)
    assert answer.json()["scope"] == "requests:read"
    listed = vendor.get("/v1/clients").json()["items"]
    assert [item["id"] for item in listed] == [made["id"], vendor.credentials[0]]
    assert (listed[0]["created_by"], listed[1]["created_by"]) == (vendor.credentials[0], None)
    assert made["secret"] not in vendor.get("/v1/clients").text


def test_nothing_that_authenticates_is_stored(database: TestDatabase, service: Service, vendor: Party) -> None:
    made = create(vendor)
    with psycopg.connect(database.superuser_url) as connection:
        rows = str(connection.execute("select * from oauth_client").fetchall())
        told = str(connection.execute("select payload from audit_entry").fetchall())
    assert made["id"] in rows
    assert made["secret"] not in rows + told


def test_use_is_noted_once_an_hour(service: Service, vendor: Party) -> None:
    made = create(vendor)
    credentials = (made["id"], made["secret"])
    assert made["last_used_at"] is None
    writes: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        writes.extend([statement] if "last_used_at=" in statement else [])

    event.listen(service.sessions.kw["bind"], "before_cursor_execute", note)
    for _ in range(3):
        assert post(service, TOKEN, credentials, **GRANT).status_code == 200
    assert len(writes) == 1
    assert vendor.get("/v1/clients").json()["items"][0]["last_used_at"] is not None


@pytest.mark.parametrize("scope", ["requests:issue", "organisations:write", "nonsense"])
def test_no_client_gets_a_scope_that_its_maker_lacks(vendor: Party, scope: str) -> None:
    answer = vendor.post("/v1/clients", {"name": "more", "scopes": ["requests:read", scope]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/scopes/1")


def test_a_narrow_token_gives_no_more_than_it_carries(vendor: Party) -> None:
    vendor.token = vendor.fetch_token(scope="clients:write requests:read")
    answer = vendor.post("/v1/clients", {"name": "more", "scopes": ["answers:read"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/scopes/0")


def test_no_client_outlives_its_maker(service: Service, vendor: Party) -> None:
    short = party_of(service, vendor, create(vendor, "clients:write", "requests:read", expires_at=later(hours=1)))
    for end in ({}, {"expires_at": later(hours=2)}):
        answer = short.post("/v1/clients", {"name": "heir", "scopes": ["requests:read"], **end})
        assert [flaw["code"] for flaw in answer.json()["errors"]] == ["too_late"]
    assert create(short, "requests:read", expires_at=later(minutes=30))["created_by"] == short.credentials[0]


def test_a_narrow_operator_makes_no_wider_one(service: Service) -> None:
    held = ["organisations:read", "organisations:write"]
    narrow = party_of(service, service.operator, create(service.operator, *held))
    clients = f"/v1/organisations/{service.operator.id}/clients"
    assert narrow.post(clients, {"name": "wider", "scopes": ["audit:read"]}).status_code == 422
    assert narrow.post(clients, {"name": "same"}).json()["scopes"] == held
    another = {"name": "Another", "roles": ["operator"]}
    assert narrow.post("/v1/organisations", another).status_code == 403
    assert service.operator.post("/v1/organisations", another).status_code == 201


PRIVATE = ECKey.generate_key("P-256").as_dict(private=True)
PUBLIC = {name: value for name, value in PRIVATE.items() if name != "d"}
UNFIT = {
    "private half": "/public_key/d",
    "no point of the curve": "/public_key",
    "another curve": "/public_key/crv",
    "symmetric": "/public_key",
    "encrypts": "/public_key/use",
    "short": "/public_key/x",
    "half": "/public_key/x",
}
"""Where each is told: in the body as it was sent, whichever model read it."""
BAD_KEYS = {
    "private half": PRIVATE,
    "no point of the curve": {**PUBLIC, "x": "A" * 43},
    "another curve": {**PUBLIC, "crv": "P-384"},
    "symmetric": {"kty": "oct", "k": "AAAA"},
    "encrypts": {**PUBLIC, "use": "enc"},
    "short": {**PUBLIC, "x": "AAAA"},
    "half": {name: value for name, value in PUBLIC.items() if name != "x"},
}


@pytest.mark.parametrize("case", BAD_KEYS)
def test_a_key_that_is_unfit_is_refused_and_not_repeated(vendor: Party, case: str) -> None:
    body = {"name": "more", "scopes": ["requests:read"], "public_key": BAD_KEYS[case]}
    answer = vendor.post("/v1/clients", body)
    assert answer.status_code == 422
    assert [flaw["pointer"] for flaw in answer.json()["errors"]] == [UNFIT[case]]
    assert not any(len(str(value)) > 20 and str(value) in answer.text for value in BAD_KEYS[case].values())


def test_a_moment_that_has_passed_or_has_no_zone_is_no_end(vendor: Party) -> None:
    for moment in (later(seconds=-1), "2099-01-01T00:00:00", 4102444800):
        body = {"name": "more", "scopes": ["requests:read"], "expires_at": moment}
        assert vendor.post("/v1/clients", body).json()["errors"][0]["pointer"] == "/expires_at"


# Rotated


def rotate(party: Party, client: str, overlap: int, **more: Any) -> httpx.Response:
    """Ask for a new credential."""
    return party.post(f"/v1/clients/{client}:rotate", {"overlap_seconds": overlap, **more})


def test_an_old_secret_is_valid_for_the_overlap_and_no_longer(
    database: TestDatabase, service: Service, vendor: Party
) -> None:
    made = create(vendor)
    new = rotate(vendor, made["id"], 3600).json()
    assert new["secret"] != made["secret"]
    both = [(made["id"], made["secret"]), (made["id"], new["secret"])]
    assert [post(service, TOKEN, auth, **GRANT).status_code for auth in both] == [200, 200]
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("update oauth_client set old_until = now() where id = %s", (made["id"],))
    assert [post(service, TOKEN, auth, **GRANT).status_code for auth in both] == [401, 200]


def test_without_overlap_everything_before_ends_at_once(service: Service, vendor: Party) -> None:
    made = create(vendor)
    secrets = [made["secret"], *(rotate(vendor, made["id"], overlap).json()["secret"] for overlap in (3600, 3600, 0))]
    found = [post(service, TOKEN, (made["id"], secret), **GRANT).status_code for secret in secrets]
    assert found == [401, 401, 401, 200]


def test_a_client_moves_from_a_secret_to_a_key_without_a_pause(service: Service, vendor: Party) -> None:
    key, made = OKPKey.generate_key("Ed25519"), create(vendor)
    new = rotate(vendor, made["id"], 60, public_key=key.as_dict(private=False)).json()
    assert (new["secret"], new["authentication"]) == (None, "private_key_jwt")
    assert post(service, TOKEN, (made["id"], made["secret"]), **GRANT).status_code == 200
    form = GRANT | asserting(signed(key, claims_for(made["id"], aud=service.settings.issuer)))
    assert post(service, TOKEN, None, **form).status_code == 200


@pytest.mark.parametrize("overlap", [-1, 86401, "60", 0.5])
def test_an_overlap_is_a_day_at_most(vendor: Party, overlap: Any) -> None:
    assert rotate(vendor, vendor.credentials[0], overlap).status_code == 422


def test_nobody_obtains_a_credential_that_is_worth_more_than_their_own(service: Service, vendor: Party) -> None:
    narrow = party_of(service, vendor, create(vendor, "clients:write", "requests:read"))
    assert rotate(narrow, vendor.credentials[0], 0).status_code == 403
    short = party_of(service, vendor, create(vendor, "clients:write", "requests:read", expires_at=later(hours=1)))
    assert rotate(short, narrow.credentials[0], 0).status_code == 403
    assert vendor.get("/v1/clients").status_code == 200
    assert post(service, TOKEN, vendor.credentials, **GRANT).status_code == 200


def test_what_is_revoked_gets_no_new_credential(vendor: Party) -> None:
    made = create(vendor)
    assert vendor.post(f"/v1/clients/{made['id']}:revoke").json()["revoked_at"] is not None
    assert rotate(vendor, made["id"], 0).status_code == 409


def test_two_that_rotate_each_other_do_not_wait_for_ever(
    service: Service, vendor: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = [party_of(service, vendor, create(vendor, *scopes_for([Role.VENDOR]))) for _ in range(2)]
    both, find, found = threading.Barrier(2), clients.giver_of, list[int]()

    def meet(session: TenantSession, principal: Principal) -> clients.Giver:
        giver = find(session, principal)
        with suppress(threading.BrokenBarrierError):  # the second does not come so far before the first is done
            both.wait(timeout=1)
        return giver

    monkeypatch.setattr(clients, "giver_of", meet)
    threads = [
        threading.Thread(target=lambda n=n: found.append(rotate(pair[n], pair[1 - n].credentials[0], 60).status_code))
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200, 200]


# Revoked: two servers on one database


def test_a_revoked_client_is_unknown_to_every_server_at_once(service: Service, second: Service, vendor: Party) -> None:
    servers, made = (service, second), create(vendor)
    token = post(second, TOKEN, (made["id"], made["secret"]), **GRANT).json()["access_token"]
    assert statuses(servers, token) == [200, 200]
    first, again = (vendor.post(f"/v1/clients/{made['id']}:revoke").json() for _ in range(2))
    assert first == again
    assert statuses(servers, token) == [401, 401]
    for server in servers:
        assert post(server, TOKEN, (made["id"], made["secret"]), **GRANT).status_code == 401
        assert post(server, INTROSPECT, vendor.credentials, token=token).json() == {"active": False}


def test_what_is_revoked_stays_revoked_in_the_database_too(service: Service, vendor: Party) -> None:
    made = create(vendor)
    vendor.post(f"/v1/clients/{made['id']}:revoke")
    for change in ("revoked_at = null", "secret_digest = repeat('0', 64)", "old_until = now()"):
        with unit_of_work(service.sessions, vendor.tenant) as session:
            found = session.execute(text(f"update oauth_client set {change} where id = :id"), {"id": made["id"]})
            assert found.rowcount == 0
    for change in ("scopes = '{}'", "expires_at = null", "created_by = null"):
        with unit_of_work(service.sessions, vendor.tenant) as session, pytest.raises(ProgrammingError, match="denied"):
            session.execute(text(f"update oauth_client set {change}"))


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "nonsense"}])
def test_a_revoked_token_is_refused_by_every_server_at_once(
    service: Service, second: Service, vendor: Party, hint: dict[str, str]
) -> None:
    servers, token, other = (service, second), vendor.fetch_token(), vendor.fetch_token()
    assert statuses(servers, token) == [200, 200]
    for _ in range(2):  # again is as well as once
        answer = post(service, REVOKE, vendor.credentials, token=token, **hint)
        assert (answer.status_code, answer.content) == (200, b"")
    assert statuses(servers, token) == [401, 401]
    assert statuses(servers, other) == [200, 200]
    assert post(second, INTROSPECT, vendor.credentials, token=token).json() == {"active": False}


def test_an_assertion_is_used_once_whichever_server_it_is_sent_to(
    service: Service, second: Service, vendor: Party
) -> None:
    key = ECKey.generate_key("P-256")
    made = create(vendor, public_key=key.as_dict(private=False))
    form = GRANT | asserting(signed(key, claims_for(made["id"], aud=service.settings.issuer)))
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda server=server: found.append(post(server, TOKEN, None, **form).status_code))
        for server in (service, second) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] + [401] * 7


def test_what_has_expired_is_forgotten(database: TestDatabase, service: Service, vendor: Party) -> None:
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        for _ in range(2):
            post(service, REVOKE, vendor.credentials, token=vendor.fetch_token())
            count = connection.execute("select count(*) from revoked_token").fetchone()
            connection.execute("update revoked_token set expires_at = now() - interval '1 s'")
            assert count == (1,)


def test_the_look_up_of_a_token_costs_one_statement(service: Service, vendor: Party) -> None:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(service.sessions.kw["bind"], "before_cursor_execute", note)
    vendor.token = vendor.fetch_token(scope="answers:read")
    found.clear()
    assert vendor.get(RECEIVED).status_code == 403  # known, but without the scope: nothing else is asked
    about = ("find_client", "oauth_client", "organisation", "revoked_token")
    asked = [statement for statement in found if any(name in statement for name in about)]
    assert [statement.split("(")[0] for statement in asked] == ["select * from find_client"]


# Seen by whom


def test_a_state_is_told_to_the_own_organisation_and_to_the_operator_that_may(service: Service, vendor: Party) -> None:
    other = service.organisation("Tarnbrook", "vendor")
    narrow, sister = create(service.operator, "organisations:read"), create(vendor)
    asking = {
        "a sister client": (sister["id"], sister["secret"]),
        "another organisation": other.credentials,
        "an operator": service.operator.credentials,
        "an operator without the scope": (narrow["id"], narrow["secret"]),
    }
    found = {who: post(service, INTROSPECT, auth, token=vendor.token).json() for who, auth in asking.items()}
    assert {who: state["active"] for who, state in found.items()} == {
        "a sister client": True, "another organisation": False, "an operator": True,
        "an operator without the scope": False,
    }  # fmt: skip
    state = found["an operator"]
    assert (state["client_id"], state["tenant"], state["token_type"]) == (vendor.credentials[0], vendor.id, "Bearer")
    assert set(state["scope"].split()) == set(scopes_for([Role.VENDOR]))


def test_an_organisation_has_so_many_clients_and_no_more(database: TestDatabase, tmp_path: Path) -> None:
    with serving(database.app_url, tmp_path / "data", clients_per_organisation=3) as service:
        vendor, other = service.organisation("Quillmere", "vendor"), service.organisation("Tarnbrook", "vendor")
        one = {"name": "more", "scopes": ["answers:read"]}
        made = [vendor.post("/v1/clients", one) for _ in range(3)]
        assert [answer.status_code for answer in made] == [201, 201, 409]
        assert "revoke one" in made[-1].json()["detail"]
        by_operator = f"/v1/organisations/{vendor.id}/clients"
        assert service.operator.post(by_operator, {"name": "more"}).status_code == 409
        assert other.post("/v1/clients", one).status_code == 201
        assert vendor.post(f"/v1/clients/{made[0].json()['id']}:revoke").status_code == 200
        assert service.operator.post(by_operator, {"name": "more"}).status_code == 201
        with psycopg.connect(database.superuser_url) as connection:
            past = "created_at = now() - interval '2 s', expires_at = now() - interval '1 s'"
            connection.execute(f"update oauth_client set {past} where id = %s", (made[1].json()["id"],))
        assert vendor.post("/v1/clients", one).status_code == 201


def test_ten_at_once_do_not_pass_the_limit_together(database: TestDatabase, tmp_path: Path) -> None:
    with serving(database.app_url, tmp_path / "data", clients_per_organisation=4) as service:
        vendor = service.organisation("Quillmere", "vendor")
        with ThreadPoolExecutor(10) as pool:
            asked = {"name": "more", "scopes": ["answers:read"]}
            codes = list(pool.map(lambda _: vendor.post("/v1/clients", asked).status_code, range(10)))
        assert sorted(codes) == [201] * 3 + [409] * 7
