"""Canonical bytes (RFC 8785) and digests.

Invariant: a value is digested only in its canonical form, and the form knows no binary floats, so that every machine
and every language gets the same digest for the same value.
"""

import hashlib
from typing import NewType, TypeAlias

import rfc8785

Digest = NewType("Digest", str)
"""`sha256:` and 64 lower-case hexadecimal digits."""

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | bool | None"
"""A JSON value without fractions: figures with decimals travel as strings."""


class NotCanonicalError(ValueError):
    """The value has no canonical form here: a float, an integer beyond 2^53, a lone surrogate, a foreign type."""


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 bytes of a JSON value; raise NotCanonicalError where there are none."""
    _refuse_floats(value)
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # refuses what it cannot write
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonicalError("the value has no canonical JSON form") from error


def digest_bytes(data: bytes) -> Digest:
    """Return the SHA-256 digest of bytes."""
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def digest(value: object) -> Digest:
    """Return the SHA-256 digest of the canonical bytes of a JSON value."""
    return digest_bytes(canonical_bytes(value))


def _refuse_floats(value: object) -> None:
    """RFC 8785 defines floats; we do not use them: two languages rarely agree on how they came about."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, float):
            raise NotCanonicalError("a binary float has no place in a signed value; write it as a string")
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)
