"""The subcommands of the base install: verify and score.

Invariants: exit codes are a contract. verify: 0 PASSED, 1 INDETERMINATE, 2 FAILED, and nothing else ends so. score: 0.
Both: 64 for a wrong use, such as a missing file, with one line per problem on the error stream; 70 where the program
itself failed or its output could not be written.
"""

import argparse
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import NoReturn

from attestations.cli import INTERNAL_ERROR, USAGE_ERROR
from attestations.policy_options import add_policy, policy_of
from attestations.text import plain

EXIT_CODES = {"PASSED": 0, "INDETERMINATE": 1, "FAILED": 2}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class UsageError(Exception):
    """The command was used wrongly; every problem is named."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


class _Parser(argparse.ArgumentParser):
    """argparse exits with 2, which means FAILED here, and repeats arguments as they are."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def verify(argv: Sequence[str]) -> int:
    """Verify a PDF or a bundle and return 0 PASSED, 1 INDETERMINATE, 2 FAILED, 64 (wrong use) or 70 (our failure)."""
    parser = _Parser(prog="enduse verify", description="Verify an attestation PDF or a bare bundle, offline.")
    parser.add_argument("file", type=Path, metavar="FILE", help="attestation PDF or attestation.json")
    parser.add_argument("--trust", type=Path, required=True, help="trust.json: the roots and signers you trust")
    parser.add_argument("--at", type=_moment, metavar="DATE", help="verify as of this day (its end, UTC) or moment")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--revision", type=_digest, action="append", default=[], metavar="DIGEST",
        help="take this questionnaire, criteria or context although this release does not ship it (repeatable)",
    )  # fmt: skip
    parser.add_argument("--record", type=Path, help="what the log and the status list say about it (record.json)")
    parser.add_argument("--leaf", type=Path, help="a single leaf that is to be proven one of the attestation's")
    add_policy(parser)
    return _run(parser, argv, _verify)


def score(argv: Sequence[str]) -> int:
    """Score a CSV or JSON file of criterion values; return 0, 64 with every problem of the file named, or 70."""
    parser = _Parser(prog="enduse score", description="Score criterion values: one row per deployment, '?' for open.")
    parser.add_argument("--criteria", required=True, metavar="REV", help="criteria revision: ID, ID@REVISION or digest")
    parser.add_argument("--values", type=Path, required=True, metavar="FILE", help="CSV or JSON (a list of objects)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return _run(parser, argv, _score)


def _run(parser: _Parser, argv: Sequence[str], command: Callable[[argparse.Namespace], tuple[str, int]]) -> int:
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


def _verify(arguments: argparse.Namespace) -> tuple[str, int]:
    from attestations.byte_range import MAX_PDF
    from attestations.printing import print_report
    from attestations.record import MAX_RECORD
    from attestations.single_leaf import MAX_PROOF
    from attestations.trust import MAX_TRUST, TrustError
    from attestations.trust import parse as parse_trust
    from attestations.verification import verify as verify_bytes

    try:
        trust = parse_trust(_read(arguments.trust, MAX_TRUST))
    except TrustError as error:
        raise UsageError(*(f"{arguments.trust}: {problem}" for problem in error.problems)) from error
    at = arguments.at or datetime.now(UTC)
    record = _read(arguments.record, MAX_RECORD) if arguments.record else None
    leaf = _read(arguments.leaf, MAX_PROOF) if arguments.leaf else None
    report = verify_bytes(
        _read(arguments.file, MAX_PDF), trust, at,
        revisions=arguments.revision, record=record, policy=policy_of(arguments), leaf=leaf,
    )  # fmt: skip
    if arguments.json:
        return json.dumps(report.to_json(), indent=2) + "\n", EXIT_CODES[report.outcome]
    text = StringIO()
    print_report(report, text)
    return text.getvalue(), EXIT_CODES[report.outcome]


def _score(arguments: argparse.Namespace) -> tuple[str, int]:
    from attestations.printing import print_table
    from attestations.values import MAX_VALUES, ValuesError, read_values
    from questionnaires import library
    from questionnaires.values import score_values

    criteria = library.find(library.criteria(), arguments.criteria)
    if criteria is None:
        raise UsageError(f"no criteria revision {arguments.criteria!r} is shipped")
    try:
        rows = read_values(_read(arguments.values, MAX_VALUES), json_file=arguments.values.suffix.lower() == ".json")
    except ValuesError as error:
        raise UsageError(*(f"{arguments.values}: {problem}" for problem in error.problems)) from error
    results = score_values(criteria, rows)
    if arguments.json:
        return json.dumps(results, indent=2) + "\n", 0
    text = StringIO()
    print_table(results, text)
    return text.getvalue(), 0


def _read(path: Path, limit: int) -> bytes:
    """Return a file's bytes, one more than `limit` at the most, so that a huge file is refused without reading it."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, a device never ends
            raise UsageError(f"{path}: not a file")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        raise UsageError(f"{path}: {said or 'cannot be read'}") from error


def _moment(text: str) -> datetime:
    try:
        if "T" not in text:
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59), tzinfo=UTC)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError("not a day (2026-11-25) or a moment (2026-11-25T09:00:00Z)") from error


def _digest(text: str) -> str:
    if not _DIGEST.fullmatch(text):
        raise argparse.ArgumentTypeError("not a digest (sha256: and 64 hexadecimal digits)")
    return text
