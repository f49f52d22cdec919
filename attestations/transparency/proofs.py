"""Proofs that an entry is in the log, as text to keep beside a document (C2SP tlog-proof, version 1).

Invariants: one form per proof; what it proves is the entry's bytes, which the verifier makes itself.
"""

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass

from attestations.envelope import decode_base64
from attestations.transparency import checkpoints
from attestations.transparency.checkpoints import HASH_BYTES, SeenCheckpoint
from attestations.transparency.notes import NoteError, NoteKey
from attestations.transparency.tree import Hash, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 64
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Proof:
    """Where an entry stands, the hashes beside its path, and the checkpoint they lead to."""

    index: int
    hashes: tuple[Hash, ...]
    checkpoint: str

    def text(self) -> str:
        """Return the proof as text."""
        hashes = "".join(f"{base64.b64encode(hash_).decode()}\n" for hash_ in self.hashes)
        return f"{HEADER}\nindex {self.index}\n{hashes}\n{self.checkpoint}"


def read(text: str) -> Proof:
    """Return the proof of its text, nothing verified yet; raise NoteError."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) < 2 or lines[0] != HEADER or len(lines) > 2 + MAX_HASHES:  # noqa: PLR2004
        raise NoteError("not a proof of inclusion")
    index = _INDEX.fullmatch(lines[1])
    try:
        hashes = tuple(Hash(decode_base64(line)) for line in lines[2:])
    except ValueError:
        raise NoteError("a hash of the proof is not base64") from None
    if index is None or any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise NoteError("not an index and hashes of 32 bytes")
    return Proof(int(index[1]), hashes, checkpoint)


def verify(entry: bytes, proof: Proof, log: NoteKey, witnesses: Collection[NoteKey] = ()) -> SeenCheckpoint:
    """Return the checkpoint that the entry is under; raise NoteError where the proof does not show it."""
    seen = checkpoints.verify(proof.checkpoint, log, witnesses)
    head = seen.checkpoint
    if not verify_inclusion(leaf_hash(entry), proof.index, head.size, proof.hashes, head.root):
        raise NoteError("the proof does not lead from the entry to the checkpoint")
    return seen
