"""Whether a log only grew between two of its heads: one that was kept, and one that was found later.

Invariants: both heads count only with the signature of a log that is trusted; nothing is believed of what lies between
them but the proof. Source: RFC 9162, section 2.1.4.2; C2SP tlog-checkpoint.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from attestations.envelope import decode_base64
from attestations.strict_json import read_json
from attestations.transparency import checkpoints
from attestations.transparency.checkpoints import HASH_BYTES, Checkpoint
from attestations.transparency.notes import NoteError, NoteKey
from attestations.transparency.tree import Hash, verify_consistency

MAX_PROOF = 64 * 1024
"""Bytes."""


class ConsistencyProof(NamedTuple):
    """The hashes that are to show that the tree of the newer size begins with that of the older."""

    old: int
    new: int
    hashes: Sequence[Hash]


def read_head(note: bytes, logs: Collection[NoteKey]) -> Checkpoint:
    """Return the head that one of the logs signed; raise NoteError. A log's older key signed its older heads."""
    flaw = NoteError("your trust.json names no log")
    for log in logs:
        try:
            return checkpoints.verify(note.decode(errors="replace"), log).checkpoint
        except NoteError as error:
            flaw = error
    raise flaw


def read_proof(data: bytes) -> ConsistencyProof:
    """Return the proof as the service hands it out: `old`, `new`, `hashes` in base64; raise ValueError."""
    value = read_json(data, limit=MAX_PROOF)
    told = value if isinstance(value, dict) else {}
    old, new, hashes = (told.get(name) for name in ("old", "new", "hashes"))
    if type(old) is not int or type(new) is not int or not isinstance(hashes, list):
        raise ValueError("not old, new and hashes")
    found = [decode_base64(text) if isinstance(text, str) else b"" for text in hashes]
    if any(len(one) != HASH_BYTES for one in found):
        raise ValueError("a hash has 32 bytes")
    return ConsistencyProof(old, new, [Hash(one) for one in found])


def find_flaw(kept: Checkpoint, found: Checkpoint, proof: ConsistencyProof | None) -> str | None:
    """Return why the log did not only grow, as far as the proof shows; None where it did."""
    if kept.origin != found.origin:
        return "these are heads of two logs"
    if found.size < kept.size:
        return "what was found is shorter than what was kept: an older head, or entries were cut off"
    if found.size == kept.size:
        return None if found.root == kept.root else "two heads of the same size differ: the log has two histories"
    if kept.size == 0:
        return None  # every log begins with the empty one
    if proof is None or (proof.old, proof.new) != (kept.size, found.size):
        return f"a proof from {kept.size} to {found.size} entries is needed"
    leads = verify_consistency(kept.size, found.size, proof.hashes, kept.root, found.root)
    return None if leads else "the proof does not lead from the one to the other: entries were changed or taken out"
