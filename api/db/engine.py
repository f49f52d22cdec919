"""Engines on psycopg 3.

Invariants: a pool never grows beyond its size (waiting is cheaper than a crowded server); a connection that died with a
restart of the database is noticed before it is used; no statement runs, and no transaction stands idle, for longer than
is set.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import Engine, create_engine, event

_CONNECT_TIMEOUT = 10
_SET = """select set_config('statement_timeout', %s, false),
    set_config('idle_in_transaction_session_timeout', %s, false),
    set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_bitmapscan', 'off', false)"""
# One plan for every tenant, along an index in the order of the list: tenants differ in size by the thousand, and a plan
# that depends on whose list it is fetched all rows of a large one and sorted them, or was made anew each time (ADR 15).


class Limits(NamedTuple):
    """How long the database lets a statement run, and a transaction stand idle, in seconds."""

    statement: float = 30
    idle_transaction: float = 60


LIMITS = Limits()


def open_engine(
    url: str, *, pool_size: int = 6, revive: Callable[[], None] | None = None, limits: Limits = LIMITS
) -> Engine:
    """Return an engine on a libpq address or `key=value` string.

    `revive` is called once after a refused connection and may bring the server back; then one more attempt is made.
    Raises sqlalchemy.exc.OperationalError on use, never here: no connection is made yet.
    """
    engine = create_engine(
        "postgresql+psycopg://",
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        use_native_hstore=False,
        hide_parameters=True,
    )
    connect_through(engine, url, revive, limits)
    return engine


def connect_through(
    engine: Engine, url: str, revive: Callable[[], None] | None = None, limits: Limits | None = None
) -> None:
    """Let an engine make its connections from a libpq address, which knows more forms than SQLAlchemy's own."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> psycopg.Connection[Any]:
        options = {"connect_timeout": _CONNECT_TIMEOUT, **options}
        try:
            connection = psycopg.connect(url, **options)
        except psycopg.OperationalError:
            if revive is None:
                raise
            revive()
            connection = psycopg.connect(url, **options)
        if limits is not None:
            _set_limits(connection, limits)
        return connection


def _set_limits(connection: psycopg.Connection[Any], limits: Limits) -> None:
    """Bound what one connection may hold up; for the length of the connection, whatever its role's defaults are."""
    values = (f"{round(limits.statement * 1000)}ms", f"{round(limits.idle_transaction * 1000)}ms")
    connection.execute(_SET, values)
    connection.commit()
