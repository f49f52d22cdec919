"""DSSE v1 envelopes: a payload and the signatures over it.

Source: Dead Simple Signing Envelope, version 1.0 (secure-systems-lab/dsse, envelope and protocol).
Invariants: the signature covers the payload's type and its stored bytes through the pre-authentication encoding; the
payload is handed on only as those very bytes, never written anew; ECDSA on P-256 with SHA-256, in DER; exactly one
signature, and base64 in its one canonical form. An ECDSA value has a twin (s and n-s), and either is accepted.
"""

import base64
import binascii
from typing import Annotated, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

PAYLOAD_TYPE = "application/vnd.enduse.statement+json"
"""The type of a statement of version 1."""
IN_TOTO_TYPE = "application/vnd.in-toto+json"
"""The type of a statement of version 2."""
TRUST_TYPE = "application/vnd.enduse.trust+json"
"""The type of a trust list."""
MAX_SIGNATURES = 1


class Signatory(Protocol):
    """What signing needs: a key and its id."""

    @property
    def keyid(self) -> str:
        """The id of the key."""

    def sign(self, data: bytes) -> bytes:
        """Return the DER-encoded ECDSA signature over the SHA-256 of the data."""


def decode_base64(text: str) -> bytes:
    """Return the bytes of standard base64 with padding and no spare bits; raise ValueError for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not standard base64") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("not base64 in its canonical form")
    return data


def _is_base64(text: str) -> str:
    decode_base64(text)
    return text


Base64 = Annotated[str, AfterValidator(_is_base64)]
KeyId = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class Signature(BaseModel):
    """One signature: the id of the key (SHA-256 of its SubjectPublicKeyInfo) and the DER ECDSA value in base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    keyid: KeyId
    sig: Base64


class Envelope(BaseModel):
    """A DSSE envelope as it stands in a bundle."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    payload_type: Annotated[
        str, Field(alias="payloadType", pattern=r"^application/vnd\.(enduse\.(statement|trust)|in-toto)\+json$")
    ]
    payload: Base64
    signatures: tuple[Signature, ...] = Field(min_length=1, max_length=MAX_SIGNATURES)

    @property
    def keyid(self) -> str:
        """The id of the key that is said to have signed."""
        return self.signatures[0].keyid

    @property
    def payload_bytes(self) -> bytes:
        """The signed bytes, as stored."""
        return decode_base64(self.payload)


def encode_for_signing(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding (PAE): what is signed instead of the bare payload."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, signatory: Signatory, payload_type: str = PAYLOAD_TYPE) -> Envelope:
    """Return an envelope of the payload, a statement unless another type is named, with one signature."""
    signature = signatory.sign(encode_for_signing(payload_type, payload))
    return Envelope.model_validate(
        {
            "payloadType": payload_type,
            "payload": base64.b64encode(payload).decode("ascii"),
            "signatures": [{"keyid": signatory.keyid, "sig": base64.b64encode(signature).decode("ascii")}],
        }
    )


def verify(envelope: Envelope, key: ec.EllipticCurvePublicKey) -> bool:
    """Say whether a key's signature over the stored bytes holds."""
    message = encode_for_signing(envelope.payload_type, envelope.payload_bytes)
    try:
        key.verify(decode_base64(envelope.signatures[0].sig), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
