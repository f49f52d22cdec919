"""The key that signs the log's heads.

Invariants: Ed25519, in a file of mode 0600 written once; the log's origin is the service's address without its scheme,
and is part of what the key's id is made of.
"""

import os
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from attestations.transparency import checkpoints, notes
from attestations.transparency.checkpoints import Checkpoint
from attestations.transparency.notes import NoteError, NoteKey, read_key

FILE = "log-key.pem"
WITNESSES = "witnesses.txt"
"""Keys of the witnesses, `name+id+key`, one a line; no file where there are none."""
MOST_WITNESSES = 20


@dataclass(frozen=True, slots=True)
class LogKey:
    """The private key and the public one with the log's name."""

    public: NoteKey
    _private: Ed25519PrivateKey

    def __repr__(self) -> str:
        """Name the public key only."""
        return f"LogKey({self.public.text()})"

    def sign(self, head: Checkpoint) -> str:
        """Return the signed note of a head of this log."""
        return checkpoints.sign(head, self.public, self._private)

    def countersign(self, note: str) -> str:
        """Return a note that an earlier key of this log signed, signed by this key too; as it is where it did."""
        read = notes.read(note.encode())
        if self.public in notes.signers_of(read, [self.public]):
            return note
        return note + notes.sign(read.text, self.public, self._private)


def origin_of(base_url: str) -> str:
    """Return the name of the log of a service at an address."""
    return base_url.partition("://")[2] + "/log"


def load_log_key(folder: Path, base_url: str, *, create: bool, name: str = FILE) -> LogKey:
    """Return the key of a folder; with `create` made where it is missing, else FileNotFoundError."""
    file = folder / name
    if not file.exists():
        if not create:
            raise FileNotFoundError(ENOENT, "make one with `enduse keys`", str(file))
        make_log_key(file)
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the log's key is not an Ed25519 key")  # noqa: TRY004  # the file is wrong, not the caller
    return LogKey(NoteKey(origin_of(base_url), key.public_key().public_bytes_raw()), key)


def load_witnesses(folder: Path) -> tuple[NoteKey, ...]:
    """Return the witnesses whose cosignatures are taken, none without a file; raise NoteError for a broken one."""
    file = folder / WITNESSES
    keys = tuple(read_key(line) for line in file.read_text(encoding="utf-8").split()) if file.exists() else ()
    if len(keys) > MOST_WITNESSES or any(key.kind != "witness" for key in keys):
        raise NoteError(f"{WITNESSES} names more than {MOST_WITNESSES} keys, or one that is not a witness's")
    return keys


def make_log_key(file: Path) -> None:
    """Write a new key; where two processes do so at once, the first one wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    key = Ed25519PrivateKey.generate()
    draft.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
