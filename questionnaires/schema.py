"""The JSON Schema (2020-12) of the answers to a revision: what integrators get, and what the server checks.

Invariants: the shape speaks of each answer alone, and is what the server compiles; the published schema adds which
questions other answers rule out, as far as a schema can say it (`hiding.py`). What neither says (rows that must exist,
days of the calendar) is checked beside them in `answers.py`.
"""

from typing import Any

from questionnaires.definition import ROW_GROUPS, ROW_ID, Group, Question, Questionnaire
from questionnaires.documents import STATES
from questionnaires.hiding import Hiding
from questionnaires.kinds import field_schema

REMARK = {"type": "string", "minLength": 1, "maxLength": 4000}
MOST_ROWS: dict[Group, int] = {"product": 100, "deployment": 400, "incident": 200}
MOST_ANSWERS = 18_000
"""Answers of one document, rows included: an attestation holds 20,000 leaves."""


def document_schema(questionnaire: Questionnaire, *, partial: bool = False) -> dict[str, Any]:
    """Return the schema of a whole answer document; `partial` that of a save, which leaves out, and removes by null."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Answers to {questionnaire.title}, revision {questionnaire.revision}",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "company": _answers(questionnaire, "company"),
            **{
                group: _rows(questionnaire, group, partial=partial)
                for group in ROW_GROUPS
                if group in questionnaire.groups
            },
        },
        "$defs": {"answer": _answer(["object", "null"] if partial else ["object"])},
    }


def published_schema(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return the schema of a whole answer document with the questions that other answers rule out."""
    schema, hiding = document_schema(questionnaire), Hiding(questionnaire)
    for rule in hiding.rules():
        nothing: dict[str, Any] = {"properties": dict.fromkeys(rule.questions, False)}
        if rule.scope == rule.group:
            owner = schema["properties"][rule.group]
            answers = owner if rule.group == "company" else owner["additionalProperties"]["properties"]["answers"]
            answers.setdefault("allOf", []).append({"if": rule.schema, "then": nothing})
        else:
            said = {"required": ["company"], "properties": {"company": rule.schema}}
            rows = {"additionalProperties": {"properties": {"answers": nothing}}}
            then = {"properties": {rule.group: rows}}
            schema.setdefault("allOf", []).append({"if": said, "then": then})
    schema["$defs"].update(hiding.definitions)
    return schema


def _rows(questionnaire: Questionnaire, group: Group, *, partial: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "name": {"type": "string", "pattern": r"\S", "maxLength": 200},
        "answers": _answers(questionnaire, group),
    }
    required = ["name"]
    if group == "deployment":
        properties["product"] = {"type": "string", "pattern": ROW_ID.pattern, "description": "Row id of a product."}
        required.append("product")
    if group == "incident":
        described = "Row id of the deployment in which it happened; null where it belongs to none that is described."
        properties["deployment"] = {"type": ["string", "null"], "pattern": ROW_ID.pattern, "description": described}
        required.append("deployment")
    kinds = ["object", "null"] if partial else ["object"]
    row = {"type": kinds, "additionalProperties": False, "properties": properties}
    return {
        "type": "object",
        "maxProperties": MOST_ROWS[group],
        "propertyNames": {"pattern": ROW_ID.pattern},
        "additionalProperties": row if partial else {**row, "required": required},
    }


def _answers(questionnaire: Questionnaire, group: Group) -> dict[str, Any]:
    questions = questionnaire.by_group[group]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {id_: _question(question) for id_, question in questions.items()},
    }


def _question(question: Question) -> dict[str, Any]:
    value = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {name: field_schema(field) for name, field in question.fields.items()},
    }
    return {
        "title": question.text,
        "description": question.help,
        "$ref": "#/$defs/answer",
        "properties": {"value": value},
    }


def _answer(kinds: list[str]) -> dict[str, Any]:
    """Return what every answer has in common: the state, and the companions that each state needs."""

    def when(states: list[str], then: dict[str, Any], otherwise: dict[str, Any] | None = None) -> dict[str, Any]:
        condition = {"properties": {"state": {"enum": states}}, "required": ["state"]}
        return {"if": condition, "then": then, **({"else": otherwise} if otherwise else {})}

    return {
        "type": kinds,
        "required": ["state"],
        "additionalProperties": False,
        "properties": {
            "state": {"type": "string", "enum": list(STATES)},
            "value": True, "reason": REMARK, "legal_basis": REMARK, "reply": REMARK, "note": REMARK,
        },
        "allOf": [
            when(["answered", "disputed"], {"required": ["value"]}, {"properties": {"value": False}}),
            when(["not_applicable", "declined_confidential"], {"required": ["reason"]}),
            when(["declined_legal"], {"required": ["legal_basis"]}),
            when(["disputed"], {"required": ["reply"]}),
        ],
    }  # fmt: skip
