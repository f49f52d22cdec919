"""The PDF's signature: PAdES baseline B (ETSI.CAdES.detached), ECDSA P-256 with SHA-256, certification P=1.

Invariants: the signature over the raw bytes is checked first, against the given roots, and only then does a PDF reader
see the file: a hostile file without a trusted signature never reaches it. Nothing is fetched. pyHanko's difference
analysis, which a small file can keep busy for a minute, never runs: there is nothing after the signed bytes to analyse.
Source: ETSI EN 319 142-1 (PAdES), RFC 5652 (CMS), RFC 5035 (signing-certificate-v2).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms  # type: ignore[import-untyped]  # the package has no types
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    get_signing_cert_attr,
    validate_sig_integrity,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from attestations.byte_range import SignedBytes
from attestations.certificates import Chain, find_chains, find_issuer, is_later
from attestations.reasons import Reason, RefusedError

for _name in ("pyhanko", "pyhanko_certvalidator"):
    # pyHanko writes kilobytes of log per suspicious file; the report says what an auditor needs
    logging.getLogger(_name).setLevel(logging.CRITICAL)


_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_SHA256_ECDSA = bytes.fromhex("300a06082a8648ce3d040302")
"""Identifiers as signed here (DER): nothing signs them, so no other form of them is let through."""


@dataclass(frozen=True)
class Seal:
    """A good signature: who signed, and when as the signer says."""

    certificate: x509.Certificate
    signed_at: datetime


def check_bytes(signed: SignedBytes, roots: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return the certificate whose key signed the bytes, issued by one of the roots; raise RefusedError otherwise."""
    content = cms.ContentInfo.load(signed.cms, strict=True)
    if content["content_type"].native != "signed_data":
        raise RefusedError(Reason.SIGNATURE_FORMAT, "The signature is no CMS signed data.")
    _check_form(content["content"])
    if _encode(content["content"]) != signed.cms:
        raise RefusedError(Reason.SIGNATURE_FORMAT, "The signature is not in its one canonical encoding (DER).")
    info = extract_signer_info(content["content"])
    signer = extract_certs_for_validation(content["content"]).signer_cert
    intact, valid = validate_sig_integrity(info, signer, expected_content_type="data", actual_digest=signed.sha256)
    if not intact or not valid:
        raise RefusedError(Reason.SIGNATURE_INVALID, "The signature does not fit the bytes it covers.")
    certificate = x509.load_der_x509_certificate(signer.dump())
    if find_issuer(certificate, roots) is None:
        raise RefusedError(Reason.CHAIN_NOT_TRUSTED, "No given root issued the signer's certificate.")
    return certificate


def _check_form(data: Any) -> None:
    """Refuse every freedom of CMS that the format does not use: what is not signed could otherwise be changed."""
    (info,) = data["signer_infos"] if len(data["signer_infos"]) == 1 else (None,)
    good = (
        info is not None
        and data["version"].native == info["version"].native == "v1"
        and [item.dump() for item in data["digest_algorithms"]] == [_SHA256]
        and len(data["certificates"]) == 1
        and not data["crls"]
        and data["encap_content_info"]["content_type"].native == "data"
        and data["encap_content_info"]["content"].native is None
        and info["digest_algorithm"].dump() == _SHA256
        and info["signature_algorithm"].dump() == _SHA256_ECDSA
        and _names(info["sid"], data["certificates"][0].chosen)
        and not info["unsigned_attrs"]
        and get_signing_cert_attr(info["signed_attrs"]) is not None
    )
    if not good:
        raise RefusedError(
            Reason.SIGNATURE_FORMAT, "The signature is not ECDSA with SHA-256 in PAdES baseline B with one certificate."
        )


def _encode(data: Any) -> bytes:
    """Return the one encoding of a signature of this form: the parts as they are, every length around them our own."""
    (info,) = data["signer_infos"]
    parts = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    signer = _der(0x30, *(info[part].dump() for part in parts))
    certificates = _der(0xA0, *(certificate.dump() for certificate in data["certificates"]))
    algorithms = _der(0x31, *(item.dump() for item in data["digest_algorithms"]))
    encapsulated = data["encap_content_info"].dump()
    signed = _der(0x30, data["version"].dump(), algorithms, encapsulated, certificates, _der(0x31, signer))
    return _der(0x30, _SIGNED_DATA, _der(0xA0, signed))


def _der(tag: int, *parts: bytes) -> bytes:
    """Return a DER element: tag, shortest length, content."""
    content = b"".join(parts)
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    head = bytes([size]) if size < 0x80 else bytes([0x80 | len(length)]) + length  # noqa: PLR2004  # X.690, 8.1.3
    return bytes([tag]) + head + content


