"""The head that the world has seen: a file outside the database, which a restored backup cannot take back.

Invariants: it is written after the head was committed, and read by everybody who hands out heads and proofs, so what
was handed out is never ahead of it; it never goes back. Cosignatures of witnesses stand under it, in the same file.
"""

from collections.abc import Sequence

import obstore
from obstore.store import LocalStore, ObjectStore

from api.settings import Settings
from api.transparency.keys import load_witnesses
from attestations.transparency import checkpoints
from attestations.transparency.checkpoints import Checkpoint
from attestations.transparency.notes import NoteKey

NAME = "checkpoint"


class PublishedHead:
    """The published head of one log."""

    def __init__(self, store: ObjectStore, log: NoteKey, witnesses: Sequence[NoteKey] = ()) -> None:
        """Keep the head in an object store; `witnesses` may add their cosignatures."""
        self._store = store
        self.log = log
        self.witnesses = tuple(witnesses)

    def read(self) -> str | None:
        """Return the signed note, or None where nothing was published yet."""
        try:
            return bytes(obstore.get(self._store, NAME).bytes()).decode()
        except FileNotFoundError:
            return None

    def head(self) -> Checkpoint | None:
        """Return the head, its signature checked; raise NoteError where it is not this log's."""
        note = self.read()
        return None if note is None else checkpoints.verify(note, self.log).checkpoint

    def write(self, note: str) -> None:
        """Put a newer head in its place; callers take turns."""
        obstore.put(self._store, NAME, note.encode())


def open_published(settings: Settings, log: NoteKey) -> PublishedHead:
    """Return the published head of an installation: a file below its data folder."""
    folder = settings.data_folder / "log"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return PublishedHead(LocalStore(folder), log, load_witnesses(settings.data_folder / "keys"))
