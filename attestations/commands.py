"""The subcommands of the base install: verify and score.

Invariants: exit codes are a contract. verify: 0 PASSED, 1 INDETERMINATE, 2 FAILED. score: 0. Both: 64 for a wrong use,
such as a missing file, with one line per problem on the error stream.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NoReturn, TextIO

from attestations.cli import USAGE_ERROR

EXIT_CODES = {"PASSED": 0, "INDETERMINATE": 1, "FAILED": 2}


class UsageError(Exception):
    """The command was used wrongly; every problem is named."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


class _Parser(argparse.ArgumentParser):
    """argparse exits with 2, which means FAILED here."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


def verify(argv: Sequence[str]) -> int:
    """Verify a PDF or a bundle and return 0 PASSED, 1 INDETERMINATE, 2 FAILED or 64 (wrong use)."""
    parser = _Parser(prog="enduse verify", description="Verify an attestation PDF or a bare bundle, offline.")
    parser.add_argument("file", type=Path, metavar="FILE", help="attestation PDF or attestation.json")
    parser.add_argument("--trust", type=Path, required=True, help="trust.json: the roots and signers you trust")
    parser.add_argument("--at", type=_moment, metavar="DATE", help="verify as of this day (its end, UTC) or moment")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    try:
        arguments = parser.parse_args(argv)
        return _verify(arguments)
    except UsageError as error:
        return _complain(parser.prog, error)
    except SystemExit as stop:
        return int(stop.code or 0)


def _verify(arguments: argparse.Namespace) -> int:
    from attestations.byte_range import MAX_PDF
    from attestations.report import Report
    from attestations.trust import MAX_TRUST, TrustError
    from attestations.trust import parse as parse_trust
    from attestations.verification import verify as verify_bytes

    try:
        trust = parse_trust(_read(arguments.trust, MAX_TRUST))
    except TrustError as error:
        raise UsageError(*(f"{arguments.trust}: {problem}" for problem in error.problems)) from error
    report: Report = verify_bytes(_read(arguments.file, MAX_PDF), trust, arguments.at or datetime.now(UTC))
    if arguments.json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n")
    else:
        from attestations.printing import print_report

        print_report(report, sys.stdout)
    return EXIT_CODES[report.outcome]


def score(argv: Sequence[str]) -> int:
    """Score a CSV or JSON file of criterion values; return 0, or 64 with every problem of the file named."""
    parser = _Parser(prog="enduse score", description="Score criterion values: one row per deployment, '?' for open.")
    parser.add_argument("--criteria", required=True, metavar="REV", help="criteria revision: ID, ID@REVISION or digest")
    parser.add_argument("--values", type=Path, required=True, metavar="FILE", help="CSV or JSON (a list of objects)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    try:
        arguments = parser.parse_args(argv)
        results = _score(arguments)
    except UsageError as error:
        return _complain(parser.prog, error)
    except SystemExit as stop:
        return int(stop.code or 0)
    _print_results(results, sys.stdout, as_json=arguments.json)
    return 0


def _score(arguments: argparse.Namespace) -> list[dict[str, str]]:
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
    return score_values(criteria, rows)


def _print_results(results: list[dict[str, str]], stream: TextIO, *, as_json: bool) -> None:
    from attestations.printing import print_table

    if as_json:
        stream.write(json.dumps(results, ensure_ascii=False, indent=2) + "\n")
    else:
        print_table(results, stream)


def _read(path: Path, limit: int) -> bytes:
    """Return a file's bytes, one more than `limit` at the most, so that a huge file is refused without reading it."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be read'}") from error


def _moment(text: str) -> datetime:
    try:
        if "T" not in text:
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59), tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("not a day (2026-11-25) or a moment (2026-11-25T09:00:00Z)") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _complain(program: str, error: UsageError) -> int:
    sys.stderr.writelines(f"{program}: {problem}\n" for problem in error.problems)
    return USAGE_ERROR
