"""The service's commands: each takes its arguments and returns an exit code.

Invariants: nothing heavy is imported before a command is called; what an operator can mend is told in a sentence, not
as a traceback, and no sentence repeats a setting's value.
"""

import argparse
import asyncio
import gc
import json
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from datetime import datetime

    from fastapi import FastAPI

    from api.db.database import Database
    from api.settings import Settings

OPENAPI = Path("openapi/openapi.json")
UNAVAILABLE = 69
MISCONFIGURED = 78
INTERRUPTED = 130


def serve(argv: Sequence[str]) -> int:
    """Run the service with its workers; migrates first in development."""
    parser = argparse.ArgumentParser("enduse serve", description="Run the service with its workers.")
    parser.add_argument("--host", help="address to listen on (default: ENDUSE_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (default: ENDUSE_PORT)")
    options = parser.parse_args(argv)

    def run(settings: "Settings", loading: ExitStack) -> int:
        from api.db.database import reach_database

        signal.signal(signal.SIGTERM, _leave)
        with reach_database(settings) as database:
            if settings.environment == "development" and database.owner_url:
                from api.db.migrate import migrate as bring_to_newest

                bring_to_newest(database.owner_url)
            _require_newest(database)
            app = _open_app(settings, database)
            loading.close()
            asyncio.run(_serve(app, settings, options.host or settings.host, options.port or settings.port))
        return 0

    with ExitStack() as loading:
        loading.enter_context(_loading())
        return with_settings(lambda settings: run(settings, loading))


@contextmanager
def _loading() -> Iterator[None]:
    """Hold the garbage collector back while the service is loaded: none of that is garbage, then or later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _open_app(settings: "Settings", database: "Database") -> "FastAPI":
    from api import keys
    from api.app import create_app
    from api.db.engine import Limits, open_engine
    from api.db.session import sessions_on
    from api.evidence.files import open_files
    from api.settings import warn_of_insecurities
    from api.transparency.published import open_published

    warn_of_insecurities(settings)
    found = keys.load(settings)
    limits = Limits(settings.statement_seconds, settings.idle_transaction_seconds)
    engine = open_engine(database.app_url, pool_size=settings.pool_size, revive=database.revive, limits=limits)
    return create_app(
        settings, sessions=sessions_on(engine), files=open_files(settings), signer=found.signer,
        token_keys=found.token, published=open_published(settings, found.log.public), trust=found.trust,
        status_key=found.status,
    )  # fmt: skip


async def _serve(app: "FastAPI", settings: "Settings", host: str, port: int) -> None:
    import uvicorn

    from api.http.connections import server_options
    from api.jobs.supervision import supervised

    logging.getLogger("uvicorn.access").addFilter(_drop_query)
    options = server_options(settings)
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_config=None, server_header=False, **options))
    async with supervised(settings.worker_processes):
        await server.serve()
    if not server.started:
        raise ConfigurationError("the service could not start; the messages above say why")


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

    return with_settings(run)


def migrate(argv: Sequence[str]) -> int:
    """Bring the database to this release."""
    argparse.ArgumentParser("enduse migrate", description="Bring the database to this release.").parse_args(argv)

    def run(settings: "Settings") -> int:
        from api.db import migrate as migrations
        from api.db.database import reach_database

        with reach_database(settings) as database:
            if database.owner_url is None:
                raise ConfigurationError("set ENDUSE_OWNER_DATABASE_URL to the address of the role enduse_owner")
            migrations.migrate(database.owner_url)
            sys.stdout.write(f"the database is at revision {migrations.current(database.owner_url)}\n")
        return 0

    return with_settings(run)


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

    return with_settings(run)


def keys(argv: Sequence[str]) -> int:
    """Make what keys are missing, and print trust.json, from which verifiers know this installation."""
    parser = argparse.ArgumentParser("enduse keys", description="Make missing keys; print trust.json.")
    act = parser.add_mutually_exclusive_group()
    act.add_argument(
        "--rotate", nargs="?", const="token", choices=("token", "signer", "log", "status", "list"),
        help="put a new key in the place of one, of access tokens unless named; what older ones signed verifies on",
    )  # fmt: skip
    act.add_argument("--revoke", metavar="KEY", help="revoke an old key: a key id, or the text form of a log's key")
    parser.add_argument("--reason", help="why it is revoked; needed with --revoke, and printed in the trust list")
    parser.add_argument(
        "--at", type=_moment, help="from when on it does not count, as 2026-11-25T09:00:00Z; now unless given"
    )
    options = parser.parse_args(argv)
    if (options.revoke is None) != (options.reason is None) or (options.at and options.revoke is None):
        parser.error("--revoke and --reason belong together, and --at to them")

    def run(settings: "Settings") -> int:
        from api import keys as installation
        from api import rotation
        from api.identity.keys import load_keys
        from api.transparency.keys import load_log_key
        from api.trust_file import LIST_KEY, STATUS_KEY, load_plain_key

        folder = installation.folder_of(settings)
        load_keys(folder, create=True)
        load_log_key(folder, settings.base_url, create=True)
        for name in (LIST_KEY, STATUS_KEY):
            load_plain_key(folder / name, create=True)
        try:
            if options.rotate:
                _tell(rotation.rotate(settings, options.rotate))
            if options.revoke:
                rotation.revoke(settings, options.revoke, options.reason, options.at)
        except rotation.RotationError as error:
            raise ConfigurationError(str(error)) from None
        sys.stdout.write(installation.load(settings).trust.decode() + "\n")
        return 0

    return with_settings(run)


def _moment(text: str) -> "datetime":
    from attestations.statement import read_instant

    return read_instant(text)


def operator(argv: Sequence[str]) -> int:
    """Create an operator with a client, and print the client's id and secret as JSON; the secret is shown once."""
    parser = argparse.ArgumentParser("enduse operator", description="Create an operator and print its client.")
    parser.add_argument("name", help="name of the operating organisation")
    options = parser.parse_args(argv)

    def run(settings: "Settings") -> int:
        from api.db.database import reach_database
        from api.db.engine import open_engine
        from api.db.session import sessions_on, unit_of_work
        from api.identity import service
        from api.identity.clients import Registration, create_client
        from api.tenancy import Role

        with reach_database(settings) as database:
            _require_newest(database)
            sessions = sessions_on(open_engine(database.app_url, pool_size=1))
            with unit_of_work(sessions, None) as session:
                organisation = service.create_organisation(session, options.name, None, [Role.OPERATOR])
                session.commit()
            client, secret = create_client(sessions, organisation, Registration("operator"))
        made = {"organisation": str(organisation.id), "client_id": str(client.id), "client_secret": secret}
        sys.stdout.write(json.dumps(made) + "\n")
        return 0

    return with_settings(run)


