"""An own signature as CAdES: CMS signed data without its content.

Invariants: one signer, whose certificate is in the file and named by the signed attributes; the time is among them;
nothing unsigned is read, though a timestamp over the signature may stand there.
Source: RFC 5652 (CMS), RFC 5035 (signing-certificate-v2), ETSI EN 319 122-1 (CAdES).
"""

import hashlib
from datetime import UTC
from typing import Any

from asn1crypto import cms  # type: ignore[import-untyped]  # the package has no types
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from attestations.countersignatures.holders import MOST_CERTIFICATES, OwnSignature, load_certificates, refuse_form
from attestations.envelope import decode_base64
from attestations.reasons import Reason, RefusedError

_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_ALGORITHMS = frozenset({"ecdsa", "rsassa_pkcs1v15", "rsassa_pss"})


def read_cades(value: str, content: bytes) -> OwnSignature:
    """Return who signed a content and when, as they say; raise RefusedError (OWN_SIGNATURE_FORMAT or _INVALID)."""
    try:
        return _read(decode_base64(value), content)
    except RefusedError:
        raise
    except Exception as error:  # parsers of hostile bytes raise whatever they stumble over
        raise refuse_form("not a CMS signature that can be read") from error


def _read(der: bytes, content: bytes) -> OwnSignature:
    info, certificates = _take_apart(der)
    digest, algorithm = _check_algorithms(info)
    signed_at = find_unique_cms_attribute(info["signed_attrs"], "signing_time").native.astimezone(UTC)
    _check_naming(info)
    signer, *others = sorted(certificates, key=lambda one: not _is_named(info["sid"], one))
    if not _is_named(info["sid"], signer):
        raise refuse_form("the signer's certificate is not in it")
    chain = load_certificates([one.dump() for one in (signer, *others)])
    try:
        intact, valid = validate_sig_integrity(info, signer, "data", hashlib.new(digest, content).digest())
    except SignatureValidationError as error:
        raise refuse_form("its attributes do not fit each other or its certificate") from error
    if not intact or not valid:
        raise RefusedError(Reason.OWN_SIGNATURE_INVALID, "An organisation's own signature does not fit its content.")
    return OwnSignature("cades", f"{algorithm} {digest}", signed_at, chain)


def _take_apart(der: bytes) -> tuple[Any, list[Any]]:
    """Return the only signer info and the certificates of signed data without content."""
    content = cms.ContentInfo.load(der, strict=True)
    if content["content_type"].native != "signed_data":
        raise refuse_form("not CMS signed data")
    data = content["content"]
    encapsulated = data["encap_content_info"]
    certificates = [one.chosen for one in data["certificates"] if one.name == "certificate"]
    if (
        len(data["signer_infos"]) != 1
        or not 1 <= len(certificates) <= MOST_CERTIFICATES
        or len(certificates) != len(data["certificates"])
        or data["crls"]
        or encapsulated["content_type"].native != "data"
        or encapsulated["content"].native is not None
    ):
        raise refuse_form("not one signature with one to five certificates and without content")
    info = data["signer_infos"][0]
    if any(one["type"].native != "signature_time_stamp_token" for one in info["unsigned_attrs"] or ()):
        raise refuse_form("unsigned attributes other than a timestamp")
    return info, certificates


def _check_algorithms(info: Any) -> tuple[str, str]:
    """Return the names of the hash and the algorithm, which agree."""
    digest, algorithm = info["digest_algorithm"]["algorithm"].native, info["signature_algorithm"]
    if digest not in _DIGESTS or algorithm.signature_algo not in _ALGORITHMS:
        raise refuse_form("an algorithm that is not accepted")
    bare_rsa = algorithm["algorithm"].native == "rsassa_pkcs1v15"  # names no hash: then it is that of the attributes
    if not bare_rsa and algorithm.hash_algo != digest:
        raise refuse_form("two hashes that differ")
    return digest, algorithm.signature_algo


def _check_naming(info: Any) -> None:
    """Refuse a signature that does not name its certificate by a strong hash; whether it fits is checked later."""
    named = find_unique_cms_attribute(info["signed_attrs"], "signing_certificate_v2")["certs"][0]
    if named["hash_algorithm"]["algorithm"].native not in _DIGESTS:
        raise refuse_form("a certificate named by a weak hash")


def _is_named(sid: Any, certificate: Any) -> bool:
    if sid.name == "subject_key_identifier":
        return bool(sid.chosen.native == certificate.key_identifier)
    issuer, serial = sid.chosen["issuer"], sid.chosen["serial_number"]
    return bool(issuer.dump() == certificate.issuer.dump() and serial.native == certificate.serial_number)
