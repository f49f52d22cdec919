"""Worlds that take seconds to make, made once in each process and copied for every test that asks.

Invariant: a test has a database and a folder of its own, so what it does to its copy no other test sees. A copy is the
same installation: its keys, its address in documents and its organisations' credentials are those of the original.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from api.db.local import LocalServer
from tests.databases import TestDatabase, database_on
from tests.service import Party, Service, serving

World = TypeVar("World", bound=tuple[Any, ...])
"""A named tuple whose parts are the service, its parties, worlds within it, and plain values."""


class _AtRest(NamedTuple):
    """A world that nobody is connected to."""

    database: TestDatabase
    folder: Path
    base_url: str
    parts: Any


class Worlds(ExitStack):
    """What was made so far; it goes when the block ends."""

    def __init__(self, server: LocalServer, folder: Path) -> None:
        super().__init__()
        self._server, self._folder = server, folder
        self._made: dict[Callable[[Service], Any], _AtRest] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    @contextmanager
    def copied(self, make: Callable[[Service], World], folder: Path) -> Iterator[World]:
        """Give a copy of the world that a function makes, served from a new folder, for the length of a block."""
        if make not in self._made:
            self._made[make] = self._prepare(make)
        original = self._made[make]
        shutil.copytree(original.folder, folder)
        with (
            database_on(self._server, template=original.database.name) as database,
            serving(database.app_url, folder, original.base_url) as service,
        ):
            service.superuser_url = database.superuser_url
            yield _renew(original.parts, service)

    def _prepare(self, make: Callable[[Service], Any]) -> _AtRest:
        folder = self._folder / str(len(self._made))
        database = self.enter_context(database_on(self._server))
        with serving(database.app_url, folder) as service:
            service.superuser_url = database.superuser_url
            return _AtRest(database, folder, service.settings.base_url, make(service))


def _renew(part: Any, service: Service) -> Any:
    """Return a part of a world as it is on another service."""
    if isinstance(part, Service):
        return service
    if isinstance(part, Party):
        return part.on(service)
    return part._make(_renew(inner, service) for inner in part) if hasattr(part, "_make") else part
