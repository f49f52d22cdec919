"""Status lists: two bits for each attestation, in a signed token that says as of when (draft-ietf-oauth-status-list).

Invariants: an index says nothing about whose it is, for it is drawn at random; a list is unfolded to a bounded size
only; a token counts from its `iat` until its `exp`, and a status is always "as of" its `iat`.
"""

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

TYPE: Final = "statuslist+jwt"
ALGORITHM: Final = "ES256"
BITS: Final = 2
_PER_BYTE: Final = 8 // BITS
LARGEST_LIST: Final = 2**20
"""Entries."""
MAX_TOKEN: Final = 512 * 1024
"""Bytes."""
LEEWAY: Final = timedelta(minutes=5)


class StatusListError(ValueError):
    """The token is not a status list that a trusted key signed and that counts at the moment."""


class StatusListTimeError(StatusListError):
    """The list does not count at the moment: it has expired, or is from later."""


class AttestationStatus(IntEnum):
    """What an attestation's two bits say; the first three as the draft registers them."""

    VALID = 0
    REVOKED = 1
    SUSPENDED = 2
    SUPERSEDED = 3


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list as of a moment: where it is published, and its packed bits."""

    uri: str
    as_of: datetime
    expires: datetime
    packed: bytes

    def status_of(self, index: int) -> AttestationStatus:
        """Return the status at an index; raise StatusListError outside the list."""
        at, shift = divmod(index, _PER_BYTE)
        if index < 0 or at >= len(self.packed):
            raise StatusListError("the index is outside the list")
        return AttestationStatus(self.packed[at] >> (shift * BITS) & 0b11)


def pack(size: int, statuses: Mapping[int, AttestationStatus]) -> bytes:
    """Return the packed bits of a list of `size` entries (a multiple of 4), all valid but those named."""
    if size % _PER_BYTE or not 0 < size <= LARGEST_LIST:
        raise StatusListError("the size is not a multiple of 4, or too large")
    packed = bytearray(size // _PER_BYTE)
    for index, status in statuses.items():
        at, shift = divmod(index, _PER_BYTE)
        packed[at] |= status << (shift * BITS)
    return bytes(packed)


def sign(listed: StatusList, keyid: str, key: ec.EllipticCurvePrivateKey) -> str:
    """Return the token of a list, signed by a P-256 key."""
    folded = base64.urlsafe_b64encode(zlib.compress(listed.packed, 9)).rstrip(b"=").decode()
    issued, expires = (int(moment.timestamp()) for moment in (listed.as_of, listed.expires))
    claims = {
        "sub": listed.uri, "iat": issued, "exp": expires, "ttl": expires - issued,
        "status_list": {"bits": BITS, "lst": folded},
    }  # fmt: skip
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": keyid}
    return jwt.encode(header, claims, ECKey.import_key(key), algorithms=[ALGORITHM])


def verify(token: str, key_of: Callable[[str], ec.EllipticCurvePublicKey], at: datetime) -> StatusList:
    """Return the list of a token as of a moment; raise StatusListError.

    `key_of` returns the trusted public key of an id, and raises KeyError for a stranger.
    """
    if len(token) > MAX_TOKEN:
        raise StatusListError(f"more than {MAX_TOKEN} bytes")
    claims = _claims(token, key_of)
    try:
        uri, folded = claims["sub"], claims["status_list"]["lst"]
        issued, expires = (datetime.fromtimestamp(_second(claims[name]), UTC) for name in ("iat", "exp"))
        bits = claims["status_list"]["bits"]
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise StatusListError("a claim is missing, or of another form") from None
    if not isinstance(uri, str) or not isinstance(folded, str) or type(bits) is not int or bits != BITS:
        raise StatusListError("a claim is missing, or of another form")
    if issued > at + LEEWAY:
        raise StatusListTimeError("the list is from the future")
    if expires <= at:
        raise StatusListTimeError("the list has expired")
    return StatusList(uri, issued, expires, _unfold(folded))


def _claims(token: str, key_of: Callable[[str], ec.EllipticCurvePublicKey]) -> dict[str, Any]:
    def find(token_: Any) -> ECKey:
        header = token_.headers()
        if header.get("typ") != TYPE or header.get("alg") != ALGORITHM:
            raise StatusListError("not a status list token signed with ES256")
        return ECKey.import_key(key_of(str(header.get("kid"))))

    try:
        return dict(jwt.decode(token, find, algorithms=[ALGORITHM]).claims)
    except KeyError:
        raise StatusListError("the key of the list is not trusted") from None
    except StatusListError:
        raise
    except (JoseError, ValueError, TypeError):
        raise StatusListError("not a signed token") from None


def _second(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _unfold(folded: str) -> bytes:
    try:
        data = base64.b64decode(folded + "=" * (-len(folded) % 4), altchars=b"-_", validate=True)
        unfolding = zlib.decompressobj()
        packed = unfolding.decompress(data, LARGEST_LIST // _PER_BYTE)
    except (binascii.Error, ValueError, zlib.error):
        raise StatusListError("the list is not compressed bytes in base64url") from None
    if not unfolding.eof or unfolding.unused_data:
        raise StatusListError("the list is cut off, followed by bytes, or too long")
    return packed
