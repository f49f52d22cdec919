"""The worker: takes jobs, one at a time, and does them.

Invariants: a job whose worker died is given to another, and given up after `job_attempts` starts, as it may be what
kills the workers; a restart of the database only interrupts; when the parent is gone, so is the worker.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from api.db.database import reach_database
from api.db.engine import Limits, open_engine
from api.db.session import Sessions, sessions_on
from api.jobs.registry import PERIODIC, load_handler
from api.settings import Settings

log = logging.getLogger(__name__)

_KEEP_DONE_HOURS = 72
_GRACE = 10.0
"""Seconds a running job has to end once the worker is asked to stop; afterwards another worker does it again."""
_PAUSE = 0.5


def open_app(
    url: str, settings: Settings, sessions: Sessions, handlers: Mapping[str, str],
    periodic: Mapping[str, tuple[str, str]] | None = None,
) -> procrastinate.App:  # fmt: skip
    """Return the worker's app with every task of the registry; nothing is connected and no handler is loaded yet."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4))
    again = settings.job_attempts - 1
    retry = procrastinate.RetryStrategy(max_attempts=again, exponential_wait=2) if again else False
    for name, target in handlers.items():
        app.task(name=name, retry=retry)(_task(target, settings, sessions))

    for name, (cron, target) in (periodic or {}).items():
        task = app.task(name=name, queueing_lock=name, retry=retry)(_periodic_task(target, settings, sessions))
        app.periodic(cron=cron)(task)

    # One periodic task must exist: without any, a worker that lost the database goes on without hearing of new jobs.
    @app.periodic(cron="17 3 * * *")
    @app.task(name="jobs.tidy", queueing_lock="jobs.tidy")
    async def tidy(timestamp: int) -> None:  # noqa: ARG001  # what the scheduler passes
        await app.job_manager.delete_old_jobs(nb_hours=_KEEP_DONE_HOURS)

    return app


def _task(target: str, settings: Settings, sessions: Sessions) -> Callable[..., None]:
    def run(**ids: str) -> None:
        load_handler(target)(sessions, settings, **{name: UUID(value) for name, value in ids.items()})

    return run


def _periodic_task(target: str, settings: Settings, sessions: Sessions) -> Callable[[int], None]:
    def run(timestamp: int) -> None:  # noqa: ARG001  # what the scheduler passes
        load_handler(target)(sessions, settings)

    return run


def run_worker(settings: Settings, handlers: Mapping[str, str]) -> None:
    """Connect and do jobs until the process is asked to stop."""
    with reach_database(settings) as database:
        limits = Limits(settings.statement_seconds, settings.idle_transaction_seconds)
        engine = open_engine(database.app_url, pool_size=2, revive=database.revive, limits=limits)
        app = open_app(database.app_url, settings, sessions_on(engine), handlers, PERIODIC)
        asyncio.run(work(app, settings, database.revive))
        engine.dispose()


async def work(app: procrastinate.App, settings: Settings, revive: Callable[[], None] | None = None) -> None:
    """Do jobs until SIGTERM or SIGINT; `revive` may bring an embedded server back after it was lost."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            await _work_until_lost(app, settings, stop)
        except Exception:
            log.exception("the worker was interrupted")
        if not stop.is_set():  # the worker returns, without a word, when the database restarts
            await asyncio.sleep(_PAUSE)
            if revive is not None:
                await asyncio.to_thread(_attempt, revive)


def _attempt(revive: Callable[[], None]) -> None:
    try:
        revive()
    except Exception:
        log.exception("the database is not back yet")


async def _work_until_lost(app: procrastinate.App, settings: Settings, stop: asyncio.Event) -> None:
    async with app.open_async():
        run = asyncio.create_task(
            app.run_worker_async(
                concurrency=1,
                update_heartbeat_interval=settings.job_heartbeat,
                stalled_worker_timeout=settings.job_stale_after,
                install_signal_handlers=False,
            )
        )
        rescue = asyncio.create_task(rescue_stalled(app.job_manager, settings))
        halt = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({run, rescue, halt}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if stop.is_set():
                _leave_after(_GRACE)
            for task in (run, rescue, halt):
                task.cancel()
            await asyncio.gather(run, rescue, halt, return_exceptions=True)


async def rescue_stalled(jobs: JobManager, settings: Settings) -> None:
    """Give jobs of dead workers to others, for ever; not a job itself, as that could be stalled too."""
    while True:
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=settings.job_stale_after):
            try:
                if job.attempts + 1 >= settings.job_attempts:
                    log.error("job %s is given up: its worker died %s times", job.id, job.attempts + 1)
                    await jobs.finish_job(job, Status.FAILED, delete_job=False)
                else:
                    await jobs.retry_job(job)
            except ConnectorException:
                log.debug("job %s was finished or taken meanwhile", job.id)
        await asyncio.sleep(settings.job_stale_after / 2)


def stop_with_parent(pipe: int = 0) -> None:
    """Have this process stop when the other end of a pipe closes, however the parent died."""

    def wait() -> None:
        os.read(pipe, 1)  # not a buffered read: that would hold a lock at the interpreter's end
        os.kill(os.getpid(), signal.SIGTERM)
        _leave_after(_GRACE)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _leave_after(seconds: float) -> None:
    """Bound the stop: a thread that renders cannot be interrupted, and its job will be done again."""
    timer: Any = threading.Timer(seconds, os._exit, [1])
    timer.daemon = True
    timer.start()
