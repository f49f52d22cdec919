"""Who declares and who assures, what readers get, and that others find nothing."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from api.db.session import unit_of_work
from attestations.countersignatures.contents import Assurance, Declaration
from attestations.reasons import Reason
from attestations.report import Outcome, Status
from tests.countersigning.conftest import ADA, ASSURED, BEA, DECLARED, Countersigning
from tests.service import submit_case

ADVERSE = {"kind": "adverse", "reasons": "Two answers contradict the contracts that we read."}


def entries(world: Countersigning, file: bytes) -> list[dict[str, Any]]:
    report = world.verify(file)
    assert (report.outcome, report.steps[9].status) == (Outcome.PASSED, Status.PASSED)
    told: Any = report.to_json()["countersignatures"]
    return list(told["entries"])


def test_what_is_declared_and_assured_reaches_every_reader_and_verifies(world: Countersigning) -> None:
    assert entries(world, world.read(world.investor)) == []
    declared, assured = world.declare(), world.assure(opinion=ADVERSE)
    assert (declared.status_code, assured.status_code) == (201, 201)
    assert (declared.json()["person"], assured.json()["organisation"]) == ("Ada Verrin", world.auditor.id)
    for reader in (world.investor, world.vendor, world.auditor):
        first, second = entries(world, world.read(reader))
        assert (first["id"], second["id"]) == (declared.json()["id"], assured.json()["id"])
        assert first["content"]["officer"] == DECLARED["officer"]
        assert second["content"]["opinion"] == ADVERSE
        assert first["digest"] == declared.json()["digest"]


def test_the_same_again_returns_the_one_that_stands(world: Countersigning) -> None:
    first, again = world.declare().json(), world.declare().json()
    assert first == again
    assert world.assure().json() == world.assure().json()
    assert len(entries(world, world.read(world.vendor))) == 2
    other = world.declare(officer={"name": "Bo Lund", "role": "Counsel"}).json()
    assert other["id"] != first["id"]


def test_an_organisation_signs_what_it_was_shown(world: Countersigning) -> None:
    prepared = world.vendor.post(f"{world.path}/countersignatures:prepare", DECLARED)
    assert prepared.status_code == 200
    content = Declaration.model_validate(prepared.json()["content"])
    now = int(datetime.now(UTC).timestamp())
    own = world.holder.jws(content, iat=now)
    declared = world.declare(own_signature=own)
    assert declared.status_code == 201, declared.text
    assert declared.json()["own_signature"] == {
        "form": "jws", "algorithm": "ES256", "subject": "CN=CityFace plc", "holder": "proven",
    }  # fmt: skip
    (entry,) = entries(world, world.read(world.investor))
    assert entry["own_signature"]["holder"] == "proven"
    wrong = world.holder.jws(content.model_copy(update={"attestation": world.submission}), iat=now)
    refused = world.declare(own_signature=wrong)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "own_signature_invalid")
    assert (
        base64.b64decode(prepared.json()["bytes"])
        == json.dumps(prepared.json()["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )


def test_openssl_signs_as_an_auditor(world: Countersigning, tmp_path: Path) -> None:
    prepared = world.auditor.post(f"{world.path}/assurances:prepare", ASSURED).json()
    own = world.holder.cades(Assurance.model_validate(prepared["content"]), tmp_path)
    taken = world.assure(own_signature=own)
    assert (taken.status_code, taken.json()["own_signature"]["form"]) == (201, "cades")
    (entry,) = entries(world, world.read(world.vendor))
    assert entry["own_signature"]["subject"] == "CN=CityFace plc"


def test_only_the_vendor_declares_and_only_a_granted_auditor_assures(world: Countersigning) -> None:
    both = world.service.organisation("Omnis", "investor", "vendor", "auditor")
    assert {world.declare(both).status_code, world.assure(both).status_code} == {404}
    world.vendor.post(f"{world.path}/grants", {"grantee": both.id, "purpose": "Comparison"})
    refused = world.declare(both)
    assert (refused.status_code, refused.json()["detail"]) == (403, "Only the vendor of whom it speaks declares.")
    assert world.assure(both).status_code == 201
    assert {world.declare(world.investor).status_code, world.assure(world.vendor).status_code} == {403}


@pytest.mark.parametrize("party", ["investor", "vendor"])
def test_a_party_that_is_an_auditor_too_assures_nothing(world: Countersigning, party: str) -> None:
    roles = {"investor": ("investor",), "vendor": ("vendor",)} | {party: (party, "auditor")}
    investor, vendor = (world.service.organisation(f"New {role}", *roles[role]) for role in ("investor", "vendor"))
    submission = submit_case(investor, vendor, "f5")["submission"]
    id_ = investor.post("/v1/attestations", {"submission": submission}).json()["id"]
    who = {"investor": investor, "vendor": vendor}[party]
    refused = who.post(f"/v1/attestations/{id_}/assurances", ASSURED, headers=BEA)
    assert (refused.status_code, refused.json()["detail"]) == (
        403, "Who is a party of an attestation gives no assurance of it."
    )  # fmt: skip


def test_an_auditor_whose_grant_is_over_reads_nothing_and_may_still_withdraw(world: Countersigning) -> None:
    assured = world.assure().json()
    world.vendor.post(f"/v1/grants/{world.grant}:revoke")
    assert world.auditor.get(f"{world.path}/countersignatures").status_code == 404
    assert world.assure(standard="ISAE 3410").status_code == 404
    path = f"/v1/countersignatures/{assured['id']}:withdraw"
    withdrawn = world.auditor.post(path, {"reason": "We were shown a draft."}, headers=BEA)
    assert (withdrawn.status_code, withdrawn.json()["withdrawn_at"] is None) == (200, False)
    assert world.auditor.post(path, {}, headers=BEA).json() == withdrawn.json()
    (entry,) = entries(world, world.read(world.investor))
    assert entry["withdrawn_at"] is not None


def test_what_is_withdrawn_stays_and_may_be_said_anew(world: Countersigning) -> None:
    first = world.declare().json()
    for who in (world.investor, world.auditor):
        answer = who.post(f"/v1/countersignatures/{first['id']}:withdraw", {}, headers=ADA)
        assert answer.status_code in {403, 404}
    world.vendor.post(f"/v1/countersignatures/{first['id']}:withdraw", {}, headers=ADA)
    second = world.declare().json()
    assert second["id"] != first["id"]
    assert [one["withdrawn_at"] is None for one in entries(world, world.read(world.vendor))] == [False, True]


def test_a_person_acts_and_a_revoked_attestation_is_left_alone(world: Countersigning) -> None:
    nobody = world.vendor.post(f"{world.path}/countersignatures", DECLARED)
    assert (nobody.status_code, "Enduse-Acting-Person" in nobody.json()["detail"]) == (422, True)
    world.investor.post(f"{world.path}:revoke", {"reason": "issued_in_error"})
    assert {world.declare().status_code, world.assure().status_code} == {409}
    assert entries(world, world.read(world.vendor)) == []


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a section that there is not": ({"scope": {"kind": "sections", "sections": ["Z"]}}, "/scope/sections/0"),
    "a leaf that there is not": ({"scope": {"kind": "leaves", "leaves": ["sha256:" + "0" * 64]}}, "/scope/leaves/0"),
    "an item about nothing": ({"items": [{"question": "XXX-01", "done": "Read."}]}, "/items/0"),
    "a day ahead": ({"dated": "2099-01-01"}, "/dated"),
    "a day before the attestation": ({"dated": "2020-01-01"}, "/dated"),
    "an adverse opinion without reasons": ({"opinion": {"kind": "adverse"}}, "/opinion"),
    "agreed-upon procedures with an opinion": ({"level": "agreed_upon_procedures"}, ""),
    "two scopes": ({"scope": {"kind": "whole", "sections": ["A"]}}, "/scope"),
    "text that turns its direction": ({"opinion": {**ADVERSE, "reasons": "Not\u202e detneve"}}, "/opinion/reasons"),
    "a standard on two lines": ({"standard": "ISAE\n3000"}, "/standard"),
    "an own signature that is none": ({"own_signature": {"form": "jws", "value": "x"}}, "/own_signature"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_assurance_that_cannot_be_is_refused_with_its_place(world: Countersigning, name: str) -> None:
    more, pointer = REFUSED[name]
    refused = world.assure(**more)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert entries(world, world.read(world.vendor)) == []


def test_items_are_named_by_question_and_row(world: Countersigning) -> None:
    bundle = world.auditor.get(f"{world.path}/bundle").json()
    leaf = next(one["leaf"] for one in bundle["disclosures"] if one["leaf"]["kind"] == "answer")
    item = {"question": leaf["question"], "row": leaf["row"], "done": "Read the policy.", "finding": "It is dated."}
    procedures = {"level": "agreed_upon_procedures", "opinion": None, "standard": "ISRS 4400 (Revised)"}
    assert world.assure(items=[item], **procedures).status_code == 201
    (entry,) = entries(world, world.read(world.investor))
    assert [one["done"] for one in entry["content"]["items"]] == ["Read the policy."]


def test_nobody_fills_the_file(world: Countersigning) -> None:
    codes = [world.declare(officer={"name": f"Officer {at}", "role": "X"}).status_code for at in range(11)]
    assert codes == [201] * 10 + [409]
    assert world.assure().status_code == 201


def test_the_vendor_sees_who_read_and_both_chains_tell(world: Countersigning) -> None:
    world.declare()
    world.assure()
    world.read(world.auditor)
    world.read(world.investor)
    readings = world.vendor.get(f"{world.path}/readings").json()["items"]
    assert [(one["reader"], one["what"]) for one in readings] == [(world.auditor.id, "countersignatures")]
    for who, action in ((world.vendor, "countersignature.declare"), (world.auditor, "countersignature.assure")):
        told = who.get("/v1/audit-entries").text
        assert action in told
        assert "Head of compliance" not in told


def test_the_person_is_erased_and_the_officer_stays(world: Countersigning) -> None:
    world.declare()
    erased = world.vendor.post("/v1/erasures", {"what": "person", "person": "Ada Verrin", "reason": "Left"}).json()
    (outcome,) = (one for one in erased["report"] if one["place"] == "countersignature.person")
    assert outcome["went"] == 1
    with psycopg.connect(world.service.superuser_url) as connection:
        assert connection.execute("select person from countersignature").fetchall() == [(None,)]
    (entry,) = entries(world, world.read(world.investor))
    assert entry["content"]["officer"]["name"] == "Ada Verrin"


COLUMNS = """tenant_id, id, attestation_tenant_id, attestation_id, respondent_id, submission_id, kind, withdraws,
    content_digest, entry, person, made_at"""


@pytest.mark.parametrize("who", ["investor", "auditor", "stranger"])
def test_the_database_keeps_others_from_declaring(world: Countersigning, who: str) -> None:
    world.declare()
    stranger = world.service.organisation("Basil", "auditor")
    tenant = {"investor": world.investor, "auditor": world.auditor, "stranger": stranger}[who].tenant
    for kind in ("declaration", *(["assurance"] if who != "auditor" else [])):
        with psycopg.connect(world.service.superuser_url) as connection:
            row = connection.execute(f"select {COLUMNS} from countersignature").fetchone()
        assert row is not None
        copied = dict(zip([name.strip() for name in COLUMNS.split(",")], row, strict=True))
        copied |= {"tenant_id": tenant, "kind": kind}
        names = ", ".join(f":{name}" for name in copied)
        with unit_of_work(world.service.sessions, tenant) as session, pytest.raises(ProgrammingError):
            session.execute(text(f"insert into countersignature ({COLUMNS}) values ({names})"), copied)


def test_the_database_changes_nothing_but_the_person(world: Countersigning) -> None:
    world.declare()
    for change in ("made_at = now()", "entry = ''", "kind = 'assurance'", "person = 'Somebody else'"):
        with unit_of_work(world.service.sessions, world.vendor.tenant) as session, pytest.raises(ProgrammingError):
            session.execute(text(f"update countersignature set {change}"))
    with unit_of_work(world.service.sessions, world.vendor.tenant) as session, pytest.raises(ProgrammingError):
        session.execute(text("delete from countersignature"))


def test_a_file_of_another_attestation_does_not_fit(world: Countersigning) -> None:
    world.declare()
    other = world.investor.post("/v1/attestations", {"submission": world.submission}).json()["id"]
    file = world.read(world.vendor)
    if other == world.id:  # the first still waited for its document
        world.service.render()
        other = world.investor.post("/v1/attestations", {"submission": world.submission}).json()["id"]
    assert other != world.id
    report = world._replace(id=other).verify(file)
    assert (report.outcome, report.steps[9].reason) == (Outcome.FAILED, Reason.COUNTERSIGNATURE_SUBJECT)


def test_the_trust_list_names_the_organisation_roots(world: Countersigning) -> None:
    listed = json.loads(world.service.client.get("/v1/trust.json").content)
    payload = json.loads(base64.b64decode(listed["payload"]))
    assert len(payload["organisation_roots"]) == 1
    assert ADA != BEA
