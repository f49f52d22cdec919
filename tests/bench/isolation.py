"""What row-level security costs: the same prepared statements, by a role that it binds and by one that it does not.

Invariants: the two roles have the same privileges and differ in BYPASSRLS alone; they take turns; where the system lets
us, this process and both processes of the server work on one core, and their CPU is the clock: a message between two
cores costs three times as much as one of these statements, and which pair is parted is chance (ADR 15).
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from api.db.cluster import APP, SUPERUSER
from api.db.local import LocalServer
from api.db.migrate import migrate
from tests.bench.filling import Filled, fill
from tests.bench.isolation_statements import Job, lists, reads, save
from tests.bench.measuring import alternate, clock_of, show, show_spread

TURNS, REPEATS, MOST, MOST_EMPTY = 60, 25, 1.1, 2.0
FREE = "bench_free"
Connection = psycopg.Connection[Any]


def measure(*, plans: bool = False) -> None:
    """Print the rows of isolation; with `plans`, the plan of each statement too."""
    with tempfile.TemporaryDirectory(prefix="enduse-bench-") as name, LocalServer(Path(name) / "pg").running() as local:
        with psycopg.connect(local.cluster.address(SUPERUSER, "postgres"), autocommit=True) as superuser:
            for database in ("bench", "bench_empty"):
                superuser.execute(f"create database {database} owner enduse_owner".encode())
                migrate(local.cluster.address("enduse_owner", database))
            superuser.execute(f"create role {FREE} bypassrls in role {APP}".encode())
        with _connected(local, SUPERUSER, "bench") as filler:
            begun = time.perf_counter()
            filled = fill(filler)
        sizes = ", ".join(f"{count:,} {table}" for table, count in filled.rows.items())
        show(f"row-level security at {filled.answers:,} answers", f"{time.perf_counter() - begun:.1f} s", sizes, None)
        _measure_roles(local, filled, plans)
        _measure_nothing(local, filled)


def _measure_roles(local: LocalServer, filled: Filled, plans: bool) -> None:
    with _connected(local, APP, "bench") as bound, _connected(local, SUPERUSER, "bench") as free:
        free.execute(f"set role {FREE}".encode())
        free.commit()
        with _on_one_core(bound, free) as clock:
            for job in (*lists(filled), *reads(filled), save(filled)):
                with_rls, _, ratio = alternate(_run(bound, job), _run(free, job), TURNS, clock)
                show_spread(f"  {job.what}, {with_rls.median * 1e6 / REPEATS:.0f} us", ratio, MOST)
                if plans:
                    print_plans(bound, job)


def _measure_nothing(local: LocalServer, filled: Filled) -> None:
    """Compare the list of somebody who has no rows with the list on an empty table, both under the policies."""
    with (
        _connected(local, APP, "bench") as full,
        _connected(local, APP, "bench_empty") as empty,
        _on_one_core(full, empty) as clock,
    ):
        for job in lists(filled, filled.stranger):
            _, _, ratio = alternate(_run(full, job), _run(empty, job), TURNS, clock)
            show_spread(f"  {job.what}, nothing there, against an empty table", ratio, MOST_EMPTY)


@contextmanager
def _connected(local: LocalServer, role: str, database: str) -> Iterator[Connection]:
    """Connect as the service does; a commit waits for no disk, so that no turn does."""
    settings = {"plan_cache_mode": "force_generic_plan", "enable_bitmapscan": "off", "synchronous_commit": "off"}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    address = local.cluster.address(role, database)
    with psycopg.connect(address, prepare_threshold=0, options=options) as connection:
        yield connection


@contextmanager
def _on_one_core(*connections: Connection) -> Iterator[Callable[[], float]]:
    """Keep this process and its servers together for the length of a block, where the system can; give their clock."""
    clock = clock_of(*(connection.info.backend_pid for connection in connections))
    if not hasattr(os, "sched_setaffinity"):
        yield clock
        return
    before = os.sched_getaffinity(0)
    one = {min(before)}
    os.sched_setaffinity(0, one)
    with suppress(PermissionError):  # the server's processes are another user's: then they keep their freedom
        for connection in connections:
            os.sched_setaffinity(connection.info.backend_pid, one)
    try:
        yield clock
    finally:
        os.sched_setaffinity(0, before)


def _run(connection: Connection, job: Job) -> Callable[[], None]:
    """Return a function that does a job many times, in one transaction, or each in one of its own if it writes."""
    steps = [(query.encode(), values) for query, values in job.steps]

    def begin() -> None:
        connection.execute("select set_config('app.tenant', %s, true)", (str(job.tenant),))

    def read() -> None:
        begin()
        for _ in range(REPEATS):
            for query, values in steps:
                connection.execute(query, values).fetchall()
        connection.commit()  # a rollback would have psycopg forget what it has prepared

    def write() -> None:
        for _ in range(REPEATS):
            begin()
            for query, values in steps:
                connection.execute(query, values)
            connection.commit()

    return write if job.writes else read


def print_plans(connection: Connection, job: Job) -> None:
    """Print the generic plan of each statement of a job, as it runs."""
    connection.execute("select set_config('app.tenant', %s, true)", (str(job.tenant),))
    connection.execute("set local plan_cache_mode = force_generic_plan")
    for query, values in job.steps:
        explained = connection.execute(f"explain (analyze, buffers) {query}".encode(), values, prepare=True)
        print("\n".join(f"        {line}" for (line,) in explained))
    connection.rollback()


if __name__ == "__main__":
    measure(plans="--plans" in sys.argv)
