"""Certificates: public keys, their ids, and who issued what.

Invariants: keys are P-256; a signer's certificate is issued directly by a root that the caller trusts; a name proves
nothing, only the issuer's signature does.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TOLERANCE = timedelta(minutes=5)
"""How far the signer's clock may be ahead of the verifier's."""


def key_id(certificate: x509.Certificate) -> str:
    """Return "sha256:" and the SHA-256 of the certificate's SubjectPublicKeyInfo (DER), in hexadecimal."""
    info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "sha256:" + hashlib.sha256(info).hexdigest()


def p256_key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey | None:
    """Return the certificate's public key, or None where it is no P-256 key."""
    key = certificate.public_key()
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None


def find_issuer(certificate: x509.Certificate, roots: Iterable[x509.Certificate]) -> x509.Certificate | None:
    """Return the root that issued a signer's certificate, or None; both must be allowed to do their part."""
    if not _may_sign(certificate):
        return None
    for root in roots:
        if _may_issue(root) and _issued(certificate, root):
            return root
    return None


def is_chain_valid_at(certificate: x509.Certificate, roots: Iterable[x509.Certificate], moment: datetime) -> bool:
    """Say whether a moment (aware) lies within the validity of a certificate and of the root that issued it."""
    root = find_issuer(certificate, roots)
    return root is not None and all(
        one.not_valid_before_utc <= moment <= one.not_valid_after_utc for one in (certificate, root)
    )


def _issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _may_issue(root: x509.Certificate) -> bool:
    try:
        constraints = root.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = root.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return constraints.ca and usage.key_cert_sign


def _may_sign(certificate: x509.Certificate) -> bool:
    """Say whether a certificate is for signing documents with a P-256 key, and no authority."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        key = p256_key(certificate)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError, UnsupportedAlgorithm):
        return False
    return key is not None and not constraints.ca and usage.digital_signature and usage.content_commitment
