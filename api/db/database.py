"""The database of this installation: the one that is named, or the embedded server."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where to connect; the addresses hold passwords and stay out of its text form."""

    app_url: str = field(repr=False)
    """The serving role's address."""
    owner_url: str | None = field(default=None, repr=False)
    """The migrating role's address, where it is known."""
    revive: Callable[[], None] | None = field(default=None, repr=False)
    """Brings the embedded server back after it died; None for a named server, which is not ours to start."""


@contextmanager
def reach_database(settings: Settings) -> Iterator[Database]:
    """Give the named database, or start or join the embedded server for the length of the block.

    Raises LocalServerError where the embedded server cannot be used. A named server is not contacted.
    """
    if settings.database_url is not None:
        owner = settings.owner_database_url
        yield Database(
            app_url=settings.database_url.get_secret_value(), owner_url=owner.get_secret_value() if owner else None
        )
        return
    from api.db.local import LocalServer

    log.warning("development only: ENDUSE_DATABASE_URL is not set, so the embedded PostgreSQL is used")
    with LocalServer(settings.data_folder / "postgres").running() as server:
        yield Database(app_url=server.app_url, owner_url=server.owner_url, revive=server.ensure)
