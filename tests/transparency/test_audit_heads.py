"""Every organisation's audit log is anchored in the transparency log, day by day, and shows it to nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.transparency.audit_heads import note_heads
from attestations import audit_anchor
from attestations.audit_anchor import AnchorError
from attestations.audit_log import audit
from attestations.trust import parse
from questionnaires.canonical import canonical_bytes
from tests.databases import database_on
from tests.service import Party, Service, serving, submit_case


class Noted(NamedTuple):
    """A service whose heads of yesterday are in the log."""

    service: Service
    investor: Party
    vendor: Party
    trust: bytes

    def anchor(self, party: Party) -> bytes:
        answer = party.get("/v1/audit-anchor")
        assert answer.status_code == 200, answer.text
        return answer.content


@pytest.fixture(scope="module")
def noted(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Noted]:
    with database_on(cluster) as database, serving(database.app_url, tmp_path_factory.mktemp("data")) as service:
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        submit_case(investor, vendor, "f5")
        assert investor.get("/v1/audit-anchor").status_code == 404
        note_heads(service.sessions, service.settings)
        service.render()
        yield Noted(service, investor, vendor, service.client.get("/v1/trust.json").content)


def test_each_proves_its_own_head(noted: Noted) -> None:
    trust = parse(noted.trust)
    for party in (noted.investor, noted.vendor):
        head = audit_anchor.verify(noted.anchor(party), trust)
        entries = party.get("/v1/audit-log").text.splitlines()
        assert head.tenant == party.id
        assert json.loads(entries[head.seq - 1])["digest"] == head.digest


def test_noting_again_changes_nothing(noted: Noted) -> None:
    before = noted.service.client.get("/log/checkpoint").text
    note_heads(noted.service.sessions, noted.service.settings)
    noted.service.render()
    assert noted.service.client.get("/log/checkpoint").text == before


def test_the_log_names_nobody(noted: Noted) -> None:
    text = noted.service.client.get("/log/tile/entries/000.p/1").text
    assert '"kind":"audit_heads"' in text
    assert noted.vendor.id not in text


def test_the_command_finds_the_head_in_the_export(noted: Noted, tmp_path: Path, capsys: Any) -> None:
    files = {
        "log.jsonl": noted.vendor.get("/v1/audit-log").content, "anchor.json": noted.anchor(noted.vendor),
        "trust.json": noted.trust, "other.json": noted.anchor(noted.investor),
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    def run(anchor: str) -> int:
        log, trust = tmp_path / "log.jsonl", tmp_path / "trust.json"
        return audit(["verify", str(log), "--anchor", str(tmp_path / anchor), "--trust", str(trust)])

    assert run("anchor.json") == 0
    assert "anchored: head" in capsys.readouterr().out
    assert run("other.json") == 2
    lines = files["log.jsonl"].splitlines(keepends=True)
    (tmp_path / "log.jsonl").write_bytes(b"".join(lines[:-1]))
    assert run("anchor.json") == 2


CHANGES: dict[str, Any] = {
    "another head": lambda value: value["head"].update(seq=1),
    "another day": lambda value: value["head"].update(day="2020-01-01"),
    "another salt": lambda value: value["head"].update(salt="A" * 22),
    "another place": lambda value: value.update(index=value["index"] ^ 1),
    "a longer path": lambda value: value["path"].append("A" * 43 + "="),
    "a short hash": lambda value: value["path"].append("AAAA"),
    "another proof": lambda value: value["event"].update(proof="c2sp.org/tlog-proof@v1\nindex 0\n\nx\n"),
    "an unknown field": lambda value: value.update(note="x"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_anchor_proves_nothing(name: str, noted: Noted) -> None:
    value = json.loads(noted.anchor(noted.vendor))
    CHANGES[name](value)
    with pytest.raises(AnchorError):
        audit_anchor.verify(canonical_bytes(value), parse(noted.trust))
