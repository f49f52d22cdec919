"""One embedded server for the whole run, a migrated template, and cheap databases made from it.

Invariant: what runs here is the real server and the real migrations; each test that asks gets a database of its own.
"""

import fcntl
import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.db.engine import open_engine
from api.db.local import LocalServer
from api.db.session import Sessions, sessions_on
from tests.databases import TestDatabase, database_on, make_folder, make_template
from tests.prepared import Worlds
from tests.service import Service, serving


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what is loaded by now, and look less often: it took a sixth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all worker processes of this run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if hasattr(request.config, "workerinput") else folder


@pytest.fixture(scope="session")
def cluster(run_folder: Path) -> Iterator[LocalServer]:
    """Give the run's server: the first to ask starts it, the last one out stops it."""
    with (run_folder / "cluster.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        name = lock.read()
        if not name:  # not below the run's folder: as root, that is closed to the server's user
            name = str(make_folder())
            lock.write(name)
            lock.flush()
        server = LocalServer(Path(name) / "postgres")
        with server.running():
            make_template(server)
            fcntl.flock(lock, fcntl.LOCK_UN)
            yield server
    _remove_unused(server, run_folder)


def _remove_unused(server: LocalServer, run_folder: Path) -> None:
    """Remove the server's files once no process of the run uses it."""
    with (run_folder / "cluster.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = server.cluster.folder
        with (folder / "users.lock").open("a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            shutil.rmtree(folder.parent)
            lock.truncate(0)


@pytest.fixture
def database(cluster: LocalServer) -> Iterator[TestDatabase]:
    """Give a fresh migrated database, gone after the test."""
    with database_on(cluster) as found:
        yield found


@pytest.fixture
def engine(database: TestDatabase) -> Iterator[Engine]:
    """Give an engine of the serving role on a fresh database."""
    made = open_engine(database.app_url, pool_size=2)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    """Return the session factory of the serving role on a fresh database."""
    return sessions_on(engine)


@pytest.fixture
def service(database: TestDatabase, tmp_path: Path) -> Iterator[Service]:
    """Give the service on a fresh database, and the organisations' way into it."""
    with serving(database.app_url, tmp_path / "data") as found:
        found.superuser_url = database.superuser_url
        yield found


@pytest.fixture(scope="session")
def worlds(cluster: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Give the worlds that take seconds to make: each is made once, and copied for every test that asks."""
    with Worlds(cluster, tmp_path_factory.mktemp("worlds")) as found:
        yield found
