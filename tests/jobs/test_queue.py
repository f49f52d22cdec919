"""Jobs are rows of the caller's transaction, and carry ids only."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from api.db.session import Sessions, unit_of_work
from api.jobs.queue import enqueue

WAITING = text("select count(*) from procrastinate_jobs where status = 'todo'")


def waiting(sessions: Sessions) -> int:
    """Return how many jobs wait, as another transaction sees them."""
    with unit_of_work(sessions, None) as session:
        return int(session.scalar(WAITING) or 0)


def test_a_job_exists_exactly_if_its_transaction_commits(sessions: Sessions) -> None:
    with unit_of_work(sessions, None) as session:
        enqueue(session, "attesting.render", tenant=uuid4(), attestation=uuid4())
        assert waiting(sessions) == 0
        session.rollback()
    assert waiting(sessions) == 0
    with unit_of_work(sessions, None) as session:
        enqueue(session, "attesting.render", tenant=uuid4(), attestation=str(uuid4()))
        session.commit()
    assert waiting(sessions) == 1


@pytest.mark.parametrize("argument", ["Quillmere Vision", "", "1"])
def test_what_is_no_id_never_reaches_the_table(sessions: Sessions, argument: str) -> None:
    with unit_of_work(sessions, None) as session, pytest.raises(ValueError, match="UUID"):
        enqueue(session, "attesting.render", tenant=argument)
    assert waiting(sessions) == 0
