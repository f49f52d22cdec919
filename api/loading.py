"""Commands with which the operator brings lists and context snapshots: `enduse lists` and `enduse contexts`.

Invariant: a file that has a mistake changes nothing, and every mistake is told with its place.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from api.db.database import Database
    from api.settings import Settings

NOT_READ = 65


def lists(argv: Sequence[str]) -> int:
    """Load a list that names are compared with, or list the loaded ones."""
    parser = argparse.ArgumentParser("enduse lists", description="Load lists that names are compared with.")
    commands = parser.add_subparsers(dest="command", required=True)
    load = commands.add_parser("load", help="load the UN's consolidated XML, or a CSV: name,alias,list,date,record")
    load.add_argument("file", type=Path)
    load.add_argument("--code", help="code of an XML list, for example UN_SC")
    load.add_argument("--title", help="what the list is called")
    load.add_argument("--publisher", required=True)
    load.add_argument("--licence", required=True, help="under which terms the list may be used")
    commands.add_parser("list", help="list the loaded lists with their dates")
    options = parser.parse_args(argv)
    from api.cli import with_settings

    return with_settings(_show if options.command == "list" else lambda settings: _load_list(settings, options))


def _load_list(settings: "Settings", options: argparse.Namespace) -> int:
    from api.db.database import reach_database
    from api.screening.loading import Told, store
    from api.screening.reading import LARGEST_LIST, ListError, read_list
    from questionnaires.names import NotInstalledError

    try:
        with options.file.open("rb") as file:
            data = file.read(LARGEST_LIST + 1)
        read = read_list(data, options.code)
        with reach_database(settings) as database, _session(_owner_url(database)) as session:
            for one in store(session, data, read, Told(options.title, options.publisher, options.licence)):
                sys.stdout.write(f"{one.code} of {one.dated}: {one.records} records, {one.digest}\n")
            session.commit()
    except ListError as error:
        return _tell(error.mistakes)
    except NotInstalledError as error:
        return _tell([str(error)])
    return 0


def _show(settings: "Settings") -> int:
    from sqlalchemy import select

    from api.db.database import reach_database
    from api.screening.models import ScreeningList

    with reach_database(settings) as database, _session(database.app_url) as session:
        for one in session.scalars(select(ScreeningList).order_by(ScreeningList.code)):
            sys.stdout.write(f"{one.code} of {one.dated}: {one.title}, {one.records} records, {one.digest}\n")
    return 0


def contexts(argv: Sequence[str]) -> int:
    """Load a context snapshot and print its digest."""
    parser = argparse.ArgumentParser("enduse contexts", description="Load context snapshots.")
    commands = parser.add_subparsers(dest="command", required=True)
    load = commands.add_parser("load", help="load a folder with a manifest.yaml, or a manifest")
    load.add_argument("place", type=Path)
    options = parser.parse_args(argv)
    from api.cli import with_settings

    return with_settings(lambda settings: _load_context(settings, options.place))


def _load_context(settings: "Settings", place: Path) -> int:
    from api.contexts.loading import read_snapshot, store
    from api.db.database import reach_database
    from questionnaires.snapshots import SnapshotError

    try:
        context = read_snapshot(place)
        with reach_database(settings) as database, _session(_owner_url(database)) as session:
            digest, new = store(session, context)
            session.commit()
    except SnapshotError as error:
        return _tell([f"{mistake.place}: {mistake.what}" for mistake in error.mistakes])
    sys.stdout.write(f"{context.name} {digest}{'' if new else ' (known before)'}\n")
    return 0


def _owner_url(database: "Database") -> str:
    from api.cli import ConfigurationError

    if database.owner_url is None:
        raise ConfigurationError("set ENDUSE_OWNER_DATABASE_URL to the address of the role enduse_owner")
    return database.owner_url


@contextmanager
def _session(url: str) -> "Iterator[Session]":
    from sqlalchemy.orm import Session

    from api.db.engine import open_engine

    engine = open_engine(url, pool_size=1)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _tell(mistakes: Sequence[str]) -> int:
    for mistake in mistakes:
        sys.stderr.write(f"{mistake}\n")
    return NOT_READ
