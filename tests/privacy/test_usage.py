"""What goes makes room, once: a file in the storage that is counted, a draft among its issuer's open requests."""

from typing import Any

from api import clock
from tests.privacy.conftest import Kept, draft
from tests.service import DECLARATION, Party, issue

LEAVING = {"what": "organisation", "reason": "We leave"}


def stored(party: Party) -> int:
    """Return the bytes that count as an organisation's."""
    used: int = party.get("/v1/usage").json()["storage_bytes"]["used"]
    return used


def awaited(party: Party) -> int:
    """Return how many open requests count as an organisation's."""
    used: int = party.get("/v1/usage").json()["open_requests"]["used"]
    return used


def on_disk(kept: Kept, party: Party) -> int:
    """Return the bytes of a tenant's stored files."""
    folder = kept.service.settings.data_folder / "files" / party.id
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def allow(kept: Kept, party: Party, storage: int | None) -> None:
    """Let the operator say how many bytes an organisation may keep."""
    quota = {"storage_bytes": storage, "open_requests": None}
    assert kept.service.operator.send("PUT", f"/v1/organisations/{party.id}/quota", json=quota).status_code == 200


def export(kept: Kept, party: Party) -> Any:
    """Have an export made and return it."""
    id_ = party.post("/v1/exports").json()["id"]
    kept.service.render()
    return party.get(f"/v1/exports/{id_}").json()


def test_a_draft_past_its_time_makes_room_for_both_once(kept: Kept) -> None:
    kept.age(kept.old, 366)
    assert awaited(kept.investor) == 2
    before = stored(kept.vendor)
    for _ in range(2):
        kept.tend(kept.vendor)
        assert awaited(kept.investor) == 1
        assert stored(kept.vendor) == before - len(b"of the old draft") == on_disk(kept, kept.vendor)


def test_an_answer_after_all_is_not_counted_a_second_time(kept: Kept) -> None:
    kept.age(kept.old, 366)
    kept.tend(kept.vendor)
    path = f"/v1/disclosure-requests/{kept.old}/submission"
    kept.vendor.patch(path, {"company": {"TRA-02": {"state": "not_known"}}})
    assert kept.vendor.post(f"{path}:submit", DECLARATION).status_code == 200
    assert awaited(kept.investor) == 1
    assert kept.vendor.post(f"/v1/disclosure-requests/{kept.new}/submission:submit", DECLARATION).status_code == 200
    assert awaited(kept.investor) == 0


def test_a_request_that_nobody_ever_answered_is_open_no_longer_once_its_time_is_over(kept: Kept) -> None:
    ignored = issue(kept.investor, kept.vendor)["id"]
    kept.age(ignored, 364)
    kept.tend(kept.vendor)
    assert awaited(kept.investor) == 3
    kept.age(ignored, 366)
    kept.tend(kept.vendor)
    assert awaited(kept.investor) == 2
    assert kept.count("submission", f"request_id = '{ignored}' and version = 0") == 1  # it still never acted


def test_who_leaves_makes_room_for_all_who_asked(kept: Kept) -> None:
    other = kept.service.organisation("Basil", "investor")
    draft(other, kept.vendor, b"for another")
    issue(other, kept.vendor)
    assert (awaited(kept.investor), awaited(other)) == (2, 2)
    kept.vendor.post("/v1/erasures", {**LEAVING, "organisation": kept.vendor.id})
    assert (awaited(kept.investor), awaited(other)) == (0, 0)
    sealed = kept.count("stored_file", f"tenant_id = '{kept.vendor.id}'")
    assert sealed == len(kept.files(kept.vendor)) == 1
    assert kept.count("usage", f"tenant_id = '{kept.vendor.id}' and stored_bytes = {on_disk(kept, kept.vendor)}") == 1


def test_the_files_of_sealed_evidence_count_until_their_time_is_over(kept: Kept) -> None:
    before = stored(kept.vendor)
    kept.age(kept.sealed_request, 3651)
    kept.tend(kept.vendor)
    assert before > stored(kept.vendor) == on_disk(kept, kept.vendor)


def test_an_export_counts_as_long_as_it_is_kept(kept: Kept) -> None:
    before = stored(kept.vendor)
    made = export(kept, kept.vendor)
    assert stored(kept.vendor) == before + made["size"] == on_disk(kept, kept.vendor)
    kept.turn_back("update data_export set expires_at = %s", clock.now())
    kept.tend(kept.vendor)
    assert stored(kept.vendor) == before == on_disk(kept, kept.vendor)


def test_who_is_full_asks_for_no_export_and_what_was_let_in_is_finished(kept: Kept) -> None:
    allow(kept, kept.vendor, stored(kept.vendor))
    refused = kept.vendor.post("/v1/exports")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:enduse:problem:quota_exceeded")
    assert kept.vendor.get("/v1/exports").json()["items"] == []
    allow(kept, kept.vendor, stored(kept.vendor) + 1)
    made = export(kept, kept.vendor)
    assert made["size"] > 1
    assert kept.vendor.get(f"/v1/exports/{made['id']}/content").status_code == 200
    assert kept.vendor.post("/v1/exports").status_code == 409


def test_withdrawing_evidence_leaves_an_export_where_it_is(kept: Kept) -> None:
    made = export(kept, kept.vendor)
    path = f"/v1/disclosure-requests/{kept.new}/submission/evidence"
    (evidence,) = kept.vendor.get(path).json()
    assert kept.vendor.send("DELETE", f"{path}/{evidence['id']}").status_code == 204
    before = len(kept.files(kept.vendor))
    kept.service.render()
    assert len(kept.files(kept.vendor)) == before - 1
    assert kept.vendor.get(f"/v1/exports/{made['id']}/content").status_code == 200
