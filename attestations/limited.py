"""Verify one file of a stranger in a process of its own, which can take so much time and memory and no more.

Run as `python -I -m attestations.limited`. The frame on the standard input is a line of JSON with the sizes of `file`
and `trust` and the moment, then those bytes. Where the log is looked at, the process writes `record sha256:...`, the
digest of the statement, and reads a line with a size and so many bytes (0 for none). The last line is the report.

Invariants: the limits are set before a byte is read; nothing is written to a file and nothing is fetched; whatever goes
wrong, the exit code is not 0 and no report stands on the standard output.
"""

import json
import resource
import sys
from collections.abc import Mapping
from datetime import datetime

CPU_SECONDS = 10
MEMORY_BYTES = 1024 * 1024 * 1024
OPEN_FILES = 64


def limit() -> None:
    """Bound this process for good."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Verify what stands on the standard input, and print the report as one line of JSON."""
    limit()
    from attestations.trust import parse
    from attestations.verification import verify

    frame: Mapping[str, int | str] = json.loads(sys.stdin.buffer.readline())
    file, trust = (sys.stdin.buffer.read(int(frame[name])) for name in ("file", "trust"))
    at = datetime.fromisoformat(str(frame["at"]))
    report = verify(file, parse(trust), at, record=_ask)
    sys.stdout.write(json.dumps(report.to_json()) + "\n")
    sys.stdout.flush()


def _ask(statement: str) -> bytes | None:
    sys.stdout.write(f"record {statement}\n")
    sys.stdout.flush()
    size = int(sys.stdin.buffer.readline())
    return sys.stdin.buffer.read(size) if size else None


if __name__ == "__main__":
    main()
