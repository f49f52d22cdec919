"""Make a document: draw it and seal it, with a timestamp of the authority that the settings name, asked over HTTP.

Invariants: no document is sealed without the timestamp that the settings ask for, unless they allow it; the reply is
bounded in time and size and checked before it is used; nothing but the authority's address is contacted: no redirects,
and no proxy that the environment names. What the authority said is not repeated in errors.
"""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import httpx
from cryptography import x509

from api import clock, keys
from api.keys import folder_of
from api.settings import Settings
from api.trust_file import load_timestamp_roots
from attestations.bundle import read_envelope
from attestations.pdf import seal
from attestations.signing import Signer
from attestations.timestamp_request import (
    MAX_REPLY,
    NONCE_BITS,
    REPLY_TYPE,
    REQUEST_TYPE,
    TimestampError,
    read_reply,
    write_request,
)

if TYPE_CHECKING:
    from attestations.sealing import Stamp

log = logging.getLogger(__name__)


class Made(NamedTuple):
    """A sealed PDF, and when its seal says that it was made."""

    pdf: bytes
    sealed_at: datetime


def make_document(bundle: bytes, settings: Settings) -> Made | None:
    """Draw and seal a bundle, or a copy of one; None where the key that signed the statement is no longer in use.

    Raises TimestampError where its timestamp is needed and cannot be had now, and what drawing raises.
    """
    from api.attesting.document import render  # WeasyPrint takes a second to load

    at, signer = clock.now(), keys.load(settings).signer  # the key is in use at that moment, however long this takes
    if read_envelope(bundle).keyid != signer.keyid:
        return None
    return Made(seal_document(render(bundle, stamped=settings.tsa_url is not None), signer, at, settings), at)


def seal_document(pdf: bytes, signer: Signer, at: datetime, settings: Settings) -> bytes:
    """Return the sealed document; raise TimestampError where its timestamp is needed and cannot be had now."""
    if settings.tsa_url is None:
        return seal(pdf, signer, at)
    roots = load_timestamp_roots(folder_of(settings))
    try:
        return seal(pdf, signer, at, open_authority(settings.tsa_url, settings.tsa_seconds, roots))
    except TimestampError as error:
        if settings.tsa_required:
            raise
        log.warning("a document is sealed without a timestamp: %s", error)
        return seal(pdf, signer, at)


def open_authority(address: str, seconds: float, roots: Sequence[x509.Certificate]) -> "Stamp":
    """Return what asks the authority for a token over a signature value, within so many seconds.

    It raises TimestampError where no token could be had that one of the roots vouches for.
    """

    def stamp(signature: bytes) -> bytes:
        nonce = secrets.randbits(NONCE_BITS)
        reply = _send(address, write_request(signature, nonce), seconds)
        return read_reply(reply, signature, nonce, roots, clock.now())

    return stamp


def _send(address: str, request: bytes, seconds: float) -> bytes:
    until = monotonic() + seconds
    reply = bytearray()
    try:
        with (
            httpx.Client(trust_env=False, timeout=seconds) as client,
            client.stream("POST", address, content=request, headers={"Content-Type": REQUEST_TYPE}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise TimestampError(f"the timestamp authority answered with HTTP status {answer.status_code}")
            if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() != REPLY_TYPE:
                raise TimestampError("the timestamp authority's answer is no timestamp reply")
            for part in answer.iter_bytes():
                reply += part
                if len(reply) > MAX_REPLY or monotonic() > until:
                    raise TimestampError("the timestamp authority's reply is too large or too slow")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TimestampError(f"the timestamp authority cannot be reached: {type(error).__name__}") from error
    return bytes(reply)
