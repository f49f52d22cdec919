"""The registry as anybody reads it: found by what one asks, as it stands now, growing old with time."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from api import clock
from api.publication.registry import months_before
from tests.databases import TestDatabase
from tests.prepared import Worlds
from tests.publication.conftest import Published, attest, look
from tests.service import Service, serving

LEI = "5299000J2N45DDNE4Y28"


class Registry(NamedTuple):
    """Two published attestations of two vendors, one not rated, and one that nobody published."""

    service: Service
    good: Published
    silent: Published
    hidden: Published
    ids: tuple[str, str]


def make_registry(service: Service) -> Registry:
    investor = service.organisation("Aster", "investor")
    good = attest(service, investor, service.organisation("Lindisvale Systems", "vendor"))
    silent = attest(service, investor, service.organisation("Vexmoor Écoute", "vendor"), "f8")
    hidden = attest(service, investor, service.organisation("Hidden Optics", "vendor"))
    hidden.propose()
    return Registry(service, good, silent, hidden, (good.publish(), silent.publish()))


@pytest.fixture
def registry(worlds: Worlds, tmp_path: Path) -> Iterator[Registry]:
    with worlds.copied(make_registry, tmp_path / "data") as found:
        yield found


def test_an_entry_says_what_was_attested_and_how_it_stands(registry: Registry) -> None:
    id_, good = registry.ids[0], registry.good
    entry = good.look(f"/{id_}").json()
    payload = json.loads(good.vendor.get(f"/v1/attestations/{good.attestation}/bundle").content)
    assert payload["format"] == "enduse-attestation/2"
    assert (entry["respondent"], entry["issuer"]) == (
        {"id": good.vendor.id, "name": "Lindisvale Systems"}, {"id": good.investor.id, "name": "Aster"}
    )  # fmt: skip
    assert (entry["status"], entry["age"], entry["level"], entry["attestation"]) == (
        "valid", "fresh", "band", good.attestation
    )  # fmt: skip
    assert entry["questionnaire"]["id"] == "surveillance-hrdd"
    assert entry["coverage"].keys() == {"asked", "answered", "with_evidence"}
    for link in ("self", "pdf", "bundle", "record"):
        path = entry["links"][link].removeprefix(registry.service.settings.base_url)
        assert registry.service.client.get(path).status_code == 200, link
    record = registry.service.client.get(f"/log/records/{entry['statement']}").json()
    assert [json.loads(event["entry"])["kind"] for event in record["events"]] == ["issue", "document"]


def test_what_is_not_rated_is_printed_as_a_range_and_read_at_its_worse_end(registry: Registry) -> None:
    good, silent = registry.ids
    result = look(registry.service, f"/{silent}").json()["result"]
    assert (result["rated"], result["band"]) == (False, None)
    assert result["printed"] == f"{result['range_from']} to {result['range_to']}"
    assert result["range_to"] == "severe"
    rated = look(registry.service, f"/{good}").json()["result"]
    assert rated["printed"] == rated["band"] == rated["range_to"] != "severe"
    assert registry.good.listed(f"?worst_band={rated['band']}") == [good]
    assert registry.good.listed(f"?worst_band={result['range_from']}") != [silent]
    assert registry.good.listed("?worst_band=severe") == [silent, good]


def test_it_is_found_by_what_one_asks(registry: Registry) -> None:
    good, silent = registry.ids
    vendor, investor = registry.good.vendor.id, registry.good.investor.id
    with psycopg.connect(registry.service.superuser_url) as connection:
        connection.execute("update organisation set lei = %s where id = %s", (LEI, vendor))
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    found = {
        "": [silent, good],
        "?q=lindis": [good],
        "?q=SYSTEMS": [good],
        "?q=ecoute": [silent],
        "?q=visvale": [],
        "?q=%25": [],
        "?q=Hidden": [],
        f"?lei={LEI}": [good],
        f"?organisation={vendor}": [good],
        f"?organisation={investor}": [silent, good],
        f"?organisation={registry.hidden.vendor.id}": [],
        "?questionnaire=surveillance-hrdd": [silent, good],
        "?questionnaire=surveillance-hrdd@1": [silent, good],
        "?questionnaire=surveillance-hrdd@2": [],
        f"?issued_since={today}": [silent, good],
        f"?issued_since={tomorrow}": [],
        "?status=valid": [silent, good],
        "?status=revoked": [],
        "?stale=false&q=vex": [silent],
        "?stale=true": [],
    }
    assert {query: registry.good.listed(query) for query in found} == found
    for query in ("?worst_band=mild", "?status=fine", "?lei=x", "?issued_since=2026"):
        assert look(registry.service, query).status_code == 422, query


def test_pages_follow_each_other(registry: Registry) -> None:
    good, silent = registry.ids
    first = look(registry.service, "?limit=1").json()
    assert ([item["id"] for item in first["items"]], first["next"]) == ([silent], silent)
    second = look(registry.service, f"?limit=1&after={first['next']}").json()
    assert ([item["id"] for item in second["items"]], second["next"]) == ([good], None)


def test_nothing_of_what_is_not_published_is_told(registry: Registry) -> None:
    hidden = registry.hidden
    (proposal,) = hidden.vendor.get("/v1/publications?side=proposed").json()["items"]
    nowhere = look(registry.service, "/01900000-0000-7000-8000-000000000000")
    for id_ in (proposal["id"], hidden.attestation):
        for part in ("", "/pdf", "/bundle", "/record"):
            answer = look(registry.service, f"/{id_}{part}")
            assert (answer.status_code, answer.content) == (404, nowhere.content)
    for path in ("", "?archived=true", "/feed"):
        text = look(registry.service, path).text
        assert "Hidden" not in text
        assert hidden.vendor.id not in text
        assert hidden.attestation not in text


def test_a_revocation_shows_at_once(registry: Registry) -> None:
    good, silent = registry.ids
    before = look(registry.service, f"/{good}")
    tag = before.headers["etag"]
    assert look(registry.service, f"/{good}", headers={"If-None-Match": tag}).status_code == 304
    reason = {"reason": "issued_in_error"}
    registry.good.investor.post(f"/v1/attestations/{registry.good.attestation}:revoke", reason)
    after = look(registry.service, f"/{good}", headers={"If-None-Match": tag})
    assert (after.status_code, after.json()["status"]) == (200, "revoked")
    assert (registry.good.listed("?status=revoked"), registry.good.listed("?status=valid")) == ([good], [silent])
    assert "status revoked" in look(registry.service, "/feed").text


def test_one_that_was_superseded_says_so_at_once(registry: Registry) -> None:
    good, _ = registry.ids
    investor = registry.good.investor
    submission = investor.get(f"/v1/attestations/{registry.good.attestation}").json()["submission"]
    assert investor.post("/v1/attestations", {"submission": submission}).status_code == 201
    registry.service.render()
    assert look(registry.service, f"/{good}").json()["status"] == "superseded"


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Let so many days pass for the service."""
    at = clock.now() + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: at)


