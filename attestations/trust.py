"""Whom a verifier trusts: roots, the signers of envelopes, and in a trust list also logs and status keys (trust.json).

Invariants: trust is an argument, never ambient; unknown fields are refused, because an older verifier must not overlook
a newer restriction; a signer's key id is recomputed from its certificate; a key may have several certificates, such as
a renewed one beside an expired one, and all of them are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attestations.certificates import key_id, p256_key
from attestations.problems import name_problems
from attestations.strict_json import StrictJSONError, read_json
from attestations.transparency.notes import NoteKey
from questionnaires.canonical import canonical_bytes

FORMAT = "enduse-trust/1"
MAX_TRUST = 1024 * 1024
"""Bytes."""


class TrustError(ValueError):
    """A trust file cannot be used; every problem is named."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Window:
    """When a signer's key counts, beside the validity of its certificates, and when it was revoked and why."""

    since: datetime | None = None
    until: datetime | None = None
    revoked_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Trust:
    """Trusted roots, and the certificates of the signers of envelopes by key id; the rest comes with a trust list."""

    roots: tuple[x509.Certificate, ...]
    signers: dict[str, tuple[x509.Certificate, ...]]
    version: int = 0
    """That of the trust list; 0 for a plain file."""
    windows: dict[str, Window] = field(default_factory=dict)
    timestamp_roots: tuple[x509.Certificate, ...] = ()
    organisation_roots: tuple[x509.Certificate, ...] = ()
    """Authorities that are trusted to name organisations, for their own signatures; never for attestations."""
    logs: tuple[NoteKey, ...] = ()
    witnesses: tuple[NoteKey, ...] = ()
    status_keys: dict[str, ec.EllipticCurvePublicKey] = field(default_factory=dict)
    list_keys: dict[str, ec.EllipticCurvePublicKey] = field(default_factory=dict)
    """The keys that may sign the next trust list."""

    def window_of(self, keyid: str) -> Window:
        """Return when a signer's key counts; without limits where nothing is said."""
        return self.windows.get(keyid, Window())

    def key_of(self, keyid: str) -> ec.EllipticCurvePublicKey:
        """Return the public key of a signer; raise KeyError for a stranger."""
        key = p256_key(self.signers[keyid][0])
        if key is None:
            raise KeyError(keyid)
        return key


class _SignerEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    keyid: str
    certificate: str


class _TrustFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    format: Literal["enduse-trust/1"]
    roots: list[str] = Field(min_length=1, max_length=100)
    signers: list[_SignerEntry] = Field(max_length=1000)


def build(roots: Sequence[x509.Certificate], signers: Sequence[x509.Certificate]) -> bytes:
    """Return the canonical bytes of a trust.json; raise TrustError."""
    data = canonical_bytes(
        {
            "format": FORMAT,
            "roots": [_pem(root) for root in roots],
            "signers": [{"keyid": key_id(signer), "certificate": _pem(signer)} for signer in signers],
        }
    )
    parse(data)
    return data


def parse(data: bytes) -> Trust:
    """Return the trust of a trust.json, plain or a trust list; raise TrustError with every problem named."""
    try:
        value = read_json(data, limit=MAX_TRUST)
        if isinstance(value, dict) and ("payloadType" in value or value.get("format") == "enduse-trust/2"):
            from attestations.trust_list import parse_list

            return parse_list(value)
        file = _TrustFile.model_validate(cast("dict[str, object]", value))
    except StrictJSONError as error:
        raise TrustError([f"/: {error}"]) from error
    except ValidationError as error:
        raise TrustError(name_problems(error)) from error
    problems: list[str] = []
    roots = load_certificates(file.roots, "/roots", problems)
    signers = load_signers([(entry.keyid, entry.certificate) for entry in file.signers], problems)
    if problems:
        raise TrustError(problems)
    return Trust(roots, signers)


def load_certificates(pems: Sequence[str], path: str, problems: list[str]) -> tuple[x509.Certificate, ...]:
    """Return the certificates of PEM texts; what is none goes into `problems`."""
    loaded = [_load(pem, f"{path}/{at}", problems) for at, pem in enumerate(pems)]
    return tuple(certificate for certificate in loaded if certificate is not None)


def load_signers(entries: Sequence[tuple[str, str]], problems: list[str]) -> dict[str, tuple[x509.Certificate, ...]]:
    """Return the certificates of signers (key id, PEM) by key id; what is wrong goes into `problems`."""
    signers: dict[str, tuple[x509.Certificate, ...]] = {}
    for at, (keyid, pem) in enumerate(entries):
        certificate = _load(pem, f"/signers/{at}/certificate", problems)
        if certificate is None:
            continue
        if p256_key(certificate) is None:
            problems.append(f"/signers/{at}/certificate: not a P-256 key")
        elif key_id(certificate) != keyid:
            problems.append(f"/signers/{at}/keyid: not the id of the certificate's key")
        signers[keyid] = (*signers.get(keyid, ()), certificate)
    return signers


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _load(pem: str, path: str, problems: list[str]) -> x509.Certificate | None:
    try:
        (certificate,) = x509.load_pem_x509_certificates(pem.encode("utf-8"))
        certificate.public_key()  # an unknown curve or algorithm shows here and nowhere before
    except (ValueError, UnsupportedAlgorithm):
        problems.append(f"{path}: not exactly one PEM certificate with a key of a known kind")
        return None
    return certificate
