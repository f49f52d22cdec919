"""Read a file of criterion values for `enduse score`.

Invariants: rows keep the file's input columns and nothing else; `?` is an open value; every problem of the file is
named with its row and column, not only the first.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from attestations.strict_json import StrictJSONError, read_json
from questionnaires.criteria import BUYER, END_USE, INVOLVEMENTS, MITIGATION

MAX_VALUES = 8 * 1024 * 1024
"""Bytes."""
OPEN = "?"
CASE = "case"
CRITERIA = (*BUYER, *END_USE, *MITIGATION)
REQUIRED = ("evidence", "involvement", *CRITERIA)
RESULTS = (
    "buyer_risk", "end_use_risk", "inherent", "mitigation", "residual", "band", "residual_low", "band_low", "rated",
)  # fmt: skip
"""Columns of results may stand in the file (test vectors have them); they are not read."""
_GRADE = re.compile(r"V[0-4]")
_POINTS = re.compile(r"[0-4]")


class ValuesError(ValueError):
    """The file of values cannot be scored; every problem is named."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def read_values(data: bytes, *, json_file: bool) -> list[dict[str, str]]:
    """Return the rows of a CSV (with a heading) or JSON file (a list of objects); raise ValuesError."""
    if len(data) > MAX_VALUES:
        raise ValuesError([f"larger than {MAX_VALUES} bytes"])
    rows = _json_rows(data) if json_file else _csv_rows(data)
    if not rows:
        raise ValuesError(["no rows"])
    problems = [problem for number, row in rows for problem in _row_problems(number, row)]
    if problems:
        raise ValuesError(problems)
    return [{name: value for name, value in row.items() if name not in RESULTS} for _, row in rows]


def _csv_rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the rows with their line numbers in the file."""
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in line]) for line in reader if line]
    except UnicodeDecodeError as error:
        raise ValuesError(["not UTF-8"]) from error
    except csv.Error as error:
        raise ValuesError(["not CSV with commas and double quotes"]) from error
    if not lines:
        raise ValuesError(["no heading"])
    heading = lines[0][1]
    problems = [f"heading: column {name} stands twice" for name in dict.fromkeys(heading) if heading.count(name) > 1]
    problems += [
        f"row {number}: {len(line)} cells, the heading has {len(heading)}"
        for number, line in lines[1:]
        if len(line) != len(heading)
    ]
    if problems:
        raise ValuesError(problems)
    return [(number, dict(zip(heading, line, strict=True))) for number, line in lines[1:]]


def _json_rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the rows with their positions, the first being 1."""
    try:
        value = read_json(data, limit=MAX_VALUES)
    except StrictJSONError as error:
        raise ValuesError([str(error)]) from error
    if not isinstance(value, list):
        raise ValuesError(["not a list of objects"])
    problems: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for number, row in enumerate(value, 1):
        if not isinstance(row, dict):
            problems.append(f"row {number}: not an object")
            continue
        problems += [
            f"row {number}, column {name}: neither text nor a whole number"
            for name, cell in row.items()
            if isinstance(cell, bool) or not isinstance(cell, str | int)
        ]
        rows.append((number, {name: str(cell) for name, cell in row.items()}))
    if problems:
        raise ValuesError(problems)
    return rows


def _row_problems(number: int, row: Mapping[str, str]) -> list[str]:
    known = {CASE, *REQUIRED, *RESULTS}
    problems = [f"row {number}, column {name}: not a column of values" for name in row if name not in known]
    problems += [f"row {number}, column {name}: missing" for name in REQUIRED if name not in row]
    problems += [
        f"row {number}, column {name}: {expected}"
        for name, value in row.items()
        if (expected := _expected(name, value)) is not None
    ]
    return problems


def _expected(name: str, value: str) -> str | None:
    if name == "evidence" and not _GRADE.fullmatch(value):
        return "a grade V0 to V4 is expected"
    if name == "involvement" and value != OPEN and value not in INVOLVEMENTS:
        return f"one of {', '.join(INVOLVEMENTS)} or {OPEN} is expected"
    if name in CRITERIA and value != OPEN and not _POINTS.fullmatch(value):
        return f"0 to 4 or {OPEN} is expected"
    return None
