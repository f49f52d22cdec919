"""Erasure: a person is nowhere but where the report says, an organisation leaves, and the chain still verifies."""

import hashlib
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from attestations.audit_log import verify_chain
from tests.privacy.conftest import Kept, draft
from tests.service import DECLARATION, Party, attach, grade_all, issue

ADA = DECLARATION["name"]
AS_ADA = {"Enduse-Acting-Person": quote(ADA)}
ERASE_ADA = {"what": "person", "person": ADA, "reason": "Asked for it"}


def places(kept: Kept, name: str) -> set[str]:
    """Return every table of the database in which a name stands, whoever's row it is."""
    found = set()
    with psycopg.connect(kept.service.superuser_url) as connection:
        for (table,) in connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            row = connection.execute(
                f"select count(*) from {table} t where strpos(t::text, %s) > 0".encode(), [name]
            ).fetchone()
            if row != (0,):
                found.add(table)
    return found


def outcome(report: list[dict[str, Any]], place: str) -> tuple[int, int]:
    """Return what went and what stays of a place."""
    ((went, stays),) = [(line["went"], line["stays"]) for line in report if line["place"] == place]
    return went, stays


def chain_of(party: Party) -> list[bytes]:
    """Return the lines of an organisation's audit log."""
    return party.get("/v1/audit-log").content.splitlines()


def test_an_erased_person_is_nowhere_but_in_the_declaration(kept: Kept) -> None:
    request = issue(kept.investor, kept.vendor)["id"]
    path = f"/v1/disclosure-requests/{request}/submission"
    kept.vendor.patch(path, {"company": {"TRA-02": {"state": "not_known"}}}, headers=AS_ADA)
    kept.vendor.send(
        "POST", f"{path}/evidence", files={"file": ("cv_ada-verrin.pdf", b"x")},
        data={"description": '{"about": [{"question": "TRA-02"}]}'}, headers=AS_ADA,
    )  # fmt: skip
    kept.vendor.post("/v1/clients", {"name": f"{ADA}'s laptop", "scopes": ["audit:read"]})
    assert {"audit_entry", "submission_revision", "oauth_client", "submission"} <= places(kept, ADA)
    made = kept.vendor.post("/v1/erasures", ERASE_ADA, headers=AS_ADA)
    assert made.status_code == 201
    report = made.json()["report"]
    # The draft's free text of the fixture, which the vendor changes itself, names her too.
    assert places(kept, ADA) == {"submission", "submission_revision"}
    assert kept.count("submission_revision", f"person = '{ADA}'") == 0
    assert kept.count("evidence", "file_name = 'erased'") == 1
    assert outcome(report, "submission_revision.person")[0] == 3
    assert outcome(report, "evidence.file_name") == (1, 0)
    assert outcome(report, "oauth_client.name") == (1, 0)
    assert outcome(report, "submission.sealed") == (0, 1)
    (why,) = [line["why"] for line in report if line["place"] == "submission.sealed"]
    assert "legal claims" in why
    submission = kept.investor.get(f"/v1/submissions/{kept.sealed}").json()
    assert submission["declared_by"]["name"] == ADA
    assert verify_chain(chain_of(kept.vendor)).findings == []


def test_the_erasure_is_told_by_a_salted_digest_and_never_by_the_name(kept: Kept) -> None:
    kept.vendor.get("/v1/clients", headers=AS_ADA)
    made = kept.vendor.post("/v1/erasures", ERASE_ADA).json()
    assert made["subject_digest"] == "sha256:" + hashlib.sha256(f"{made['salt']}\n{ADA}".encode()).hexdigest()
    lines = b"".join(chain_of(kept.vendor))
    assert ADA.encode() not in lines
    assert made["salt"].encode() not in lines
    assert made["subject_digest"].encode() in lines
    kept_one = kept.vendor.get(f"/v1/erasures/{made['id']}").json()
    assert kept_one == {name: value for name, value in made.items() if name != "salt"}
    assert kept.vendor.get("/v1/erasures").json()["items"] == [kept_one]
    assert kept.investor.get("/v1/erasures").json()["items"] == []


def test_erasing_again_finds_nothing_more(kept: Kept) -> None:
    kept.vendor.post("/v1/erasures", ERASE_ADA)
    again = kept.vendor.post("/v1/erasures", ERASE_ADA).json()
    assert sum(line["went"] for line in again["report"]) == 0


@pytest.mark.parametrize("name", ["Ada", "ada verrin", "Ada Verrin ", "Verrin"])
def test_the_person_must_be_exact(kept: Kept, name: str) -> None:
    went = outcome(
        kept.vendor.post("/v1/erasures", {**ERASE_ADA, "person": name}).json()["report"], "audit_entry.person"
    )[0]
    assert went == (2 if name.strip() == ADA else 0)


