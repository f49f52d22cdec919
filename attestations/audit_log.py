"""Verifying an exported audit log: every entry is linked to the one before by its digest.

Invariants: a changed, removed, inserted or moved entry breaks the chain at its place; entries cut off the end are found
by the head that was noted before (`--head`), as a shortened chain is a chain. A person stands beside the entry that
commits to it by a salted digest, and may be erased: only where a later entry covers what is left. Nothing is trusted
but the arithmetic.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attestations.strict_json import StrictJSONError, read_json

LONGEST_LINE = 64 * 1024
MOST_FINDINGS = 20
INTACT, BROKEN, USAGE_ERROR = 0, 2, 64
VERSION = 2
ERASURE = "audit.erase"
_PARTS, _MORE, _PERSON = {"seq", "entry", "digest"}, {"person", "erased_by"}, {"name", "salt"}


class Head(NamedTuple):
    """The last entry that somebody noted: its number and digest."""

    seq: int
    digest: str


class ChainReport(NamedTuple):
    """The chain's head as read, and what is wrong, each with its line from 1."""

    head: Head
    findings: list[str]


class _Line(NamedTuple):
    seq: int
    payload: str
    digest: str
    person: tuple[str, str] | None
    """Name and salt."""
    erased_by: int | None


def verify_chain(lines: Iterable[bytes], noted: Head | None = None) -> ChainReport:
    """Check the lines of an export, oldest first; `noted` is a head that must be found in it."""
    findings: list[str] = []
    head, seen = Head(0, ""), noted is None
    covers: dict[int, Any] = {}
    for number, raw in enumerate(lines, start=1):
        line = _read(raw)
        if line is None:
            findings.append(f"line {number} is no entry")
            continue
        if line.seq != head.seq + 1:
            findings.append(f"line {number} has number {line.seq}, where {head.seq + 1} is due")
        entry = _entry(line.payload)
        rewritten = line.erased_by is not None and entry.get("version") != VERSION
        if line.digest != link(head.digest, line.seq, line.payload) and not rewritten:
            findings.append(f"line {number} (entry {line.seq}) does not follow from the entry before")
        findings.extend(f"line {number} (entry {line.seq}) {flaw}" for flaw in _person_flaws(line, entry))
        if line.erased_by is not None:
            _cover(covers, line)
        if entry.get("action") == ERASURE or line.seq in covers:
            cover = covers.pop(line.seq, None)
            if entry.get("action") != ERASURE or entry.get("after") != _digest(cover):
                findings.append(f"entry {line.seq} does not cover what is erased in its name")
        head = Head(line.seq, line.digest)
        seen = seen or head == noted
    findings.extend(f"entry {missing}, by which persons were erased, is missing" for missing in sorted(covers))
    if not seen:
        findings.append("the head that was noted is not in this log: it was cut off or rewritten")
    return ChainReport(head, findings)


def link(previous: str, seq: int, payload: str) -> str:
    """Return the digest of an entry: of the digest before, its number and its text, each on a line."""
    return "sha256:" + hashlib.sha256(f"{previous}\n{seq}\n{payload}".encode()).hexdigest()


def _person_flaws(line: _Line, entry: dict[str, Any]) -> list[str]:
    """Return what is wrong with the person beside an entry."""
    actor = entry.get("actor")
    committed = actor.get("person") if isinstance(actor, dict) else None
    if line.erased_by is not None and line.erased_by <= line.seq:
        return ["is erased by an entry that does not come after it"]
    if line.erased_by is not None and line.person is not None:
        return ["is erased and has a person"]
    if entry.get("version") != VERSION:  # the person stands in the text
        left = line.person is not None or (line.erased_by is not None and committed is not None)
        return ["has a person that its text does not commit to"] if left else []
    if line.person is None:
        whole = (committed is not None) == (line.erased_by is not None)
        return [] if whole else ["lacks its person" if committed is not None else "is erased and had no person"]
    name, salt = line.person
    fits = committed == "sha256:" + hashlib.sha256(f"{salt}\n{name}".encode(errors="replace")).hexdigest()
    return [] if fits else ["has a person that its text does not commit to"]


