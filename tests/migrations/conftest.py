"""A connection that sees the whole catalogue of a migrated database."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest


@pytest.fixture
def catalogue(database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.superuser_url) as connection:
        yield connection
