"""Running a subcommand: its output, its exit code, and every way in which it can be used wrongly.

Invariants: a subcommand returns text and a code, and whatever it raises cannot look like a result; a problem is one
line on the error stream; a file is read only if it is one, and never beyond the limit that its reader names.
"""

import argparse
import os
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from attestations.cli import INTERNAL_ERROR, USAGE_ERROR
from attestations.text import plain


class UsageError(Exception):
    """The command was used wrongly; every problem is named."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


class Parser(argparse.ArgumentParser):
    """argparse exits with 2, which means FAILED here, and repeats arguments as they are."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError, whose code is 64."""
        raise UsageError(message)


def run(parser: Parser, argv: Sequence[str], command: Callable[[argparse.Namespace], tuple[str, int]]) -> int:
    """Print the text that a command makes and return its code; whatever it raises must not look like a result."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        text, code = command(parser.parse_args(argv))
        sys.stdout.write(text)
        sys.stdout.flush()
    except UsageError as error:
        return _complain(parser.prog, error.problems, USAGE_ERROR)
    except SystemExit as stop:  # argparse printed the help
        return int(stop.code or 0)
    except OSError:
        _abandon_output()
        return _complain(parser.prog, ["the output could not be written"], INTERNAL_ERROR)
    except Exception as error:  # noqa: BLE001  # a crash would end in 1, which means INDETERMINATE
        return _complain(parser.prog, [f"internal error: {type(error).__name__}"], INTERNAL_ERROR)
    return code


def _complain(program: str, problems: Sequence[str], code: int) -> int:
    with suppress(OSError, AttributeError):  # there may be no error stream
        sys.stderr.writelines(f"{program}: {plain(problem)}\n" for problem in problems)
    return code


def _abandon_output() -> None:
    """Send what is still buffered nowhere, or Python would fail again at its end and change the exit code."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def read_file(path: Path, limit: int) -> bytes:
    """Return a file's bytes, one more than `limit` at the most, so that a huge file is refused without reading it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, a device never ends
            raise UsageError(f"{path}: not a file")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        raise UsageError(f"{path}: {said or 'cannot be read'}") from error
