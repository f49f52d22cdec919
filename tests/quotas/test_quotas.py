"""Quotas: what fits is kept, what does not is refused whole, also when much comes at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest

from tests.databases import TestDatabase
from tests.service import DECLARATION, Party, Service, attach, due, issue, serving, submit_case

KIB = 1024
ABOUT = [{"question": "TRA-02"}]


class Case(NamedTuple):
    """A service that allows little, a vendor with a draft, and the investor that asked."""

    service: Service
    investor: Party
    vendor: Party
    request: str

    def attach(self, data: bytes) -> httpx.Response:
        """Attach a file to the draft."""
        return attach(self.vendor, self.request, ABOUT, data)

    def files(self) -> list[Path]:
        """Return the vendor's files as they lie on the disk."""
        folder = self.service.settings.data_folder / "files" / self.vendor.id
        return [path for path in folder.rglob("*") if path.is_file()]

    def storage(self) -> Any:
        """Return what the vendor uses of its storage, as it is told."""
        return self.vendor.get("/v1/usage").json()["storage_bytes"]

    def withdraw(self, evidence: str) -> None:
        """Withdraw a piece of evidence and do the job that follows."""
        path = f"/v1/disclosure-requests/{self.request}/submission/evidence/{evidence}"
        assert self.vendor.send("DELETE", path).status_code == 204
        self.service.render()


@pytest.fixture
def case(database: TestDatabase, tmp_path: Path) -> Iterator[Case]:
    small = {"storage_quota_bytes": 10 * KIB, "open_request_quota": 3}
    with serving(database.app_url, tmp_path / "data", **small) as service:
        service.superuser_url = database.superuser_url
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        request = issue(investor, vendor)["id"]
        answers = {"company": {"TRA-02": {"state": "not_known"}}}
        vendor.patch(f"/v1/disclosure-requests/{request}/submission", answers)
        yield Case(service, investor, vendor, request)


def test_what_fits_is_kept_and_what_does_not_is_refused_whole(case: Case) -> None:
    assert case.attach(b"a" * 6 * KIB).status_code == 201
    refused = case.attach(b"b" * 5 * KIB)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:enduse:problem:quota_exceeded")
    assert f"{6 * KIB} of {10 * KIB} bytes" in refused.json()["detail"]
    assert case.storage() == {"used": 6 * KIB, "allowed": 10 * KIB}
    assert len(case.files()) == 1
    evidence = case.vendor.get(f"/v1/disclosure-requests/{case.request}/submission/evidence").json()
    assert [item["size"] for item in evidence] == [6 * KIB]
    assert case.attach(b"b" * 4 * KIB).status_code == 201


def test_a_file_counts_once_however_often_it_is_attached(case: Case) -> None:
    for _ in range(3):
        assert case.attach(b"a" * 6 * KIB).status_code == 201
    assert case.storage()["used"] == 6 * KIB


def test_what_is_withdrawn_is_removed_and_makes_room(case: Case) -> None:
    first, second = (case.attach(b"a" * 6 * KIB).json()["id"] for _ in range(2))
    case.withdraw(first)
    assert case.storage()["used"] == 6 * KIB
    assert len(case.files()) == 1
    case.withdraw(second)
    assert case.storage()["used"] == 0
    assert case.files() == []
    assert case.attach(b"a" * 6 * KIB).status_code == 201
    assert len(case.files()) == 1


def test_a_removal_that_was_cut_off_is_made_good(case: Case) -> None:
    evidence = case.attach(b"a" * 6 * KIB).json()["id"]
    case.files()[0].unlink()  # as a worker leaves it that is killed before its transaction ends
    case.withdraw(evidence)
    assert case.storage()["used"] == 0


def test_uploads_at_once_do_not_slip_past_together(case: Case) -> None:
    answers = {"company": {"TRA-02": {"state": "not_known"}}}
    requests = [case.request, *(issue(case.investor, case.vendor)["id"] for _ in range(2))]
    for request in requests:
        case.vendor.patch(f"/v1/disclosure-requests/{request}/submission", answers)

    def upload(number: int) -> int:
        return attach(case.vendor, requests[number % 3], ABOUT, bytes([number]) * 3 * KIB).status_code

    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(upload, range(12)))
    assert sorted(codes) == [201] * 3 + [409] * 9
    assert case.storage()["used"] == 9 * KIB
    assert len(case.files()) == 3


