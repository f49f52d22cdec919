"""Anybody follows the log over HTTP, and finds the record of an attestation that one holds."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from api import clock
from attestations import bundle as bundles
from attestations import in_toto
from attestations import record as records
from attestations.cli import main
from attestations.reasons import Reason
from attestations.record import statement_digest
from attestations.report import Outcome, Report
from attestations.transparency import checkpoints, entries, notes, tiles, tree
from attestations.transparency.checkpoints import Checkpoint
from attestations.transparency.entries import Issue, Supersede
from attestations.transparency.tree import Hash
from attestations.trust import parse
from attestations.verification import verify
from questionnaires.canonical import digest_bytes
from tests.databases import database_on
from tests.service import Service, serving, submit_case


class Attested(NamedTuple):
    """A service with two attestations of one submission, both in the log."""

    service: Service
    bundles: list[bytes]
    pdfs: list[bytes]

    def get(self, path: str, status: int = 200) -> httpx.Response:
        answer = self.service.client.get(path)
        assert answer.status_code == status, answer.text
        return answer

    def head(self) -> Checkpoint:
        log = notes.read_key(self.get("/log/key").text.rstrip("\n"))
        return checkpoints.verify(self.get("/log/checkpoint").text, log).checkpoint


@pytest.fixture(scope="module")
def attested(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attested]:
    with database_on(cluster) as database, serving(database.app_url, tmp_path_factory.mktemp("data")) as service:
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        submitted = submit_case(investor, vendor, "f5")
        found = []
        for _ in range(2):
            made = investor.post("/v1/attestations", {"submission": submitted["submission"]}).json()
            service.render()
            address = f"/v1/attestations/{made['id']}"
            found.append((investor.get(f"{address}/bundle").content, investor.get(f"{address}.pdf").content))
        yield Attested(service, [bundle for bundle, _ in found], [pdf for _, pdf in found])


def stated(bundle: bytes) -> str:
    return statement_digest(bundles.read_envelope(bundle).payload_bytes)


def test_the_record_tells_issue_and_what_took_its_place(attested: Attested) -> None:
    first, second = map(stated, attested.bundles)
    answer = attested.get(f"/log/records/{first}")
    events = [entries.read_entry(event.entry.encode()) for event in records.parse(answer.content).events]
    assert events[0] == Issue(statement=first, document=digest_bytes(attested.pdfs[0]))
    assert isinstance(events[1], Supersede)
    assert events[1].by == second
    (only,) = records.parse(attested.get(f"/log/records/{second}").content).events
    assert entries.read_entry(only.entry.encode()) == Issue(statement=second, document=digest_bytes(attested.pdfs[1]))


def test_the_tiles_hold_the_whole_log(attested: Attested) -> None:
    head = attested.head()
    data = attested.get(f"/log/tile/entries/000.p/{head.size}").content
    leaves = list(map(tree.leaf_hash, tiles.unpack_entries(data)))
    assert len(leaves) == head.size == 3
    assert attested.get(f"/log/tile/0/000.p/{head.size}").content == b"".join(leaves)
    edge, _ = tree.grow([], leaves)
    assert tree.fold([node.hash for node in edge]) == head.root


def test_proofs_are_given_for_what_is_published(attested: Attested) -> None:
    head = attested.head()
    leaves = list(map(tree.leaf_hash, tiles.unpack_entries(attested.get("/log/tile/entries/000.p/3").content)))
    for number, leaf in enumerate(leaves):
        answer = attested.get(f"/log/proofs/inclusion?number={number}&size={head.size}").json()
        assert tree.verify_inclusion(leaf, number, head.size, unpack(answer), head.root)
    older = tree.fold([node.hash for node in tree.grow([], leaves[:2])[0]])
    answer = attested.get(f"/log/proofs/consistency?old=2&new={head.size}").json()
    assert tree.verify_consistency(2, head.size, unpack(answer), older, head.root)


def unpack(answer: dict[str, Any]) -> list[Hash]:
    return [Hash(base64.b64decode(text)) for text in answer["hashes"]]


@pytest.mark.parametrize(
    "path",
    ["/log/proofs/inclusion?number=3&size=3", "/log/proofs/inclusion?number=0&size=4", "/log/proofs/inclusion?number=0",
     "/log/proofs/consistency?old=3&new=2", "/log/proofs/consistency?old=1&new=4",
     "/log/proofs/consistency?old=0&new=2", "/log/proofs/inclusion?number=-1&size=2"],
)  # fmt: skip
def test_a_proof_that_cannot_be_is_refused(path: str, attested: Attested) -> None:
    assert attested.get(path, 422).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    ["/log/tile/0/000", "/log/tile/0/000.p/4", "/log/tile/entries/000.p/4", "/log/tile/1/000.p/1", "/log/tile/x",
     "/log/tile/0/001.p/1", "/log/records/sha256:" + "0" * 64, "/log/records/x"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(path: str, attested: Attested) -> None:
    attested.get(path, 404)


def test_a_log_without_entries_has_no_head(cluster: Any, tmp_path: Path) -> None:
    with database_on(cluster) as database, serving(database.app_url, tmp_path) as service:
        assert service.client.get("/log/checkpoint").status_code == 404
        assert service.client.get("/log/proofs/inclusion?number=0&size=1").status_code == 422
        assert service.client.get("/log/records/sha256:" + "0" * 64).status_code == 404


def verified(attested: Attested, at_hand: int, **more: Any) -> Report:
    """Verify a document with the record as it is now."""
    trust = parse(attested.get("/v1/trust.json").content)
    record = attested.get(f"/log/records/{stated(attested.bundles[at_hand])}").content
    return verify(attested.pdfs[at_hand], trust, clock.now(), record=record, **more)


def test_the_newer_attestation_counts_and_the_older_does_not(attested: Attested) -> None:
    assert verified(attested, 1).outcome is Outcome.PASSED
    assert verified(attested, 0).steps[6].reason is Reason.SUPERSEDED


def test_the_status_list_is_read_by_another_library(attested: Attested) -> None:
    """With joserfc alone, from the keys that the trust list names."""
    payload = json.loads(base64.b64decode(attested.get("/v1/trust.json").json()["payload"]))
    (key,) = payload["status_keys"]
    answer = attested.get("/log/status-lists/1")
    assert answer.headers["content-type"] == "application/statuslist+jwt"
    token = jwt.decode(answer.text, ECKey.import_key(key["public_key"]), algorithms=["ES256"])
    assert token.header["typ"] == "statuslist+jwt"
    assert token.claims["status_list"]["bits"] == 2


def test_the_places_of_the_list_are_drawn_at_random(attested: Attested) -> None:
    places = [in_toto.parse(bundles.read_envelope(data).payload_bytes).status for data in attested.bundles]
    assert all(place is not None and place.uri.endswith("/log/status-lists/1") for place in places)
    assert len({place.index for place in places if place is not None}) == 2


def test_a_revoked_attestation_is_told_by_log_and_list(cluster: Any, tmp_path: Path) -> None:
    with database_on(cluster) as database, serving(database.app_url, tmp_path) as service:
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        submitted = submit_case(investor, vendor, "f5")
        made = investor.post("/v1/attestations", {"submission": submitted["submission"]}).json()
        service.render()
        path = f"/v1/attestations/{made['id']}"
        here = Attested(service, [investor.get(f"{path}/bundle").content], [investor.get(f"{path}.pdf").content])
        assert verified(here, 0).outcome is Outcome.PASSED
        assert vendor.post(f"{path}:revoke", {"reason": "declaration_false"}).status_code == 403
        assert investor.post(f"{path}:revoke", {"reason": "declaration_withdrawn"}).status_code == 403
        assert investor.post(f"{path}:revoke", {"reason": "because"}).status_code == 422
        revoked = vendor.post(f"{path}:revoke", {"reason": "declaration_withdrawn"}).json()
        assert revoked["revocation_reason"] == "declaration_withdrawn"
        assert vendor.post(f"{path}:revoke", {"reason": "declaration_withdrawn"}).json() == revoked
        assert investor.get(path).json() == revoked
        assert investor.get("/v1/attestations").json()["items"] == [revoked]
        assert "Revoked, as the status list" in verified_status(here)
        keep(here, tmp_path, "kept.checkpoint", "/log/checkpoint")
        service.render()
        assert compare_with_kept(here, tmp_path) == 0
        assert verified(here, 0).steps[6].reason is Reason.REVOKED
        assert "withdrew its declaration" in verified_status(here)


def keep(attested: Attested, folder: Path, name: str, path: str) -> str:
    (folder / name).write_bytes(attested.get(path).content)
    return str(folder / name)


def compare_with_kept(attested: Attested, folder: Path) -> int:
    """Fetch the log's head, and what proves that it continues the one that was kept; give both to the command."""
    kept, found = str(folder / "kept.checkpoint"), keep(attested, folder, "checkpoint", "/log/checkpoint")
    sizes = [Path(file).read_text().splitlines()[1] for file in (kept, found)]
    assert sizes == ["1", "2"]
    proof = keep(attested, folder, "consistency.json", "/log/proofs/consistency?old={}&new={}".format(*sizes))
    trust = keep(attested, folder, "trust.json", "/v1/trust.json")
    return main(["log", "compare", kept, found, "--proof", proof, "--trust", trust])


def verified_status(attested: Attested) -> str:
    return verified(attested, 0).steps[6].sentence
