"""An own signature as a JWS with detached payload.

Invariants: the header holds what is listed here and nothing else, so that no key comes from an address, from the header
itself or from another algorithm's reading of one; the key is that of the first certificate of `x5c`.
Source: RFC 7515 (appendix F: detached content), RFC 7518 (algorithms).
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.registry import HeaderParameter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attestations.countersignatures.holders import MOST_CERTIFICATES, OwnSignature, load_certificates, refuse_form
from attestations.envelope import Base64, decode_base64
from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.strict_json import StrictJSONError, read_json

MAX_HEADER = 48 * 1024
"""Bytes of JSON."""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""
_KEYS: Mapping[str, type[ec.EllipticCurvePublicKey | rsa.RSAPublicKey]] = {
    "ES256": ec.EllipticCurvePublicKey, "PS256": rsa.RSAPublicKey, "RS256": rsa.RSAPublicKey,
}  # fmt: skip


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    alg: Literal["ES256", "PS256", "RS256"]
    x5c: Annotated[list[Base64], Field(min_length=1, max_length=MOST_CERTIFICATES)]
    iat: Annotated[int, Field(ge=0, le=LAST_SECOND)]
    typ: Literal["JOSE"] = "JOSE"


class _Registry(jws.JWSRegistry):
    """Certificates need longer headers than joserfc lets through, and contents longer payloads."""

    max_header_length = 64 * 1024
    max_payload_length = 2 * 1024 * 1024
    max_signature_length = 2048


def read_jws(value: str, content: bytes) -> OwnSignature:
    """Return who signed a content and when, as they say; raise RefusedError (OWN_SIGNATURE_FORMAT or _INVALID)."""
    parts = value.split(".")
    if len(parts) != 3 or parts[1] or not value.isascii():  # noqa: PLR2004  # header, payload, signature
        raise refuse_form("not a JWS in compact form with detached payload")
    header = _read_header(parts[0])
    certificates = load_certificates([decode_base64(one) for one in header.x5c])
    key = certificates[0].public_key()
    if not isinstance(key, _KEYS[header.alg]) or (
        isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, ec.SECP256R1)
    ):
        raise refuse_form("the certificate's key is not of the kind that its algorithm needs")
    if not _holds(value, header.alg, certificates[0], content):
        raise RefusedError(Reason.OWN_SIGNATURE_INVALID, "An organisation's own signature does not fit its content.")
    return OwnSignature("jws", header.alg, datetime.fromtimestamp(header.iat, UTC), certificates)


def _read_header(text: str) -> _Header:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return _Header.model_validate(read_json(data, limit=MAX_HEADER))
    except ValidationError as error:
        raise refuse_form(*(f"header {problem}" for problem in name_problems(error))) from error
    except (binascii.Error, StrictJSONError) as error:
        raise refuse_form("the header is not JSON in base64url") from error


def _holds(value: str, algorithm: str, certificate: x509.Certificate, content: bytes) -> bool:
    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key: Any = (ECKey if algorithm == "ES256" else RSAKey).import_key(pem)
    allowed = {"iat": HeaderParameter("Signing time", "int")}
    try:
        jws.deserialize_compact(value, key, registry=_Registry(allowed, [algorithm]), payload=content)
    except (JoseError, ValueError):
        return False
    return True