def openapi(argv: Sequence[str]) -> int:
    """Write openapi/openapi.json and the schemas of answers, or with --check tell whether they fit the code."""
    parser = argparse.ArgumentParser("enduse openapi", description="Write the OpenAPI document and answer schemas.")
    parser.add_argument("--check", action="store_true", help="change nothing; return 1 if a file does not fit")
    options = parser.parse_args(argv)

    def run(settings: "Settings") -> int:
        from api.app import describe_app
        from api.openapi import write, write_answer_schemas

        texts = {OPENAPI: write(describe_app(settings))}
        texts |= {OPENAPI.parent / name: text for name, text in write_answer_schemas().items()}
        for file, text in texts.items():
            if not options.check:
                file.parent.mkdir(exist_ok=True)
                file.write_text(text, encoding="utf-8")
            elif not file.exists() or file.read_text(encoding="utf-8") != text:
                _tell(f"{file} does not fit the code: run `enduse openapi` and read the difference")
                return 1
        return 0

    return with_settings(run)


class ConfigurationError(Exception):
    """Something that the operator can mend; the message says what."""


def with_settings(run: Callable[["Settings"], int]) -> int:
    """Run a command with the settings of the environment; tell what is wrong with them, or around them."""
    from pydantic import ValidationError
    from sqlalchemy.exc import OperationalError

    from api.db.installation import LocalServerError
    from api.db.roles import RolesMissingError
    from api.settings import Settings
    from attestations.signing import KeyFileError
    from attestations.token_key import TokenKeyError

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
        except (LocalServerError, RolesMissingError, KeyFileError, TokenKeyError, ConfigurationError) as error:
            _tell(str(error))
        except FileNotFoundError as error:
            _tell(f"{error.filename}: {error.strerror}")
        except PermissionError as error:
            _tell(f"{error.filename}: permission denied; the data folder belongs to the user who first started here")
        except OperationalError:
            _tell("the database does not answer, or refuses the role; see its log")
            return UNAVAILABLE
        return MISCONFIGURED
    return INTERRUPTED


def _drop_query(record: logging.LogRecord) -> bool:
    """Keep query strings out of the access log: somebody may put a token there."""
    if isinstance(record.args, tuple) and len(record.args) == len(("client", "method", "path", "version", "status")):
        client, method, path, version, status = record.args
        record.args = (client, method, str(path).partition("?")[0], version, status)
    return True


def _require_newest(database: "Database") -> None:
    from api.db.migrate import current, newest

    if current(database.app_url) != newest():
        raise ConfigurationError("the database is not at this release's revision: run `enduse migrate`")


def _leave(_number: int, _frame: object) -> NoReturn:
    """End by unwinding, so that everything started here is stopped in good order."""
    raise SystemExit(0)


def _tell(sentence: str) -> None:
    sys.stderr.write(f"enduse: {sentence}\n")
