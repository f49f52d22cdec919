"""Names leave the service only where the operator set a service and both organisations allow it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import TestDatabase
from tests.screening.conftest import LISTED, Sealed, candidates, screen, seal
from tests.screening.loading import HEAD, load
from tests.screening.services import StandIn, result, standing_in
from tests.service import Party, serving


@pytest.fixture
def outside(database: TestDatabase, tmp_path: Path) -> Iterator[tuple[Sealed, StandIn]]:
    load(database, HEAD + LISTED)
    with (
        standing_in() as stand_in,
        serving(database.app_url, tmp_path / "data", match_url=stand_in.url, match_seconds=5) as service,
    ):
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        yield Sealed(service, investor, vendor, seal(investor, vendor, "Sarrat Guard")), stand_in


def allow(*parties: Party, value: bool = True) -> None:
    for party in parties:
        chosen = party.send("PUT", "/v1/screening-setting", json={"outside": value})
        assert chosen.json() == {"outside": value, "configured": True}


def test_nothing_is_sent_unless_all_allow_it(outside: tuple[Sealed, StandIn]) -> None:
    sealed, stand_in = outside
    path = f"/v1/submissions/{sealed.submission}/screenings"
    assert sealed.investor.get("/v1/screening-setting").json() == {"outside": False, "configured": True}
    assert sealed.investor.post(path, {"outside": True}).status_code == 409
    allow(sealed.investor)
    refused = sealed.investor.post(path, {"outside": True})
    assert (refused.status_code, "vendor" in refused.json()["detail"]) == (409, True)
    assert screen(sealed.investor, sealed)["state"] == "done"
    assert stand_in.asked == []


def test_what_the_service_finds_stands_beside_what_is_loaded(outside: tuple[Sealed, StandIn]) -> None:
    sealed, stand_in = outside
    allow(sealed.investor, sealed.vendor)
    stand_in.results["Sarrat Guard"] = [result("Q7", "Guard of Sarrat", 0.91)]
    done = screen(sealed.investor, sealed, outside=True)
    assert (done["state"], done["matcher"]) == ("done", "enduse-names/1, yente")
    assert [(one["code"], one["dated"], one["source"]) for one in done["lists"]] == [
        ("XX_TEST", "2026-11-20", "loaded"), ("sanctions", "2026-11-19", "outside"),
    ]  # fmt: skip
    (found,) = candidates(sealed.investor, done)
    assert (found["record"], found["score"], found["list"], found["state"]) == ("Q7", 9100, "sanctions", "open")


def test_a_vendor_that_changes_its_mind_before_the_job_is_heard(outside: tuple[Sealed, StandIn]) -> None:
    sealed, stand_in = outside
    allow(sealed.investor, sealed.vendor)
    asked = sealed.investor.post(f"/v1/submissions/{sealed.submission}/screenings", {"outside": True}).json()
    allow(sealed.vendor, value=False)
    sealed.service.render()
    done = sealed.investor.get(f"/v1/screenings/{asked['id']}").json()
    assert (done["state"], done["failure"]) == ("failed", "outside_not_allowed")
    assert stand_in.asked == []


def test_a_failure_of_the_service_is_told_and_nothing_is_kept(outside: tuple[Sealed, StandIn]) -> None:
    sealed, stand_in = outside
    allow(sealed.investor, sealed.vendor)
    stand_in.status = 500
    done = screen(sealed.investor, sealed, outside=True)
    assert (done["state"], done["failure"], done["lists"]) == ("failed", "outside_refused", [])
    assert candidates(sealed.investor, done) == []


def test_without_a_service_it_is_said(sealed: Sealed) -> None:
    allowed = sealed.investor.send("PUT", "/v1/screening-setting", json={"outside": True})
    assert allowed.json() == {"outside": True, "configured": False}
    refused = sealed.investor.post(f"/v1/submissions/{sealed.submission}/screenings", {"outside": True})
    assert (refused.status_code, "operator" in refused.json()["detail"]) == (409, True)
