"""Tiles: the log as files that can be fetched once and kept (C2SP tlog-tiles).

Invariants: a tile of a given width never changes; addresses have one form.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from attestations.transparency.tree import Place

HEIGHT = 8
WIDTH = 2**HEIGHT
_ADDRESS = re.compile(
    r"(?P<level>0|[1-9][0-9]?|entries)/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
MOST_LEVELS = 7


@dataclass(frozen=True, slots=True)
class Tile:
    """A run of neighbouring hashes at a level of the tree, or (level None) of entries."""

    level: int | None
    number: int
    width: int

    def address(self) -> str:
        """Return the path under `tile/`."""
        digits = f"{self.number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"{'entries' if self.level is None else self.level}/{path}{partial}"

    def places(self) -> tuple[Place, ...]:
        """Return the nodes of the tree that the tile holds; those of the entries for a tile of entries."""
        first = self.number * WIDTH
        return tuple(Place(HEIGHT * (self.level or 0), first + at) for at in range(self.width))

    def _span(self) -> int:
        """Return how many entries stand under each hash."""
        return 1 << HEIGHT * (self.level or 0)

    def is_in(self, size: int) -> bool:
        """Tell whether a tree of that size has all the nodes of the tile."""
        needed: int = (self.number * WIDTH + self.width) * self._span()
        return needed <= size


def read_address(path: str) -> Tile:
    """Return the tile that a path under `tile/` names; raise ValueError for any other form."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        raise ValueError("not the address of a tile")
    level = None if found["level"] == "entries" else int(found["level"])
    tile = Tile(level, int(re.sub("[x/]", "", found["number"])), int(found["width"] or WIDTH))
    if tile.address() != path or (level or 0) > MOST_LEVELS:
        raise ValueError("not the one address of a tile")
    return tile


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """Return the bytes of a tile of entries, each at most 65,535 bytes, with its length in front."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(data: bytes) -> list[bytes]:
    """Return the entries of a tile; raise ValueError where the bytes end within one."""
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if len(data) < at + 2 or len(entry) != length:
            raise ValueError("the tile ends within an entry")
        entries.append(entry)
        at += 2 + length
    return entries
