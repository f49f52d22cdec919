"""A log in memory, a trust list that names it, and records of what it holds."""

from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from attestations import bundle as bundles
from attestations import record as records
from attestations.record import Event, Record, statement_digest
from attestations.signing import Signer
from attestations.transparency import checkpoints, entries, notes, tree
from attestations.transparency.checkpoints import Checkpoint
from attestations.transparency.entries import Entry, Issue
from attestations.transparency.notes import NoteKey
from attestations.transparency.proofs import Proof
from attestations.trust import Trust, parse
from attestations.trust_list import build_list
from questionnaires.canonical import digest_bytes
from tests.attestations.test_trust_list import ListKey

ORIGIN = "log.example/enduse"
SEEN_AT = 1_795_600_000
OTHER = "sha256:" + "0" * 64


class Log:
    """A log whose key is its own; entries are appended, heads are signed when asked."""

    def __init__(self, number: int = 1) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        self._witness = Ed25519PrivateKey.from_private_bytes(bytes([number + 100]) * 32)
        self.key = NoteKey(ORIGIN, self._private.public_key().public_bytes_raw())
        self.witness = NoteKey("witness.example/w1", self._witness.public_key().public_bytes_raw(), "witness")
        self.entries = [f"entry of another {number}".encode() for number in range(5)]

    def append(self, entry: Entry) -> int:
        self.entries.append(entries.write_entry(entry))
        return len(self.entries) - 1

    def event(self, index: int) -> Event:
        """Return an entry with its proof under the head as it is now, which a witness saw."""
        edge, made = tree.grow([], map(tree.leaf_hash, self.entries))
        head = Checkpoint(ORIGIN, len(self.entries), tree.fold([node.hash for node in edge]))
        nodes = {node.place: node.hash for node in made}
        signed = checkpoints.sign(head, self.key, self._private)
        signed += notes.sign(head.text(), self.witness, self._witness, at=SEEN_AT)
        runs = tree.inclusion(index, head.size)
        proof = Proof(index, tuple(tree.fold([nodes[place] for place in run]) for run in runs), signed)
        return Event(entry=self.entries[index].decode(), proof=proof.text())


def stated(bundle: bytes) -> str:
    """Return the digest by which a log knows the statement of a bundle."""
    return statement_digest(bundles.read_envelope(bundle).payload_bytes)


def record_of(log: Log, events: Sequence[Entry]) -> bytes:
    """Enter events and return the record of them."""
    places = [log.append(event) for event in events]
    return records.build(Record(events=tuple(map(log.event, places))))


def issue(bundle: bytes, pdf: bytes = b"") -> Issue:
    return Issue(statement=stated(bundle), document=digest_bytes(pdf))


def trust_of(signer: Signer, log: Log, stampers: Sequence[Certificate] = (), **window: Any) -> Trust:
    """Return the trust of a list that names a signer, with a window, a log with its witness, and timestamp roots."""
    return parse(trust_list_of(signer, log, stampers, **window))


def trust_list_of(signer: Signer, log: Log, stampers: Sequence[Certificate] = (), **window: Any) -> bytes:
    """Return the list itself."""
    key = ListKey()
    pem = signer.certificate.public_bytes(Encoding.PEM).decode()
    entry = {"keyid": signer.keyid, "certificate": pem, "since": None, "until": None, "revoked": None, **window}
    content = {
        "version": 1, "issued_at": "2026-11-25T09:00:00Z",
        "roots": [signer.root.public_bytes(Encoding.PEM).decode()],
        "signers": [entry],
        "timestamp_roots": [root.public_bytes(Encoding.PEM).decode() for root in stampers],
        "logs": [log.key.text()], "witnesses": [log.witness.text()],
        "status_keys": [], "list_keys": [key.entry],
    }  # fmt: skip
    return build_list(content, key)
