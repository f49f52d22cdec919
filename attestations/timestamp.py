"""Timestamp tokens: an authority's word on when a signature existed at the latest.

Invariants: a token is taken apart into what its authority signed (the TSTInfo, the signed attributes, the signature,
and the certificate that the attributes name by its hash) and put together again in one form; any other bytes are
refused, so that nothing in it can be changed unseen. That holds whether or not the reader trusts the authority; what
trust adds is the moment. The authority's certificate is issued directly by a timestamp root, as a signer's by a root.
Source: RFC 3161 and RFC 5816 (tokens), RFC 5652 (CMS), RFC 5754 (algorithm identifiers).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from asn1crypto import cms, tsp  # type: ignore[import-untyped]  # the package has no types
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from attestations.certificates import find_timestamp_chains
from attestations.der import element
from attestations.reasons import Reason, RefusedError

MAX_TOKEN = 12 * 1024
"""Bytes of a token in its one form: a certificate, attributes and a signature need 1 to 4 KiB."""
LEAST_RSA_BITS = 2048
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
_ONE, _THREE = bytes.fromhex("020101"), bytes.fromhex("020103")
_NULL = bytes.fromhex("0500")


class _Digest(NamedTuple):
    """A hash with the identifiers (DER) of itself and of its use in signatures."""

    algorithm: hashes.HashAlgorithm
    identifier: bytes
    with_ecdsa: bytes
    with_rsa: bytes


def _digest(algorithm: hashes.HashAlgorithm, number: int, with_ecdsa: int, with_rsa: int) -> _Digest:
    return _Digest(
        algorithm,
        element(0x30, bytes.fromhex("06096086480165030402") + bytes([number])),
        element(0x30, bytes.fromhex("06082a8648ce3d0403") + bytes([with_ecdsa])),
        element(0x30, bytes.fromhex("06092a864886f70d0101") + bytes([with_rsa]), _NULL),
    )


_DIGESTS = {
    "sha256": _digest(hashes.SHA256(), 1, 2, 11),
    "sha384": _digest(hashes.SHA384(), 2, 3, 12),
    "sha512": _digest(hashes.SHA512(), 3, 4, 13),
}


@dataclass(frozen=True)
class Token:
    """A token that holds in itself: the moment it names, when the signature existed at the latest, and whose it is."""

    der: bytes
    stamped_at: datetime
    existed_at: datetime
    """The moment it names and the inaccuracy that the authority admits."""
    nonce: int | None
    certificate: x509.Certificate


class _Parts(NamedTuple):
    info: bytes
    attributes: bytes
    digest: _Digest
    signature: bytes
    certificate: bytes
    sid: bytes


def normalise(der: bytes, signature: bytes) -> Token:
    """Return an authority's token in its one form: without other certificates, revocation lists and free choices.

    What is left out or rewritten is nothing that the authority signed. Raises RefusedError (TIMESTAMP_INVALID).
    """
    try:
        form = _encode(_take_apart(der))
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise _refusal("it cannot be read") from error
    return read(form, signature)


def read(der: bytes, signature: bytes) -> Token:
    """Return a token over a signature value, good in itself and in its one form; raise RefusedError."""
    if len(der) > MAX_TOKEN:
        raise _refusal(f"it is larger than {MAX_TOKEN} bytes")
    try:
        parts = _take_apart(der)
        if _encode(parts) != der:
            raise _refusal("it is not in its one encoding")
        certificate = x509.load_der_x509_certificate(parts.certificate)
        _check_attributes(parts)
        _check_signature(parts, certificate)
        return _read_info(parts.info, der, signature, certificate)
    except RefusedError:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise _refusal("it cannot be read") from error


def is_trusted(token: Token, roots: Sequence[x509.Certificate]) -> bool:
    """Say whether a timestamp root vouched for the token's authority at the moment that it names.

    What happened to the certificate later changes nothing: a root whose authorities lost a key is taken off the list.
    """
    return any(chain.is_valid_at(token.stamped_at) for chain in find_timestamp_chains(token.certificate, roots))


def _take_apart(der: bytes) -> _Parts:
    content = cms.ContentInfo.load(der, strict=True)
    if content["content_type"].native != "signed_data":
        raise _refusal("it is no CMS signed data")
    data = content["content"]
    (info,) = data["signer_infos"]
    encapsulated = data["encap_content_info"]
    if encapsulated["content_type"].native != "tst_info":
        raise _refusal("it holds no TSTInfo")
    digest = _DIGESTS.get(info["digest_algorithm"]["algorithm"].native)
    if digest is None or info["sid"].name != "issuer_and_serial_number":
        raise _refusal("its algorithms or its signer are named in a form that is not known here")
    sid = info["sid"].chosen
    certificate = _find_certificate(data["certificates"], sid)
    named = element(0x30, certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump())
    return _Parts(
        bytes(encapsulated["content"]), info["signed_attrs"].contents, digest, info["signature"].native,
        certificate.dump(), named,
    )  # fmt: skip


def _find_certificate(certificates: Any, sid: Any) -> Any:
    """Return the certificate that a signer's identifier names."""
    for one in certificates:
        certificate = one.chosen
        if (
            certificate.issuer.dump() == sid["issuer"].dump()
            and certificate.serial_number == sid["serial_number"].native
        ):
            return certificate
    raise _refusal("it does not carry its authority's certificate")


