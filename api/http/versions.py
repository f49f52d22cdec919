"""Versions of a row that several may change: its ETag, and the If-Match that names those that may be replaced."""

from collections.abc import Container
from typing import TypeAlias

Versions: TypeAlias = Container[int]
"""The versions of which any one is expected."""
EVERY: Versions = range(2**63)
LONGEST = 18
"""Digits of a number that is one of ours for certain."""


def tag_of(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def expected_versions(if_match: str | None) -> Versions:
    """Return the versions that an If-Match names (RFC 9110 section 13.1.1): every one where there is none, or `*`.

    A tag that is none of ours, a weak one for instance, names no version.
    """
    if if_match is None or if_match.strip() == "*":
        return EVERY
    tags = [tag.strip().strip('"') for tag in if_match.split(",")]
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) <= LONGEST)
