"""Four processes write to one log, and two of them are killed in the middle: one history, and every proof holds."""

import os
import subprocess
import sys
from itertools import pairwise

from sqlalchemy import select

from api.db.session import unit_of_work
from api.transparency import service
from api.transparency.models import LogHead
from attestations.transparency import checkpoints, proofs, tree
from attestations.transparency.entries import write_entry
from tests.transparency.test_log import Log, issue, log

__all__ = ["log"]  # the fixture

COUNT = 25
KILLED = {1: 4, 3: 11}
"""After how many of its entries a writer is killed, by writer: it is giving places to them then."""


def start(log: Log, writer: int) -> subprocess.Popen[str]:
    """Start a writer of its own numbers."""
    arguments = [str(log.settings.data_folder), str(1000 * writer), str(COUNT)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.transparency.writing", *arguments],
        env=os.environ | {"ENDUSE_DATABASE_URL": log.database.app_url},
        stdout=subprocess.PIPE,
        text=True,
    )


def told_by(process: subprocess.Popen[str], most: int) -> list[int]:
    """Return the numbers that a writer told, at most so many; a writer that is to be killed dies with the last."""
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(int(line))
        if len(told) == most:
            process.kill()
            break
    process.stdout.close()
    assert process.wait() == (-9 if len(told) == most else 0)
    return told


def test_killed_writers_leave_one_history(log: Log) -> None:
    writers = [start(log, number) for number in range(4)]
    told = {number: told_by(writers[number], KILLED.get(number, COUNT + 1)) for number in (1, 3, 0, 2)}
    assert [len(told[number]) for number in (0, 1, 2, 3)] == [COUNT, 4, COUNT, 11]
    log.sequence()
    head = log.published.head()
    assert head is not None
    with unit_of_work(log.sessions, None) as session:
        entries = service.entries_between(session, 0, head.size)
        assert service.root_at(session, head.size) == head.root
        heads = [checkpoints.verify(note, log.key.public).checkpoint for note in session.scalars(
            select(LogHead.checkpoint).order_by(LogHead.size)
        )]  # fmt: skip
        for old, new in pairwise(heads):
            proof = service.prove_consistency(session, old.size, new.size)
            assert tree.verify_consistency(old.size, new.size, proof, old.root, new.root)
    assert heads[-1] == head
    wanted = {write_entry(issue(number)) for numbers in told.values() for number in numbers}
    possible = {write_entry(issue(1000 * writer + number)) for writer in range(4) for number in range(COUNT)}
    assert wanted <= set(entries) <= possible  # a writer that was killed may have committed more than was read of it
    assert len(set(entries)) == len(entries) == head.size
    for number in (number for numbers in told.values() for number in numbers):
        (event,) = log.record(number).events
        assert proofs.verify(event.entry.encode(), proofs.read(event.proof), log.key.public).checkpoint == head
