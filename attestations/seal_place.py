"""The place of the seal in a PDF: the renderer keeps it free, the seal fills it, and no byte moves.

Invariants: the document and its seal are one revision, nothing is appended; an unsealed PDF has a signature field whose
value is an empty dictionary, as long as the signature may become; one such place is filled, never two.
Source: ISO 32000-1, 12.8.1 (ByteRange) and 12.8.2.2 (DocMDP); ETSI EN 319 142-1, 5.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from attestations.byte_range import MARK
from attestations.reasons import Reason, RefusedError
from attestations.timestamp import MAX_TOKEN

SIGNATURE_DIGITS = 8192
"""Hexadecimal digits kept free for a signature at the least; one with a certificate of 500 bytes needs about 1,900."""
TOKEN_DIGITS = 2 * MAX_TOKEN
"""And for a timestamp on it."""
_ENTRIES = (
    "/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:{moment:%Y%m%d%H%M%S}Z)"
    " /Reference [<</Type /SigRef /TransformMethod /DocMDP"
    " /TransformParams <</Type /TransformParams /V /1.2 /P 1>>>>]"
    " /ByteRange {covered:30} /Contents "
)
"""What the dictionary says before the digits, as long for every file: its numbers have 8 digits at most (32 MiB)."""
_ENTRIES_LENGTH = len(_ENTRIES.format(moment=datetime(2000, 1, 1, tzinfo=UTC), covered=""))
_BRACKETS = 2
"""Around the digits."""
_LEAST = _ENTRIES_LENGTH + _BRACKETS + SIGNATURE_DIGITS
_PLACE = re.compile(rb"<<( {%d}(?: {%d})?)>>" % (_LEAST, TOKEN_DIGITS))


class Prepared(NamedTuple):
    """A PDF with all that is signed, its ByteRange included: what stands before the signature's digits, and after."""

    head: bytes
    tail: bytes
    digits: int
    """How many digits stand between `<` and `>`, all zeros until they are filled."""

    def fill(self, signature: bytes) -> bytes:
        """Return the PDF with a CMS signature (DER) in its place; raise ValueError where it does not fit."""
        written = signature.hex().upper().encode("ascii")
        if len(written) > self.digits:
            raise ValueError(f"a signature of {len(written)} digits does not fit into {self.digits}")
        return b"".join((self.head, b"<", written.ljust(self.digits, b"0"), b">", self.tail))


def room_of(*, stamped: bool) -> int:
    """Return how many blanks a renderer leaves between `<<` and `>>` for the seal, with a timestamp or without."""
    return _LEAST + (TOKEN_DIGITS if stamped else 0)


def prepare(pdf: bytes, at: datetime) -> Prepared:
    """Return a PDF with all that its seal will sign; the seal says that it was made at a moment (aware).

    Raises RefusedError where the PDF carries a signature, ValueError where no place was kept for one.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of sealing needs its time zone")
    if MARK in pdf:
        raise RefusedError(Reason.SEVERAL_SIGNATURES, "The PDF already carries a signature.")
    places = list(_PLACE.finditer(pdf))
    if len(places) != 1:
        raise ValueError(f"a PDF to be sealed has one place for its seal, not {len(places)}")
    start, end = places[0].span(1)
    first = start + _ENTRIES_LENGTH
    entries = _ENTRIES.format(moment=at.astimezone(UTC), covered=f"[0 {first} {end} {len(pdf) - end}]")
    return Prepared(pdf[:start] + entries.encode("ascii"), pdf[end:], end - first - _BRACKETS)
