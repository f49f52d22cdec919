"""Rate limits: what fits passes, what does not is told how long to wait, in whichever process it is counted."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from api.db.session import Sessions, unit_of_work
from api.limits import Limit, forget_free, key_of_address, take
from api.problems import Refusal
from tests.databases import TestDatabase
from tests.service import Party, serving

SLOW = Limit(per_second=0.1, at_once=3)


def count(sessions: Sessions, key: str, limit: Limit = SLOW) -> None:
    """Count one request."""
    with unit_of_work(sessions, None) as session:
        take(session, key, limit)
        session.commit()


def wait(sessions: Sessions, key: str, seconds: float) -> None:
    """Let time pass for a key."""
    with unit_of_work(sessions, None) as session:
        back = "update rate_limit set free_at = free_at - :by where key = :key"
        session.execute(text(back), {"by": timedelta(seconds=seconds), "key": key})
        session.commit()


def test_a_burst_passes_and_no_more(sessions: Sessions) -> None:
    for _ in range(SLOW.at_once):
        count(sessions, "a")
    with pytest.raises(Refusal) as refused:
        count(sessions, "a")
    assert refused.value.status == 429
    assert 9 <= int(refused.value.headers["Retry-After"]) <= 11
    count(sessions, "b")


def test_after_the_wait_it_passes_again_once(sessions: Sessions) -> None:
    for _ in range(SLOW.at_once):
        count(sessions, "a")
    wait(sessions, "a", 10)
    count(sessions, "a")
    with pytest.raises(Refusal):
        count(sessions, "a")


def test_a_refused_request_costs_nothing(sessions: Sessions) -> None:
    for _ in range(SLOW.at_once):
        count(sessions, "a")
    before = free_at(sessions)
    for _ in range(5):
        with pytest.raises(Refusal):
            count(sessions, "a")
    assert free_at(sessions) == before


def test_long_silence_earns_one_burst(sessions: Sessions) -> None:
    count(sessions, "a")
    wait(sessions, "a", 10_000)
    for _ in range(SLOW.at_once):
        count(sessions, "a")
    with pytest.raises(Refusal):
        count(sessions, "a")


def test_free_keys_are_forgotten(sessions: Sessions) -> None:
    count(sessions, "a")
    count(sessions, "b")
    wait(sessions, "a", 100)
    with unit_of_work(sessions, None) as session:
        forget_free(session)
        session.commit()
        assert session.scalars(text("select key from rate_limit")).all() == ["b"]


def free_at(sessions: Sessions) -> datetime:
    """Return when the one key is free."""
    with unit_of_work(sessions, None) as session:
        found: datetime = session.execute(text("select free_at from rate_limit")).scalar_one()
    return found


def test_a_busy_client_is_told_to_wait_and_no_other(database: TestDatabase, tmp_path: Path) -> None:
    with serving(database.app_url, tmp_path / "data", client_per_second=0.5, client_at_once=5) as service:
        vendor, other = service.organisation("Quillmere", "vendor"), service.organisation("Tarnbrook", "vendor")
        answers = [vendor.get("/v1/disclosure-requests/received") for _ in range(7)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 4
        assert other.get("/v1/disclosure-requests/received").status_code == 200


def test_two_processes_count_together(database: TestDatabase, tmp_path: Path) -> None:
    limits = {"client_per_second": 0.5, "client_at_once": 6}
    with serving(database.app_url, tmp_path / "data", **limits) as first:
        vendor = first.organisation("Quillmere", "vendor")
        with serving(database.app_url, tmp_path / "data", first.settings.base_url, **limits) as second:
            head = {"Authorization": f"Bearer {vendor.token}"}
            path = "/v1/disclosure-requests/received"
            codes = [served.client.get(path, headers=head).status_code for _ in range(4) for served in (first, second)]
    assert sorted(codes) == [200] * 6 + [429] * 2


def test_guessing_at_the_token_endpoint_is_slowed_by_address(database: TestDatabase, tmp_path: Path) -> None:
    with serving(database.app_url, tmp_path / "data", address_per_second=0.5, address_at_once=4) as service:
        form = {"grant_type": "client_credentials"}
        codes = [service.client.post("/oauth/token", data=form, auth=("x", "y")).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]  # the operator's own token was the first


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:1:2:3::4", "address:2001:db8:1:2::/64"),
        ("testclient", "address:unknown"),
    ],
)
def test_an_address_is_counted_by_what_one_sender_commands(host: str, key: str) -> None:
    assert key_of_address(host) == key


def test_fifty_clients_are_not_fifty_budgets(database: TestDatabase, tmp_path: Path) -> None:
    limits = {"organisation_per_second": 0.5, "organisation_at_once": 6}
    with serving(database.app_url, tmp_path / "data", **limits) as service:
        vendor, other = service.organisation("Quillmere", "vendor"), service.organisation("Tarnbrook", "vendor")
        made = service.operator.post(f"/v1/organisations/{vendor.id}/clients", {"name": "second"}).json()
        second = Party(service.client, vendor.tenant, "second", (made["id"], made["secret"]))
        path = "/v1/disclosure-requests/received"
        codes = [client.get(path).status_code for _ in range(4) for client in (vendor, second)]
        assert codes == [200] * 6 + [429] * 2
        assert other.get(path).status_code == 200
