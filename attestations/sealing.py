"""Sign a PDF that was prepared for it.

Invariants: the signature covers every byte but its own digits and their brackets; the moment stands in the PDF, so the
signature depends on nothing but the covered bytes; a timestamp is over its value, and all that it does not sign.
Source: ETSI EN 319 142-1 (PAdES baseline B and T); RFC 3161, appendix A (the timestamp's attribute).
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from asn1crypto import cms  # type: ignore[import-untyped]  # the package has no types
from pyhanko.sign.signers.pdf_cms import Signer

from attestations.seal_place import prepare

Stamp = Callable[[bytes], bytes]
"""Gives a timestamp token (DER, in its one form) over a signature value."""


def add_signature(pdf: bytes, signer: Signer, at: datetime, stamp: Stamp | None = None) -> bytes:
    """Return the PDF with its certification signature, stamped where there is a way to; `at` is aware.

    Raises what `seal_place.prepare` and `stamp` raise, and ValueError for a signature or token that does not fit.
    """
    prepared = prepare(pdf, at)
    covered = hashlib.sha256(prepared.head)
    covered.update(prepared.tail)
    signature: Any = asyncio.run(signer.async_sign(covered.digest(), "sha256", use_pades=True))
    if stamp is not None:
        _add_token(signature, stamp)
    return prepared.fill(signature.dump())


def _add_token(signature: Any, stamp: Stamp) -> None:
    (info,) = signature["content"]["signer_infos"]
    token = cms.ContentInfo.load(stamp(info["signature"].native), strict=True)
    info["unsigned_attrs"] = [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]
