"""Canonical bytes (RFC 8785) and digests.

Invariant: a value is digested only in its canonical form, and the form knows no binary floats, so that every machine
and every language gets the same digest for the same value.
"""

import hashlib
import json
from typing import NewType, TypeAlias

import rfc8785

Digest = NewType("Digest", str)
"""`sha256:` and 64 lower-case hexadecimal digits."""

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | bool | None"
"""A JSON value without fractions: figures with decimals travel as strings."""


LARGEST_INTEGER = 2**53 - 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"))


class NotCanonicalError(ValueError):
    """The value has no canonical form here: a float, an integer beyond 2^53, a lone surrogate, a foreign type."""


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 bytes of a JSON value; raise NotCanonicalError where there are none."""
    try:
        if _is_plain(value):
            return _ENCODER.encode(value).encode()
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # refuses what it cannot write
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise NotCanonicalError("the value has no canonical JSON form") from error


def digest_bytes(data: bytes) -> Digest:
    """Return the SHA-256 digest of bytes."""
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def digest(value: object) -> Digest:
    """Return the SHA-256 digest of the canonical bytes of a JSON value."""
    return digest_bytes(canonical_bytes(value))


def _is_plain(value: object) -> bool:
    """Tell whether the standard encoder writes RFC 8785; refuse floats, which the RFC defines and we do not use.

    It does for the types of JSON themselves, integers that a float holds exactly, and ASCII names, whose order is the
    same by code point and by UTF-16 unit. What it does not write is left to the slower library, which may refuse it.
    """
    pending, plain = [value], True
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            plain = plain and all(isinstance(name, str) and name.isascii() for name in item)
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)
        elif isinstance(item, float):
            raise NotCanonicalError("a binary float has no place in a signed value; write it as a string")
        elif isinstance(item, int):
            plain = plain and abs(item) <= LARGEST_INTEGER
        else:
            plain = plain and (item is None or isinstance(item, str))
    return plain
