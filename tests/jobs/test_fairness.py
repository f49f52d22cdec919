"""Turns: however much one tenant asks for, another's job is done among the next few, and nobody waits for ever."""

import asyncio
from collections.abc import Iterator
from uuid import UUID, uuid4

import procrastinate
import pytest
from sqlalchemy import text

from api.db.session import Sessions, unit_of_work
from api.jobs.queue import enqueue
from api.jobs.worker import open_app
from api.settings import Settings
from tests.databases import TestDatabase

DONE: list[UUID] = []
NEXT: dict[UUID, UUID] = {}
MANY = 50


def note(sessions: Sessions, settings: Settings, *, tenant: UUID) -> None:
    """Do a job: note whose it was; where another asks as soon as this is done, let it."""
    DONE.append(tenant)
    if tenant in NEXT and len(DONE) < MANY:
        put(sessions, NEXT[tenant])


def fail(sessions: Sessions, settings: Settings, *, tenant: UUID) -> None:
    """Do a job that fails."""
    raise OSError("no")


@pytest.fixture
def app(database: TestDatabase, sessions: Sessions) -> Iterator[procrastinate.App]:
    """Return a worker's app on a fresh database."""
    handlers = {"tests.note": f"{__name__}:note", "tests.fail": f"{__name__}:fail"}
    DONE.clear()
    NEXT.clear()
    yield open_app(database.app_url, Settings(), sessions, handlers)
    NEXT.clear()


def put(sessions: Sessions, tenant: UUID, times: int = 1, task: str = "tests.note") -> None:
    """Enqueue jobs of a tenant, each in a transaction of its own."""
    for _ in range(times):
        with unit_of_work(sessions, None) as session:
            enqueue(session, task, tenant=tenant)
            session.commit()


def work(app: procrastinate.App) -> None:
    """Do all jobs that wait."""

    async def once() -> None:
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, concurrency=1)

    asyncio.run(once())


def test_one_job_of_another_waits_for_few_of_many(app: procrastinate.App, sessions: Sessions) -> None:
    many, one = uuid4(), uuid4()
    put(sessions, many, MANY)
    put(sessions, one)
    work(app)
    assert DONE.index(one) <= 1
    assert DONE.count(many) == MANY


def test_many_in_one_transaction_are_many_turns_too(app: procrastinate.App, sessions: Sessions) -> None:
    many, one = uuid4(), uuid4()
    with unit_of_work(sessions, None) as session:
        for _ in range(MANY):
            enqueue(session, "tests.note", tenant=many)
        session.commit()
    put(sessions, one)
    work(app)
    assert DONE.index(one) <= 1


def test_three_tenants_take_turns(app: procrastinate.App, sessions: Sessions) -> None:
    tenants = [uuid4() for _ in range(3)]
    for tenant, times in zip(tenants, (20, 4, 2), strict=True):
        put(sessions, tenant, times)
    work(app)
    first, second, third = tenants
    assert DONE[:10] == [first, second, third, first, second, third, first, second, first, second]


def test_what_was_done_long_before_gives_no_turn_away(app: procrastinate.App, sessions: Sessions) -> None:
    busy, other = uuid4(), uuid4()
    put(sessions, busy, MANY)
    work(app)
    DONE.clear()
    put(sessions, other, 3)
    put(sessions, busy)
    work(app)
    assert DONE.index(busy) <= 2


def test_two_that_ask_in_turn_do_not_keep_a_third_waiting_for_ever(app: procrastinate.App, sessions: Sessions) -> None:
    waiting, ping, pong = uuid4(), uuid4(), uuid4()
    NEXT.update({ping: pong, pong: ping})  # one of them always asks anew while the other's job is done
    put(sessions, waiting, 10)
    put(sessions, ping)
    work(app)
    last = len(DONE) - 1 - DONE[::-1].index(waiting)
    assert last < 3 * 10 + 2 < len(DONE)


def test_a_job_that_is_tried_again_does_not_call_the_queue_back(app: procrastinate.App, sessions: Sessions) -> None:
    failing, many, one = uuid4(), uuid4(), uuid4()
    put(sessions, failing, task="tests.fail")
    put(sessions, many, 10)
    work(app)
    DONE.clear()
    put(sessions, many, 10)
    put(sessions, one, 2)
    work(app)
    assert DONE[:4].count(one) >= 1
    assert DONE[:6].count(many) >= 3


def test_a_place_is_found_by_the_indexes(sessions: Sessions) -> None:
    from api.jobs.queue import _ROUND

    with unit_of_work(sessions, None) as session:
        session.execute(
            text("""insert into procrastinate_jobs (queue_name, task_name, priority, args, status)
                select 'default', 'x', -n, jsonb_build_object('tenant', n % 100), 'succeeded'
                from generate_series(1, 20000) n""")
        )
        session.commit()
        plan = "\n".join(session.scalars(text(f"explain {_ROUND.text}"), {"tenant": "7"}))
    assert "ix_jobs_round_of_tenant" in plan
    assert "ix_jobs_round_reached" in plan
    assert "Seq Scan" not in plan
