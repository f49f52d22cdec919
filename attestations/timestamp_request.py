"""Ask a timestamp authority: the request, and what its reply must be before it is used.

Invariants: nothing is sent or received here; a reply counts only if it answers this request (its nonce), stamps this
signature, comes from an authority that a given timestamp root vouches for, and tells the time that it is.
Source: RFC 3161, 2.4.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from asn1crypto import algos, cms, core, tsp  # type: ignore[import-untyped]  # the package has no types
from cryptography import x509

from attestations.certificates import is_later
from attestations.reasons import RefusedError
from attestations.timestamp import is_trusted, normalise

MAX_REPLY = 64 * 1024
"""Bytes: a token with a chain of certificates needs 6 KiB."""
NONCE_BITS = 64
REQUEST_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"


class _Reply(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """TimeStampResp; asn1crypto's own wants a token in a refusal, too."""

    _fields: ClassVar[list[Any]] = [("status", tsp.PKIStatusInfo), ("token", cms.ContentInfo, {"optional": True})]


class TimestampError(Exception):
    """No timestamp could be had; asking again later may help."""


def write_request(signature: bytes, nonce: int) -> bytes:
    """Return the request (DER) for a token over a signature value, with the authority's certificate in it."""
    imprint = tsp.MessageImprint(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "hashed_message": hashlib.sha256(signature).digest(),
        }
    )
    request: bytes = tsp.TimeStampReq(
        {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    ).dump()
    return request


def read_reply(reply: bytes, signature: bytes, nonce: int, roots: Sequence[x509.Certificate], at: datetime) -> bytes:
    """Return the token (DER, in its one form) of a reply received at a moment; raise TimestampError."""
    if len(reply) > MAX_REPLY:
        raise TimestampError(f"the timestamp authority's reply is larger than {MAX_REPLY} bytes")
    try:
        answer = _Reply.load(reply, strict=True)
        status = answer["status"]["status"].native
        if status not in {"granted", "granted_with_mods"}:
            raise TimestampError(f"the timestamp authority refused: {status}")
        token = normalise(answer["token"].dump(), signature)
    except RefusedError as error:
        raise TimestampError(f"the timestamp authority's reply cannot be used: {error.sentence}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise TimestampError("the timestamp authority's reply cannot be read") from error
    if token.nonce != nonce:
        raise TimestampError("the timestamp authority answered another request")
    if not is_trusted(token, roots):
        raise TimestampError("no timestamp root vouches for the timestamp authority")
    if is_later(token.stamped_at, at) or is_later(at, token.existed_at):
        raise TimestampError("the timestamp authority's clock and this machine's differ by more than 5 minutes")
    return token.der
