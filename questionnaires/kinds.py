"""The JSON Schema of each kind of field.

Invariants: the schema says everything about a value that a schema can say; the rest (days that exist, bounds of
decimals, check digits) is said in `semantics.py`. The labels of codes travel beside them, as `x-labels`.
"""

from collections.abc import Mapping
from typing import Any

from questionnaires.definition import (
    ROW_ID,
    AnswerField,
    AreaField,
    Column,
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
from questionnaires.fields import MOST_FILES

AREA_PATTERN = r"^[A-Z]{2}(-[A-Z0-9]{1,4})?$"
DAY_PATTERN = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
DIGEST_PATTERN = r"^sha256:[0-9a-f]{64}$"
NO_ESCAPE = "Digits with a point, as text"


def field_schema(field: AnswerField | Column) -> dict[str, Any]:
    """Return the schema of a field's value."""
    return {"title": field.label, **_value(field)}


def _value(field: AnswerField | Column) -> dict[str, Any]:  # noqa: PLR0911  # one line per kind
    match field:
        case OneField() | YesPartialNoField():
            return _codes(field.choices)
        case MultiField():
            return {
                "type": "array",
                "items": _codes(field.choices),
                "uniqueItems": True,
                "maxItems": len(field.choices),
            }
        case IntegerField():
            return {"type": "integer", "minimum": field.minimum, "maximum": field.maximum}
        case PercentField():
            return {"type": "integer", "minimum": 0, "maximum": 100}
        case TextField() | LongTextField():
            return {"type": "string", "minLength": 1, "maxLength": field.max_length}
        case AreaField():
            return {"type": "string", "pattern": AREA_PATTERN}
        case ProductField():
            return {"type": "string", "pattern": ROW_ID.pattern}
        case FilesField() | MatrixField() | TableField():
            return _many(field)
        case _:
            return _figure(field)


def _many(field: FilesField | MatrixField | TableField) -> dict[str, Any]:
    match field:
        case FilesField():
            digest = {"type": "string", "pattern": DIGEST_PATTERN}
            return _list(digest, MOST_FILES, uniqueItems=True)
        case MatrixField():
            chosen = _codes(field.columns)
            rows = {row: {"title": label, **chosen} for row, label in field.rows.items()}
            return {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": rows}
        case TableField():
            columns = {name: field_schema(column) for name, column in field.columns.items()}
            row = {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": columns}
            return _list(row, field.max_rows)


def _list(items: dict[str, Any], most: int, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more, "maxItems": most}


def _figure(field: DecimalField | MoneyField | DateField | DateRangeField | OrganisationField) -> dict[str, Any]:
    match field:
        case DecimalField():
            sign = "-?" if field.minimum.startswith("-") else ""
            described = f"{NO_ESCAPE}, {field.minimum} to {field.maximum}."
            return {"type": "string", "pattern": _decimal(sign, field.places), "description": described}
        case MoneyField():
            amount = {"type": "string", "pattern": _decimal("", 4), "description": f"{NO_ESCAPE}."}
            currency = {"type": "string", "pattern": r"^[A-Z]{3}$", "description": "ISO 4217."}
            return _whole({"amount": amount, "currency": currency}, "amount", "currency")
        case DateField():
            return dict(_DAY)
        case DateRangeField():
            return _whole({"from": dict(_DAY), "to": dict(_DAY)}, "from", "to")
        case OrganisationField():
            return _whole({name: dict(part) for name, part in _ORGANISATION.items()}, "name")


_DAY: Mapping[str, Any] = {"type": "string", "format": "date", "pattern": DAY_PATTERN}
_ORGANISATION: Mapping[str, Mapping[str, Any]] = {
    "name": {"type": "string", "pattern": r"\S", "maxLength": 300},
    "country": {"type": "string", "pattern": r"^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2."},
    "lei": {"type": "string", "pattern": r"^[A-Z0-9]{18}[0-9]{2}$", "description": "ISO 17442."},
    "register_number": {"type": "string", "pattern": r"\S", "maxLength": 60},
}


def _codes(labels: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(labels), "x-labels": dict(labels)}


def _decimal(sign: str, places: int) -> str:
    return rf"^{sign}(0|[1-9][0-9]{{0,14}})(\.[0-9]{{1,{places}}})?$"


def _whole(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}
