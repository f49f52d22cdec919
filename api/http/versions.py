"""Versions of a row that several may change: its ETag, and the If-Match that names the one to be replaced."""

LONGEST = 200
NEVER = -1
"""No row has this version, so that a tag which is none of ours never fits."""


def tag_of(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """Return the version that an If-Match names; None where any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().strip('"')
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < LONGEST else NEVER