def _names(sid: Any, certificate: Any) -> bool:
    """Tell whether a signer's identifier names the certificate, to the byte: it is outside what is signed."""
    if sid.name != "issuer_and_serial_number":
        return False
    issuer, serial = sid.chosen["issuer"], sid.chosen["serial_number"]
    return bool(issuer.dump() == certificate.issuer.dump() and serial.native == certificate.serial_number)


def check_document(reader: PdfFileReader, signed: SignedBytes, roots: Sequence[x509.Certificate], at: datetime) -> Seal:
    """Return the seal that pyHanko, too, finds in the PDF; raise RefusedError otherwise.

    `at` is the moment (aware) of the verification. Call it from a thread without a running event loop.
    """
    embedded = _only_signature(reader)
    _check_certification(reader, embedded)
    if tuple(int(number) for number in embedded.byte_range) != signed.byte_range or (
        embedded.pkcs7_content != signed.contents
    ):
        raise RefusedError(Reason.BYTE_RANGE, "The PDF's signature is not the one that covers the file.")
    signed_at = embedded.self_reported_timestamp
    if signed_at is None or signed_at.tzinfo is None:
        raise RefusedError(Reason.SIGNATURE_FORMAT, "The signature does not say when it was made.")
    certificate = x509.load_der_x509_certificate(embedded.signer_cert.dump())
    chains = _valid_chains(certificate, roots, signed_at, at)
    status = asyncio.run(
        async_validate_pdf_signature(
            embedded,
            signer_validation_context=_local_context([chain.root for chain in chains], signed_at),
            key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
            skip_diff=True,
        )
    )
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise RefusedError(Reason.NOT_ENTIRE_FILE, "The signature does not cover the whole file.")
    if not (status.intact and status.valid):
        raise RefusedError(Reason.SIGNATURE_INVALID, "The signature does not fit the bytes it covers.")
    if not status.trusted or not status.bottom_line:
        raise RefusedError(Reason.CHAIN_NOT_TRUSTED, "The signer's certificate does not chain to a given root.")
    return Seal(certificate, signed_at)


def _only_signature(reader: PdfFileReader) -> EmbeddedPdfSignature:
    if reader.encrypted:
        raise RefusedError(Reason.SIGNATURE_FORMAT, "The PDF is encrypted.")
    signatures = reader.embedded_signatures
    if not signatures:
        raise RefusedError(Reason.NO_SIGNATURE, "The PDF carries no signature.")
    if len(signatures) > 1:
        raise RefusedError(Reason.SEVERAL_SIGNATURES, "The PDF carries more than one signature; one is allowed.")
    embedded: EmbeddedPdfSignature = signatures[0]
    return embedded


def _check_certification(reader: PdfFileReader, embedded: EmbeddedPdfSignature) -> None:
    if embedded.sig_object_type != "/Sig" or embedded.sig_object.get("/SubFilter") != "/ETSI.CAdES.detached":
        raise RefusedError(Reason.SIGNATURE_FORMAT, "The signature is not of the kind ETSI.CAdES.detached.")
    permissions = reader.root.get("/Perms", {})
    certified = permissions.raw_get("/DocMDP") if "/DocMDP" in permissions else None
    if embedded.docmdp_level is not MDPPerm.NO_CHANGES or certified != embedded.sig_field.raw_get("/V"):
        raise RefusedError(Reason.NOT_CERTIFIED, "The signature does not certify the PDF against every change (P=1).")


def _valid_chains(
    certificate: x509.Certificate, roots: Sequence[x509.Certificate], signed_at: datetime, at: datetime
) -> list[Chain]:
    """Return the chains that were valid when the signature says it was made."""
    if is_later(signed_at, at):
        raise RefusedError(Reason.SIGNED_IN_FUTURE, "The signature says it was made after the moment of verification.")
    chains = [chain for chain in find_chains([certificate], roots) if chain.is_valid_at(signed_at)]
    if not chains:
        raise RefusedError(
            Reason.SIGNED_OUTSIDE_VALIDITY, "The signature was made outside the validity of the signer's certificate."
        )
    return chains


def _local_context(roots: Sequence[x509.Certificate], moment: datetime) -> ValidationContext:
    """Trust the given roots and nothing else; fetch nothing, whatever the file names."""
    anchors = [asn1_x509.Certificate.load(root.public_bytes(Encoding.DER)) for root in roots]
    return ValidationContext(trust_roots=anchors, allow_fetching=False, moment=moment, other_certs=[])
