"""Bring a database to the schema of this release, and tell where it stands.

Invariant: the models and the migrations describe the same tables; `drift` is empty, or the release is broken.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

import migrations
from api.db.base import Base
from api.db.engine import connect_through
from api.db.roles import require_roles
from api.db.tables import load_models

_ONE_AT_A_TIME = 7_305_127_551
"""Key of the advisory lock that keeps two migrating programs apart; any number that nobody else uses."""


def migrate(owner_url: str, revision: str = "head") -> None:
    """Upgrade to a revision, the newest unless named, in one transaction; does nothing when it is there already.

    Raises RolesMissingError before anything is changed, and whatever the database says about a failing step.
    """
    with _connected(owner_url) as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        raw: Any = connection.connection.driver_connection
        require_roles(raw)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def current(url: str) -> str | None:
    """Return the revision of the database, None where there is none; the serving role may ask as well."""
    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str:
    """Return the revision that this release wants; read once, as readiness asks for it again and again."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def drift(owner_url: str) -> list[str]:
    """Return every difference between the tables of the database and the models, as text."""
    load_models()
    options = {"include_name": _is_ours, "target_metadata": Base.metadata}
    with _connected(owner_url) as connection:
        context = MigrationContext.configure(connection, opts=options)
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def _config() -> Config:
    config = Config()
    folder = Path(migrations.__file__).parent
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine("postgresql+psycopg://", poolclass=NullPool, use_native_hstore=False)
    connect_through(engine, url)
    with engine.begin() as connection:
        yield connection
