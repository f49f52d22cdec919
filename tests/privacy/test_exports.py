"""Exports: everything of one's own, nothing of others, in bounded memory, for a while."""

import hashlib
import io
import json
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import text

from api.db.session import unit_of_work
from api.evidence.files import open_files
from api.ids import uuid7
from api.jobs.registry import HANDLERS, load_handler
from api.privacy.contents import EXPORTED
from api.privacy.exporting import write
from attestations.audit_log import verify_chain
from tests.prepared import Worlds
from tests.service import Party, Service, grade_all, issue, submit_case

FOREIGN_TEXTS = ("Basil Partners", "Tarnbrook Optics", "A note for Tarnbrook", "foreign-proof")
ANSWERS = 10_000
MEBIBYTE = 1024 * 1024


class World(NamedTuple):
    """Two parties with everything, and two that have nothing to do with them."""

    service: Service
    investor: Party
    vendor: Party
    auditor: Party
    foreign: list[str]


def make_world(service: Service) -> World:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    auditor = service.organisation("Sorrel", "auditor")
    other, rival = (
        service.organisation("Basil Partners", "investor"),
        service.organisation("Tarnbrook Optics", "vendor"),
    )
    submission = submit_case(investor, vendor, "f5")["submission"]
    issue(investor, vendor, note="A second look")
    vendor.post(f"/v1/submissions/{submission}/grants", {"grantee": auditor.id, "purpose": "Audit"})
    grade_all(auditor, submission, "V3")
    investor.post("/v1/attestations", {"submission": submission})
    foreign = submit_case(other, rival, "f1")
    foreign_request = issue(other, rival, note="A note for Tarnbrook")
    attested = other.post("/v1/attestations", {"submission": foreign["submission"]}).json()
    service.render()
    ids = [other.id, rival.id, foreign["submission"], foreign["request"], foreign_request["id"], attested["id"],
           other.credentials[0], rival.credentials[0]]  # fmt: skip
    return World(service, investor, vendor, auditor, ids)


@pytest.fixture
def world(worlds: Worlds, tmp_path: Path) -> Iterator[World]:
    with worlds.copied(make_world, tmp_path / "data") as found:
        yield found


def export(world: World, party: Party) -> tuple[str, zipfile.ZipFile]:
    """Have an export made and fetch it."""
    id_ = party.post("/v1/exports").json()["id"]
    waiting = party.get(f"/v1/exports/{id_}")
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "2")
    assert party.get(f"/v1/exports/{id_}/content").status_code == 202
    world.service.render()
    done = party.get(f"/v1/exports/{id_}")
    assert done.status_code == 200
    content = party.get(f"/v1/exports/{id_}/content")
    assert content.status_code == 200
    assert done.json()["digest"] == "sha256:" + hashlib.sha256(content.content).hexdigest()
    return id_, zipfile.ZipFile(io.BytesIO(content.content))


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    """Return the lines of a file."""
    return [json.loads(line) for line in archive.read(name).splitlines()]


def test_everything_that_a_tenant_owns_is_in_it(world: World) -> None:
    for party in (world.investor, world.vendor, world.auditor):
        export(world, party)  # the first one is counted, so that there is a row of what is used
        _, archive = export(world, party)
        with psycopg.connect(world.service.superuser_url) as connection:
            for table in EXPORTED:
                query = f"select count(*) from {table} where tenant_id = %s"
                (count,) = connection.execute(query.encode(), [party.id]).fetchone() or (0,)
                found = rows(archive, f"{table}.jsonl")
                # The export's own row is written before, and named after.
                assert len(found) == count, (party.name, table)
                assert all(row["tenant_id"] == party.id for row in found)
        assert rows(archive, "organisation.jsonl")[0]["name"] == party.name


def test_what_others_addressed_to_one_and_files_are_in_it(world: World) -> None:
    _, archive = export(world, world.vendor)
    names = archive.namelist()
    (attestation,) = rows(archive, "received/attestation.jsonl")
    document = world.vendor.get(f"/v1/attestations/{attestation['id']}.pdf").content
    assert archive.read(f"attestations/{attestation['id']}.pdf") == document
    bundle = world.vendor.get(f"/v1/attestations/{attestation['id']}/bundle").content
    assert archive.read(f"attestations/{attestation['id']}.json") == bundle
    evidence = rows(archive, "evidence.jsonl")
    assert evidence
    assert {f"evidence/{row['file_digest'][7:]}" for row in evidence} <= set(names)
    assert len(rows(archive, "received/disclosure_request.jsonl")) == 2
    _, received = export(world, world.auditor)
    assert [row["purpose"] for row in rows(received, "received/access_grant.jsonl")] == ["Audit"]
    assert verify_chain(archive.read("audit-log.jsonl").splitlines()).findings == []


