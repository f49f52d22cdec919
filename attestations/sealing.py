"""Sign a PDF that was prepared for it.

Invariants: the signature covers every byte but its own digits; what pyHanko would take from the clock or from chance it
is given; a timestamp is over the signature value and the only attribute that is not signed.
Source: ETSI EN 319 142-1 (PAdES baseline B and T); RFC 3161, appendix A (the timestamp's attribute).
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from asn1crypto import cms  # type: ignore[import-untyped]  # the package has no types
from pyhanko.sign.signers.pdf_cms import Signer

from attestations.seal_field import prepare

Stamp = Callable[[bytes], bytes]
"""Gives a timestamp token (DER, in its one form) over a signature value."""


def add_signature(pdf: bytes, signer: Signer, at: datetime, stamp: Stamp | None = None) -> bytes:
    """Return the PDF with its certification signature, stamped where there is a way to; `at` is aware."""
    prepared = prepare(pdf, at)
    covered = hashlib.sha256(prepared.head)
    covered.update(prepared.tail)
    signature: Any = asyncio.run(signer.async_sign(covered.digest(), "sha256", use_pades=True))
    if stamp is not None:
        _add_token(signature, stamp)
    return prepared.fill(signature.dump())


def _add_token(signature: Any, stamp: Stamp) -> None:
    (info,) = signature["content"]["signer_infos"]
    token = cms.ContentInfo.load(stamp(info["signature"].native))
    info["unsigned_attrs"] = [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]
