"""Keeps worker processes alive beside the serving process.

Invariants: a worker that dies is replaced, more slowly the faster it dies; each reads a pipe of ours as its standard
input and goes when that closes, so none survives us, not even our kill.
"""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-P", "-m", "api", "worker", "--supervised")
"""`-P`: a folder named `api` where the operator happens to stand is not ours."""
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
_HEALTHY = 30.0
"""Seconds after which a worker that ends counts as having worked."""
_STOP = 20.0


@asynccontextmanager
async def supervised(count: int, command: Sequence[str] = COMMAND) -> AsyncIterator[None]:
    """Keep `count` workers alive for the length of the block; all are gone afterwards."""
    keepers = [asyncio.create_task(_keep(command)) for _ in range(count)]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(command: Sequence[str]) -> None:
    pause = _FIRST_PAUSE
    while True:
        began = time.monotonic()
        # In a session of its own: Ctrl-C reaches us, and we let the worker end in good order.
        worker = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, start_new_session=True)
        try:
            code = await worker.wait()
        except asyncio.CancelledError:
            await _end(worker)
            raise
        log.warning("a worker ended with code %s; starting another", code)
        pause = _FIRST_PAUSE if time.monotonic() - began > _HEALTHY else min(pause * 2, _LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def _end(worker: asyncio.subprocess.Process) -> None:
    assert worker.stdin is not None
    worker.stdin.close()
    try:
        await asyncio.wait_for(worker.wait(), _STOP)
    except TimeoutError:
        worker.kill()
        await worker.wait()
