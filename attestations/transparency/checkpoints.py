"""Checkpoints: a log's signed head (C2SP tlog-checkpoint).

Invariants: a checkpoint counts only with the log's own signature; extension lines are refused, for nobody audits them.
"""

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass

from attestations.envelope import decode_base64
from attestations.transparency import notes
from attestations.transparency.notes import NoteError, NoteKey, SigningKey
from attestations.transparency.tree import Hash

LARGEST_SIZE = 2**53 - 1
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, its number of entries, its root."""

    origin: str
    size: int
    root: Hash

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class SeenCheckpoint:
    """A checkpoint with its log's signature checked, and the witnesses that saw it, with the POSIX second."""

    checkpoint: Checkpoint
    witnesses: dict[str, int]


def sign(checkpoint: Checkpoint, key: NoteKey, private: SigningKey) -> str:
    """Return the signed note of a head; the key's name is the origin."""
    if key.name != checkpoint.origin or key.kind != "log":
        raise NoteError("a log signs its own head")
    text = checkpoint.text()
    return notes.write(text, notes.sign(text, key, private))


def verify(note: str, log: NoteKey, witnesses: Collection[NoteKey] = ()) -> SeenCheckpoint:
    """Return the head of a note that its log signed; raise NoteError."""
    read = notes.read(note.encode())
    signers = notes.signers_of(read, {log, *witnesses})
    if log not in signers:
        raise NoteError("the log did not sign")
    checkpoint = _parse(read.text)
    if checkpoint.origin != log.name:
        raise NoteError("the origin is another log")
    seen = {key.name: at for key, at in signers.items() if key.kind == "witness" and at is not None}
    return SeenCheckpoint(checkpoint, seen)


def _parse(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not _SIZE.fullmatch(lines[1]):  # noqa: PLR2004  # three lines, each ended
        raise NoteError("not origin, size and root")
    try:
        root = decode_base64(lines[2])
    except ValueError:
        raise NoteError("the root is not base64") from None
    if len(root) != HASH_BYTES or int(lines[1]) > LARGEST_SIZE:
        raise NoteError("the root is not 32 bytes, or the size is beyond 2^53")
    return Checkpoint(lines[0], int(lines[1]), Hash(root))
