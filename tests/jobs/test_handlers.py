"""A worker loads a handler by its name alone, and can write with it."""

import subprocess
import sys

import pytest

from api.jobs.registry import HANDLERS, PERIODIC

TARGETS = sorted({*HANDLERS.values(), *(target for _, target in PERIODIC.values())})
RESOLVE = """
import sys
from api.db.base import Base
from api.jobs.registry import load_handler

load_handler(sys.argv[1])
tables = Base.metadata.tables.values()
print(sum(key.column is not None for table in tables for key in table.foreign_keys))
"""


@pytest.mark.parametrize("target", TARGETS)
def test_a_process_that_loads_one_handler_knows_every_table(target: str) -> None:
    done = subprocess.run([sys.executable, "-c", RESOLVE, target], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50
