"""Whose own signature it is: what its certificate may do, and whether an authority of the reader names its holder.

Invariants: nothing is fetched, whatever a certificate names; a signature that holds proves a key, and only a path to an
organisation root of the reader proves its holder; weak keys prove nothing.
Source: RFC 5280 (paths).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from attestations.certificates import is_later, may_sign_for_organisation
from attestations.reasons import Reason, RefusedError

logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
MOST_CERTIFICATES = 5
SIGNED_WITHIN = timedelta(days=1)
"""How old an own signature may be, as it says, when the act takes place."""
LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 8192
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


@dataclass(frozen=True)
class OwnSignature:
    """An own signature that fits its content: form, algorithm, the time it says, certificates, the signer's first."""

    form: str
    algorithm: str
    signed_at: datetime
    certificates: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return self.certificates[0]


def refuse_form(*problems: str) -> RefusedError:
    """Return the refusal of an own signature of another form."""
    return RefusedError(
        Reason.OWN_SIGNATURE_FORMAT, "An organisation's own signature is not of a form that counts.", problems
    )


def load_certificates(ders: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
    """Return certificates of their DER; raise RefusedError for none, and for a signer's key that is weak or unknown.

    Names are parsed when somebody asks for them: here, so that a report can be written of whatever was not refused.
    """
    try:
        certificates = tuple(x509.load_der_x509_certificate(der) for der in ders)
        key = certificates[0].public_key()
        for one in certificates:
            _ = one.subject.rfc4514_string(), one.issuer.rfc4514_string()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise refuse_form("a certificate that cannot be read") from error
    strong = (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)) or (
        isinstance(key, rsa.RSAPublicKey) and LEAST_RSA_BITS <= key.key_size <= MOST_RSA_BITS
    )
    if not strong:
        raise refuse_form("a key that is too weak, or of a kind that is not accepted")
    return certificates


def check_certificate(own: OwnSignature, at: datetime) -> None:
    """Refuse an own signature whose time or certificate does not fit the moment of the act (aware)."""
    if is_later(own.signed_at, at) or at - own.signed_at > SIGNED_WITHIN:
        raise RefusedError(
            Reason.COUNTERSIGNATURE_TIME,
            "An organisation's own signature is from more than a day before the act, or after it.",
        )
    start, end = own.certificate.not_valid_before_utc, own.certificate.not_valid_after_utc
    if not all(start <= moment <= end for moment in (own.signed_at, at)):
        raise RefusedError(
            Reason.OWN_CERTIFICATE, "An organisation's own signature was made outside the validity of its certificate."
        )
    if not may_sign_for_organisation(own.certificate):
        raise RefusedError(
            Reason.OWN_CERTIFICATE, "The certificate of an organisation's own signature is not for signing documents."
        )


def find_root(own: OwnSignature, roots: Sequence[x509.Certificate], at: datetime) -> x509.Certificate | None:
    """Return the organisation root that names the holder, as of a moment, or None where none does.

    Call it from a thread without a running event loop.
    """
    valid = [root for root in roots if root.not_valid_before_utc <= at <= root.not_valid_after_utc]
    if not valid:  # without any, pyHanko would take those of the machine
        return None
    try:
        first = asyncio.run(_first_of_path(own, valid, at))
    except Exception:  # noqa: BLE001  # hostile certificates raise whatever a parser stumbles over: that is no path
        return None
    return next((root for root in valid if root.public_bytes(Encoding.DER) == first), None)


async def _first_of_path(own: OwnSignature, roots: Sequence[x509.Certificate], at: datetime) -> bytes:
    """Return the root (DER) at which a path to the signer's certificate begins; raise where there is none."""
    from asn1crypto.x509 import Certificate  # type: ignore[import-untyped]  # the package has no types
    from pyhanko_certvalidator import CertificateValidator, ValidationContext

    anchors, (signer, *others) = (
        [Certificate.load(one.public_bytes(Encoding.DER)) for one in some] for some in (roots, own.certificates)
    )
    context = ValidationContext(trust_roots=anchors, moment=at, allow_fetching=False, other_certs=others)
    path = await CertificateValidator(signer, validation_context=context).async_validate_path()
    found: bytes = path.first.dump()
    return found
