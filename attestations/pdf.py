"""Seal a PDF, and read the bundle that one embeds.

Invariants: sealing fills the place that was kept for it and changes no other byte; the same PDF, signer and moment give
the same bytes outside /Contents (an ECDSA value is random). pyHanko is imported when it is needed.
Source: ISO 32000-1, 12.8 (signatures); ETSI EN 319 142-1 (PAdES baseline B).
"""

from datetime import datetime
from typing import TYPE_CHECKING

from attestations.byte_range import MAX_PDF
from attestations.reasons import Reason, RefusedError

if TYPE_CHECKING:
    from attestations.sealing import Stamp
    from attestations.signing import Signer


def extract_bundle(pdf: bytes) -> bytes:
    """Return the attestation.json that a PDF embeds; raise RefusedError. Nothing is said about signatures."""
    from pyhanko.pdf_utils.misc import PdfReadError

    from attestations.embedded import open_pdf, read_bundle

    if len(pdf) > MAX_PDF:
        raise RefusedError(Reason.TOO_LARGE, f"The file is larger than {MAX_PDF} bytes.")
    try:
        return read_bundle(open_pdf(pdf))
    except PdfReadError as error:
        raise RefusedError(Reason.UNREADABLE, "The file cannot be read as a PDF.") from error


def seal(pdf: bytes, signer: "Signer", at: datetime, stamp: "Stamp | None" = None) -> bytes:
    """Return the PDF with a certification signature (P=1) made at a moment (aware, used in whole UTC seconds).

    The PDF keeps a place for it (`seal_place`). `stamp` gets the signature value and returns a timestamp token
    in its one form, which the seal then carries; what it raises passes through. Raises RefusedError where the PDF
    already carries a signature or is too large, ValueError where it has no place or too small a one. Call it from a
    thread without a running event loop: pyHanko signs asynchronously.
    """
    from attestations.sealing import add_signature

    if len(pdf) > MAX_PDF:
        raise RefusedError(Reason.TOO_LARGE, f"The file is larger than {MAX_PDF} bytes.")
    return add_signature(pdf, signer.pyhanko(), at, stamp)
