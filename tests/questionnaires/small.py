"""Small questionnaires for tests: every kind of field, every operator, every group."""

from typing import Any

from questionnaires.definition import Questionnaire

YES_NO = {"yes": "Yes", "no": "No"}
KINDS: dict[str, dict[str, Any]] = {
    "one": {"kind": "one", "label": "One", "choices": {"red": "Red", "blue": "Blue", "green": "Green"}},
    "multi": {"kind": "multi", "label": "Several", "choices": {"red": "Red", "blue": "Blue", "green": "Green"}},
    "agree": {"kind": "yes_partial_no", "label": "Agreed", "labels": {"partial": "Only in part"}},
    "whole": {"kind": "integer", "label": "Units", "minimum": "2", "maximum": "900"},
    "figure": {"kind": "decimal", "label": "Share", "places": "2", "minimum": "-10.5", "maximum": "99.5"},
    "percent": {"kind": "percent", "label": "Percent"},
    "money": {"kind": "money", "label": "Turnover"},
    "day": {"kind": "date", "label": "Day"},
    "period": {"kind": "date_range", "label": "Period"},
    "line": {"kind": "text", "label": "Line", "max_length": "20"},
    "prose": {"kind": "long_text", "label": "Prose", "max_length": "60"},
    "place": {"kind": "area", "label": "Place"},
    "body": {"kind": "organisation", "label": "Organisation"},
    "item": {"kind": "product", "label": "Product"},
    "proof": {"kind": "files", "label": "Files"},
    "grid": {
        "kind": "matrix", "label": "Grid", "rows": {"north": "North", "south": "South"},
        "columns": {"some": "Some", "none": "None"},
    },
}  # fmt: skip
IN_TABLES = ("one", "multi", "agree", "whole", "figure", "money", "day", "period", "line", "place", "body")
TABLE: dict[str, Any] = {
    "kind": "table", "label": "Lines", "max_rows": "4", "columns": {name: KINDS[name] for name in (*IN_TABLES, "item")},
}  # fmt: skip
LEI = "5299000J2N45DDNE4Y28"


def question(id_: str, fields: dict[str, Any] | None = None, per: str = "company", **more: Any) -> dict[str, Any]:
    """Return a question with one yes-or-no field, or the given fields."""
    asked = {"text": f"What about {id_}?", "help": "Say it.", "why": "It matters."}
    return {"id": id_, "per": per, **asked, "fields": fields or {"said": one(YES_NO)}, **more}


def one(choices: dict[str, str], label: str = "Answer") -> dict[str, Any]:
    """Return a field with one of the choices."""
    return {"kind": "one", "label": label, "choices": dict(choices)}


def section(code: str, *questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a section."""
    return {"code": code, "title": f"Section {code}", "questions": list(questions), **more}


def body(*sections: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a questionnaire as plain data."""
    return {
        "id": "small",
        "revision": "1",
        "title": "Small",
        "introduction": "Answer.",
        "sections": list(sections),
        **more,
    }


def questionnaire(*sections: dict[str, Any], **more: Any) -> Questionnaire:
    """Return a questionnaire."""
    return Questionnaire.model_validate(body(*sections, **more))


def answered(**value: Any) -> dict[str, Any]:
    """Return an answer that states a value."""
    return {"state": "answered", "value": value}
