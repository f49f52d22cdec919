"""A context snapshot from files of figures and their manifest.

Invariants: nothing is guessed: every file has its source, date, licence and digest, every code is known, every figure
lies in its range; what is wrong is told all at once, each with its file and line; the same files give the same digest.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError

from questionnaires.canonical import digest_bytes
from questionnaires.context import Context, Source
from questionnaires.countries import is_known
from questionnaires.definition import DigestText, Model, Text

COLUMNS = {
    "index": ("code", "name", "rank"),
    "areas": ("code", "name", "parent", "territory", "reason"),
    "memberships": ("code", "membership"),
}
"""What each kind of file holds: its columns, by name and in any order."""
MOST_ROWS = 20_000
_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,4})?")
_RANK = re.compile(r"\d{1,3}(\.\d{1,2})?")
_LEVELS = range(5)


class Mistake(NamedTuple):
    """What is wrong and where: `file`, `file:line` or `manifest: place`."""

    place: str
    what: str


class SnapshotError(ValueError):
    """A snapshot cannot be made."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        """Keep every mistake."""
        super().__init__(f"{len(mistakes)} mistakes")
        self.mistakes = mistakes


class SourceFile(Model):
    """A file of figures: what it holds, and where it comes from."""

    file: Text
    holds: Literal["index", "areas", "memberships"]
    title: Text
    publisher: Text
    year: int
    licence: Text
    taken_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    digest: DigestText


class Manifest(Model):
    """Names a snapshot and its files. Every value is written as text; `revision` is its date, as far as known."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{2,60}$")
    revision: str = Field(pattern=r"^[0-9]{4}(-[0-9]{2})?(-[0-9]{2})?$")
    title: Text
    files: tuple[SourceFile, ...] = Field(min_length=1, max_length=20)


def file_names(manifest: object) -> list[str]:
    """Return the files that a manifest names, as far as it can be read."""
    files = manifest.get("files") if isinstance(manifest, dict) else None
    named = [item.get("file") for item in files if isinstance(item, dict)] if isinstance(files, list) else []
    return [name for name in named if isinstance(name, str)]


def build_snapshot(manifest: object, files: Mapping[str, bytes]) -> Context:
    """Return the snapshot of a parsed manifest and its files' bytes by name; raise SnapshotError with every mistake."""
    mistakes, areas = list[Mistake](), dict[str, dict[str, Any]]()
    parsed = None
    try:
        parsed = Manifest.model_validate(manifest)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False, include_context=False):
            mistakes.append(Mistake("manifest: " + ".".join(map(str, problem["loc"])), problem["msg"]))
    for item in _items(manifest):
        _read(item, files, areas, mistakes)
    for code, area in areas.items():
        parent = area.get("parent")
        if parent is not None and parent not in areas and not is_known(parent):
            mistakes.append(Mistake(area["at"], f"{code}: the parent {parent} is not known"))
    if parsed is None or mistakes:
        raise SnapshotError(mistakes)
    try:
        return _context(parsed, areas)
    except ValidationError as error:
        raise SnapshotError(
            [Mistake(".".join(map(str, p["loc"])), p["msg"]) for p in error.errors(include_input=False)]
        ) from None


def _items(manifest: object) -> list[dict[str, Any]]:
    files = manifest.get("files") if isinstance(manifest, dict) else None
    return [item for item in files if isinstance(item, dict)] if isinstance(files, list) else []


def _read(
    item: Mapping[str, Any], files: Mapping[str, bytes], areas: dict[str, dict[str, Any]], mistakes: list[Mistake]
) -> None:
    name, holds = item.get("file"), item.get("holds")
    if not isinstance(name, str) or holds not in COLUMNS:
        return  # told of the manifest
    if name not in files:
        mistakes.append(Mistake(name, "the file is not there"))
        return
    if item.get("digest") != digest_bytes(files[name]):
        mistakes.append(Mistake(name, f"the digest in the manifest is not the file's, {digest_bytes(files[name])}"))
    seen: set[tuple[str, str]] = set()
    for at, row in _rows(name, files[name], COLUMNS[holds], mistakes):
        code = row["code"]
        key = (code, row.get("membership", ""))
        if not _CODE.fullmatch(code) or not is_known(code):
            mistakes.append(Mistake(at, f"the code {code or '(none)'} is not known"))
        elif key in seen:
            mistakes.append(Mistake(at, f"{code} stands here twice"))
        else:
            seen.add(key)
            _merge(at, row, areas.setdefault(code, {"at": at, "name": code, "memberships": []}), mistakes)


def _rows(
    name: str, data: bytes, columns: tuple[str, ...], mistakes: list[Mistake]
) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if set(reader.fieldnames or ()) != set(columns):
            mistakes.append(Mistake(f"{name}:1", f"the columns must be {', '.join(columns)}"))
            return
        for number, row in enumerate(reader):
            at = f"{name}:{reader.line_num}"
            if number >= MOST_ROWS:
                mistakes.append(Mistake(at, f"more than {MOST_ROWS} rows"))
                return
            if None in row or None in row.values():
                mistakes.append(Mistake(at, f"the row must have {len(columns)} fields"))
            else:
                yield at, {column: value.strip() for column, value in row.items()}
    except (UnicodeDecodeError, csv.Error) as error:
        mistakes.append(Mistake(name, f"the file is not a CSV in UTF-8 ({type(error).__name__})"))


def _merge(at: str, row: Mapping[str, str], area: dict[str, Any], mistakes: list[Mistake]) -> None:
    if row.get("name"):
        area["name"] = row["name"]
    if row.get("parent"):
        area["parent"] = row["parent"]
    if row.get("reason"):
        area["reason"] = row["reason"]
    if "membership" in row:
        area["memberships"].append(row["membership"])
    if row.get("rank"):
        rank = _rank(row["rank"])
        if rank is None:
            mistakes.append(Mistake(at, "rank must be a number from 0 to 100 with two decimals at most"))
        area["rank"] = rank
    if row.get("territory"):
        level = row["territory"]
        if level not in {str(known) for known in _LEVELS}:
            mistakes.append(Mistake(at, "territory must be a whole number from 0 to 4"))
        elif level != "0" and not row.get("reason"):
            mistakes.append(Mistake(at, "a territory above 0 needs a reason"))
        else:
            area["territory"] = int(level)


def _rank(text: str) -> int | None:
    rank = int(Decimal(text) * 100) if _RANK.fullmatch(text) else -1
    return rank if 0 <= rank <= 100 * 100 else None


def _context(manifest: Manifest, areas: Mapping[str, Mapping[str, Any]]) -> Context:
    sources = tuple(
        Source(
            title=file.title, publisher=file.publisher, year=file.year, licence=file.licence, taken_on=file.taken_on,
            digest=file.digest,
        )
        for file in manifest.files
    )  # fmt: skip
    plain = {
        code: {**{k: v for k, v in area.items() if k != "at"}, "memberships": tuple(sorted(area["memberships"]))}
        for code, area in sorted(areas.items())
    }
    return Context.model_validate(
        {"id": manifest.id, "revision": manifest.revision, "title": manifest.title, "sources": sources, "areas": plain}
    )
