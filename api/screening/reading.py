"""Reading list files: the consolidated list of the United Nations (XML), and a plain CSV.

Invariants: no entity, no document type and nothing outside the file is read; sizes are bounded before and while
reading; a list without a date, a record without an id or a name is refused, all mistakes at once with their places.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError  # types alone: defusedxml parses

from questionnaires.names import NotInstalledError

LARGEST_LIST = 128 * 1024 * 1024
MOST_RECORDS = 500_000
MOST_NAMES = 400
LONGEST_NAME = 1000
LONGEST_RECORD = 200
COLUMNS = ("name", "alias", "list", "date", "record")
_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_MOST_TOLD = 100


class ListError(ValueError):
    """A list cannot be read; `mistakes` says where and why."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        """Keep the first mistakes."""
        super().__init__(f"{len(mistakes)} mistakes")
        self.mistakes = list(mistakes[:_MOST_TOLD])


class ReadList(NamedTuple):
    """The records of a list with their names, and its date."""

    code: str
    dated: date
    records: dict[str, tuple[str, ...]]


def read_list(data: bytes, code: str | None) -> list[ReadList]:
    """Return the lists of a file: one of an XML, which `code` names, or every one that the rows of a CSV name."""
    if len(data) > LARGEST_LIST:
        raise ListError([f"the file is larger than {LARGEST_LIST} bytes"])
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        if code is None:
            raise ListError(["an XML list needs a code: --code"])
        return [_read_un(data, code)]
    return _read_csv(data)


def _read_un(data: bytes, code: str) -> ReadList:
    try:
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import iterparse
    except ModuleNotFoundError as error:
        raise NotInstalledError(f"install enduse[screening] to read lists (missing: {error.name})") from None
    records, mistakes, dated, count = dict[str, tuple[str, ...]](), list[str](), None, 0
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            if event == "start" and element.tag == "CONSOLIDATED_LIST":
                dated = _day(element.get("dateGenerated", "")[:10])
            elif event == "end" and element.tag in {"INDIVIDUAL", "ENTITY"}:
                count += 1
                _take(records, mistakes, f"{element.tag} {count}", *_record_of(element))
                element.clear()
                if count > MOST_RECORDS:
                    raise ListError([f"more than {MOST_RECORDS} records"])
    except (ParseError, DefusedXmlException) as error:
        raise ListError([f"the XML cannot be read ({type(error).__name__})"]) from None
    if dated is None:
        mistakes.insert(0, "CONSOLIDATED_LIST: dateGenerated is missing, or no date")
    if not count:
        mistakes.append("there is no record")
    if mistakes or dated is None:
        raise ListError(mistakes)
    return ReadList(code, dated, records)


def _record_of(element: Element) -> tuple[str, list[str]]:
    """Return the reference of a record and its names: whole, in its own script, and every alias."""
    names = [" ".join(part for tag in _PARTS if (part := _text(element.find(tag))))]
    names.append(_text(element.find("NAME_ORIGINAL_SCRIPT")))
    aliases = (*element.iter("INDIVIDUAL_ALIAS"), *element.iter("ENTITY_ALIAS"))
    names.extend(_text(alias.find("ALIAS_NAME")) for alias in aliases)
    return _text(element.find("REFERENCE_NUMBER")), names


def _text(element: Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _read_csv(data: bytes) -> list[ReadList]:
    lists, mistakes = dict[str, ReadList](), list[str]()
    for at, row in _rows(data, mistakes):
        code, dated = row["list"], _day(row["date"])
        if not code or len(code) > LONGEST_RECORD:
            mistakes.append(f"{at}: list is missing")
        elif dated is None:
            mistakes.append(f"{at}: date is missing, or no date (YYYY-MM-DD)")
        elif lists.setdefault(code, ReadList(code, dated, {})).dated != dated:
            mistakes.append(f"{at}: the rows of a list must have one date")
        else:
            _take(lists[code].records, mistakes, at, row["record"], [row["name"], *row["alias"].split(";")])
    if not lists and not mistakes:
        mistakes.append("there is no record")
    if mistakes:
        raise ListError(mistakes)
    return [lists[code] for code in sorted(lists)]


def _rows(data: bytes, mistakes: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if set(reader.fieldnames or ()) != set(COLUMNS):
            mistakes.append(f"line 1: the columns must be {', '.join(COLUMNS)}")
            return
        for number, row in enumerate(reader):
            at = f"line {reader.line_num}"
            if number >= MOST_RECORDS:
                mistakes.append(f"{at}: more than {MOST_RECORDS} rows")
                return
            if None in row or None in row.values():
                mistakes.append(f"{at}: the row must have {len(COLUMNS)} fields")
            else:
                yield at, {column: " ".join(value.split()) for column, value in row.items()}
    except (UnicodeDecodeError, csv.Error) as error:
        mistakes.append(f"the file is not a CSV in UTF-8 ({type(error).__name__})")


def _take(records: dict[str, tuple[str, ...]], mistakes: list[str], at: str, record: str, names: Sequence[str]) -> None:
    """Add a record's names, or tell what is wrong with it."""
    told = tuple(dict.fromkeys(name for said in names if (name := said.strip())))
    if not record or len(record) > LONGEST_RECORD:
        mistakes.append(f"{at}: the record's id is missing or too long")
    elif not told:
        mistakes.append(f"{at}: the record has no name")
    else:
        known = tuple(dict.fromkeys((*records.get(record, ()), *told)))
        if len(known) > MOST_NAMES or max(map(len, known)) > LONGEST_NAME or "\0" in record + "".join(known):
            mistakes.append(f"{at}: the record has too many names, or one that is too long or holds NUL")
        else:
            records[record] = known


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
