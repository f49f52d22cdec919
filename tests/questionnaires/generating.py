"""Values and documents for property tests, from a seed, with an oracle that knows what is right without any schema.

Invariant: the oracle (`fits`) is written from the words of the model, not from the schema, so that the two can differ.
"""

import random
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from questionnaires.definition import (
    AreaField,
    DateField,
    DateRangeField,
    DecimalField,
    FilesField,
    IntegerField,
    LongTextField,
    MatrixField,
    MoneyField,
    MultiField,
    OneField,
    OrganisationField,
    PercentField,
    ProductField,
    TableField,
    TextField,
    YesPartialNoField,
)
from tests.questionnaires.small import LEI

DAYS = ("2026-11-25", "2024-02-29", "2026-02-29", "1900-01-01", "1899-12-31", "2026-11-31", "26-11-25", "2026-1-5")
FIGURES = ("0", "1", "12.5", "-10.5", "-10.51", "99.5", "99.51", "1.234", "01", "1.", ".5", "-0.25", "1e3", "1,5", "-1")
AMOUNTS = ("0", "12.50", "7.1234", "7.12345", "-1", "1" * 15, "1" * 16, "12 000")
TEXTS = ("", " ", "x", "a line", "y" * 20, "z" * 21, "w" * 60, "v" * 61)
WHOLES = (0, 1, 2, 100, 101, 900, 901, -1, 10**12, 10**13)
PLACES = ("DE", "CN-XJ", "de", "DEU", "XA-01234", "X", "ZZ-1")
LEIS = (LEI, LEI[:-1] + "9", LEI.lower(), "short")
DIGESTS = tuple(f"sha256:{c * 64}" for c in "0afgA")
STRANGE = (None, True, False, 7, "red", [], {}, [["red"]], {"red": 1}, "p1", ["red"], "\U0001f512")
PRODUCTS = ("p1", "p2")


def draw(field: Any, order: random.Random) -> Any:
    """Return a value that may well be right for a field, or nearly."""
    return order.choice(STRANGE) if order.random() < 0.05 else _DRAW[type(field)](field, order)


def _some(order: random.Random, *parts: tuple[str, Any]) -> dict[str, Any]:
    drawn = {name: values(order) if callable(values) else order.choice(values) for name, values in parts}
    for name in list(drawn):
        if order.random() < 0.1:
            del drawn[name]
    return drawn | ({"more": 1} if order.random() < 0.03 else {})


def _codes(choices: Mapping[str, str], order: random.Random) -> str:
    return order.choice([*choices, *choices, "pink", "Red"])


def _lines(field: TableField, order: random.Random) -> list[Any]:
    columns = [(name, lambda o, c=column: _mostly_right(c, o)) for name, column in field.columns.items()]
    return [_some(order, *columns) for _ in range(order.choice((0, 1, 1, 2, 4, 5)))]


def _mostly_right(column: Any, order: random.Random) -> Any:
    for _ in range(order.choice((1, 9, 9, 9))):
        value = draw(column, order)
        if fits(column, value):
            break
    return value


_DRAW: dict[type, Callable[[Any, random.Random], Any]] = {
    OneField: lambda f, o: _codes(f.choices, o),
    YesPartialNoField: lambda f, o: _codes(f.choices, o),
    MultiField: lambda f, o: [_codes(f.choices, o) for _ in range(o.randrange(4))],
    IntegerField: lambda _, o: o.choice((*WHOLES, 5.5, "5")),
    PercentField: lambda _, o: o.choice((*WHOLES, 50)),
    DecimalField: lambda _, o: o.choice(FIGURES),
    MoneyField: lambda _, o: _some(o, ("amount", AMOUNTS), ("currency", ("EUR", "USD", "eur", "EURO"))),
    DateField: lambda _, o: o.choice(DAYS),
    DateRangeField: lambda _, o: _some(o, ("from", DAYS), ("to", DAYS)),
    TextField: lambda _, o: o.choice(TEXTS),
    LongTextField: lambda _, o: o.choice(TEXTS),
    AreaField: lambda _, o: o.choice(PLACES),
    OrganisationField: lambda _, o: _some(
        o,
        ("name", ("Aster", "Aster Ltd", "n" * 300, " ", "n" * 301)),
        ("country", ("DE", "FR", "XA", "de", "CN-XJ")),
        ("lei", (LEI, LEI, *LEIS)),
        ("register_number", ("HRB 7", "x" * 60, "HRB 8", "", "x" * 61)),
    ),
    ProductField: lambda _, o: o.choice(("p1", "p2", "p3", "P 1")),
    FilesField: lambda _, o: [o.choice(DIGESTS) for _ in range(o.choice((0, 1, 2, 21)))],
    MatrixField: lambda f, o: _some(o, *((row, lambda x: _codes(f.columns, x)) for row in f.rows)),
    TableField: _lines,
}


