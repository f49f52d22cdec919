"""The subcommands of the base install: verify and score.

Invariants: exit codes are a contract. verify: 0 PASSED, 1 INDETERMINATE, 2 FAILED, and nothing else ends so. score: 0.
Both: 64 for a wrong use, such as a missing file, with one line per problem on the error stream; 70 where the program
itself failed or its output could not be written.
"""

import argparse
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from io import StringIO
from pathlib import Path

from attestations.policy_options import add_policy, policy_of
from attestations.running import Parser, UsageError
from attestations.running import read_file as _read
from attestations.running import run as _run

EXIT_CODES = {"PASSED": 0, "INDETERMINATE": 1, "FAILED": 2}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def verify(argv: Sequence[str]) -> int:
    """Verify a PDF or a bundle and return 0 PASSED, 1 INDETERMINATE, 2 FAILED, 64 (wrong use) or 70 (our failure)."""
    parser = Parser(prog="enduse verify", description="Verify an attestation PDF or a bare bundle, offline.")
    parser.add_argument("file", type=Path, metavar="FILE", help="attestation PDF or attestation.json")
    parser.add_argument("--trust", type=Path, required=True, help="trust.json: the roots and signers you trust")
    parser.add_argument("--at", type=_moment, metavar="DATE", help="verify as of this day (its end, UTC) or moment")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the report as JSON")
    form.add_argument("--etsi", action="store_true", help="print the report as XML after ETSI TS 119 102-2")
    parser.add_argument(
        "--revision", type=_digest, action="append", default=[], metavar="DIGEST",
        help="take this questionnaire, criteria or context although this release does not ship it (repeatable)",
    )  # fmt: skip
    parser.add_argument("--record", type=Path, help="what the log and the status list say about it (record.json)")
    parser.add_argument("--leaf", type=Path, help="a single leaf that is to be proven one of the attestation's")
    parser.add_argument(
        "--countersignatures", type=Path, metavar="FILE", help="what others declare and assure beside it"
    )
    parser.add_argument("--sensitivity", action="store_true", help="say how firm the bands are under other weights")
    add_policy(parser)
    return _run(parser, argv, _verify)


def score(argv: Sequence[str]) -> int:
    """Score a CSV or JSON file of criterion values; return 0, 64 with every problem of the file named, or 70."""
    parser = Parser(prog="enduse score", description="Score criterion values: one row per deployment, '?' for open.")
    parser.add_argument("--criteria", required=True, metavar="REV", help="criteria revision: ID, ID@REVISION or digest")
    parser.add_argument("--values", type=Path, required=True, metavar="FILE", help="CSV or JSON (a list of objects)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return _run(parser, argv, _score)


def _verify(arguments: argparse.Namespace) -> tuple[str, int]:
    from attestations.byte_range import MAX_PDF
    from attestations.countersignatures.file import MAX_FILE
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
    beside = _read(arguments.countersignatures, MAX_FILE) if arguments.countersignatures else None
    data = _read(arguments.file, MAX_PDF)
    report = verify_bytes(
        data, trust, at,
        revisions=arguments.revision, record=record, policy=policy_of(arguments), leaf=leaf,
        countersignatures=beside, sensitivity=arguments.sensitivity,
    )  # fmt: skip
    if arguments.json:
        return json.dumps(report.to_json(), indent=2) + "\n", EXIT_CODES[report.outcome]
    if arguments.etsi:
        from attestations.etsi_report import build

        return build(report, data).decode(), EXIT_CODES[report.outcome]
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
