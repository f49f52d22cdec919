"""The PDF's signature: PAdES baseline B or T (ETSI.CAdES.detached), ECDSA P-256 with SHA-256, certification P=1.

Invariants: the signature over the raw bytes is checked first, against the given roots, and only then does a PDF reader
see the file: a hostile file without a trusted signature never reaches it. Nothing is fetched. pyHanko's difference
analysis, which a small file can keep busy for a minute, never runs: there is nothing after the signed bytes to analyse.
Source: ETSI EN 319 142-1 (PAdES), RFC 5652 (CMS), RFC 5035 (signing-certificate-v2).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from attestations.der import element
from attestations.reasons import Reason, RefusedError
from attestations.timestamp import Token, is_trusted, read

for _name in ("pyhanko", "pyhanko_certvalidator"):
    # pyHanko writes kilobytes of log per suspicious file; the report says what an auditor needs
    logging.getLogger(_name).setLevel(logging.CRITICAL)


_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_VERSION_1 = bytes.fromhex("020101")
_NO_CONTENT = bytes.fromhex("300b06092a864886f70d010701")
"""Plain data is signed, and lies outside."""
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_SHA256_ECDSA = bytes.fromhex("300a06082a8648ce3d040302")
"""Identifiers as signed here (DER): nothing signs them, so no other form of them is let through."""


TIMESTAMP_TOKEN = bytes.fromhex("060b2a864886f70d010910020e")
"""The identifier (DER) of the one unsigned attribute that is allowed: a timestamp token over the signature value."""


@dataclass(frozen=True)
class Seal:
    """A good signature: who signed, when as the signer says, and since when it is proven to exist."""

    certificate: x509.Certificate
    signed_at: datetime
    proven_at: datetime | None = None
    """By a timestamp of an authority that the reader trusts."""


@dataclass(frozen=True)
class Signed:
    """A signature that holds over the raw bytes: its certificate, and its timestamp where it has one."""

    certificate: x509.Certificate
    token: Token | None


def check_bytes(signed: SignedBytes, roots: Sequence[x509.Certificate]) -> Signed:
    """Return who signed the bytes, certified by one of the roots; raise RefusedError otherwise.

    A timestamp is good in itself then; whether its authority is trusted, `prove` says.
    """
    content = cms.ContentInfo.load(signed.cms, strict=True)
    if content["content_type"].native != "signed_data":
        raise RefusedError(Reason.SIGNATURE_FORMAT, "The signature is no CMS signed data.")
    _check_form(content["content"])
    info = extract_signer_info(content["content"])
    token = _token_of(info)
    if _encode(content["content"], token) != signed.cms:
        raise RefusedError(Reason.SIGNATURE_FORMAT, "The signature is not in its one canonical encoding (DER).")
    signer = extract_certs_for_validation(content["content"]).signer_cert
    intact, valid = validate_sig_integrity(info, signer, expected_content_type="data", actual_digest=signed.sha256)
    if not intact or not valid:
        raise RefusedError(Reason.SIGNATURE_INVALID, "The signature does not fit the bytes it covers.")
    certificate = x509.load_der_x509_certificate(signer.dump())
    if find_issuer(certificate, roots) is None:
        raise RefusedError(Reason.CHAIN_NOT_TRUSTED, "No given root issued the signer's certificate.")
    return Signed(certificate, None if token is None else read(token, info["signature"].native))


def prove(seal: Seal, token: Token | None, roots: Sequence[x509.Certificate], at: datetime) -> Seal:
    """Return the seal with the moment that its timestamp proves, if a timestamp root vouches for it.

    Raises RefusedError (TIMESTAMP_INVALID) for a timestamp that is older than the signature, or from the future.
    """
    if token is None:
        return seal
    if is_later(seal.signed_at, token.existed_at) or is_later(token.stamped_at, at):
        raise RefusedError(
            Reason.TIMESTAMP_INVALID,
            "The timestamp is older than the signature says it is, or later than the moment of verification.",
        )
    return replace(seal, proven_at=token.existed_at) if is_trusted(token, roots) else seal


def _token_of(info: Any) -> bytes | None:
    """Return the timestamp token (DER) that a signer info carries as its only unsigned attribute, or None."""
    attributes = info["unsigned_attrs"]
    if not attributes:
        return None
    attribute = attributes[0]
    if len(attributes) > 1 or attribute["type"].dump() != TIMESTAMP_TOKEN or len(attribute["values"]) != 1:
        raise RefusedError(
            Reason.SIGNATURE_FORMAT, "The signature carries unsigned attributes other than one timestamp."
        )
    token: bytes = attribute["values"][0].dump()
    return token


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
        and get_signing_cert_attr(info["signed_attrs"]) is not None
    )
    if not good:
        raise RefusedError(
            Reason.SIGNATURE_FORMAT,
            "The signature is not ECDSA with SHA-256 in PAdES baseline B or T with one certificate.",
        )


def _encode(data: Any, token: bytes | None) -> bytes:
    """Return the one encoding of a signature of this form: what varies as it is, all around it our own bytes.

    What varies is the certificate, the signed attributes and the signature value; the signer's identifier follows from
    the certificate. No header is copied: nothing signs a second form of one, or an element more.
    """
    (info,) = data["signer_infos"]
    certificate = data["certificates"][0].chosen
    identifier = element(0x30, certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump())
    unsigned = [] if token is None else [timestamp_attribute(token)]
    signed_attributes = element(0xA0, info["signed_attrs"].contents)
    value = element(0x04, info["signature"].native)
    signer = element(0x30, _VERSION_1, identifier, _SHA256, signed_attributes, _SHA256_ECDSA, value, *unsigned)
    certificates = element(0xA0, element(0x30, certificate.contents))
    algorithms = element(0x31, _SHA256)
    signed = element(0x30, _VERSION_1, algorithms, _NO_CONTENT, certificates, element(0x31, signer))
    return element(0x30, _SIGNED_DATA, element(0xA0, signed))


def timestamp_attribute(token: bytes) -> bytes:
    """Return the unsigned attributes (DER) of a signer info whose signature a token stamps."""
    return element(0xA1, element(0x30, TIMESTAMP_TOKEN, element(0x31, token)))


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
    # timestamps are judged elsewhere, and pyHanko's bottom line would look for their authority among the signers' roots
    if not status.trusted or not status.seed_value_ok or status.content_timestamp_validity is not None:
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
