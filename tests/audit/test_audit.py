"""The audit log: every act leaves its entry, an entry repeats no content, and no entry is rewritten unnoticed."""

import json
import random
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from api.audit.service import record
from api.db.session import Sessions, unit_of_work
from api.identity.service import create_organisation
from api.ids import TenantId, uuid7
from api.tenancy import Role
from attestations.audit_log import BROKEN, INTACT, NO_HEAD, Head, audit, link, verify_chain
from tests.service import Party, Service, attach, grade_all, issue, submit_case

EDITS = 1000


def export(party: Party) -> list[bytes]:
    """Return the lines of an organisation's chain."""
    return party.get("/v1/audit-log").content.splitlines(keepends=True)


def entries(lines: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return what the lines tell."""
    return [json.loads(json.loads(line)["entry"]) for line in lines]


@pytest.fixture
def tenant(sessions: Sessions) -> TenantId:
    """Return an organisation on a fresh database."""
    with unit_of_work(sessions, None) as session:
        made = create_organisation(session, "Aster", None, [Role.INVESTOR])
        session.commit()
    return TenantId(made.id)


def write(sessions: Sessions, tenant: TenantId, count: int) -> None:
    """Lengthen a chain, each entry in a transaction of its own."""
    for _ in range(count):
        with unit_of_work(sessions, tenant) as session:
            record(session, None, "attestation.render", uuid7())
            session.commit()


def test_every_act_of_the_main_job_is_told(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    auditor = service.organisation("Sorrel", "auditor")
    submission = submit_case(investor, vendor, "f5")["submission"]
    vendor.post(f"/v1/submissions/{submission}/grants", {"grantee": auditor.id, "purpose": "Audit"})
    grade_all(auditor, submission, "V3")
    investor.post("/v1/attestations", {"submission": submission})
    service.render()
    told = {party.name: [entry["action"] for entry in entries(export(party))] for party in (investor, vendor, auditor)}
    assert [a for a in told["Aster"] if "client" not in a] == [
        "request.issue",
        "attestation.issue",
        "attestation.render",
    ]
    assert [a for a in told["Quillmere"] if "client" not in a] == [
        "answers.save", "evidence.attach", "submission.seal", "grant.make", "grant.make",
    ]  # fmt: skip
    assert [a for a in told["Sorrel"] if "client" not in a] == ["grading.record"]


def test_an_entry_tells_who_and_in_which_request_and_no_content(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    path = f"/v1/disclosure-requests/{issue(investor, vendor)['id']}/submission"
    answers = {"SCP-01": {"state": "answered", "value": {"entities": "secret sauce"}}}
    saved = vendor.patch(path, {"company": answers})
    attach(vendor, path.split("/")[3], [{"question": "SCP-01"}], b"secret file")
    lines = export(vendor)
    (entry,) = [entry for entry in entries(lines) if entry["action"] == "answers.save"]
    assert entry["actor"] == {"organisation": vendor.id, "client": vendor.credentials[0], "person": None}
    assert entry["request"] == saved.headers["request-id"]
    assert entry["before"] != entry["after"]
    assert b"sauce" not in b"".join(lines)


def test_a_refused_act_leaves_no_entry(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    path = f"/v1/disclosure-requests/{issue(investor, vendor)['id']}/submission"
    before = export(vendor)
    assert vendor.patch(path, {"company": {"GOV-99": {"state": "answered"}}}).status_code == 422
    assert export(vendor) == before


def test_pages_and_export_tell_the_same(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    for _ in range(5):
        issue(investor, vendor)
    items: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = investor.get(f"/v1/audit-entries?limit=2&after={after}").json()
        items, after = items + page["items"], page["next"]
    lines = export(investor)
    assert [item["digest"] for item in items] == [json.loads(line)["digest"] for line in lines]
    assert verify_chain(lines).findings == []
    assert len(lines) >= 5


def test_a_rolled_back_act_leaves_no_gap(sessions: Sessions, tenant: TenantId) -> None:
    write(sessions, tenant, 1)
    with unit_of_work(sessions, tenant) as session:
        record(session, None, "attestation.render", uuid7())
        session.rollback()
    write(sessions, tenant, 1)
    with unit_of_work(sessions, tenant) as session:
        assert session.scalars(text("select seq from audit_entry order by seq")).all() == [1, 2]


def test_writers_at_the_same_time_make_one_chain(sessions: Sessions, tenant: TenantId) -> None:
    threads = [threading.Thread(target=write, args=(sessions, tenant, 25)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify_chain(chain(sessions, tenant)) == (Head(50, last(sessions, tenant)), [])


def chain(sessions: Sessions, tenant: TenantId) -> list[bytes]:
    """Return a chain's lines, read from the table."""
    with unit_of_work(sessions, tenant) as session:
        rows = session.execute(text("select seq, payload, digest from audit_entry order by seq")).all()
    return [json.dumps({"seq": row.seq, "entry": row.payload, "digest": row.digest}).encode() for row in rows]


def last(sessions: Sessions, tenant: TenantId) -> str:
    """Return the digest of the last entry."""
    return str(json.loads(chain(sessions, tenant)[-1])["digest"])


@pytest.mark.parametrize(
    "statement", ["update audit_entry set payload = ''", "delete from audit_entry", "truncate audit_entry"]
)
def test_the_serving_role_rewrites_nothing(sessions: Sessions, tenant: TenantId, statement: str) -> None:
    write(sessions, tenant, 1)
    with unit_of_work(sessions, tenant) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(statement))


