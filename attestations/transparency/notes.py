"""Signed notes: a text and the Ed25519 signatures of named keys over it (C2SP signed-note, tlog-cosignature).

Invariants: signatures by unknown keys are passed over, whatever they hold; one by a known key that does not hold
refuses the whole note; the same key never counts twice.
"""

import base64
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from attestations.envelope import decode_base64

MAX_NOTE = 64 * 1024
"""Bytes."""
MAX_SIGNATURES = 32
NAME = re.compile(r"[^\s+\ud800-\udfff]{1,200}")
_LINE = re.compile(r"— ([^\s+]{1,200}) ([A-Za-z0-9+/]{8,}={0,2})")
_KINDS: dict[str, bytes] = {"log": b"\x01", "witness": b"\x04"}
_TIME = 8
"""Bytes of a witness's time in front of its signature."""

Kind = Literal["log", "witness"]


class NoteError(ValueError):
    """The bytes are not a signed note, or a known key's signature does not hold."""


class SigningKey(Protocol):
    """What signing needs of an Ed25519 private key, wherever it lies."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature of 64 bytes."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A named public key: of a log, or of a witness that tells when it saw a head."""

    name: str
    public: bytes
    """32 bytes, RFC 8032."""
    kind: Kind = "log"

    def __post_init__(self) -> None:
        """Refuse a name that a note cannot carry, and a key of another length."""
        if not NAME.fullmatch(self.name):
            raise NoteError("a key's name has no space and no plus")
        if len(self.public) != 32:  # noqa: PLR2004  # RFC 8032
            raise NoteError("an Ed25519 key has 32 bytes")

    @property
    def id(self) -> bytes:
        """The 4 bytes by which a signature line names the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _KINDS[self.kind] + self.public).digest()[:4]

    def text(self) -> str:
        """Return the key as `name+id+key`, the form in which such keys are handed on."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_KINDS[self.kind] + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note, not checked yet."""

    name: str
    key_id: bytes
    signature: bytes

    def text(self) -> str:
        """Return the line as it stands under a note, with its end."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read: the text with its last newline, and the lines under it."""

    text: str
    signatures: tuple[SignatureLine, ...]


def read_key(text: str) -> NoteKey:
    """Return the key of its `name+id+key` form; raise NoteError."""
    name, _, rest = text.partition("+")
    id_, _, encoded = rest.partition("+")
    try:
        raw = decode_base64(encoded)
        kind = next(kind for kind, code in _KINDS.items() if raw[:1] == code)
    except (ValueError, StopIteration):
        raise NoteError("not the text form of a note's Ed25519 key") from None
    key = NoteKey(name, raw[1:], kind)  # type: ignore[arg-type]  # a key of _KINDS is a Kind
    if key.id.hex() != id_:
        raise NoteError("the id is not that of the key")
    return key


def sign(text: str, key: NoteKey, private: SigningKey, *, at: int | None = None) -> str:
    """Return the signature line of a key over a text; a witness says at which POSIX second."""
    if (at is None) != (key.kind == "log"):
        raise NoteError("a witness signs with a time, a log without")
    time = b"" if at is None else at.to_bytes(_TIME, "big")
    signature = private.sign(_message(text, at))
    return SignatureLine(key.name, key.id, time + signature).text()


def write(text: str, *lines: str) -> str:
    """Return a note of a text and its signature lines."""
    return f"{text}\n{''.join(lines)}"


def read(data: bytes) -> Note:
    """Return the note of its bytes, no signature checked yet; raise NoteError."""
    if len(data) > MAX_NOTE:
        raise NoteError(f"more than {MAX_NOTE} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("not UTF-8") from None
    body, blank, under = text.rpartition("\n\n")
    lines = under.split("\n")
    if not body or not blank or lines.pop() or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise NoteError("not a text, an empty line and 1 to 32 signature lines")
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise NoteError("a control character")
    return Note(body + "\n", tuple(_line(line) for line in lines))


def signers_of(note: Note, keys: Collection[NoteKey]) -> dict[NoteKey, int | None]:
    """Return the keys of `keys` that signed, with the POSIX second of a witness.

    Raises NoteError for a signature of one of them that does not hold.
    """
    found: dict[NoteKey, int | None] = {}
    known = {(key.name, key.id): key for key in keys}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if key in found:
            raise NoteError("one key signed twice")
        found[key] = _verified(note.text, key, line.signature)
    return found


def _line(line: str) -> SignatureLine:
    matched = _LINE.fullmatch(line)
    if matched is None:
        raise NoteError("not a signature line")
    try:
        raw = decode_base64(matched[2])
    except ValueError:
        raise NoteError("not a signature line") from None
    return SignatureLine(matched[1], raw[:4], raw[4:])


def _verified(text: str, key: NoteKey, signature: bytes) -> int | None:
    at = None
    if key.kind == "witness":
        at, signature = int.from_bytes(signature[:_TIME], "big"), signature[_TIME:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, _message(text, at))
    except InvalidSignature:
        raise NoteError("the signature of a known key does not hold") from None
    return at


def _message(text: str, at: int | None) -> bytes:
    return (text if at is None else f"cosignature/v1\ntime {at}\n{text}").encode()