def _encode(parts: _Parts) -> bytes:
    """Return the one encoding of these parts."""
    elliptic = isinstance(x509.load_der_x509_certificate(parts.certificate).public_key(), ec.EllipticCurvePublicKey)
    signer = element(
        0x30, _ONE, parts.sid, parts.digest.identifier, element(0xA0, parts.attributes),
        parts.digest.with_ecdsa if elliptic else parts.digest.with_rsa, element(0x04, parts.signature),
    )  # fmt: skip
    encapsulated = element(0x30, _TST_INFO, element(0xA0, element(0x04, parts.info)))
    signed = element(
        0x30, _THREE, element(0x31, parts.digest.identifier), encapsulated, element(0xA0, parts.certificate),
        element(0x31, signer),
    )  # fmt: skip
    return element(0x30, _SIGNED_DATA, element(0xA0, signed))


def _check_attributes(parts: _Parts) -> None:
    """Refuse attributes that do not bind the TSTInfo and the certificate."""
    found: dict[str, Any] = {}
    for attribute in cms.CMSAttributes.load(element(0x31, parts.attributes), strict=True):
        name = attribute["type"].native
        if name in found or len(attribute["values"]) != 1:
            raise _refusal("it repeats an attribute")
        found[name] = attribute["values"][0]
    hashed = hashes.Hash(parts.digest.algorithm)
    hashed.update(parts.info)
    digest, kind = found.get("message_digest"), found.get("content_type")
    if digest is None or digest.native != hashed.finalize() or kind is None or kind.native != "tst_info":
        raise _refusal("its attributes do not fit its content")
    if not any(_names_certificate(found.get(name), parts.certificate) for name in _NAMING):
        raise _refusal("it does not name its authority's certificate")


_NAMING = ("signing_certificate", "signing_certificate_v2")


def _names_certificate(attribute: Any, certificate: bytes) -> bool:
    """Say whether an attribute (RFC 5035) names a certificate first; RFC 3161 itself still prescribes SHA-1 there.

    SHA-1 is enough against a second certificate of the same authority, and others do not chain to a trusted root.
    """
    if attribute is None or not len(attribute["certs"]):
        return False
    first = attribute["certs"][0]
    name = first["hash_algorithm"]["algorithm"].native if "hash_algorithm" in first else "sha1"
    if name not in {"sha1", "sha256", "sha384", "sha512"}:
        return False
    return bool(first["cert_hash"].native == hashlib.new(name, certificate, usedforsecurity=False).digest())


def _check_signature(parts: _Parts, certificate: x509.Certificate) -> None:
    key, signed = certificate.public_key(), element(0x31, parts.attributes)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(parts.signature, signed, ec.ECDSA(parts.digest.algorithm))
        elif isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
            key.verify(parts.signature, signed, padding.PKCS1v15(), parts.digest.algorithm)
        else:
            raise _refusal("its authority's key is of a kind that is not known here")
    except InvalidSignature as error:
        raise _refusal("its signature does not hold") from error


def _read_info(info_der: bytes, der: bytes, signature: bytes, certificate: x509.Certificate) -> Token:
    info = tsp.TSTInfo.load(info_der, strict=True)
    imprint = info["message_imprint"]
    if (
        info["version"].native != "v1"
        or imprint["hash_algorithm"]["algorithm"].native != "sha256"
        or imprint["hashed_message"].native != hashlib.sha256(signature).digest()
    ):
        raise _refusal("it is not over this signature")
    if any(extension["critical"].native for extension in info["extensions"] or ()):
        raise _refusal("it has a critical extension that is not known here")
    stamped_at = info["gen_time"].native.astimezone(UTC)
    accuracy = info["accuracy"].native or {}
    off = timedelta(
        seconds=accuracy.get("seconds") or 0, milliseconds=accuracy.get("millis") or 0,
        microseconds=accuracy.get("micros") or 0,
    )  # fmt: skip
    return Token(der, stamped_at, stamped_at + abs(off), info["nonce"].native, certificate)


def _refusal(why: str) -> RefusedError:
    return RefusedError(Reason.TIMESTAMP_INVALID, f"The signature's timestamp proves nothing: {why}.")
