"""The QR code of the first page: which squares are dark, as one outline to fill.

Invariants: the same text gives the same path; the margin that readers need (4 squares) is the page's to leave. Units:
squares.
Source: ISO/IEC 18004, through segno.
"""

from typing import NamedTuple

import segno

from api.attesting.short_address import address_beside
from attestations.in_toto import AnyStatement, Predicate

LEVEL = "m"
"""15 % of the code may be covered or torn."""


class SquareCode(NamedTuple):
    """The dark squares of a code as an SVG path, how many squares a side has, and what the code says."""

    path: str
    side: int
    text: str


def draw_code(text: str) -> SquareCode:
    """Return the code of a text: rows of dark squares, each run one rectangle."""
    rows = [bytes(row) for row in segno.make(text, error=LEVEL, micro=False, boost_error=False).matrix]
    runs = [f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _runs(row)]
    return SquareCode("".join(runs), len(rows), text)


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Return where dark runs begin in a row, and how wide they are."""
    found, x = [], 0
    for run in row.replace(b"\x00\x01", b"\x00|\x01").replace(b"\x01\x00", b"\x01|\x00").split(b"|"):
        if run[:1] == b"\x01":
            found.append((x, len(run)))
        x += len(run)
    return found


def code_of(statement: AnyStatement) -> SquareCode | None:
    """Return the code of the address at which the public record of an attestation stands; None where it has none."""
    if not isinstance(statement, Predicate) or statement.status is None:
        return None
    address = address_beside(statement.status.uri, statement.attestation)
    return None if address is None else draw_code(address)
