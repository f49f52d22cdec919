"""Databases of tests: a migrated template, and cheap copies of it or of a world that was made before."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from api.db.cluster import SUPERUSER
from api.db.local import LocalServer
from api.db.migrate import migrate
from api.db.roles import APP, OWNER
from api.ids import uuid7

TEMPLATE = "enduse_template"
ROOM = 4 * 2**30
"""What the files of a whole run's databases need at most, in bytes, with plenty to spare."""


def make_folder() -> Path:
    """Make the folder of a run's server: in memory where the machine offers room there, for copies cost much disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return Path(tempfile.mkdtemp(prefix="enduse-tests-", dir=memory if roomy else None))


@dataclass(frozen=True)
class TestDatabase:
    """A migrated database of one test."""

    __test__ = False
    name: str
    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)
    superuser_url: str = field(repr=False)


def make_template(server: LocalServer) -> None:
    """Make the migrated template, unless another process of the run has."""
    address = server.cluster.address(SUPERUSER, "postgres")
    with psycopg.connect(address, autocommit=True) as superuser:
        if superuser.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone():
            return
        for setting in (
            "fsync",
            "full_page_writes",
            "synchronous_commit",
        ):  # what is lost if this machine halts is tests
            superuser.execute(f"alter system set {setting} = off")
        superuser.execute("select pg_reload_conf()")
        unfinished = f"{TEMPLATE}_new"
        superuser.execute(f"drop database if exists {unfinished}")
        superuser.execute(f"create database {unfinished} owner {OWNER}")
        migrate(server.cluster.address(OWNER, unfinished))
        superuser.execute(f"alter database {unfinished} rename to {TEMPLATE}")


@contextmanager
def database_on(server: LocalServer, template: str = TEMPLATE) -> Iterator[TestDatabase]:
    """Give a copy of the migrated template, or of another database at rest, for the length of a block."""
    name = f"t_{uuid7().hex}"
    superuser = server.cluster.address(SUPERUSER, "postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template} strategy file_copy owner {OWNER}")
        try:
            yield TestDatabase(
                name=name,
                owner_url=server.cluster.address(OWNER, name),
                app_url=server.cluster.address(APP, name),
                superuser_url=server.cluster.address(SUPERUSER, name),
            )
        finally:
            connection.execute(f"drop database {name} with (force)")
