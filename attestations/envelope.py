"""DSSE v1 envelopes: a payload and the signatures over it.

Source: Dead Simple Signing Envelope, version 1.0 (secure-systems-lab/dsse, envelope and protocol).
Invariants: the signature covers the payload's type and its stored bytes through the pre-authentication encoding; the
payload is handed on only as those very bytes, never written anew; ECDSA on P-256 with SHA-256, in DER.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Annotated, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

PAYLOAD_TYPE = "application/vnd.enduse.statement+json"
MAX_SIGNATURES = 8


class Signatory(Protocol):
    """What signing needs: a key and its id."""

    @property
    def keyid(self) -> str:
        """The id of the key."""

    def sign(self, data: bytes) -> bytes:
        """Return the DER-encoded ECDSA signature over the SHA-256 of the data."""


def decode_base64(text: str) -> bytes:
    """Return the bytes of standard base64 with padding; raise ValueError for anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not standard base64") from error


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
    payload_type: Annotated[str, Field(alias="payloadType", pattern=r"^application/vnd\.enduse\.statement\+json$")]
    payload: Base64
    signatures: tuple[Signature, ...] = Field(min_length=1, max_length=MAX_SIGNATURES)

    @property
    def payload_bytes(self) -> bytes:
        """The signed bytes, as stored."""
        return decode_base64(self.payload)


def encode_for_signing(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding (PAE): what is signed instead of the bare payload."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, signatory: Signatory) -> Envelope:
    """Return an envelope of the payload with one signature."""
    signature = signatory.sign(encode_for_signing(PAYLOAD_TYPE, payload))
    return Envelope.model_validate(
        {
            "payloadType": PAYLOAD_TYPE,
            "payload": base64.b64encode(payload).decode("ascii"),
            "signatures": [{"keyid": signatory.keyid, "sig": base64.b64encode(signature).decode("ascii")}],
        }
    )


def verify(
    envelope: Envelope, keys: Mapping[str, ec.EllipticCurvePublicKey], *, unknown: Callable[[], Exception]
) -> str | None:
    """Return the id of a given key whose signature over the stored bytes holds, None where no such signature holds.

    Raises what `unknown` makes where no signature names a given key: that is another finding than a bad signature.
    """
    message = encode_for_signing(envelope.payload_type, envelope.payload_bytes)
    named = [signature for signature in envelope.signatures if signature.keyid in keys]
    if not named:
        raise unknown()
    for signature in named:
        try:
            keys[signature.keyid].verify(decode_base64(signature.sig), message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            continue
        return signature.keyid
    return None
