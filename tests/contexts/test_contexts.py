"""A context of one's own is private, stays as it is, and is shown with what was asked under it."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.contexts.loading import read_snapshot, store
from api.db.engine import open_engine
from questionnaires.canonical import digest_bytes
from questionnaires.snapshots import SnapshotError
from tests.contexts.test_snapshots import AREAS, INDEX, MEMBERS
from tests.databases import TestDatabase
from tests.service import DECLARATION, Party, Service, issue, read_case

SOURCE = {"title": "Report", "publisher": "A body", "year": 2026, "licence": "public", "taken_on": "2026-11-20"}
ASKED = {
    "id": "own-view", "revision": "2026-11-25", "title": "Our list", "based_on": "exercise",
    "areas": {"XA": {"territory": 4, "rank": 100, "reason": "Occupied since the spring", "source": SOURCE}},
}  # fmt: skip


def make(investor: Party, **more: Any) -> Any:
    return investor.post("/v1/contexts", {**ASKED, **more})


def submit(investor: Party, vendor: Party, context: str) -> dict[str, Any]:
    case, request = read_case("f5"), issue(investor, vendor, context=context)
    path = f"/v1/disclosure-requests/{request['id']}/submission"
    assert vendor.patch(path, case["document"]).status_code == 200
    submitted = vendor.post(f"{path}:submit", DECLARATION)
    assert submitted.status_code == 200, submitted.text
    return {"request": request, **submitted.json()}


def load(database: TestDatabase, folder: Path) -> tuple[str, bool]:
    from sqlalchemy.orm import Session

    engine = open_engine(database.owner_url, pool_size=1)
    try:
        with Session(engine) as session:
            kept = store(session, read_snapshot(folder))
            session.commit()
            return kept
    finally:
        engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a manifest and three files."""
    place, files = tmp_path / "newer", {"index": INDEX, "areas": AREAS, "memberships": MEMBERS}
    place.mkdir()
    lines = ["id: exercise", "revision: 2026-12", "title: Newer", "files:"]
    for kind, data in files.items():
        (place / f"{kind}.csv").write_bytes(data)
        lines += [f"  - {{file: {kind}.csv, holds: {kind}, title: Made up, publisher: Nobody, year: 2026,"]
        lines += [f"     licence: CC0, taken_on: 2026-11-01, digest: '{digest_bytes(data)}'}}"]
    (place / "manifest.yaml").write_text("\n".join(lines), encoding="utf-8")
    return place


def test_a_loaded_snapshot_is_the_newest_and_its_date_is_shown(
    service: Service, database: TestDatabase, folder: Path
) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    older = issue(investor, vendor)
    digest, new = load(database, folder)
    assert new
    assert load(database, folder / "manifest.yaml") == (digest, False)
    assert older["context_name"] == "exercise@2026-11"
    newer = issue(investor, vendor)
    assert (newer["context"], newer["context_name"]) == (digest, "exercise@2026-12")
    shown = {one["context_name"] for one in vendor.get("/v1/disclosure-requests/received").json()["items"]}
    assert shown == {"exercise@2026-11", "exercise@2026-12"}
    whole = vendor.get("/v1/contexts/exercise").json()
    assert (whole["revision"], whole["places"]["XB-N"]["territory"]) == ("2026-12", 3)
    assert whole["sources"][0]["digest"] == digest_bytes(INDEX)


def test_a_name_that_is_taken_and_a_file_elsewhere_are_refused(database: TestDatabase, folder: Path) -> None:
    load(database, folder)
    manifest = folder / "manifest.yaml"
    text = manifest.read_text(encoding="utf-8")
    for changed, says in (
        (text.replace("Newer", "Other"), "taken"), (text.replace("2026-12", "2026-11"), "taken"),
        (text.replace("id: exercise", "id: own-exercise"), "taken"),
        (text.replace("file: index.csv", "file: ../index.csv"), "bare name"),
    ):  # fmt: skip
        manifest.write_text(changed, encoding="utf-8")
        with pytest.raises(SnapshotError) as caught:
            load(database, folder)
        assert says in caught.value.mistakes[0].what


