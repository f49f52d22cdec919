"""Carrying an answer document over into another revision: what survives, what is to be confirmed, what is lost.

Invariants: nothing is invented and nothing is lost: every answer of the old document stands in exactly one of the three
lists; a carried answer is the old one, unchanged; the carried document is valid under the new revision. The old one
stays as it is: a sealed submission is never rewritten, what is carried is the start of a new draft.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from questionnaires.answers import AnswerValidator
from questionnaires.comparison import Change, Kind, question_changes
from questionnaires.definition import ROW_GROUPS, ChoiceField, Group, MatrixField, Questionnaire, TableField
from questionnaires.documents import Answer, AnswerKey, Document, compose, iterate, value_of

_UNHEARD = frozenset({Kind.REFERENCES, Kind.LIMITS})
"""Changes that leave the meaning of an answer as it is. Whether it still lies within the limits is checked."""
_SILENT_TEXTS = frozenset({"evidence_expected"})
_SILENT_FLAGS = frozenset({"screen", "red_line", "feeds", "required", "for_readers"})


class Judged(NamedTuple):
    """One answer of the old document: where it stands, as it stands, and the reasons of the judgement in words."""

    group: Group
    key: AnswerKey
    answer: Answer
    reasons: tuple[str, ...] = ()


class Carried(NamedTuple):
    """An answer document read under another revision. Rows that the new revision has no group for are `lost_rows`."""

    document: dict[str, Any]
    survives: tuple[Judged, ...]
    to_confirm: tuple[Judged, ...]
    lost: tuple[Judged, ...]
    lost_rows: tuple[tuple[Group, str], ...]


def carry(old: Questionnaire, new: AnswerValidator, document: Document) -> Carried:
    """Return a document, valid under the old revision, carried over into the revision of the validator."""
    changes = {id_: tuple(question_changes(old, new.questionnaire, id_)) for id_ in _common(old, new.questionnaire)}
    kept: dict[AnswerKey, Judged] = {}
    lost: list[Judged] = []
    for group, key, answer in iterate(document):
        told = changes.get(key.question, ())
        hindrances = tuple(_hindrances(old, new.questionnaire, Judged(group, key, answer), told))
        if hindrances:
            lost.append(Judged(group, key, answer, hindrances))
        else:
            doubts = tuple(change.words for change in _doubts(changes[key.question], answer))
            kept[key] = Judged(group, key, answer, doubts)
    carried = _settle(new, document, kept, lost)
    judged = kept.values()
    return Carried(
        document=carried,
        survives=tuple(one for one in judged if not one.reasons),
        to_confirm=tuple(one for one in judged if one.reasons),
        lost=tuple(lost),
        lost_rows=tuple(
            (group, row) for group in ROW_GROUPS for row in document.get(group, {}) if row not in carried.get(group, {})
        ),
    )


def _common(old: Questionnaire, new: Questionnaire) -> list[str]:
    return [id_ for id_ in old.questions if id_ in new.questions]


def _settle(
    new: AnswerValidator, document: Document, kept: dict[AnswerKey, Judged], lost: list[Judged]
) -> dict[str, Any]:
    """Return the document of what is kept, moving what the new revision refuses to what is lost, until it is valid."""
    while True:
        carried = _compose(new.questionnaire, document, kept.values())
        refused: dict[AnswerKey, list[str]] = {}
        for problem in new.check_document(carried):
            refused.setdefault(_key_at(problem.pointer), []).append(problem.detail)
        for key, details in refused.items():
            judged = kept.pop(key, None)
            if judged is None:
                raise ValueError("the document to carry over is not valid under its own revision")
            lost.append(judged._replace(reasons=tuple(dict.fromkeys(details))))
        if not refused:
            return carried


def _compose(new: Questionnaire, document: Document, kept: Any) -> dict[str, Any]:
    company: dict[str, Answer] = {}
    rows: dict[Group, dict[str, Any]] = {
        group: {row: {**content, "answers": {}} for row, content in document.get(group, {}).items()}
        for group in ROW_GROUPS
        if group in new.groups
    }
    for group, key, answer, _ in kept:
        owner = company if group == "company" else rows[group][key.row]["answers"]
        owner[key.question] = answer
    return compose(company, rows)


def _key_at(pointer: str) -> AnswerKey:
    """Return the answer that a pointer leads into."""
    parts = pointer.split("/")[1:]
    if parts[:1] == ["company"] and len(parts) > 1:
        return AnswerKey(parts[1], "")
    return AnswerKey(parts[3], parts[1]) if len(parts) > 3 else AnswerKey("", "")  # noqa: PLR2004  # group/row/answers/id


def _hindrances(old: Questionnaire, new: Questionnaire, judged: Judged, changes: tuple[Change, ...]) -> Iterator[str]:
    """Yield why an answer can certainly not be carried; what else the new revision refuses is found by checking."""
    question = new.questions.get(judged.key.question)
    if question is None:
        yield "The question is gone."
        return
    if question.per != judged.group:
        yield f"It is asked per {question.per} now."
        return
    value = value_of(judged.answer)
    for name, stated in value.items():
        label, field = old.questions[question.id].fields[name].label, question.fields.get(name)
        if field is None:
            yield f'The field "{label}" is gone.'
            continue
        gone = _codes_of(field, stated) - _codes_offered(field)
        yield from (f'The choice "{code}" of "{label}" is gone.' for code in sorted(gone))
    yield from (
        change.words for change in changes if change.kind is Kind.KIND and change.place.partition(".")[0] in value
    )


def _doubts(changes: tuple[Change, ...], answer: Answer) -> Iterator[Change]:
    """Yield the changes after which the respondent must say that the answer still stands."""
    has_value = bool(value_of(answer))
    for change in changes:
        if change.kind in _UNHEARD or change.place in _SILENT_TEXTS or change.place in _SILENT_FLAGS:
            continue
        if has_value or change.kind in {Kind.REWORDED, Kind.CONDITION, Kind.FLAGS}:
            yield change


def _codes_of(field: Any, stated: Any) -> set[str]:
    """Return the codes that a stated value names, each with where it stands."""
    if isinstance(field, MatrixField) and isinstance(stated, dict):
        return {*stated, *stated.values()}
    if isinstance(field, TableField) and isinstance(stated, list):
        return {
            code
            for line in stated
            for name, cell in line.items()
            for code in ({name} if name not in field.columns else _codes_of(field.columns[name], cell))
        }
    if isinstance(field, ChoiceField) and isinstance(stated, str | list):
        return {stated} if isinstance(stated, str) else {code for code in stated if isinstance(code, str)}
    return set()


def _codes_offered(field: Any) -> set[str]:
    if isinstance(field, MatrixField):
        return {*field.rows, *field.columns}
    if isinstance(field, TableField):
        return {code for column in field.columns.values() for code in _codes_offered(column)}
    return set(getattr(field, "choices", ()))