@pytest.mark.parametrize(
    ("days", "age", "status", "listed"),
    [
        (364, "fresh", "valid", True),
        (370, "stale", "expired", True),
        (1090, "stale", "expired", True),
        (1100, "archived", "expired", False),
    ],
)
def test_entries_grow_old(
    published: Published, monkeypatch: pytest.MonkeyPatch, days: int, age: str, status: str, listed: bool
) -> None:
    id_ = published.publish()
    later(monkeypatch, days)
    entry = published.look(f"/{id_}").json()
    assert (entry["age"], entry["status"]) == (age, status)
    assert published.look(f"/{id_}/pdf").status_code == 200
    assert (published.listed() == [id_], id_ in published.look("/feed").text) == (listed, listed)
    assert published.listed("?archived=true") == [id_]
    assert (published.listed("?stale=true&archived=true") == [id_]) == (age != "fresh")
    assert (published.listed("?stale=false") == [id_]) == (age == "fresh")


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 25), 12, date(2025, 11, 25)),
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
        (date(2026, 12, 1), 36, date(2023, 12, 1)),
    ],
)
def test_months_are_counted_by_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


def test_answers_may_be_kept_but_are_asked_for_again(published: Published) -> None:
    id_ = published.publish()
    for path in ("", "/feed", f"/{id_}", f"/{id_}/pdf", f"/{id_}/bundle"):
        answer = published.look(path)
        assert answer.headers["cache-control"] == "public, no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"
        known: dict[str, Any] = {"headers": {"If-None-Match": f'"other", W/{answer.headers["etag"]}'}}
        again = published.look(path, **known)
        assert (again.status_code, again.content) == (304, b"")
        assert published.look(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_one_address_is_told_to_wait(database: TestDatabase, tmp_path: Path) -> None:
    with serving(database.app_url, tmp_path / "data", registry_per_minute=2) as service:
        answers = [look(service, path) for path in ("", "/feed", "")]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["retry-after"]) >= 1