def test_the_manifest_names_every_file_with_its_digest(world: World) -> None:
    _, archive = export(world, world.vendor)
    manifest = json.loads(archive.read("manifest.json"))
    assert [file["name"] for file in manifest["files"]] == archive.namelist()[:-1]
    for file in manifest["files"]:
        content = archive.read(file["name"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
    assert manifest["missing"] == []
    readme = archive.read("README.txt").decode()
    assert [file["name"] for file in manifest["files"] if "/" not in file["name"] and file["name"] not in readme] == [
        "README.txt"
    ]


def test_nothing_foreign_and_no_secret_is_in_it(world: World) -> None:
    for party in (world.investor, world.vendor, world.auditor):
        _, archive = export(world, party)
        whole = b"\n".join(archive.read(name) for name in archive.namelist())
        texts = [*world.foreign, *FOREIGN_TEXTS[:3], party.credentials[1]]
        assert [one for one in texts if one.encode() in whole] == []
        assert b"secret_digest" not in archive.read("oauth_client.jsonl")


def test_an_export_is_told_of_and_seen_by_nobody_else(world: World) -> None:
    id_, _ = export(world, world.vendor)
    actions = [item["entry"]["action"] for item in world.vendor.get("/v1/audit-entries?limit=100").json()["items"]]
    assert actions[-3:] == ["export.make", "export.render", "export.fetch"]
    assert world.investor.get(f"/v1/exports/{id_}").status_code == 404
    assert world.investor.get(f"/v1/exports/{id_}/content").status_code == 404
    assert world.investor.get("/v1/exports").json()["items"] == []


def test_asking_again_while_it_waits_makes_no_second_one_and_rendering_again_changes_nothing(world: World) -> None:
    first = world.vendor.post("/v1/exports").json()
    assert world.vendor.post("/v1/exports").json()["id"] == first["id"]
    assert world.service.render() == 2
    before = world.vendor.get(f"/v1/exports/{first['id']}").json()
    arguments: dict[str, Any] = {"tenant": world.vendor.id, "export": first["id"]}
    load_handler(HANDLERS["privacy.export"])(world.service.sessions, world.service.settings, **arguments)
    assert world.vendor.get(f"/v1/exports/{first['id']}").json() == before
    assert world.vendor.post("/v1/exports").json()["id"] != first["id"]


def test_an_export_expires_and_its_file_goes(world: World) -> None:
    id_, _ = export(world, world.vendor)
    stored = list(world.service.settings.data_folder.rglob(world.vendor.get(f"/v1/exports/{id_}").json()["digest"][7:]))
    assert len(stored) == 1
    with psycopg.connect(world.service.superuser_url) as connection:
        connection.execute("update data_export set expires_at = now() where id = %s", [id_])
    assert world.vendor.get(f"/v1/exports/{id_}").status_code == 404
    assert world.vendor.get(f"/v1/exports/{id_}/content").status_code == 404
    load_handler(HANDLERS["privacy.tend"])(world.service.sessions, world.service.settings, tenant=world.vendor.tenant)
    assert not stored[0].exists()
    assert world.vendor.get("/v1/exports").json()["items"] == []


def test_ten_thousand_answers_take_bounded_memory(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    submission = issue(investor, vendor)["submission"]
    delta = json.dumps({"company": {"SCP-01": {"state": "answered", "value": {"entities": "x" * 2000}}}})
    with psycopg.connect(service.superuser_url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into submission_revision values (%s, %s, %s, %s, %s, now(), %s, 'Ada')",
            [(vendor.id, uuid7(), submission, n, delta, uuid7()) for n in range(1, ANSWERS + 1)],
        )
    files = open_files(service.settings)
    with tempfile.TemporaryFile() as file, unit_of_work(service.sessions, vendor.tenant) as session:
        session.execute(text("select 1"))
        tracemalloc.start()
        write(session, files, vendor.tenant, file)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        archive = zipfile.ZipFile(file)
        size = archive.getinfo("submission_revision.jsonl").file_size
    assert size > 20 * MEBIBYTE
    assert peak < 4 * MEBIBYTE
