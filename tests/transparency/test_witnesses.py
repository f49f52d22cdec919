"""Witnesses that the operator named sign the published head; nobody else does, and nothing but the head."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.transparency.keys import MOST_WITNESSES, load_witnesses
from attestations.report import Outcome
from attestations.statement import read_instant
from attestations.transparency import checkpoints, notes
from attestations.transparency.checkpoints import Checkpoint
from attestations.transparency.notes import NoteError, NoteKey
from attestations.trust import parse
from attestations.verification import verify
from tests.contract.contract import check
from tests.databases import database_on
from tests.reviews.test_suspensions import record_of_attestation
from tests.service import Party, Service, serving, submit_case

KEYS = {name: Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number, name in enumerate("abc", 1)}
WITNESSES = {
    name: NoteKey(f"witness.example/{name}", key.public_key().public_bytes_raw(), "witness")
    for name, key in KEYS.items()
}


class Watched(NamedTuple):
    """A service that takes the cosignatures of `a` and `b`, with one attestation in its log."""

    service: Service
    investor: Party
    submission: str
    attestation: str

    def read(self) -> str:
        """Return the published head."""
        return self.service.client.get("/log/checkpoint").text

    def head(self) -> Checkpoint:
        return checkpoints.verify(self.read(), self.service.app.state.published.log).checkpoint

    def seen(self) -> dict[str, int]:
        """Return who signed the head as it is served, and when."""
        return checkpoints.verify(self.read(), self.service.app.state.published.log, WITNESSES.values()).witnesses

    def send(self, note: str, kind: str = "text/plain; charset=utf-8") -> httpx.Response:
        answer = self.service.client.post("/log/cosignatures", content=note.encode(), headers={"Content-Type": kind})
        check(answer)
        return answer


@pytest.fixture(scope="module")
def watched(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("data")
    (folder / "keys").mkdir(mode=0o700)
    (folder / "keys" / "witnesses.txt").write_text("".join(f"{WITNESSES[name].text()}\n" for name in "ab"))
    with database_on(cluster) as database, serving(database.app_url, folder) as service:
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        submission = submit_case(investor, vendor, "f5")["submission"]
        made = investor.post("/v1/attestations", {"submission": submission}).json()["id"]
        service.render()
        yield Watched(service, investor, submission, made)


def line(head: Checkpoint, name: str, at: int | None = None, key: Ed25519PrivateKey | None = None) -> str:
    return notes.sign(head.text(), WITNESSES[name], key or KEYS[name], at=int(time.time()) if at is None else at)


def signed(head: Checkpoint, *names: str, **how: Any) -> str:
    """Return the note of a head under which witnesses signed."""
    return notes.write(head.text(), *(line(head, name, **how) for name in names))


def test_what_is_no_cosignature_of_the_head_is_refused(watched: Watched) -> None:
    head, before = watched.head(), watched.read()
    older = Checkpoint(head.origin, head.size - 1, head.root)
    refused = {
        "a stranger's key": (signed(head, "c"), 422, "witness"),
        "another key under a witness's name": (signed(head, "a", key=KEYS["c"]), 422, "signature"),
        "a good one and a bad one": (notes.write(head.text(), line(head, "b"), line(head, "a", key=KEYS["c"])), 422,
                                     "signature"),
        "one key twice": (notes.write(head.text(), line(head, "a", 1), line(head, "a", 2)), 422, "signature"),
        "a time to come": (signed(head, "a", at=int(time.time()) + 3600), 422, "time"),
        "the log's own line alone": (before, 422, "witness"),
        "no note": ("hello", 422, "note"),
        "another root": (signed(Checkpoint(head.origin, head.size, type(head.root)(bytes(32))), "a"), 409, None),
        "an older head": (signed(older, "a"), 409, None),
        "a newer head": (signed(Checkpoint(head.origin, head.size + 1, head.root), "a"), 409, None),
        "another log": (signed(Checkpoint("elsewhere.example/log", head.size, head.root), "a"), 409, None),
    }  # fmt: skip
    for name, (note, status, code) in refused.items():
        answer = watched.send(note)
        found = answer.json()["errors"]
        assert (answer.status_code, found[0]["code"] if found else None) == (status, code), name
    assert watched.send(signed(head, "a"), "application/json").status_code == 415
    assert watched.send("x" * (notes.MAX_NOTE + 1)).status_code == 413
    assert watched.read() == before


def test_a_witness_signs_and_everybody_reads_it_until_the_head_is_a_newer_one(watched: Watched) -> None:
    service, investor, head = watched.service, watched.investor, watched.head()
    assert watched.send(signed(head, "a", at=1_795_000_000)).status_code == 204
    assert watched.seen() == {"witness.example/a": 1_795_000_000}
    assert watched.send(signed(head, "a")).status_code == 204  # a second time changes nothing
    assert watched.send(watched.read() + line(head, "b", 1_795_000_001)).status_code == 204
    assert watched.seen() == {"witness.example/a": 1_795_000_000, "witness.example/b": 1_795_000_001}
    trust = parse(service.client.get("/v1/trust.json").content)
    assert set(trust.witnesses) == {WITNESSES["a"], WITNESSES["b"]}
    pdf = investor.get(f"/v1/attestations/{watched.attestation}.pdf").content
    at = investor.get(f"/v1/attestations/{watched.attestation}").json()["issued_at"]
    record = record_of_attestation(service, investor, watched.attestation)
    report = verify(pdf, trust, read_instant(at) + timedelta(minutes=1), record=record)
    assert report.outcome is Outcome.PASSED
    assert report.steps[5].sentence.endswith("witnesses that saw it: 2.")
    investor.post("/v1/attestations", {"submission": watched.submission})
    service.render()
    assert watched.head().size > head.size
    assert watched.seen() == {}
    assert watched.send(signed(head, "a")).status_code == 409
    assert watched.send(signed(watched.head(), "a")).status_code == 204


@pytest.mark.parametrize(
    "lines",
    [["not a key"], [NoteKey("log.example/l", bytes(32)).text()],
     [NoteKey(f"w{number}", bytes(32), "witness").text() for number in range(MOST_WITNESSES + 1)]],
)  # fmt: skip
def test_a_file_that_names_no_witnesses_is_refused(lines: list[str], tmp_path: Path) -> None:
    assert load_witnesses(tmp_path) == ()
    (tmp_path / "witnesses.txt").write_text("\n".join(lines))
    with pytest.raises(NoteError):
        load_witnesses(tmp_path)
