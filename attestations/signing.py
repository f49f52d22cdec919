"""Keys that sign: a signer, and the making of a root and a signer for development.

Invariants: P-256 throughout; a private key is written once, readable by its owner alone, and never over an older one;
keys made here are for development, and making them says so loudly. Days are arguments.
"""

import logging
import os
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from attestations.certificates import find_issuer, key_id, p256_key
from attestations.envelope import PAYLOAD_TYPE, Envelope
from attestations.envelope import sign as sign_envelope

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer as PyHankoSigner

    from attestations.token_key import Place

SIGNER_DAYS = 2 * 365
ROOT_DAYS = 10 * 365
ROOT_KEY, ROOT_CERTIFICATE = "root-key.pem", "root.pem"
SIGNER_KEY, SIGNER_CERTIFICATE = "signer-key.pem", "signer.pem"

logger = logging.getLogger(__name__)


class KeyFileError(ValueError):
    """A key folder is incomplete, its key does not fit its certificate, or it would be overwritten."""


class SigningKey(Protocol):
    """What makes signatures: a key of a file, or one that stays in a token."""

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public key."""

    def sign(self, data: bytes) -> bytes:
        """Return the DER-encoded ECDSA signature over the SHA-256 of the data."""


class FileKey:
    """A private key in this process's memory, parsed once."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        """Keep a key."""
        self._key = key

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public key."""
        return self._key.public_key()

    def sign(self, data: bytes) -> bytes:
        """Return the DER-encoded ECDSA signature over the SHA-256 of the data."""
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


class Signer:
    """A signing key with its certificate and root: envelopes and seals are signed through it and nothing else."""

    def __init__(
        self, key: ec.EllipticCurvePrivateKey | SigningKey, certificate: x509.Certificate, root: x509.Certificate
    ) -> None:
        if key.public_key() != certificate.public_key():
            raise KeyFileError("the signer's key does not belong to its certificate")
        if find_issuer(certificate, [root]) is None:
            raise KeyFileError("the root did not issue the signer's certificate, or one may not do its part")
        self._signing: SigningKey = FileKey(key) if isinstance(key, ec.EllipticCurvePrivateKey) else key
        self.certificate = certificate
        self.root = root
        self._keyid = key_id(certificate)

    def __repr__(self) -> str:
        """Name the key id only; never key material."""
        return f"Signer({self._keyid})"

    @property
    def keyid(self) -> str:
        """SHA-256 of the public key (SubjectPublicKeyInfo), as "sha256:" and hexadecimal digits."""
        return self._keyid

    def sign(self, data: bytes) -> bytes:
        """Return the DER-encoded ECDSA signature over the SHA-256 of the data."""
        return self._signing.sign(data)

    def sign_envelope(self, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> Envelope:
        """Return a DSSE envelope of a statement's bytes, of version 1 unless another type is named."""
        return sign_envelope(payload, self, payload_type)

    def pyhanko(self) -> "PyHankoSigner":
        """Return pyHanko's signer for sealing a PDF, made once."""
        return self._pyhanko

    @cached_property
    def _pyhanko(self) -> "PyHankoSigner":
        from attestations.cms_signer import KeptKeySigner

        return KeptKeySigner(self.certificate.public_bytes(Encoding.DER), self.sign)


def load_signer(folder: Path) -> Signer:
    """Return the signer of a key folder; raise KeyFileError, or OSError where a file cannot be read."""
    try:
        key = load_pem_private_key((folder / SIGNER_KEY).read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError("a file of the key folder is not the expected PEM") from error
    certificate, root = _load_certificates(folder)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyFileError("the signer's key is not a P-256 key")
    return Signer(key, certificate, root)


def load_token_signer(folder: Path, place: "Place", pin_file: Path) -> Signer:
    """Return the signer whose key is in a token and whose certificate and root are in a key folder.

    Raises KeyFileError, TokenKeyError where the token does not sign with the certificate's key, or OSError.
    """
    from attestations.token_key import TokenKey

    certificate, root = _load_certificates(folder)
    public = p256_key(certificate)
    if public is None:
        raise KeyFileError("the signer's key is not a P-256 key")
    return Signer(TokenKey(place, pin_file, public), certificate, root)


def _load_certificates(folder: Path) -> tuple[x509.Certificate, x509.Certificate]:
    """Return a signer's certificate and its root."""
    try:
        signer, root = (
            x509.load_pem_x509_certificate((folder / name).read_bytes())
            for name in (SIGNER_CERTIFICATE, ROOT_CERTIFICATE)
        )
    except (ValueError, TypeError) as error:
        raise KeyFileError("a file of the key folder is not the expected PEM") from error
    return signer, root


def create_development_keys(folder: Path, organisation: str, on: date) -> Signer:
    """Make a root and a signer valid from a day on, write them into a folder and return the signer.

    The signer is valid for two years, the root for ten. Raises KeyFileError where the folder already has a key.
    """
    root_key, signer_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = issue_root(root_key, f"{organisation} development root", organisation, on)
    certificate = issue_signer(
        signer_key.public_key(), f"{organisation} development signer", organisation, on, issuer=(root_key, root)
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in (
        (ROOT_KEY, private_pem(root_key)),
        (ROOT_CERTIFICATE, root.public_bytes(Encoding.PEM)),
        (SIGNER_KEY, private_pem(signer_key)),
        (SIGNER_CERTIFICATE, certificate.public_bytes(Encoding.PEM)),
    ):
        _write_once(folder / name, content)
    logger.warning(
        "DEVELOPMENT KEYS were made in %s. Their private keys lie unencrypted on this machine, and nobody vouches for "
        "the root: never issue a real attestation with them.",
        folder,
    )
    return Signer(signer_key, certificate, root)


def issue_root(key: ec.EllipticCurvePrivateKey, name: str, organisation: str, on: date) -> x509.Certificate:
    """Return a self-signed root certificate, valid for ten years from a day (UTC) on, that may issue signers only."""
    builder = _certificate(name, organisation, key.public_key(), on, ROOT_DAYS).issuer_name(_name(name, organisation))
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(issues=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def issue_signer(
    key: ec.EllipticCurvePublicKey,
    name: str,
    organisation: str,
    on: date,
    *,
    issuer: tuple[ec.EllipticCurvePrivateKey, x509.Certificate],
) -> x509.Certificate:
    """Return a signer's certificate, valid for two years from a day (UTC) on, issued by a root (its key and itself)."""
    root_key, root = issuer
    builder = _certificate(name, organisation, key, on, SIGNER_DAYS).issuer_name(root.subject)
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(issues=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )


def _certificate(
    name: str, organisation: str, key: ec.EllipticCurvePublicKey, on: date, days: int
) -> x509.CertificateBuilder:
    start = datetime.combine(on, time(0), tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name, organisation))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def _key_usage(*, issues: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issues,
        content_commitment=not issues,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as PEM, unencrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_once(path: Path, content: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileError(f"{path.name} already exists; keys are never overwritten") from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
