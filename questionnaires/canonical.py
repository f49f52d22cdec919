"""Canonical bytes (RFC 8785) and digests.

Invariant: a value is digested only in its canonical form, and the form knows no binary floats, so that every machine
and every language gets the same digest for the same value.
"""

import hashlib
import json
from collections.abc import Collection
from typing import NewType, TypeAlias

import rfc8785

Digest = NewType("Digest", str)
"""`sha256:` and 64 lower-case hexadecimal digits."""

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | bool | None"
"""A JSON value without fractions: figures with decimals travel as strings."""


LARGEST_INTEGER = 2**53 - 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"))
_SIMPLE = frozenset({str, bool, type(None)})
_WRITTEN = (str, int, dict, list, tuple, type(None))


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
    pending: list[Collection[object]] = [(value,)]
    plain = True
    while pending:
        parts = pending.pop()
        if isinstance(parts, dict):
            plain = plain and set(map(type, parts)) <= {str} and "".join(parts).isascii()
            parts = parts.values()
        kinds = set(map(type, parts))
        if kinds <= _SIMPLE:  # most lists and objects of an answer
            continue
        if any(issubclass(kind, float) for kind in kinds):
            raise NotCanonicalError("a binary float has no place in a signed value; write it as a string")
        plain = plain and all(issubclass(kind, _WRITTEN) for kind in kinds)
        plain = plain and all(abs(part) <= LARGEST_INTEGER for part in parts if isinstance(part, int))
        pending.extend(part for part in parts if isinstance(part, dict | list | tuple))
    return plain
