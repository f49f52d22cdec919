"""Verify an upload in a process of its own.

Invariants: this process never parses what was uploaded; so many uploads are verified at once and so many wait, and
whoever comes then is told to come again before the upload is read; nothing of an upload is stored or logged.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from api.problems import Refusal
from attestations.limited import CPU_SECONDS
from attestations.statement import format_instant

AT_ONCE, WAITING = 2, 16
LONGEST = 3.0 * CPU_SECONDS
"""Seconds; a process that waits for the processor is given more than it may use of it."""
LARGEST_LINE = 64 * 1024 * 1024
COMMAND = (sys.executable, "-I", "-m", "attestations.limited")
FindRecord = Callable[[str], Awaitable[bytes | None]]
BUSY = Refusal("busy", "Many are verifying at the moment. Come again.", headers={"Retry-After": "10"})
UNREADABLE = Refusal("malformed", "The file could not be verified within the time and memory that there is for one.")


class Verifier:
    """Verifies uploads, a few at a time."""

    def __init__(self, trust: bytes) -> None:
        """Trust what a trust list names."""
        self._trust, self._turn, self._present = trust, asyncio.Semaphore(AT_ONCE), 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place for an upload before its body is read, so that so many bodies and no more are in memory.

        Raises Refusal where all are taken.
        """
        if self._present >= AT_ONCE + WAITING:
            raise BUSY
        self._present += 1
        try:
            yield
        finally:
            self._present -= 1

    async def verify(self, file: bytes, at: datetime, find_record: FindRecord) -> dict[str, Any]:
        """Return the report of an upload that has a place; raise Refusal where the file takes too much."""
        async with self._turn:
            return await self._run(file, at, find_record)

    async def _run(self, file: bytes, at: datetime, find_record: FindRecord) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=PIPE,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LARGEST_LINE,
            env={},  # no setting of ours: it has no business with the database or the keys
        )
        try:
            async with asyncio.timeout(LONGEST):
                report = await self._speak(process, file, at, find_record)
        except (TimeoutError, OSError, ValueError, EOFError):
            raise UNREADABLE from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return report

    async def _speak(self, process: Process, file: bytes, at: datetime, find_record: FindRecord) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        frame = {"file": len(file), "trust": len(self._trust), "at": format_instant(at)}
        process.stdin.write(json.dumps(frame).encode() + b"\n")
        process.stdin.write(file)
        process.stdin.write(self._trust)
        await process.stdin.drain()
        line = await process.stdout.readline()
        if line.startswith(b"record "):
            record = await find_record(line.removeprefix(b"record ").strip().decode()) or b""
            process.stdin.write(b"%d\n" % len(record) + record)
            await process.stdin.drain()
            line = await process.stdout.readline()
        if not line:
            raise EOFError
        report: dict[str, Any] = json.loads(line)
        return report
