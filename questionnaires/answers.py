"""Validating answers: every problem at once, each with a JSON pointer and what to do about it.

Invariants: no message repeats a stated value; a save that is refused changes nothing; what the published schema accepts
this accepts too, unless another answer makes it impossible (a hidden question, a row that does not exist).
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from questionnaires.definition import GROUPS, ROW_GROUPS, Group, Questionnaire
from questionnaires.documents import Answer, Document, answers_of, compose, value_of
from questionnaires.schema import MOST_ANSWERS, MOST_ROWS, published_schema
from questionnaires.semantics import NO_PRODUCT, checked_questions, find_problems
from questionnaires.shape import MOST_PROBLEMS, UNREADABLE, Problem, Shape, pointer_of
from questionnaires.visibility import Asking

EMPTY: Document = {"company": {}, "product": {}, "deployment": {}}
_BELONGS: Mapping[Group, tuple[str, ...]] = {"product": (), "deployment": ("product",), "incident": ("deployment",)}
"""What a row of each group names beside its name."""


class AnswerValidator:
    """The checks of one questionnaire revision, each compiled once, when it is first needed."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        """Take a revision; nothing is compiled yet."""
        self.questionnaire = questionnaire

    @cached_property
    def _whole(self) -> Shape:
        return Shape(self.questionnaire)

    @cached_property
    def _save(self) -> Shape:
        return Shape(self.questionnaire, partial=True)

    @cached_property
    def _checked(self) -> frozenset[str]:
        return checked_questions(self.questionnaire)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The schema that integrators get."""
        return published_schema(self.questionnaire)

    def check_document(self, document: object) -> list[Problem]:
        """Return the problems of a whole document."""
        problems = self._whole.find_problems(document)
        problems = problems or list(self._dependent_problems(_document(document), _document(document)))
        return problems[:MOST_PROBLEMS]

    def check_save(self, stored: Document, save: object) -> list[Problem]:
        """Return the problems of a save on top of the stored document; null removes an answer or a row."""
        shape = self._save.find_problems(save)
        cut = len(shape) >= MOST_PROBLEMS
        if cut or any(p.code in UNREADABLE or (p.code == "type" and p.pointer.count("/") <= 1) for p in shape):
            return shape
        readable = _readable(save, {problem.pointer for problem in shape}) if shape else _document(save)
        merged = merge(stored, readable)
        return [*shape, *self._dependent_problems(merged, readable)][:MOST_PROBLEMS]

    def _dependent_problems(self, merged: Document, said: Document) -> Iterator[Problem]:
        """Yield what the shape cannot tell: rows that do not exist, questions that are not asked."""
        yield from _row_problems(merged)
        yield from _count_problems(merged)
        asking = Asking(self.questionnaire, merged)
        for group in GROUPS:
            for row in [""] if group == "company" else list(_mapping(said.get(group))):
                if group == "company" or row in merged.get(group, {}):
                    yield from self._answer_problems(asking, said, group, row)

    def _answer_problems(self, asking: Asking, said: Document, group: Group, row: str) -> Iterator[Problem]:
        here = answers_of(said, group, row) or {}
        gone = asking.hidden(group, row)
        products = asking.document.get("product", {})
        base = ("company",) if group == "company" else (group, row, "answers")
        for id_, answer in here.items():
            if answer is None:
                continue
            if id_ in gone:
                detail = f"{id_} is not asked: other answers rule it out. Remove it, or correct those answers."
                yield Problem(pointer_of(*base, id_), "hidden_question", detail)
            if id_ in self._checked:
                question = self.questionnaire.questions[id_]
                yield from find_problems(question, value_of(answer), products, (*base, id_, "value"))


def _row_problems(document: Document) -> Iterator[Problem]:
    """Yield the rows that belong to no row of this document."""
    products, described = document.get("product", {}), document.get("deployment", {})
    for row, content in described.items():
        if content.get("product") not in products:
            yield Problem(pointer_of("deployment", row, "product"), "unknown_row", NO_PRODUCT)
    for row, content in document.get("incident", {}).items():
        if "deployment" not in content:
            detail = "Name the deployment in which it happened, or null."
            yield Problem(pointer_of("incident", row, "deployment"), "required", detail)
        elif content["deployment"] is not None and content["deployment"] not in described:
            detail = "Name the row id of a deployment that this submission describes, or null."
            yield Problem(pointer_of("incident", row, "deployment"), "unknown_row", detail)


def _count_problems(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the number of rows and answers, and with the names of rows."""
    count = len(answers_of(document, "company"))
    for group in ROW_GROUPS:
        rows = document.get(group, {})
        if len(rows) > MOST_ROWS[group]:
            yield Problem(pointer_of(group), "too_many", f"A submission holds {MOST_ROWS[group]} of these at most.")
        count += sum(1 + len(content.get("answers") or ()) for content in rows.values())
        for row, content in rows.items():
            if not content.get("name"):
                yield Problem(pointer_of(group, row, "name"), "required", "Give the row a name.")
    if count > MOST_ANSWERS:
        detail = f"A submission holds {MOST_ANSWERS} answers at most; describe fewer rows, the gravest first."
        yield Problem("", "too_many", detail)


def merge(stored: Document, save: Document) -> dict[str, Any]:
    """Return the stored document with a valid save laid over it: answers replace answers, null removes."""
    merged: dict[Group, dict[str, Any]] = {}
    for group in ROW_GROUPS:
        rows = dict(stored.get(group, {}))
        for row, content in (save.get(group) or {}).items():
            if content is None:
                rows.pop(row, None)
                continue
            before = rows.get(row, {})
            answers = _overlay(before.get("answers", {}), content.get("answers") or {})
            rows[row] = {**before, **content, "answers": answers}
        merged[group] = rows
    return compose(_overlay(answers_of(stored, "company"), save.get("company") or {}), merged)


def _overlay(before: Mapping[str, Answer], save: Mapping[str, Answer | None]) -> dict[str, Answer]:
    together = {**before, **save}
    return {id_: answer for id_, answer in together.items() if answer is not None}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _document(value: object) -> Document:
    return _mapping(value)


def _readable(save: object, bad: set[str]) -> Document:
    """Return the part of a save whose shape is right, so that the other checks can still speak about it."""
    refused = {"/".join(parts[:end]) for parts in (p.split("/") for p in bad) for end in range(2, len(parts) + 1)}

    def clean(answers: object, *base: str) -> dict[str, Any]:
        return {id_: answer for id_, answer in _mapping(answers).items() if pointer_of(*base, id_) not in refused}

    document = _mapping(save)
    readable: dict[str, Any] = {"company": clean(document.get("company"), "company")}
    for group in ROW_GROUPS:
        readable[group] = {}
        for row, content in _mapping(document.get(group)).items():
            if content is None:
                readable[group][row] = None
            elif isinstance(content, dict):
                fields = clean({k: v for k, v in content.items() if k in {"name", *_BELONGS[group]}}, group, row)
                readable[group][row] = fields | {"answers": clean(content.get("answers"), group, row, "answers")}
    return readable
