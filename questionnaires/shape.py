"""The shape of answers: what the schema of a revision says about a body, in our words.

Invariants: at most one problem per pointer, the first, for what follows from it is not news; the work ends with the
last problem that is told, as a hostile body is looked at answer by answer and never as a whole.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs

from questionnaires.bodies import find_unfit, is_plain
from questionnaires.definition import GROUPS, Group, Questionnaire
from questionnaires.schema import document_schema

MOST_PROBLEMS = 200
UNREADABLE = frozenset({"depth", "text", "size", "name"})
"""Codes after which nothing more can be said about a body."""
_HEADS: Mapping[Group, Mapping[str, Any]] = {
    "product": {"name": "x"},
    "deployment": {"name": "x", "product": "x"},
    "incident": {"name": "x", "deployment": None},
}


class Problem(NamedTuple):
    """What is wrong where: an RFC 6901 pointer into the body, a short code, a sentence that says what to do."""

    pointer: str
    code: str
    detail: str


class Shape:
    """The schema of whole documents, or of saves, compiled once."""

    def __init__(self, questionnaire: Questionnaire, *, partial: bool = False) -> None:
        """Compile the schema of a revision."""
        self.questionnaire = questionnaire
        self.schema = document_schema(questionnaire, partial=partial)
        self._validator = jsonschema_rs.Draft202012Validator(self.schema)

    def find_problems(self, body: object) -> list[Problem]:
        """Return what is wrong with the shape of a parsed body, MOST_PROBLEMS at most."""
        if is_plain(body) and self._is_valid(body):
            return []
        unfit = (Problem(pointer_of(*path), code, detail) for path, code, detail in find_unfit(body))
        problems = {problem.pointer: problem for problem in islice(unfit, MOST_PROBLEMS)}
        unreadable = any(problem.code in UNREADABLE for problem in problems.values())
        if unreadable or len(problems) == MOST_PROBLEMS or self._is_valid(body):
            return list(problems.values())
        for piece in _pieces(body):
            for error in self._validator.iter_errors(piece):
                for problem in _say(error, self.questionnaire):
                    problems.setdefault(problem.pointer, problem)
            if len(problems) >= MOST_PROBLEMS:
                break
        return list(problems.values())[:MOST_PROBLEMS]

    def _is_valid(self, body: object) -> bool:
        try:
            return self._validator.is_valid(body)
        except ValueError:  # a name that has no UTF-8, which no schema knows
            return False


def _pieces(body: object) -> Iterator[object]:
    """Yield a body in pieces that have the same problems: the validator makes them all before it tells the first."""
    if not isinstance(body, dict):
        yield body
        return
    yield {name: {} if name in GROUPS and isinstance(part, dict) else part for name, part in body.items()}
    for group in GROUPS:
        part = body.get(group)
        if isinstance(part, dict) and group == "company":
            yield from ({group: {id_: answer}} for id_, answer in part.items())
        elif isinstance(part, dict):
            yield {group: dict.fromkeys(part, _HEADS[group])}
            for row, content in part.items():
                yield from ({group: {row: piece}} for piece in _row_pieces(group, content))


def _row_pieces(group: Group, content: object) -> Iterator[object]:
    if not isinstance(content, dict) or not isinstance(content.get("answers"), dict):
        yield content
        return
    yield {**content, "answers": {}}
    yield from ({**_HEADS[group], "answers": {id_: answer}} for id_, answer in content["answers"].items())


def _say(error: jsonschema_rs.ValidationError, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Turn a validator's error into problems in our words; its own words repeat what was stated."""
    path = tuple(str(part) for part in error.instance_path)
    kind = error.kind.as_dict() if hasattr(error.kind, "as_dict") else {}
    name = error.kind.name
    if name == "additionalProperties":
        for key in kind["unexpected"]:
            yield Problem(pointer_of(*path, key), *_unexpected(path, key, questionnaire))
    elif name == "required":
        yield Problem(pointer_of(*path, str(kind["property"])), "required", "This is needed here.")
    elif name == "propertyNames":
        detail = "Row ids are lower-case letters, digits and hyphens, 40 at most."
        yield Problem(pointer_of(*path), "row_id", detail)
    else:
        yield Problem(pointer_of(*path), *_MESSAGES.get(name, ("invalid", "This is not valid here; see the schema.")))


_MESSAGES: Mapping[str, tuple[str, str]] = {
    "enum": ("choice", "Choose one of the codes that the schema lists here."),
    "type": ("type", "This has the wrong type; see the schema."),
    "minimum": ("too_small", "This number is below what is allowed here."),
    "maximum": ("too_large", "This number is above what is allowed here."),
    "maxLength": ("too_long", "This text is longer than allowed here."),
    "minLength": ("empty", "This text is empty; leave the field out instead."),
    "maxItems": ("too_many", "There are more entries than allowed here."),
    "maxProperties": ("too_many", "There are more rows than allowed here."),
    "minProperties": ("empty", "State at least one field; for an open answer choose another state."),
    "uniqueItems": ("repeated", "Each choice may stand once."),
    "pattern": ("format", "This does not have the form that the schema asks for."),
    "falseSchema": ("value", "An answer in this state shows no value; remove it or choose another state."),
}


def _unexpected(path: tuple[str, ...], key: str, questionnaire: Questionnaire) -> tuple[str, str]:
    group = path[0] if path else ""
    in_answers = path == ("company",) or (len(path) == 3 and path[2] == "answers")  # noqa: PLR2004  # group/row/answers
    if not in_answers:
        return "unknown_field", "There is no such field here; see the schema."
    question = questionnaire.questions.get(key)
    if question is None:
        return "unknown_question", "The questionnaire has no such question."
    return "wrong_row", f"{key} is asked per {question.per}, not per {group}; move the answer."


def pointer_of(*parts: str) -> str:
    """Return an RFC 6901 pointer."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
