"""Laying answers that were carried over onto a draft that may hold some already.

Invariants: every carried answer stands in exactly one list; what the draft holds is overwritten only where that is
asked for, and its rows never; a row is the same only if its name and what it belongs to are; the result is a save that
the draft's revision accepts.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from questionnaires.answers import AnswerValidator
from questionnaires.carrying import Carried, Judged
from questionnaires.definition import ROW_GROUPS, FilesField, Group, ProductField, Question, TableField
from questionnaires.documents import AnswerKey, Document, answers_of, value_of
from questionnaires.shape import Problem

OTHER_ROW = "The draft describes something else under this row id."
OTHER_PRODUCT = "It names a product that is another one in the draft."
NO_EVIDENCE = "Its evidence stays with the other submission; attach it anew."
WAS_OPEN = "It was to be confirmed already where it comes from."
_ROW_ANSWER = 4
_PARENT: Mapping[Group, tuple[str, Group]] = {
    "deployment": ("product", "product"),
    "incident": ("deployment", "deployment"),
}


class Laid(NamedTuple):
    """A save for the draft, and what became of each answer. `problems` concern the save as a whole: it is refused."""

    save: dict[str, Any]
    survives: tuple[Judged, ...]
    to_confirm: tuple[Judged, ...]
    present: tuple[Judged, ...]
    lost: tuple[Judged, ...]
    problems: tuple[Problem, ...] = ()


def lay(
    new: AnswerValidator,
    carried: Carried,
    draft: Document,
    *,
    overwrite: bool = False,
    unconfirmed: Collection[AnswerKey] = (),
) -> Laid:
    """Return what carrying puts into a draft; `unconfirmed` were to be confirmed where they come from."""
    others = _other_rows(carried.document, draft)
    put: dict[AnswerKey, Judged] = {}
    present, lost = list[Judged](), list(carried.lost)
    for judged in (*carried.survives, *carried.to_confirm):
        question = new.questionnaire.questions[judged.key.question]
        hindrance = _hindrance(question, judged, others)
        if hindrance:
            lost.append(judged._replace(reasons=(hindrance,)))
        elif not overwrite and judged.key.question in answers_of(draft, judged.group, judged.key.row):
            present.append(judged)
        else:
            put[judged.key] = _doubt(question, judged, unconfirmed)
    save, problems = _settle(new, carried.document, draft, put, lost, others)
    return Laid(
        save=save,
        survives=tuple(one for one in put.values() if not one.reasons),
        to_confirm=tuple(one for one in put.values() if one.reasons),
        present=tuple(present),
        lost=tuple(lost),
        problems=problems,
    )


def _other_rows(document: Document, draft: Document) -> frozenset[tuple[Group, str]]:
    """Return the rows whose ids stand for something else in the draft, and those that belong to such rows."""
    found: set[tuple[Group, str]] = set()
    for group in ROW_GROUPS:
        for row, content in document.get(group, {}).items():
            there = draft.get(group, {}).get(row)
            differs = there is not None and _without_answers(there) != _without_answers(content)
            link, owners = _PARENT.get(group, ("", group))
            if differs or (link and (owners, content.get(link)) in found):
                found.add((group, row))
    return frozenset(found)


def _without_answers(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "answers"}


def _hindrance(question: Question, judged: Judged, others: Collection[tuple[Group, str]]) -> str | None:
    if (judged.group, judged.key.row) in others:
        return OTHER_ROW
    if any(("product", product) in others for product in _products_named(question, judged)):
        return OTHER_PRODUCT
    return None


def _products_named(question: Question, judged: Judged) -> Iterator[str]:
    for name, stated in value_of(judged.answer).items():
        field = question.fields[name]
        if isinstance(field, ProductField):
            yield stated
        elif isinstance(field, TableField):
            columns = [column for column, kind in field.columns.items() if isinstance(kind, ProductField)]
            yield from (line[column] for line in stated for column in columns if column in line)


def _doubt(question: Question, judged: Judged, unconfirmed: Collection[AnswerKey]) -> Judged:
    reasons = judged.reasons
    if any(isinstance(question.fields[name], FilesField) for name in value_of(judged.answer)):
        reasons = (*reasons, NO_EVIDENCE)
    if judged.key in unconfirmed:
        reasons = (*reasons, WAS_OPEN)
    return judged._replace(reasons=reasons)


def _settle(  # noqa: PLR0913, PLR0917  # what is carried, where to, and what became of it so far
    new: AnswerValidator,
    document: Document,
    draft: Document,
    put: dict[AnswerKey, Judged],
    lost: list[Judged],
    others: Collection[tuple[Group, str]],
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return the save of what is put, moving what the draft's other answers rule out to what is lost."""
    while True:
        save = _compose(document, draft, put, others)
        problems = new.check_save(draft, save)
        refused: dict[AnswerKey, list[str]] = {}
        for problem in problems:
            key = _key_at(problem.pointer)
            if key not in put:
                return save, tuple(problems)
            refused.setdefault(key, []).append(problem.detail)
        for key, details in refused.items():
            lost.append(put.pop(key)._replace(reasons=tuple(dict.fromkeys(details))))
        if not refused:
            return save, ()


def _compose(
    document: Document, draft: Document, put: Mapping[AnswerKey, Judged], others: Collection[tuple[Group, str]]
) -> dict[str, Any]:
    save: dict[str, Any] = {}
    for group in ROW_GROUPS:
        for row, content in document.get(group, {}).items():
            if (group, row) not in others and row not in draft.get(group, {}):
                save.setdefault(group, {})[row] = {**_without_answers(content), "answers": {}}
    for judged in put.values():
        if judged.group == "company":
            owner = save.setdefault("company", {})
        else:
            owner = save.setdefault(judged.group, {}).setdefault(judged.key.row, {"answers": {}})["answers"]
        owner[judged.key.question] = judged.answer
    return save


def _key_at(pointer: str) -> AnswerKey | None:
    parts = pointer.split("/")[1:]
    if parts[:1] == ["company"] and len(parts) > 1:
        return AnswerKey(parts[1], "")
    return AnswerKey(parts[3], parts[1]) if len(parts) >= _ROW_ANSWER else None
