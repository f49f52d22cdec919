"""Add the signature to a PDF as one incremental update.

Invariants: everything that pyHanko would take from the clock or from chance is pinned: the signing time, the file
identifier (derived from the PDF) and the space reserved; metadata stays as the renderer wrote it.
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms  # type: ignore[import-untyped]  # the package has no types
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import Signer

from attestations.timestamp import MAX_TOKEN

FIELD = "Seal"
DESCRIPTION = "Seal of the attestation"
RESERVED = 8192
"""Hexadecimal digits kept free for the signature: one P-256 certificate and one signature need about 2,600."""
Stamp = Callable[[bytes], bytes]
"""Gives a timestamp token (DER, in its one form) over a signature value."""


class PinnedWriter(IncrementalPdfFileWriter):
    """An incremental writer without clock and chance (pyHanko 0.38; a test holds the bytes equal)."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> ArrayObject:
        prev.stream.seek(0)
        changed = ByteStringObject(hashlib.sha256(prev.stream.read()).digest()[:16])
        if "/ID" not in prev.trailer:
            return ArrayObject([changed, changed])
        first = prev.trailer["/ID"][0]
        return ArrayObject([ByteStringObject(getattr(first, "original_bytes", first)), changed])

    def _update_meta(self) -> None:
        """Leave /Info and the XMP packet alone: new dates there would break the renderer's PDF/A metadata."""


def add_signature(pdf: bytes, signer: Signer, at: datetime, stamp: Stamp | None = None) -> bytes:
    """Return the PDF with one invisible certification signature, stamped where there is a way to; `at` is aware."""
    writer: Any = PinnedWriter(BytesIO(pdf))  # pyHanko leaves some of its methods untyped
    writer.ensure_output_version((1, 7))
    writer.register_extension(ESIC_EXTENSION_1)
    # out of bounds: PDF/UA wants an untagged annotation outside the page, PDF/A wants it printable
    field = SigFieldSpec(
        FIELD, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True), readable_field_name=DESCRIPTION
    )
    steps: Any = PdfCMSEmbedder(new_field_spec=field).write_cms(FIELD, writer)
    next(steps)
    placeholder = SignatureObject(
        timestamp=at.astimezone(UTC).replace(microsecond=0),
        subfilter=SigSeedSubFilter.PADES,
        bytes_reserved=RESERVED if stamp is None else RESERVED + 2 * MAX_TOKEN,
    )
    certification = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=certification))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    signature = asyncio.run(signer.async_sign(prepared.document_digest, "sha256", use_pades=True))
    if stamp is not None:
        _add_token(signature, stamp)
    steps.send(signature)
    sealed: bytes = output.getvalue()
    return sealed


def _add_token(signature: Any, stamp: Stamp) -> None:
    (info,) = signature["content"]["signer_infos"]
    token = cms.ContentInfo.load(stamp(info["signature"].native))
    info["unsigned_attrs"] = [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]
