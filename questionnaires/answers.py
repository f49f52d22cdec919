"""Validating answers: every problem at once, each with a JSON pointer and what to do about it.

Invariants: no message repeats a stated value; a save that is refused changes nothing; what the published schema accepts
this accepts too, unless another answer makes it impossible (a hidden question, a row that does not exist).
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

from questionnaires.bodies import find_unfit
from questionnaires.definition import GROUPS, Group, ProductField, Questionnaire, TableField
from questionnaires.documents import Answer, Document, answers_of, value_of
from questionnaires.schema import MOST_ROWS, document_schema
from questionnaires.visibility import hidden

EMPTY: Document = {"company": {}, "product": {}, "deployment": {}}
MOST_PROBLEMS = 200
UNREADABLE = frozenset({"depth", "text", "size", "name"})
"""Codes after which nothing more can be said about a body."""


class Problem(NamedTuple):
    """What is wrong where: an RFC 6901 pointer into the body, a short code, a sentence that says what to do."""

    pointer: str
    code: str
    detail: str


class AnswerValidator:
    """The checks of one questionnaire revision, compiled once."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        """Compile the schema of whole documents and that of saves."""
        self.questionnaire = questionnaire
        self.schema = document_schema(questionnaire)
        self._whole = jsonschema_rs.Draft202012Validator(self.schema)
        self._save = jsonschema_rs.Draft202012Validator(document_schema(questionnaire, partial=True))

    def check_document(self, document: object) -> list[Problem]:
        """Return the problems of a whole document."""
        problems = _shape_problems(self._whole, self.questionnaire, document)
        problems = problems or list(self._dependent_problems(_document(document), _document(document)))
        return problems[:MOST_PROBLEMS]

    def check_save(self, stored: Document, save: object) -> list[Problem]:
        """Return the problems of a save on top of the stored document; null removes an answer or a row."""
        shape = _shape_problems(self._save, self.questionnaire, save)
        if any(p.code in UNREADABLE or (p.code == "type" and p.pointer.count("/") <= 1) for p in shape):
            return shape[:MOST_PROBLEMS]
        readable = _readable(save, {problem.pointer for problem in shape})
        merged = merge(stored, readable)
        return [*shape, *self._dependent_problems(merged, readable)][:MOST_PROBLEMS]

    def _dependent_problems(self, merged: Document, said: Document) -> Iterator[Problem]:
        """Yield what the shape cannot tell: rows that do not exist, questions that are not asked."""
        products = merged.get("product", {})
        for row, content in merged.get("deployment", {}).items():
            if content.get("product") not in products:
                detail = "Name the row id of a product that this submission describes."
                yield Problem(_pointer("deployment", row, "product"), "unknown_row", detail)
        for group in GROUPS[1:]:
            if len(merged.get(group, {})) > MOST_ROWS[group]:
                detail = f"A submission holds {MOST_ROWS[group]} of these at most."
                yield Problem(_pointer(group), "too_many", detail)
            for row, content in merged.get(group, {}).items():
                if not content.get("name"):
                    yield Problem(_pointer(group, row, "name"), "required", "Give the row a name.")
        for group in GROUPS:
            for row in [""] if group == "company" else list(_mapping(said.get(group))):
                if group == "company" or row in merged.get(group, {}):
                    yield from self._answer_problems(merged, said, group, row)

    def _answer_problems(self, merged: Document, said: Document, group: Group, row: str) -> Iterator[Problem]:
        here = answers_of(said, group, row) or {}
        joined: dict[str, Answer] = {**answers_of(merged, "company")}
        if group == "deployment":
            joined |= answers_of(merged, "product", merged["deployment"][row].get("product", ""))
        joined |= answers_of(merged, group, row)
        gone = hidden(self.questionnaire, joined, group)
        base = ("company",) if group == "company" else (group, row, "answers")
        for id_, answer in here.items():
            if answer is None:
                continue
            if id_ in gone:
                detail = f"{id_} is not asked: other answers rule it out. Remove it, or correct those answers."
                yield Problem(_pointer(*base, id_), "hidden_question", detail)
            yield from self._row_references(merged, id_, answer, (*base, id_, "value"))

    def _row_references(self, merged: Document, id_: str, answer: Answer, base: tuple[str, ...]) -> Iterator[Problem]:
        products, stated = merged.get("product", {}), value_of(answer)
        detail = "Name the row id of a product that this submission describes."
        for name, field in self.questionnaire.questions[id_].fields.items():
            if isinstance(field, ProductField) and name in stated and stated[name] not in products:
                yield Problem(_pointer(*base, name), "unknown_row", detail)
            if isinstance(field, TableField):
                columns = [c for c, column in field.columns.items() if isinstance(column, ProductField)]
                for index, line in enumerate(stated.get(name, ())):
                    for column in columns:
                        if column in line and line[column] not in products:
                            yield Problem(_pointer(*base, name, str(index), column), "unknown_row", detail)


def merge(stored: Document, save: Document) -> dict[str, Any]:
    """Return the stored document with a valid save laid over it: answers replace answers, null removes."""
    merged: dict[str, Any] = {"company": _overlay(answers_of(stored, "company"), save.get("company") or {})}
    for group in GROUPS[1:]:
        rows = dict(stored.get(group, {}))
        for row, content in (save.get(group) or {}).items():
            if content is None:
                rows.pop(row, None)
                continue
            before = rows.get(row, {})
            answers = _overlay(before.get("answers", {}), content.get("answers") or {})
            rows[row] = {**before, **content, "answers": answers}
        merged[group] = rows
    return merged


def _overlay(before: Mapping[str, Answer], save: Mapping[str, Answer | None]) -> dict[str, Answer]:
    together = {**before, **save}
    return {id_: answer for id_, answer in together.items() if answer is not None}


def _shape_problems(
    validator: jsonschema_rs.Draft202012Validator, questionnaire: Questionnaire, document: object
) -> list[Problem]:
    """Return at most one problem per pointer: the first, for what follows from it is not news."""
    problems = {_pointer(*path): Problem(_pointer(*path), code, detail) for path, code, detail in find_unfit(document)}
    if problems and any(problem.code in UNREADABLE for problem in problems.values()):
        return list(problems.values())[:MOST_PROBLEMS]
    for error in validator.iter_errors(document):
        for problem in _say(error, questionnaire):
            problems.setdefault(problem.pointer, problem)
        if len(problems) >= MOST_PROBLEMS:
            break
    return list(problems.values())


def _say(error: jsonschema_rs.ValidationError, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Turn a validator's error into problems in our words; its own words repeat what was stated."""
    path = tuple(str(part) for part in error.instance_path)
    kind = error.kind.as_dict() if hasattr(error.kind, "as_dict") else {}
    name = error.kind.name
    if name == "additionalProperties":
        for key in kind["unexpected"]:
            yield Problem(_pointer(*path, key), *_unexpected(path, key, questionnaire))
    elif name == "required":
        yield Problem(_pointer(*path, str(kind["property"])), "required", "This is needed here.")
    elif name == "propertyNames":
        detail = "Row ids are lower-case letters, digits and hyphens, 40 at most."
        yield Problem(_pointer(*path), "row_id", detail)
    else:
        yield Problem(_pointer(*path), *_MESSAGES.get(name, ("invalid", "This is not valid here; see the schema.")))


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


def _pointer(*parts: str) -> str:
    """Return an RFC 6901 pointer."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _document(value: object) -> Document:
    return _mapping(value)


def _readable(save: object, bad: set[str]) -> Document:
    """Return the part of a save whose shape is right, so that the other checks can still speak about it."""
    refused = {"/".join(parts[:end]) for parts in (p.split("/") for p in bad) for end in range(2, len(parts) + 1)}

    def clean(answers: object, *base: str) -> dict[str, Any]:
        return {id_: answer for id_, answer in _mapping(answers).items() if _pointer(*base, id_) not in refused}

    document = _mapping(save)
    readable: dict[str, Any] = {"company": clean(document.get("company"), "company")}
    for group in GROUPS[1:]:
        readable[group] = {}
        for row, content in _mapping(document.get(group)).items():
            if content is None:
                readable[group][row] = None
            elif isinstance(content, dict):
                fields = clean({k: v for k, v in content.items() if k in {"name", "product"}}, group, row)
                readable[group][row] = fields | {"answers": clean(content.get("answers"), group, row, "answers")}
    return readable
