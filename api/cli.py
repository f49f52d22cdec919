"""The service's commands: each takes its arguments and returns an exit code.

Invariants: nothing heavy is imported before a command is called; what an operator can mend is told in a sentence, not
as a traceback, and no sentence repeats a setting's value.
"""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from api.db.database import Database
    from api.settings import Settings

APP = "api.app:create_app_from_settings"
UNAVAILABLE = 69
MISCONFIGURED = 78
INTERRUPTED = 130


def serve(argv: Sequence[str]) -> int:
    """Run the service with its workers; migrates first in development."""
    parser = argparse.ArgumentParser("enduse serve", description="Run the service with its workers.")
    parser.add_argument("--host", help="address to listen on (default: ENDUSE_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (default: ENDUSE_PORT)")
    options = parser.parse_args(argv)

    def run(settings: "Settings") -> int:
        from api.db.database import reach_database

        signal.signal(signal.SIGTERM, _leave)
        with reach_database(settings) as database:
            if settings.environment == "development" and database.owner_url:
                from api.db.migrate import migrate as bring_to_newest

                bring_to_newest(database.owner_url)
            _require_newest(database)
            asyncio.run(_serve(settings, options.host or settings.host, options.port or settings.port))
        return 0

    return _with_settings(run)


async def _serve(settings: "Settings", host: str, port: int) -> None:
    import uvicorn

    from api.jobs.supervision import supervised

    config = uvicorn.Config(APP, factory=True, host=host, port=port, log_config=None, server_header=False)
    server = uvicorn.Server(config)
    async with supervised(settings.worker_processes):
        await server.serve()
    if not server.started:
        raise _ConfigurationError("the service could not start; the messages above say why")


def worker(argv: Sequence[str]) -> int:
    """Run one worker until it is stopped."""
    parser = argparse.ArgumentParser("enduse worker", description="Run one worker.")
    parser.add_argument("--supervised", action="store_true", help="stop when the standard input closes")
    options = parser.parse_args(argv)

    def run(settings: "Settings") -> int:
        from api.jobs.registry import HANDLERS
        from api.jobs.worker import run_worker, stop_with_parent

        if options.supervised:
            stop_with_parent()
        run_worker(settings, HANDLERS)
        return 0

    return _with_settings(run)


def migrate(argv: Sequence[str]) -> int:
    """Bring the database to this release."""
    argparse.ArgumentParser("enduse migrate", description="Bring the database to this release.").parse_args(argv)

    def run(settings: "Settings") -> int:
        from api.db import migrate as migrations
        from api.db.database import reach_database

        with reach_database(settings) as database:
            if database.owner_url is None:
                raise _ConfigurationError("set ENDUSE_OWNER_DATABASE_URL to the address of the role enduse_owner")
            migrations.migrate(database.owner_url)
            sys.stdout.write(f"the database is at revision {migrations.current(database.owner_url)}\n")
        return 0

    return _with_settings(run)


def doctor(argv: Sequence[str]) -> int:
    """Check settings, database and data folder; print a line for each, and return 0 if nothing is wrong."""
    argparse.ArgumentParser("enduse doctor", description="Check settings, database and files.").parse_args(argv)

    def run(settings: "Settings") -> int:
        from api.db.database import reach_database
        from api.db.diagnosis import examine

        with reach_database(settings) as database:
            findings = [*settings.insecurities(), *examine(database.app_url)]
        for finding in findings:
            sys.stdout.write(f"- {finding}\n")
        sys.stdout.write("nothing is wrong\n" if not findings else f"{len(findings)} finding(s)\n")
        return 1 if findings and settings.environment == "production" else 0

    return _with_settings(run)


class _ConfigurationError(Exception):
    """Something that the operator can mend; the message says what."""


def _with_settings(run: Callable[["Settings"], int]) -> int:
    """Run a command with the settings of the environment; tell what is wrong with them, or around them."""
    from pydantic import ValidationError
    from sqlalchemy.exc import OperationalError

    from api.db.installation import LocalServerError
    from api.db.roles import RolesMissingError
    from api.settings import Settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("procrastinate", "alembic", "psycopg.pool"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    with suppress(KeyboardInterrupt):
        try:
            return run(Settings())
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False):
                name = "".join(f"ENDUSE_{part}: ".upper() for part in problem["loc"])
                _tell(name + problem["msg"].removeprefix("Value error, "))
            return MISCONFIGURED
        except (LocalServerError, RolesMissingError, _ConfigurationError) as error:
            _tell(str(error))
            return MISCONFIGURED
        except OperationalError:
            _tell("the database does not answer, or refuses the role; see its log")
            return UNAVAILABLE
        except PermissionError as error:
            _tell(f"{error.filename}: permission denied; the data folder belongs to the user who first started here")
            return MISCONFIGURED
    return INTERRUPTED


def _require_newest(database: "Database") -> None:
    from api.db.migrate import current, newest

    if current(database.app_url) != newest():
        raise _ConfigurationError("the database is not at this release's revision: run `enduse migrate`")


def _leave(_number: int, _frame: object) -> NoReturn:
    """End by unwinding, so that everything started here is stopped in good order."""
    raise SystemExit(0)


def _tell(sentence: str) -> None:
    sys.stderr.write(f"enduse: {sentence}\n")
