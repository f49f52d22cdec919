"""The files of the embedded server: cluster, passwords, socket folder.

Invariants: the cluster appears complete or not at all (it is made beside and renamed); everyone needs a password, the
superuser too; folders are 0700, files 0600. Only the holder of the server lock calls anything that writes.
"""

import json
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from psycopg.conninfo import make_conninfo

from api.db.installation import LocalServerError, account_for, find_packages, programs_for, run_program
from api.db.roles import APP, OWNER

SUPERUSER = "postgres"
DATABASE = "enduse"
_LONGEST_SOCKET = 103
"""Bytes of a socket's path on macOS; Linux has four more."""


class Cluster:
    """The embedded server's part of the data folder."""

    def __init__(self, folder: Path, packages: Path | None = None) -> None:
        """Make the folder where it is missing; `packages` names another place of the wheel than the installed one."""
        self.folder = folder.absolute()
        self.data = self.folder / "cluster"
        parent = self.folder.parent
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account = account_for(self.folder)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.account.give(self.folder)
        if not self.account.reaches(self.folder):
            _open_own(parent)
        if not self.account.reaches(self.folder):
            raise LocalServerError(
                f"started as root, the server runs as another user, who cannot reach {parent}: name a folder "
                "in ENDUSE_DATA_FOLDER whose parents everyone may enter, such as /var/lib/enduse"
            )
        self.programs = programs_for(self.account, packages or find_packages(), self.folder)

    def address(self, role: str, database: str = DATABASE) -> str:
        """Return the libpq address of a role; raise OSError while the cluster is not made yet."""
        passwords = json.loads((self.folder / "passwords.json").read_text())
        socket = (self.folder / "socket").read_text()
        return make_conninfo(host=socket, port=5432, user=role, password=passwords[role], dbname=database)

    def passwords(self) -> dict[str, str]:
        """Return the passwords of the roles that log in."""
        found: dict[str, str] = json.loads((self.folder / "passwords.json").read_text())
        return found

    def start(self, lock: int, patience: float) -> None:
        """Start the server with the server lock's file open in it; makes the cluster first where there is none."""
        if not self.data.exists():
            self._create(lock)
        self._require_version(lock)
        socket = self._socket_folder()
        for leftover in (self.data / "postmaster.pid", *socket.glob(".s.PGSQL.*")):
            leftover.unlink(missing_ok=True)  # the lock is ours, so no process of the server lives
        quoted = str(socket).replace('"', '""').replace("'", "''")
        self._write(self.data / "enduse.conf", f"unix_socket_directories = '\"{quoted}\"'\n")
        self._write(self.folder / "socket", str(socket))
        log = self.folder / "server.log"
        log.touch(0o600)
        self.account.give(log)
        wait = str(max(1, round(patience)))
        self._run("pg_ctl", "start", "-D", self.data.name, "-l", log.name, "-s", "-w", "-t", wait, lock=lock)

    def _create(self, lock: int) -> None:
        unfinished = self.folder / "cluster.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
        self._write(self.folder / "passwords.json", json.dumps(passwords))
        first = self.folder / "superuser"
        self._write(first, passwords[SUPERUSER])
        options = [
            *(
                "-D",
                unfinished.name,
                "-U",
                SUPERUSER,
                "--pwfile",
                first.name,
                "--auth-local=scram-sha-256",
                "--auth-host=reject",
            ),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "jit=off"),
            *("-c", "timezone=UTC", "-c", "log_timezone=UTC"),
            # An error's context would repeat rows, and its statement answers: neither belongs into a log.
            *("-c", "log_error_verbosity=terse", "-c", "log_min_error_statement=panic"),
        ]
        self._run("initdb", *options, lock=lock)
        first.unlink()
        with (unfinished / "postgresql.conf").open("a") as configuration:
            configuration.write("include 'enduse.conf'\n")
        unfinished.rename(self.data)

    def _require_version(self, lock: int) -> None:
        written = (self.data / "PG_VERSION").read_text().strip()
        brought = self._run("postgres", "--version", lock=lock).split()[-1].partition(".")[0]
        if written != brought:
            raise LocalServerError(
                f"{self.data} was written by PostgreSQL {written}, this release brings {brought}: dump it with the "
                "release that wrote it, or name another folder in ENDUSE_DATA_FOLDER"
            )

    def _socket_folder(self) -> Path:
        near = self.folder / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432")) <= _LONGEST_SOCKET and "," not in str(near):  # a comma parts hosts
            near.mkdir(mode=0o700, exist_ok=True)
            self.account.give(near)
            return near
        record = self.folder / "socket"
        before = Path(record.read_text()) if record.exists() else None
        if before and before.is_dir() and not before.is_symlink() and self.account.owns(before):
            before.chmod(0o700)
            return before
        made = Path(tempfile.mkdtemp(prefix="enduse-"))  # the last one may have been tidied away
        self.account.give(made)
        return made

    def _write(self, path: Path, text: str) -> None:
        """Put a private file in place in one step."""
        unfinished = path.with_name(path.name + ".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        self.account.give(unfinished)
        unfinished.rename(path)

    def _run(self, program: str, *arguments: str, lock: int) -> str:
        """Run one of the programs in our folder: they hand paths to a shell, so only names of ours are told."""
        return run_program(self.account, self.programs / program, arguments, lock, self.folder)


def _open_own(folder: Path) -> None:
    """Let others walk through the data folder, not look into it; somebody's home is not ours to open."""
    homes = {Path(entry.pw_dir) for entry in pwd.getpwall()} | {Path("/")}
    if folder.stat().st_uid == os.geteuid() and folder not in homes:
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