def test_each_erases_its_own_people(kept: Kept) -> None:
    grade_all(kept.investor, kept.sealed, "V2")
    assert kept.count("access_record", "person = 'Ida Marr'") == 1
    ida = {"what": "person", "person": "Ida Marr", "reason": "Left us"}
    assert outcome(
        kept.vendor.post("/v1/erasures", {**ida, "person": "Nobody"}).json()["report"], "grading.person"
    ) == (
        0,
        0,
    )
    graded = kept.count("grading", "person = 'Ida Marr'")
    report = kept.investor.post("/v1/erasures", ida).json()["report"]
    assert outcome(report, "grading.person") == (graded, 0)
    assert outcome(report, "access_record.person") == (1, 0)
    assert places(kept, "Ida Marr") == set()
    assert kept.vendor.get(f"/v1/submissions/{kept.sealed}/readings").json()["items"][0]["person"] is None


def test_what_is_asked_wrongly_changes_nothing(kept: Kept) -> None:
    wrong: list[dict[str, Any]] = [
        {"what": "person", "reason": "x"},
        {"what": "person", "person": ADA, "reason": f"{ADA.upper()} asked"},
        {"what": "organisation", "person": ADA, "reason": "x"},
        {"what": "organisation", "organisation": kept.investor.id, "reason": "x"},
        {"what": "everything", "reason": "x"},
    ]
    before = chain_of(kept.vendor)
    answers = [kept.vendor.post("/v1/erasures", body) for body in wrong]
    assert [answer.status_code for answer in answers] == [422] * 5
    assert [[flaw["pointer"] for flaw in answer.json()["errors"]] for answer in answers] == [
        ["/person"], ["/reason"], ["/person", "/organisation"], ["/organisation"], ["/what"],
    ]  # fmt: skip
    assert not any(ADA.encode() in answer.content for answer in answers)
    assert chain_of(kept.vendor) == before


def test_an_organisation_leaves(kept: Kept) -> None:
    auditor = kept.service.organisation("Sorrel", "auditor")
    kept.vendor.post(f"/v1/submissions/{kept.sealed}/grants", {"grantee": auditor.id, "purpose": "Audit"})
    attested = kept.investor.post("/v1/attestations", {"submission": kept.sealed}).json()["id"]
    export = kept.vendor.post("/v1/exports").json()["id"]
    kept.service.render()
    assert kept.vendor.get(f"/v1/exports/{export}").status_code == 200
    kept.vendor.get("/v1/clients", headers=AS_ADA)
    draft(kept.investor, kept.vendor, b"of a third draft")
    asked = {"what": "organisation", "organisation": kept.vendor.id, "reason": "We leave"}
    before = kept.count("audit_entry", f"tenant_id = '{kept.vendor.id}' and person is not null")
    report = kept.vendor.post("/v1/erasures", asked, headers=AS_ADA).json()["report"]
    assert outcome(report, "audit_entry.person") == (before, 0)
    assert outcome(report, "submission.answers") == (3, 1)
    assert outcome(report, "data_export") == (1, 0)
    assert outcome(report, "access_grant") == (1, 0)
    assert outcome(report, "organisation") == (0, 1)
    assert outcome(report, "records named") == outcome(report, "claim") == (0, 0)
    assert kept.vendor.get("/v1/clients").status_code == 401
    assert auditor.get(f"/v1/submissions/{kept.sealed}").status_code == 404
    assert places(kept, ADA) == {"submission"}  # the declaration; an attestation holds it as signed bytes
    # The other side keeps what it was given.
    assert kept.investor.get(f"/v1/submissions/{kept.sealed}").json()["declared_by"]["name"] == ADA
    assert kept.investor.get(f"/v1/attestations/{attested}.pdf").status_code == 200
    (evidence,) = kept.investor.get(f"/v1/submissions/{kept.sealed}/evidence").json()
    assert evidence["file_name"] == "erased"
    assert len(kept.files(kept.vendor)) == 1
    path = f"/v1/submissions/{kept.sealed}/evidence/{evidence['id']}/file"
    assert kept.investor.get(path).status_code == 200


def test_the_files_of_what_was_erased_go_even_where_the_eraser_dies(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> int:
        raise OSError

    monkeypatch.setattr("api.privacy.routes.remove_unnamed", die)
    attach(kept.vendor, kept.old, [{"question": "SCP-01"}], b"another")
    stored = kept.files(kept.vendor)
    asked = {"what": "organisation", "organisation": kept.vendor.id, "reason": "We leave"}
    assert kept.vendor.post("/v1/erasures", asked).status_code == 500
    assert kept.count("evidence") == 1  # the rows went
    assert kept.files(kept.vendor) == stored
    kept.tend(kept.vendor)
    assert len(kept.files(kept.vendor)) == 1
