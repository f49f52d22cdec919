"""A signing key that stays in a token or a hardware security module, reached through PKCS#11.

Invariants: the token never sees more than a digest, and we never see the key; every signature is verified before it is
handed on, so that a wrong key or a faulty token makes no attestation; the PIN is read when the token is opened, kept
nowhere, and stands in no message. One session per process and token, used by one thread at a time.
Source: PKCS #11 version 2.40 (CKM_ECDSA: a digest in, r and s side by side out).
"""

import hashlib
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

HALF = 32
"""Bytes of r and of s on P-256."""


class TokenKeyError(ValueError):
    """The token, its key or its PIN cannot be used; the message says which and what to do, never the PIN."""


class Place(NamedTuple):
    """Where a key is: the module's library, and the labels of the token and of the private key in it."""

    module: Path
    token: str
    key: str


_sessions: dict[tuple[Path, str], Any] = {}
_lock = threading.RLock()


def close_sessions() -> None:
    """Log out of every token; the next signature opens its token anew."""
    with _lock:
        while _sessions:
            _close(_sessions.popitem()[1])


class TokenKey:
    """A P-256 private key in a token, in the form in which a signer uses keys."""

    def __init__(self, place: Place, pin_file: Path, public: ec.EllipticCurvePublicKey) -> None:
        """Open the token and have it sign once; raise TokenKeyError where it cannot, or with another key."""
        self._place, self._pin_file, self._public = place, pin_file, public
        self.sign(b"enduse: is this the key of the certificate?")

    def __repr__(self) -> str:
        """Name the labels only."""
        return f"TokenKey({self._place.token!r}, {self._place.key!r})"

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public key, against which every signature is verified."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """Return the DER-encoded ECDSA signature over the SHA-256 of the data; raise TokenKeyError."""
        from pkcs11 import PKCS11Error

        with _lock:
            try:
                raw = self._sign_digest(hashlib.sha256(data).digest())
            except PKCS11Error as error:
                # a token that was pulled out is opened anew by the next signature
                _close(_sessions.pop(self._place[:2], None))
                raise TokenKeyError(self._explain(error)) from None
        signature = encode_dss_signature(int.from_bytes(raw[:HALF], "big"), int.from_bytes(raw[HALF:], "big"))
        try:
            self._public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            place = self._place
            raise TokenKeyError(
                f"the key {place.key!r} of the token {place.token!r} does not belong to the signer's certificate"
            ) from None
        return signature

    def _sign_digest(self, digest: bytes) -> bytes:
        from pkcs11 import KeyType, Mechanism, ObjectClass

        place = self._place
        if place[:2] not in _sessions:
            _sessions[place[:2]] = _open_session(place, self._read_pin())
        session = _sessions[place[:2]]
        key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, key_type=KeyType.EC, label=place.key)
        raw: bytes = key.sign(digest, mechanism=Mechanism.ECDSA)
        return raw

    def _read_pin(self) -> str:
        try:
            return self._pin_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise TokenKeyError(f"the PIN cannot be read from {self._pin_file}") from None

    def _explain(self, error: Exception) -> str:
        import pkcs11

        place = self._place
        sentences = {
            pkcs11.NoSuchToken: f"the module finds no token with the label {place.token!r}",
            pkcs11.MultipleTokensReturned: f"the module finds more than one token with the label {place.token!r}",
            pkcs11.NoSuchKey: f"the token {place.token!r} has no private EC key with the label {place.key!r}",
            pkcs11.MultipleObjectsReturned: f"the token {place.token!r} has several keys with the label {place.key!r}",
            pkcs11.PinIncorrect: f"the token {place.token!r} refuses the PIN of {self._pin_file}",
            pkcs11.PinLocked: f"the token {place.token!r} has locked its PIN; its security officer must reset it",
        }
        known = next((sentence for kind, sentence in sentences.items() if isinstance(error, kind)), None)
        return known or f"{place.module} or the token {place.token!r} cannot be used: {type(error).__name__}"


def _open_session(place: Place, pin: str) -> Any:
    """Return a session that is logged in."""
    import pkcs11

    try:
        module = pkcs11.lib(str(place.module))
    except (RuntimeError, OSError):  # no library, or none that speaks PKCS#11
        raise TokenKeyError(f"{place.module} cannot be loaded as a PKCS#11 module") from None
    return module.get_token(token_label=place.token).open(user_pin=pin)


def _close(session: Any) -> None:
    from pkcs11 import PKCS11Error

    if session is not None:
        with suppress(PKCS11Error):  # it may be gone already
            session.close()
