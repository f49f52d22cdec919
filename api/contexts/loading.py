"""Loading context snapshots, as the owner of the database: the serving role only reads them.

Invariants: a snapshot that is loaded never changes; its files lie in the manifest's own folder.
"""

from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from api import clock
from api.contexts.models import ContextSnapshot
from questionnaires import library
from questionnaires.context import Context
from questionnaires.own_context import OWN
from questionnaires.revisions import revision_digest, revision_json
from questionnaires.snapshots import Mistake, SnapshotError, build_snapshot, file_names

MANIFEST = "manifest.yaml"
LARGEST_FILE = 16 * 1024 * 1024


def read_snapshot(place: Path) -> Context:
    """Return the snapshot of a folder with a manifest, or of a manifest; raise SnapshotError with every mistake."""
    manifest = place / MANIFEST if place.is_dir() else place
    parsed = library.read_yaml(_read(manifest).decode("utf-8", "replace"))
    names = file_names(parsed)
    strange = [name for name in names if Path(name).name != name]
    if strange:
        raise SnapshotError([Mistake("manifest: files", "a file lies in the folder of the manifest, by its bare name")])
    there = {name: _read(manifest.parent / name) for name in names if (manifest.parent / name).is_file()}
    return build_snapshot(parsed, there)


def _read(file: Path) -> bytes:
    if file.stat().st_size > LARGEST_FILE:
        raise SnapshotError([Mistake(file.name, f"the file is larger than {LARGEST_FILE} bytes")])
    return file.read_bytes()


def store(session: Session, context: Context) -> tuple[str, bool]:
    """Keep a snapshot and return its digest, and whether it is new; commits nothing.

    Raises SnapshotError for an id of somebody's own, and for a name that another snapshot has.
    """
    digest = revision_digest(context)
    taken = {known.name: key for key, known in library.contexts().items()}
    taken |= {row.name: row.digest for row in session.scalars(select(ContextSnapshot))}
    if taken.get(context.name) == digest:
        return digest, False
    if context.name in taken or context.id.startswith(OWN):
        raise SnapshotError([Mistake("manifest: revision", "the id and revision are taken; a snapshot never changes")])
    values = {"digest": digest, "name": context.name, "content": revision_json(context), "loaded_at": clock.now()}
    session.execute(insert(ContextSnapshot).values(**values))
    return digest, True
