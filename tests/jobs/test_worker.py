"""The worker: does jobs, tries again, gives up; its parent's end is its end, and its own end is made good."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID, uuid4

import procrastinate
import pytest
from sqlalchemy import text

from api.db.session import Sessions, unit_of_work
from api.jobs.queue import enqueue
from api.jobs.supervision import supervised
from api.jobs.worker import open_app, rescue_stalled
from api.settings import Settings
from tests.databases import TestDatabase

DONE: list[UUID] = []
FAST = Settings(job_heartbeat=0.1, job_stale_after=0.4, job_attempts=2)


def note(sessions: Sessions, settings: Settings, *, thing: UUID) -> None:
    """Do a job: remember that it was done."""
    DONE.append(thing)


def fail(sessions: Sessions, settings: Settings, *, thing: UUID) -> None:
    """Do a job that cannot succeed."""
    raise OSError("no")


HANDLERS = {"tests.note": f"{__name__}:note", "tests.fail": f"{__name__}:fail"}


@pytest.fixture
def app(database: TestDatabase, sessions: Sessions) -> procrastinate.App:
    """Return a worker's app on a fresh database."""
    return open_app(database.app_url, FAST, sessions, HANDLERS)


def states(sessions: Sessions) -> Mapping[str, int]:
    """Return how many jobs of the tests are in each state."""
    query = "select status::text, count(*) from procrastinate_jobs where task_name like 'tests.%' group by 1"
    with unit_of_work(sessions, None) as session:
        return {row.status: row.count for row in session.execute(text(query))}


def put(sessions: Sessions, task: str) -> UUID:
    """Enqueue a job and return the id it carries."""
    thing = uuid4()
    with unit_of_work(sessions, None) as session:
        enqueue(session, task, thing=thing)
        session.commit()
    return thing


async def work_once(app: procrastinate.App) -> None:
    """Do all jobs that wait, and return."""
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False, concurrency=1)


def test_a_job_is_done_once(app: procrastinate.App, sessions: Sessions) -> None:
    thing = put(sessions, "tests.note")
    asyncio.run(work_once(app))
    asyncio.run(work_once(app))
    assert DONE.count(thing) == 1
    assert states(sessions) == {"succeeded": 1}


def test_a_job_that_fails_waits_for_another_try(app: procrastinate.App, sessions: Sessions) -> None:
    put(sessions, "tests.fail")
    asyncio.run(work_once(app))
    assert states(sessions) == {"todo": 1}


def strand(sessions: Sessions, attempts: int) -> None:
    """Leave a job as a killed worker would: taken, by a worker that is silent."""
    with unit_of_work(sessions, None) as session:
        worker = "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id"
        id_ = session.scalar(text(worker))
        session.execute(
            text("update procrastinate_jobs set status = 'doing', attempts = :attempts, worker_id = :worker"),
            {"attempts": attempts, "worker": id_},
        )
        session.commit()


async def become_true(condition: Callable[[], object]) -> None:
    """Wait for what another process or the database brings about; fail when patience ends."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # another process sets no event of ours
            await asyncio.sleep(0.02)


async def rescue(app: procrastinate.App, until: Callable[[], bool]) -> None:
    """Rescue stalled jobs until a condition holds."""
    async with app.open_async():
        rescuing = asyncio.create_task(rescue_stalled(app.job_manager, FAST))
        await become_true(until)
        rescuing.cancel()


@pytest.mark.parametrize(("attempts", "state"), [(0, "todo"), (1, "failed")])
def test_a_job_of_a_dead_worker_is_given_on_and_at_last_given_up(
    app: procrastinate.App, sessions: Sessions, attempts: int, state: str
) -> None:
    put(sessions, "tests.note")
    strand(sessions, attempts)
    asyncio.run(rescue(app, lambda: states(sessions) == {state: 1}))


CHILD = "import os, sys, pathlib; pathlib.Path(sys.argv[1]).open('a').write(f'{os.getpid()} '); sys.stdin.read()"


async def supervise_and_kill(marks: Path) -> list[int]:
    """Supervise one child, kill it, wait for the next; return the ids of both."""
    command = (sys.executable, "-c", CHILD, str(marks))

    def seen() -> list[int]:
        return [int(word) for word in marks.read_text().split()] if marks.exists() else []

    async with supervised(1, command):
        await become_true(seen)
        os.kill(seen()[0], signal.SIGKILL)
        await become_true(lambda: len(seen()) == 2)
    return seen()


def test_a_worker_that_dies_is_replaced_and_none_survives_us(tmp_path: Path) -> None:
    for number in asyncio.run(supervise_and_kill(tmp_path / "marks")):
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


def test_a_worker_stops_when_the_pipe_of_its_parent_closes() -> None:
    code = "import time; from api.jobs.worker import stop_with_parent; stop_with_parent(); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(20) == -signal.SIGTERM
