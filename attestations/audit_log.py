"""Verifying an exported audit log: every entry is linked to the one before by its digest.

Invariants: a changed, removed, inserted or moved entry breaks the chain at its place; entries cut off the end are found
by the head that was noted before (`--head`), as a shortened chain is a chain. Nothing is trusted but the arithmetic.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from attestations.strict_json import StrictJSONError, read_json

LONGEST_LINE = 64 * 1024
MOST_FINDINGS = 20
INTACT, BROKEN, USAGE_ERROR = 0, 2, 64


class Head(NamedTuple):
    """The last entry that somebody noted: its number and digest."""

    seq: int
    digest: str


class ChainReport(NamedTuple):
    """The chain's head as read, and what is wrong, each with its line from 1."""

    head: Head
    findings: list[str]


def verify_chain(lines: Iterable[bytes], noted: Head | None = None) -> ChainReport:
    """Check the lines of an export, oldest first; `noted` is a head that must be found in it."""
    findings: list[str] = []
    head, seen = Head(0, ""), noted is None
    for number, line in enumerate(lines, start=1):
        entry = _read(line)
        if entry is None:
            findings.append(f"line {number} is no entry")
            continue
        seq, payload, digest = entry
        if seq != head.seq + 1:
            findings.append(f"line {number} has number {seq}, where {head.seq + 1} is due")
        if digest != link(head.digest, seq, payload):
            findings.append(f"line {number} (entry {seq}) does not follow from the entry before")
        head = Head(seq, digest)
        seen = seen or head == noted
    if not seen:
        findings.append("the head that was noted is not in this log: it was cut off or rewritten")
    return ChainReport(head, findings)


def link(previous: str, seq: int, payload: str) -> str:
    """Return the digest of an entry: of the digest before, its number and its text, each on a line."""
    return "sha256:" + hashlib.sha256(f"{previous}\n{seq}\n{payload}".encode()).hexdigest()


def audit(argv: Sequence[str]) -> int:
    """Run `enduse audit verify FILE`; return 0 intact, 2 broken, 64 used wrongly."""
    parser = argparse.ArgumentParser("enduse audit", description="Verify an exported audit log.")
    parser.add_argument("what", choices=["verify"])
    parser.add_argument("file", type=Path, help="the export: JSON lines, oldest first")
    parser.add_argument(
        "--head", type=_head, metavar="SEQ:DIGEST", help="a head noted before, which must be in the log"
    )
    try:
        options = parser.parse_args(argv)
        with options.file.open("rb") as lines:
            report = verify_chain(lines, options.head)
    except SystemExit as stop:
        return USAGE_ERROR if stop.code else INTACT
    except OSError as error:
        print(f"enduse audit: {error.strerror}", file=sys.stderr)
        return USAGE_ERROR
    for finding in report.findings[:MOST_FINDINGS]:
        print(finding)
    verdict, head = "BROKEN" if report.findings else "INTACT", report.head
    print(f"{verdict}: {head.seq} entries, head {head.seq}:{head.digest}")
    return BROKEN if report.findings else INTACT


def _head(text: str) -> Head:
    found = re.fullmatch(r"([1-9][0-9]{0,17}):(sha256:[0-9a-f]{64})", text)
    if found is None:
        raise argparse.ArgumentTypeError("give a number, a colon and a digest, as an earlier run printed them")
    return Head(int(found[1]), found[2])


def _read(line: bytes) -> tuple[int, str, str] | None:
    try:
        value = read_json(line, limit=LONGEST_LINE)
    except StrictJSONError:
        return None
    if not isinstance(value, dict) or value.keys() != {"seq", "entry", "digest"}:
        return None
    seq, payload, digest = value["seq"], value["entry"], value["digest"]
    if type(seq) is not int or not isinstance(payload, str) or not isinstance(digest, str):
        return None
    return seq, payload, digest
