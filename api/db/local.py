"""The embedded server: shared by every program that uses the data folder, development only.

Invariants: the kernel's locks tell the truth, numbers in files never do. Every process of the server keeps
`server.lock` open and locked, so the lock is free exactly when none of them lives. Every program that uses the server
shares `users.lock`; the last one out stops the server, and a killed one is out.
"""

import fcntl
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from api.db.cluster import DATABASE, SUPERUSER, Cluster
from api.db.installation import LocalServerError
from api.db.roles import APP, OWNER, create_roles

log = logging.getLogger(__name__)

_PAUSE = 0.02


class LocalServer:
    """The embedded server of one data folder."""

    def __init__(self, folder: Path, packages: Path | None = None) -> None:
        """Prepare the folder; nothing is started. `packages` is another place of the wheel than the installed one."""
        self.cluster = Cluster(folder, packages)

    @property
    def owner_url(self) -> str:
        """The address of the role that migrates."""
        return self.cluster.address(OWNER)

    @property
    def app_url(self) -> str:
        """The address of the role that serves."""
        return self.cluster.address(APP)

    @contextmanager
    def running(self, patience: float = 60) -> Iterator["LocalServer"]:
        """Start or join the server for the length of the block; raise LocalServerError where that fails.

        `patience` is in seconds, for the start and for the stop.
        """
        with (self.cluster.folder / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.ensure(patience)
                yield self
            finally:
                if _locks(users.fileno()):  # nobody else shares it; a newcomer waits until we are out
                    self._stop(patience)

    def ensure(self, patience: float = 60) -> None:
        """Return when the server answers; start it if no process of it lives."""
        deadline = time.monotonic() + patience
        while not self._answers(APP):
            with (self.cluster.folder / "server.lock").open("a") as lock:
                if _locks(lock.fileno()):  # otherwise it is starting, stopping, recovering or without roles
                    log.warning("development only: starting the embedded PostgreSQL in %s", self.cluster.folder)
                    self.cluster.start(lock.fileno(), deadline - time.monotonic())
            self._prepare()
            self._wait(deadline, "start")

    def _stop(self, patience: float) -> None:
        """Shut down in good order; return when every process of the server is gone."""
        deadline = time.monotonic() + patience
        asked = False
        while True:
            with (self.cluster.folder / "server.lock").open("a") as lock:
                if _locks(lock.fileno()):
                    return
            if not asked and self._answers(SUPERUSER):  # it lives, so the number in its file is its own
                with suppress(OSError, ValueError, IndexError):
                    number = int((self.cluster.data / "postmaster.pid").read_text().split()[0])
                    os.kill(number, signal.SIGINT)
                    asked = True
            self._wait(deadline, "stop")

    def _wait(self, deadline: float, what: str) -> None:
        if time.monotonic() > deadline:
            raise LocalServerError(f"the embedded PostgreSQL did not {what} in time; see its server.log")
        time.sleep(_PAUSE)

    def _answers(self, role: str) -> bool:
        """Tell whether a real query is answered: an accepted connection alone proves little."""
        try:
            database = DATABASE if role == APP else "postgres"
            with psycopg.connect(self.cluster.address(role, database), connect_timeout=5) as connection:
                return connection.execute("select 1").fetchone() is not None
        except (OSError, psycopg.OperationalError):
            return False

    def _prepare(self) -> None:
        """Make roles and database where they are missing; whoever comes first, as the starter may have been killed."""
        with suppress(OSError, psycopg.OperationalError):
            address = self.cluster.address(SUPERUSER, "postgres")
            with psycopg.connect(address, autocommit=True, connect_timeout=5) as superuser:
                superuser.execute("select pg_advisory_lock(1)")
                create_roles(superuser, self.cluster.passwords())
                if not superuser.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                    superuser.execute(f"create database {DATABASE} owner {OWNER}")


def _locks(file: int) -> bool:
    """Take the lock of an open file for ourselves alone, if that is possible at once."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