def test_requests_at_once_do_not_slip_past_together_and_an_answer_makes_room(case: Case) -> None:
    asked = {"respondent": case.vendor.id, "context": "exercise", "due_on": due()}
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: case.investor.post("/v1/disclosure-requests", asked).status_code, range(8)))
    assert sorted(codes) == [201] * 2 + [409] * 6
    assert case.investor.get("/v1/usage").json()["open_requests"] == {"used": 3, "allowed": 3}
    assert len(case.investor.get("/v1/disclosure-requests/issued").json()["items"]) == 3
    case.service.operator.send(
        "PUT", f"/v1/organisations/{case.investor.id}/quota", json={"storage_bytes": None, "open_requests": 4}
    )
    submit_case(case.investor, case.vendor, "f5")
    assert case.investor.get("/v1/usage").json()["open_requests"] == {"used": 3, "allowed": 4}


def test_the_operator_sets_one_organisation_and_both_chains_tell(case: Case) -> None:
    path, quota = f"/v1/organisations/{case.vendor.id}/quota", {"storage_bytes": KIB, "open_requests": None}
    told = case.service.operator.send("PUT", path, json=quota).json()
    assert told == case.vendor.get("/v1/usage").json()
    assert told["storage_bytes"] == {"used": 0, "allowed": KIB}
    assert case.attach(b"a" * 2 * KIB).status_code == 409
    for who in (case.vendor, case.service.operator):
        entries = who.get("/v1/audit-entries?limit=100").json()["items"]
        assert [e["entry"]["object"] for e in entries if e["entry"]["action"] == "quota.set"] == [case.vendor.id]
    case.service.operator.send("PUT", path, json={**quota, "storage_bytes": None})
    assert case.attach(b"a" * 2 * KIB).status_code == 201


@pytest.mark.parametrize("quota", [{"storage_bytes": -1, "open_requests": 1}, {"storage_bytes": 1}, {}])
def test_a_quota_that_says_nothing_clear_is_refused(case: Case, quota: dict[str, Any]) -> None:
    path = f"/v1/organisations/{case.vendor.id}/quota"
    assert case.service.operator.send("PUT", path, json=quota).status_code == 422
    assert case.service.operator.send("PUT", "/v1/organisations/" + case.request + "/quota", json={
        "storage_bytes": 1, "open_requests": 1}).status_code == 404  # fmt: skip
    assert case.vendor.send("PUT", path, json=quota).status_code == 403


def test_a_full_organisation_attests_nothing_more_but_its_documents_are_finished(case: Case) -> None:
    submission = submit_case(case.investor, case.vendor, "f5")["submission"]
    attested = case.investor.post("/v1/attestations", {"submission": submission})
    assert attested.status_code == 201
    case.service.render()
    use = case.investor.get("/v1/usage").json()["storage_bytes"]
    assert use["used"] == case.investor.get(f"/v1/attestations/{attested.json()['id']}").json()["pdf_size"] > 10 * KIB
    assert case.investor.post("/v1/attestations", {"submission": submission}).status_code == 409
    assert len(case.investor.get("/v1/attestations").json()["items"]) == 1


def test_a_document_stays_though_evidence_with_its_content_is_withdrawn(case: Case) -> None:
    with psycopg.connect(case.service.superuser_url) as connection:
        evidence = case.attach(b"a").json()["id"]
        connection.execute("update stored_file set permanent = true")
    case.withdraw(evidence)
    assert len(case.files()) == 1


def test_a_sealed_submission_keeps_its_files(case: Case) -> None:
    case.vendor.patch(f"/v1/disclosure-requests/{case.request}/submission", {"company": {"GOV-01": None}})
    kept = case.attach(b"kept")
    path = f"/v1/disclosure-requests/{case.request}/submission"
    assert case.vendor.post(f"{path}:submit", DECLARATION).status_code == 200
    case.service.render()
    digest = kept.json()["digest"].removeprefix("sha256:")
    assert [file.name for file in case.files()] == [digest]
