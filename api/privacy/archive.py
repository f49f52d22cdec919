"""A ZIP that is written piece by piece, and lists what it holds.

Invariants: nothing is held in memory but the piece at hand and one line per file; the manifest comes last and names the
size and SHA-256 of every other file.
"""

import hashlib
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any

from questionnaires.canonical import canonical_bytes

FORMAT = "enduse-export/1"
MANIFEST = "manifest.json"


class Archive:
    """An archive on its way into a file."""

    def __init__(self, file: IO[bytes], at: datetime) -> None:
        """Write into an open file; every entry is dated with one moment."""
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._at = at.timetuple()[:6]
        self.entries: list[dict[str, Any]] = []

    def add(self, name: str, pieces: Iterable[bytes], *, stored: bool = False) -> int:
        """Add a file made of pieces, and return how many there were; `stored` where it does not shrink."""
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        sha256, size, count = hashlib.sha256(), 0, 0
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
                sha256.update(piece)
                size, count = size + len(piece), count + 1
        self.entries.append({"name": name, "size": size, "sha256": sha256.hexdigest()})
        return count

    def close(self, about: dict[str, Any]) -> None:
        """Add the manifest and end the archive."""
        manifest = canonical_bytes({"format": FORMAT, **about, "files": list(self.entries)})
        self.add(MANIFEST, [manifest])
        self._zip.close()
