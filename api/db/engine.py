"""Engines on psycopg 3.

Invariants: a pool never grows beyond its size (waiting is cheaper than a crowded server); a connection that died with a
restart of the database is noticed before it is used.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event

_CONNECT_TIMEOUT = 10


def open_engine(url: str, *, pool_size: int = 6, revive: Callable[[], None] | None = None) -> Engine:
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
    connect_through(engine, url, revive)
    return engine


def connect_through(engine: Engine, url: str, revive: Callable[[], None] | None = None) -> None:
    """Let an engine make its connections from a libpq address, which knows more forms than SQLAlchemy's own."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> psycopg.Connection[Any]:
        options = {"connect_timeout": _CONNECT_TIMEOUT, **options}
        try:
            return psycopg.connect(url, **options)
        except psycopg.OperationalError:
            if revive is None:
                raise
            revive()
            return psycopg.connect(url, **options)