def _cover(covers: dict[int, Any], line: _Line) -> None:
    """Add an erased entry to what the entry of its erasure covers: number, digest and text, each on a line."""
    assert line.erased_by is not None
    covers.setdefault(line.erased_by, hashlib.sha256()).update(
        f"{line.seq}\n{line.digest}\n{line.payload}\n".encode(errors="replace")
    )


def _digest(cover: Any) -> str | None:
    return None if cover is None else "sha256:" + cover.hexdigest()


NO_HEAD = "No earlier head was given: a log whose last entries were cut off would look like this, too."


def audit(argv: Sequence[str]) -> int:
    """Run `enduse audit verify FILE`; return 0 intact, 2 broken, 64 used wrongly."""
    parser = argparse.ArgumentParser("enduse audit", description="Verify an exported audit log.")
    parser.add_argument("what", choices=["verify"])
    parser.add_argument("file", type=Path, help="the export: JSON lines, oldest first")
    parser.add_argument(
        "--head", type=_head, metavar="SEQ:DIGEST", help="a head noted before, which must be in the log"
    )
    parser.add_argument("--anchor", type=Path, help="the anchor of a day: its head must be in a log that you trust")
    parser.add_argument("--trust", type=Path, help="trust.json, with the log that the anchor is from")
    try:
        options = parser.parse_args(argv)
        noted = _anchored(parser, options) if options.anchor else options.head
        with options.file.open("rb") as lines:
            report = verify_chain(lines, noted)
    except SystemExit as stop:
        return USAGE_ERROR if stop.code else INTACT
    except OSError as error:
        print(f"enduse audit: {error.strerror}", file=sys.stderr)
        return USAGE_ERROR
    for finding in report.findings[:MOST_FINDINGS]:
        print(finding)
    verdict, head = "BROKEN" if report.findings else "INTACT", report.head
    print(f"{verdict}: {head.seq} entries, head {head.seq}:{head.digest}")
    if noted is None:
        print(NO_HEAD)
    return BROKEN if report.findings else INTACT


def _anchored(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Head:
    """Return the head that an anchor proves to be in a log of the trust list; end the program where it does not."""
    from attestations.audit_anchor import AnchorError, verify
    from attestations.text import plain
    from attestations.trust import TrustError, parse

    if options.trust is None or options.head is not None:
        parser.error("--anchor needs --trust, and takes the place of --head")
    try:
        head = verify(options.anchor.read_bytes(), parse(options.trust.read_bytes()))
    except (AnchorError, TrustError) as error:
        parser.error(plain(str(error)))
    print(f"anchored: head {head.seq}:{head.digest} at the end of {head.day}")
    return Head(head.seq, head.digest)


def _head(text: str) -> Head:
    found = re.fullmatch(r"([1-9][0-9]{0,17}):(sha256:[0-9a-f]{64})", text)
    if found is None:
        raise argparse.ArgumentTypeError("give a number, a colon and a digest, as an earlier run printed them")
    return Head(int(found[1]), found[2])


def _entry(payload: str) -> dict[str, Any]:
    """Return what an entry's text tells; nothing where it is no JSON object, which the chain alone then vouches for."""
    try:
        value = read_json(payload.encode(errors="replace"), limit=LONGEST_LINE)
    except StrictJSONError:
        return {}
    return value if isinstance(value, dict) else {}


def _read(line: bytes) -> _Line | None:
    try:
        value = read_json(line, limit=LONGEST_LINE)
    except StrictJSONError:
        return None
    if not isinstance(value, dict) or not _PARTS <= value.keys() <= _PARTS | _MORE:
        return None
    seq, payload, digest = value["seq"], value["entry"], value["digest"]
    person, erased_by = value.get("person", {}), value.get("erased_by", 0)
    numbers = type(seq) is int and type(erased_by) is int
    if not numbers or not isinstance(payload, str) or not isinstance(digest, str) or not isinstance(person, dict):
        return None
    if "person" in value and (person.keys() != _PERSON or not all(isinstance(v, str) for v in person.values())):
        return None
    return _Line(seq, payload, digest, (person["name"], person["salt"]) if person else None, value.get("erased_by"))
