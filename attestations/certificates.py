"""Certificates: public keys, their ids, and who issued what.

Invariants: keys are P-256; a signer's certificate is issued directly by a root that the caller trusts; a name proves
nothing, only the issuer's signature does; a critical extension that is not understood here makes a certificate useless.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, ObjectIdentifier

TOLERANCE = timedelta(minutes=5)
"""How far the signer's clock may be ahead of the verifier's."""
_UNDERSTOOD = frozenset({ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE})
_SIGNS_DOCUMENTS = frozenset(
    {
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # document signing, RFC 9336
        ObjectIdentifier("1.2.840.113583.1.1.5"),  # Adobe's authentic documents trust, as commercial issuers write it
    }
)


class Chain(NamedTuple):
    """A signer's certificate and the root that issued it."""

    certificate: x509.Certificate
    root: x509.Certificate

    def is_valid_at(self, moment: datetime) -> bool:
        """Say whether a moment (aware) lies within the validity of both."""
        return all(one.not_valid_before_utc <= moment <= one.not_valid_after_utc for one in self)


def is_later(moment: datetime, than: datetime) -> bool:
    """Say whether a moment is later than another by more than clocks may differ; both aware, whatever the year."""
    return moment - than > TOLERANCE


def key_id(certificate: x509.Certificate) -> str:
    """Return the id of the certificate's key."""
    return public_key_id(certificate.public_key())


def public_key_id(key: CertificatePublicKeyTypes) -> str:
    """Return "sha256:" and the SHA-256 of a key's SubjectPublicKeyInfo (DER), in hexadecimal."""
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "sha256:" + hashlib.sha256(info).hexdigest()


def p256_key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey | None:
    """Return the certificate's public key, or None where it is no P-256 key."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None


def find_chains(certificates: Iterable[x509.Certificate], roots: Sequence[x509.Certificate]) -> list[Chain]:
    """Return every certificate with every root that issued it; both must be allowed to do their part.

    A key may have several certificates and a root a renewed twin: which of them held is a question of the moment.
    """
    return [
        Chain(certificate, root)
        for certificate in certificates
        if _may_sign(certificate)
        for root in roots
        if _may_issue(root) and _issued(certificate, root)
    ]


def find_issuer(certificate: x509.Certificate, roots: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """Return a root that issued a signer's certificate, or None; both must be allowed to do their part."""
    return next((chain.root for chain in find_chains([certificate], roots)), None)


def find_timestamp_chains(certificate: x509.Certificate, roots: Sequence[x509.Certificate]) -> list[Chain]:
    """Return a timestamp authority's certificate with every timestamp root that issued it."""
    if not _may_stamp(certificate):
        return []
    return [Chain(certificate, root) for root in roots if _may_issue(root) and _issued(certificate, root)]


def may_sign_for_organisation(certificate: x509.Certificate) -> bool:
    """Say whether a certificate is for signing documents, whatever its key, and no authority.

    Authorities that name organisations give one usage or the other, and often leave basic constraints out.
    """
    try:
        extensions = certificate.extensions
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        is_authority = any(isinstance(one.value, x509.BasicConstraints) and one.value.ca for one in extensions)
        good = _is_understood(certificate) and _is_for_documents(certificate)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError, UnsupportedAlgorithm):
        return False
    return good and not is_authority and (usage.digital_signature or usage.content_commitment)


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
        understood = _is_understood(root)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError, UnsupportedAlgorithm):
        return False
    return understood and constraints.ca and usage.key_cert_sign


def _may_sign(certificate: x509.Certificate) -> bool:
    """Say whether a certificate is for signing documents with a P-256 key, and no authority."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        good = _is_understood(certificate) and _is_for_documents(certificate)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError, UnsupportedAlgorithm):
        return False
    good = good and p256_key(certificate) is not None
    return good and not constraints.ca and usage.digital_signature and usage.content_commitment


def _may_stamp(certificate: x509.Certificate) -> bool:
    """Say whether a certificate is for timestamps and nothing else (RFC 3161, 2.3), and no authority over others."""
    try:
        extensions = certificate.extensions
        usages = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        is_authority = any(isinstance(one.value, x509.BasicConstraints) and one.value.ca for one in extensions)
        usage = [one.value for one in extensions if isinstance(one.value, x509.KeyUsage)]
        understood = _is_understood(certificate)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError, UnsupportedAlgorithm):
        return False
    signs = all((one.digital_signature or one.content_commitment) and not one.key_cert_sign for one in usage)
    alone = usages.critical and list(usages.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    return understood and alone and signs and not is_authority


def _is_understood(certificate: x509.Certificate) -> bool:
    """Say whether every critical extension is one that is checked here (RFC 5280, 4.2)."""
    return all(one.oid in _UNDERSTOOD for one in certificate.extensions if one.critical)


def _is_for_documents(certificate: x509.Certificate) -> bool:
    """Say whether extended key usage, where a certificate has it, allows signing documents."""
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return any(usage in _SIGNS_DOCUMENTS for usage in usages)
