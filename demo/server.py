"""A real server process on a loopback port, with its own data folder.

Invariant: leaving the block ends the server, its workers and its database; the folder is the caller's.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import httpx

LONGEST_START = 60.0
LONGEST_STOP = 30.0


class ServerError(Exception):
    """The server does not start; the message names its log."""


class Server(NamedTuple):
    """A running server."""

    address: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    log: Path

    def operator(self, name: str) -> tuple[str, str]:
        """Create an operator with the command, as on the day of installation; return its client's id and secret."""
        run = subprocess.run(
            [sys.executable, "-m", "api", "operator", name], env=self.environment, capture_output=True, check=True
        )
        made = json.loads(run.stdout)
        return made["client_id"], made["client_secret"]


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Server]:
    """Run `enduse serve` on a free port for the length of the block; settings are named as in docs/operations.md."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    # No setting of the caller's own installation may reach this one.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ENDUSE_")}
    environment = {**clean, "ENDUSE_DATA_FOLDER": str(folder), "ENDUSE_BASE_URL": address}
    environment |= {f"ENDUSE_{name.upper()}": str(value) for name, value in settings.items()}
    log = folder / "server.log"
    with log.open("ab") as output:
        command = [sys.executable, "-m", "api", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(address, process, log)
        yield Server(address, process, environment, log)
    finally:
        process.terminate()
        try:
            process.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + LONGEST_START
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.TransportError):
                if client.get(f"{address}/readyz").status_code == httpx.codes.OK:
                    return
            time.sleep(0.1)
    raise ServerError(f"the server did not start; see {log}")