def fits(field: Any, value: Any) -> bool:
    """Return whether a value is right for a field: the oracle. Products are those of PRODUCTS."""
    return _FITS[type(field)](field, value)


def _is_text(value: Any, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _is_figure(value: Any, places: int) -> bool:
    return _is_text(value, rf"-?(0|[1-9]\d{{0,14}})(\.\d{{1,{places}}})?")


def _is_day(value: Any) -> bool:
    if not _is_text(value, r"\d{4}-\d{2}-\d{2}"):
        return False
    try:
        return 1900 <= date.fromisoformat(value).year <= 2199
    except ValueError:
        return False


def _is_object(value: Any, needed: set[str], allowed: set[str]) -> bool:
    return isinstance(value, dict) and needed <= value.keys() <= allowed


def _is_list(value: Any, most: int, is_right: Callable[[Any], bool]) -> bool:
    if not isinstance(value, list) or len(value) > most or not all(map(is_right, value)):
        return False
    return len({repr(entry) for entry in value}) == len(value)


def _is_money(value: Any) -> bool:
    if not _is_object(value, {"amount", "currency"}, {"amount", "currency"}):
        return False
    amount = value["amount"]
    return _is_figure(amount, 4) and not amount.startswith("-") and _is_text(value["currency"], "[A-Z]{3}")


def _is_organisation(value: Any) -> bool:
    if not _is_object(value, {"name"}, {"name", "country", "lei", "register_number"}):
        return False
    return (
        all(isinstance(part, str) and part.strip() for part in value.values())
        and len(value["name"]) <= 300
        and len(value.get("register_number", "")) <= 60
        and _is_text(value.get("country", "DE"), "[A-Z]{2}")
        and value.get("lei", LEI) == LEI
    )


_FITS: dict[type, Callable[[Any, Any], bool]] = {
    OneField: lambda f, v: isinstance(v, str) and v in f.choices,
    YesPartialNoField: lambda _, v: v in ("yes", "partial", "no"),
    MultiField: lambda f, v: _is_list(v, 60, lambda code: isinstance(code, str) and code in f.choices),
    IntegerField: lambda f, v: _is_whole(v, f.minimum, f.maximum),
    PercentField: lambda _, v: _is_whole(v, 0, 100),
    DecimalField: lambda f, v: _is_figure(v, f.places) and Decimal(f.minimum) <= Decimal(v) <= Decimal(f.maximum),
    MoneyField: lambda _, v: _is_money(v),
    DateField: lambda _, v: _is_day(v),
    DateRangeField: lambda _, v: (
        _is_object(v, {"from", "to"}, {"from", "to"}) and all(map(_is_day, v.values())) and v["from"] <= v["to"]
    ),
    TextField: lambda f, v: isinstance(v, str) and 1 <= len(v) <= f.max_length,
    LongTextField: lambda f, v: isinstance(v, str) and 1 <= len(v) <= f.max_length,
    AreaField: lambda _, v: _is_text(v, "[A-Z]{2}(-[A-Z0-9]{1,4})?"),
    OrganisationField: lambda _, v: _is_organisation(v),
    ProductField: lambda _, v: isinstance(v, str) and v in PRODUCTS,
    FilesField: lambda _, v: _is_list(v, 20, lambda d: _is_text(d, "sha256:[0-9a-f]{64}")),
    MatrixField: lambda f, v: (
        _is_object(v, set(), set(f.rows)) and bool(v) and all(c in f.columns for c in v.values() if isinstance(c, str))
        and all(isinstance(c, str) for c in v.values())
    ),
    TableField: lambda f, v: (
        isinstance(v, list)
        and len(v) <= f.max_rows
        and all(
            _is_object(line, set(), set(f.columns))
            and bool(line)
            and all(fits(f.columns[name], cell) for name, cell in line.items())
            for line in v
        )
    ),
}  # fmt: skip
