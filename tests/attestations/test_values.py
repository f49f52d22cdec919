"""Reading files of criterion values: rows as they are, problems all at once."""

import json

import pytest

from attestations.values import CASE, REQUIRED, RESULTS, ValuesError, read_values

GOOD = {CASE: "One, two", "evidence": "V2", "involvement": "linked", **dict.fromkeys(REQUIRED[2:], "3"), "B4": "?"}


def as_csv(*rows: dict[str, str]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(f'"{value}"' for value in row.values()) for row in rows)]
    return "\r\n".join(lines).encode()


def problems_of(data: bytes, *, json_file: bool = False) -> list[str]:
    with pytest.raises(ValuesError) as refused:
        read_values(data, json_file=json_file)
    return list(refused.value.problems)


def test_csv_and_json_give_the_same_rows() -> None:
    numbers = {name: int(value) if value.isdigit() else value for name, value in GOOD.items()}
    assert read_values(as_csv(GOOD, GOOD), json_file=False) == [GOOD, GOOD]
    assert read_values(b"\xef\xbb\xbf" + as_csv(GOOD), json_file=False) == [GOOD]
    assert read_values(json.dumps([numbers]).encode(), json_file=True) == [GOOD]


def test_columns_of_results_are_not_read() -> None:
    assert read_values(as_csv({**GOOD, **dict.fromkeys(RESULTS, "x")}), json_file=False) == [GOOD]


def test_every_problem_with_row_and_column() -> None:
    bad = {**GOOD, "B1": "5", "E2": "", "involvement": "maybe", "evidence": "?", "extra": "1"}
    assert problems_of(as_csv({**GOOD, "extra": "1"}, bad)) == [
        "row 2, column extra: not a column of values",
        "row 3, column extra: not a column of values",
        "row 3, column evidence: a grade V0 to V4 is expected",
        "row 3, column involvement: one of none, linked, contribute, cause or ? is expected",
        "row 3, column B1: 0 to 4 or ? is expected",
        "row 3, column E2: 0 to 4 or ? is expected",
    ]


def test_missing_columns_and_odd_shapes() -> None:
    short = {name: value for name, value in GOOD.items() if name not in {"M10", "evidence"}}
    assert problems_of(json.dumps([short]).encode(), json_file=True) == [
        "row 1, column evidence: missing",
        "row 1, column M10: missing",
    ]
    assert problems_of(b"B1,B1\n1,2") == ["heading: column B1 stands twice"]
    assert problems_of(b"B1,B2\n1\n1,2,3") == [
        "row 2: 1 cells, the heading has 2",
        "row 3: 3 cells, the heading has 2",
    ]
    assert problems_of(b'[1, {"B1": true, "B2": null}]', json_file=True) == [
        "row 1: not an object",
        "row 2, column B1: neither text nor a whole number",
        "row 2, column B2: neither text nor a whole number",
    ]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b'"open', b"B1\n", b"x" * (8 * 1024 * 1024 + 1)])
def test_unreadable_csv(data: bytes) -> None:
    assert problems_of(data)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"[1.5]", b'[{"B1":1,"B1":2}]'])
def test_unreadable_json(data: bytes) -> None:
    assert problems_of(data, json_file=True)
