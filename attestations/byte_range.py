"""The signed bytes of a PDF, found without reading the PDF.

Invariants: one scan of the raw bytes, linear in their number; exactly one signature, and its ByteRange covers the
whole file but the hexadecimal signature itself, so that nothing was appended and nothing lies outside; the signature's
padding is zeros. A file that passes has no byte that is neither signed nor the signature. Nothing else of a PDF is read
before the signature over these bytes was found good.
Source: ISO 32000-1, 12.8.1 (ByteRange, Contents).
"""

import hashlib
import re
from dataclasses import dataclass

from attestations.reasons import Reason, RefusedError

MAX_PDF = 32 * 1024 * 1024
"""Bytes."""
MAX_CONTENTS = 64 * 1024
"""Hexadecimal digits of the signature with its padding."""
SMALLEST_DER = 8

MARK = b"/ByteRange"
"""What a signature shows itself by."""
_BYTE_RANGE = re.compile(
    rb"/ByteRange\s{0,8}\[\s{0,8}(\d{1,9})\s{1,8}(\d{1,9})\s{1,8}(\d{1,9})\s{1,8}(\d{1,9})\s{0,8}\]"
)
_HEXADECIMAL = re.compile(rb"<[0-9A-F]+>")


@dataclass(frozen=True)
class SignedBytes:
    """The ByteRange, the DER of the CMS signature with its padding, and the SHA-256 of the covered bytes."""

    byte_range: tuple[int, int, int, int]
    contents: bytes
    cms: bytes
    sha256: bytes


def find_signed_bytes(data: bytes) -> SignedBytes:
    """Return what the only signature of a PDF covers; raise RefusedError naming what is wrong with its structure."""
    if len(data) > MAX_PDF:
        raise RefusedError(Reason.TOO_LARGE, f"The file is larger than {MAX_PDF} bytes.")
    byte_range = _read_byte_range(data)
    _check_coverage(data, byte_range)
    _, first, second, rest = byte_range
    contents = _read_contents(data[first:second])
    covered = hashlib.sha256(memoryview(data)[:first])
    covered.update(memoryview(data)[second : second + rest])
    return SignedBytes(byte_range, contents, _strip_padding(contents), covered.digest())


def _read_byte_range(data: bytes) -> tuple[int, int, int, int]:
    marks = data.count(MARK)
    if marks == 0:
        raise RefusedError(Reason.NO_SIGNATURE, "The PDF carries no signature.")
    if marks > 1:
        raise RefusedError(Reason.SEVERAL_SIGNATURES, "The PDF carries more than one signature; one is allowed.")
    found = _BYTE_RANGE.search(data)
    if found is None:
        raise RefusedError(Reason.BYTE_RANGE, "The signature's ByteRange is not four whole numbers.")
    start, first, second, rest = (int(number) for number in found.groups())
    return start, first, second, rest


def _check_coverage(data: bytes, byte_range: tuple[int, int, int, int]) -> None:
    start, first, second, rest = byte_range
    if start != 0 or not 0 < first < second < len(data) or rest == 0 or second + rest > len(data):
        raise RefusedError(Reason.BYTE_RANGE, "The signature's ByteRange does not describe this file.")
    if second + rest < len(data):
        raise RefusedError(
            Reason.NOT_ENTIRE_FILE,
            f"{len(data) - second - rest} bytes stand after what the signature covers.",
        )
    if not data[max(0, first - 64) : first].rstrip().endswith(b"/Contents"):
        raise RefusedError(Reason.BYTE_RANGE, "What the ByteRange leaves out is not the signature.")


def _read_contents(hole: bytes) -> bytes:
    if len(hole) > MAX_CONTENTS or len(hole) % 2 or not _HEXADECIMAL.fullmatch(hole):
        raise RefusedError(
            Reason.SIGNATURE_CONTENTS, "What the ByteRange leaves out is not one string of digits 0-9 and A-F."
        )
    return bytes.fromhex(hole[1:-1].decode("ascii"))


def _strip_padding(contents: bytes) -> bytes:
    """Return the DER value at the start; what follows must be zeros, or it could carry anything."""
    length = _der_length(contents)
    if length is None or length > len(contents) or contents[length:].strip(b"\0"):
        raise RefusedError(Reason.SIGNATURE_CONTENTS, "The signature is no DER sequence padded with zeros.")
    return contents[:length]


def _der_length(contents: bytes) -> int | None:
    """Return the whole length of a DER sequence in the long form (a signature has over 127 bytes)."""
    if len(contents) < SMALLEST_DER or contents[0] != 0x30:  # noqa: PLR2004  # the tag of SEQUENCE
        return None
    size = contents[1] & 0x7F
    if not contents[1] & 0x80 or not 1 <= size <= 3:  # noqa: PLR2004  # long form, up to 16 MB
        return None
    return 2 + size + int.from_bytes(contents[2 : 2 + size], "big")