def test_place_of_use_reads_as_the_own_context_says_and_the_vendor_sees_it(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    made = make(investor)
    assert made.status_code == 201, made.text
    plain, own = submit(investor, vendor, "exercise"), submit(investor, vendor, "own-view")
    levels = [one["scorecard"]["deployments"][0]["criteria"]["B4"]["value"] for one in (plain, own)]
    assert levels == [0, 4]
    assert own["scorecard"]["context_name"] == "own-view@2026-11-25"
    digest = made.json()["digest"]
    assert own["request"]["context"] == own["scorecard"]["context"] == digest
    seen = vendor.get(f"/v1/contexts/{digest}").json()
    assert seen["places"]["XA"]["reason"] == "Occupied since the spring"
    assert seen["places"]["XA"]["source"] == "Report"
    assert vendor.get(f"/v1/submissions/{own['submission']}/scorecard").status_code == 200
    assert vendor.get("/v1/contexts/own-view").status_code == 404
    assert digest not in {one["digest"] for one in vendor.get("/v1/contexts").json()}


def test_an_auditor_with_a_grant_sees_it_and_a_stranger_does_not(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    auditor, stranger = service.organisation("Sorrel", "auditor"), service.organisation("Basil", "investor")
    digest = make(investor).json()["digest"]
    sealed = submit(investor, vendor, "own-view")["submission"]
    for party in (auditor, stranger):
        assert party.get(f"/v1/contexts/{digest}").status_code == 404
    vendor.post(f"/v1/submissions/{sealed}/grants", {"grantee": auditor.id, "purpose": "Audit"})
    assert auditor.get(f"/v1/contexts/{digest}").status_code == 200
    assert auditor.get(f"/v1/submissions/{sealed}/scorecard").status_code == 200
    assert stranger.get(f"/v1/contexts/{digest}").status_code == 404
    asked = {"respondent": vendor.id, "questionnaire": "surveillance-hrdd@1", "due_on": "2099-01-01"}
    refused = stranger.post("/v1/disclosure-requests", {**asked, "context": digest})
    assert refused.json()["errors"][0]["pointer"] == "/context"


def test_an_attestation_under_an_own_context_is_made_and_verifies(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    make(investor)
    sealed = submit(investor, vendor, "own-view")["submission"]
    attested = investor.post("/v1/attestations", {"submission": sealed})
    assert attested.status_code in {200, 201, 202}, attested.text
    service.render()
    document = vendor.get(f"/v1/attestations/{attested.json()['id']}.pdf").content
    report = service.client.post("/v1/verifications", content=document, headers={"Content-Type": "application/pdf"})
    assert report.status_code == 200, report.text
    told = report.json()["statement"]["context"]
    assert (told["id"], told["revision"]) == ("own-view", "2026-11-25")
    assert "FAILED" not in report.text


def test_it_never_changes(service: Service) -> None:
    investor = service.organisation("Aster", "investor")
    first = make(investor).json()
    again = make(investor, title="Another title")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "taken")
    assert investor.get("/v1/contexts/own-view").json()["digest"] == first["digest"]
    with psycopg.connect(service.superuser_url) as connection:
        connection.execute("set role enduse_app")
        connection.execute("select set_config('app.tenant', %s, true)", (investor.id,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update own_context set content = '{}'")


def test_every_flaw_of_an_own_context_is_told_at_once(service: Service) -> None:
    investor = service.organisation("Aster", "investor")
    said = {"reason": "Because", "source": SOURCE}
    late = {**said, "rank": 1, "source": {**SOURCE, "taken_on": "2999-01-01"}}
    areas = {"QQ": {**said, "name": "Nowhere", "rank": 1}, "XB": said, "XC": late}
    refused = make(investor, areas=areas, revision="2026-02-30").json()
    assert [flaw["pointer"] for flaw in refused["errors"]] == [
        "/revision", "/areas/XC/source/taken_on", "/areas/QQ", "/areas/XB",
    ]  # fmt: skip
    assert make(investor, based_on="nowhere").json()["errors"][0]["pointer"] == "/based_on"
    assert make(investor, id="world").json()["errors"][0]["pointer"] == "/id"
    make(investor)
    assert make(investor, id="own-twice", based_on="own-view").json()["errors"][0]["pointer"] == "/based_on"
