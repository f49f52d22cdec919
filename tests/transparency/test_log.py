"""The log of a service has one history, proves it, and refuses to go on where it lost a part."""

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest

from api.db.engine import open_engine
from api.db.session import Sessions, sessions_on, unit_of_work
from api.settings import Settings
from api.transparency import service
from api.transparency.keys import LogKey, load_log_key
from api.transparency.published import PublishedHead, open_published
from api.transparency.sequencing import sequence as run_job
from api.transparency.service import LogLostError, enter
from attestations.record import statement_digest
from attestations.transparency import checkpoints, proofs, tree
from attestations.transparency.entries import Issue, write_entry
from tests.databases import TestDatabase, database_on

BASE_URL = "http://log.example"


class Log(NamedTuple):
    """The log of an installation, on a database of its own."""

    database: TestDatabase
    sessions: Sessions
    settings: Settings
    key: LogKey
    published: PublishedHead

    def enter(self, *numbers: int) -> None:
        with unit_of_work(self.sessions, None) as session:
            for number in numbers:
                enter(session, issue(number))
            session.commit()

    def sequence(self) -> None:
        run_job(self.sessions, self.settings, pending=EVERYTHING)

    def size(self) -> int:
        with unit_of_work(self.sessions, None) as session:
            return service.size_of(session)

    def record(self, number: int) -> Any:
        with unit_of_work(self.sessions, None) as session:
            return service.record_of(session, self.published, issue(number).statement)


def issue(number: int) -> Issue:
    digest = statement_digest(str(number).encode())
    return Issue(statement=digest, document=digest)


EVERYTHING = UUID(int=0)


@pytest.fixture
def log(cluster: Any, tmp_path: Path) -> Iterator[Log]:
    with database_on(cluster) as database:
        settings = Settings(data_folder=tmp_path, base_url=BASE_URL)
        key = load_log_key(tmp_path / "keys", BASE_URL, create=True)
        engine = open_engine(database.app_url, pool_size=6)
        yield Log(database, sessions_on(engine), settings, key, open_published(settings, key.public))
        engine.dispose()


def test_what_was_entered_is_proven(log: Log) -> None:
    log.enter(*range(11))
    assert log.record(3) is None
    log.sequence()
    head = log.published.head()
    assert head is not None
    assert (head.origin, head.size) == ("log.example/log", 11)
    (event,) = log.record(3).events
    seen = proofs.verify(event.entry.encode(), proofs.read(event.proof), log.key.public)
    assert seen.checkpoint == head
    assert event.entry.encode() == write_entry(issue(3))


def test_an_entry_of_a_change_that_was_taken_back_is_not_entered(log: Log) -> None:
    with unit_of_work(log.sessions, None) as session:
        enter(session, issue(1))
    log.sequence()
    assert log.size() == 0
    assert log.published.read() is None


def test_every_head_continues_the_one_before(log: Log) -> None:
    heads = []
    for number in range(20):
        log.enter(number, 100 + number)
        log.sequence()
        heads.append(log.published.head())
    with unit_of_work(log.sessions, None) as session:
        for old, new in pairwise(heads):
            proof = service.prove_consistency(session, old.size, new.size)
            assert tree.verify_consistency(old.size, new.size, proof, old.root, new.root)


def test_doing_the_job_again_changes_nothing(log: Log) -> None:
    log.enter(1, 2)
    log.sequence()
    before = log.published.read()
    log.sequence()
    assert log.published.read() == before
    assert log.size() == 2


def test_four_at_once_make_one_history(log: Log) -> None:
    failures: list[BaseException] = []

    def write(first: int) -> None:
        try:
            for number in range(first, first + 10):
                log.enter(number)
                log.sequence()
        except BaseException as error:  # noqa: BLE001  # told below, whatever it is
            failures.append(error)

    writers = [threading.Thread(target=write, args=(100 * number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    log.sequence()
    head = log.published.head()
    assert head is not None
    assert head.size == 40
    with unit_of_work(log.sessions, None) as session:
        entries = service.entries_between(session, 0, 100)
        assert service.root_at(session, 40) == head.root
    edge, _ = tree.grow([], map(tree.leaf_hash, entries))
    assert tree.fold([node.hash for node in edge]) == head.root
    assert sorted(entries) == sorted(write_entry(issue(100 * w + n)) for w in range(4) for n in range(10))
    for number in (0, 109, 305):
        assert log.record(number) is not None


def test_a_sequencer_that_dies_before_its_commit_leaves_no_trace(log: Log) -> None:
    log.enter(1, 2, 3)
    with unit_of_work(log.sessions, None) as session:
        assert service.sequence(session, log.key, log.published) == 3
    assert log.size() == 0
    log.sequence()
    assert log.size() == 3


def test_one_that_dies_before_it_published_is_made_good(log: Log) -> None:
    log.enter(1)
    with unit_of_work(log.sessions, None) as session:
        service.sequence(session, log.key, log.published)
        session.commit()
    assert log.published.read() is None
    log.sequence()
    head = log.published.head()
    assert head is not None
    assert head.size == 1


def superuser(log: Log, *statements: str) -> None:
    with psycopg.connect(log.database.superuser_url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


LOST = {
    "a backup that lags behind": (
        "delete from log_head where size > 2", "delete from log_entry where number > 1",
        "delete from log_node where level = 0 and number > 1 or level > 1",
    ),
    "an entry's node that was changed": ("update log_node set hash = sha256('x') where level = 2",),
    "a node that is gone": ("delete from log_node where level = 2",),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_a_log_that_lost_what_was_published_takes_no_entry_more(name: str, log: Log) -> None:
    log.enter(1, 2)
    log.sequence()
    log.enter(3, 4, 5)
    log.sequence()
    before = log.published.read()
    superuser(log, *LOST[name])
    log.enter(6)
    with pytest.raises(LogLostError):
        log.sequence()
    assert log.published.read() == before


@pytest.mark.parametrize("table", ["log_entry", "log_node", "log_head"])
@pytest.mark.parametrize("change", ["delete from {}", "update {} set {} = {}", "truncate {}"])
def test_the_serving_role_takes_nothing_back(log: Log, table: str, change: str) -> None:
    column = "size" if table == "log_head" else "number"
    with (
        psycopg.connect(log.database.app_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(change.format(table, column, column).encode())


def test_a_head_of_another_key_is_not_taken_for_the_published_one(log: Log, tmp_path: Path) -> None:
    log.enter(1)
    log.sequence()
    other = load_log_key(tmp_path / "other", BASE_URL, create=True)
    with pytest.raises(checkpoints.NoteError):
        PublishedHead(log.published._store, other.public).head()  # the same file, another key


def test_a_key_is_made_once_and_only_when_asked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_log_key(tmp_path, BASE_URL, create=False)
    made = load_log_key(tmp_path, BASE_URL, create=True)
    assert load_log_key(tmp_path, BASE_URL, create=True).public == made.public
    assert (tmp_path / "log-key.pem").stat().st_mode & 0o777 == 0o600
