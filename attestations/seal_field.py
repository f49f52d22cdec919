"""The place of the seal in a PDF: the renderer keeps it free, the seal fills it, and no byte moves.

Invariants: the document and its seal are one revision, nothing is appended; an unsealed PDF has its signature field,
whose value is an empty dictionary as long as the signature may become; one such place is filled, never two.
Source: ISO 32000-1, 12.7.4.5 (signature fields), 12.8.1 (ByteRange) and 12.8.2.2 (DocMDP); ETSI EN 319 142-1, 5.
"""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from attestations.byte_range import MARK
from attestations.reasons import Reason, RefusedError
from attestations.timestamp import MAX_TOKEN

FIELD = "Seal"
DESCRIPTION = "Seal of the attestation"
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
_EXTENSION = "<</ESIC <</Type /DeveloperExtensions /BaseVersion /1.7 /ExtensionLevel 1>>>>"
"""ETSI's extension of PDF 1.7, of which PAdES is a part."""
_OUTSIDE = "[-9999 -9999 -9999 -9999]"
"""PDF/UA wants an annotation without tags to lie outside the page."""
_PRINTABLE_AND_LOCKED = 132
"""PDF/A wants every annotation to be printable."""
_SIGNED_AND_APPEND_ONLY = 3
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


def reserve(pdf: Any, *, stamped: bool) -> None:
    """Give a PDF (pydyf), just before it is written, an invisible field on its first page and the place for its seal.

    `stamped`: keep room for a timestamp, too.
    """
    import pydyf  # type: ignore[import-untyped]  # the package has no types

    class Apart:
        """Outside the object streams: ByteRange counts bytes of the file, and a reader need not search the field."""

        compressible = False

    class Place(Apart, pydyf.Object):  # type: ignore[misc]
        data = b"<<" + b" " * (_LEAST + (TOKEN_DIGITS if stamped else 0)) + b">>"

    class Field(Apart, pydyf.Dictionary):  # type: ignore[misc]
        pass

    place = Place()
    pdf.add_object(place)
    page = next(item for item in pdf.objects if item.number and item.reference == pdf.page_references[0])
    field = Field({
        "Type": "/Annot", "Subtype": "/Widget", "FT": "/Sig", "T": pydyf.String(FIELD), "TU": pydyf.String(DESCRIPTION),
        "Rect": _OUTSIDE, "F": _PRINTABLE_AND_LOCKED, "P": page.reference, "V": place.reference,
    })  # fmt: skip
    pdf.add_object(field)
    page.setdefault("Annots", pydyf.Array()).append(field.reference)
    fields = pydyf.Array([field.reference])
    pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": fields, "SigFlags": _SIGNED_AND_APPEND_ONLY})
    pdf.catalog["Perms"] = pydyf.Dictionary({"DocMDP": place.reference})
    pdf.catalog["Extensions"] = _EXTENSION


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