def test_the_serving_role_chooses_neither_number_nor_digest_nor_tenant(sessions: Sessions, tenant: TenantId) -> None:
    write(sessions, tenant, 1)
    forged = text("insert into audit_entry values (:tenant, 77, '{}', 'sha256:' || repeat('0', 64))")
    with unit_of_work(sessions, tenant) as session:
        session.execute(forged, {"tenant": tenant})
        session.commit()
    assert verify_chain(chain(sessions, tenant)).findings == []
    with (
        unit_of_work(sessions, TenantId(uuid7())) as session,
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        session.execute(forged, {"tenant": tenant})


def made_up(count: int) -> list[bytes]:
    """Return a chain made here."""
    lines, previous = [], ""
    for seq in range(1, count + 1):
        payload = json.dumps({"action": "answers.save", "object": str(seq)})
        previous = link(previous, seq, payload)
        lines.append(json.dumps({"seq": seq, "entry": payload, "digest": previous}).encode())
    return lines


def edited(lines: list[bytes], order: random.Random) -> list[bytes]:
    """Return the lines with one random edit, removal, insertion or swap."""
    copy, at = list(lines), order.randrange(len(lines))
    kind = order.choice(["edit", "remove", "insert", "swap", "relink"])
    if kind == "edit":
        line = bytearray(copy[at])
        line[order.randrange(len(line))] ^= 1 << order.randrange(7)
        copy[at] = bytes(line)
    elif kind == "remove":
        del copy[at]
    elif kind == "insert":
        copy.insert(at, copy[order.randrange(len(copy))])
    elif kind == "swap":
        other = (at + order.randrange(1, len(copy))) % len(copy)
        copy[at], copy[other] = copy[other], copy[at]
    else:  # the edited entry gets a digest that fits it: then the next one does not follow
        value = json.loads(copy[at])
        before = json.loads(copy[at - 1])["digest"] if at else ""
        value["entry"] = value["entry"].replace("save", "saved")
        value["digest"] = link(before, value["seq"], value["entry"])
        copy[at] = json.dumps(value).encode()
    return copy


def test_a_thousand_random_edits_are_all_found() -> None:
    lines, order = made_up(40), random.Random(6)
    report = verify_chain(lines)
    assert report.findings == []
    missed = [n for n in range(EDITS) if verify_chain(edited(lines, order), report.head).findings == []]
    assert missed == []


def test_the_command_says_whether_a_log_is_intact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, file = made_up(5), tmp_path / "log.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    assert audit(["verify", str(file)]) == INTACT
    said = capsys.readouterr().out
    assert NO_HEAD in said
    head = said.split("head ")[1].split()[0]
    assert audit(["verify", str(file), "--head", head]) == INTACT
    assert NO_HEAD not in capsys.readouterr().out
    file.write_bytes(b"\n".join(lines[:-1]) + b"\n")
    assert audit(["verify", str(file)]) == INTACT
    assert audit(["verify", str(file), "--head", head]) == BROKEN
    assert "cut off or rewritten" in capsys.readouterr().out
    assert audit(["verify", str(tmp_path / "none")]) == 64
