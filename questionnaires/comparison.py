"""What differs between two revisions of a questionnaire, as data and in plain words.

Invariants: equal revisions have no changes; a change names one thing at one place; questions are the same where their
ids are. What a change means for answers that were given is decided in `carrying.py`.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from questionnaires.definition import Question, Questionnaire
from questionnaires.fields import AnswerField, Column, MatrixField, TableField
from questionnaires.grounds import describe


class Kind(StrEnum):
    """What was done."""

    ADDED = "question added"
    REMOVED = "question removed"
    MOVED = "question moved"
    GROUP = "asked of another group"
    REWORDED = "reworded"
    CONDITION = "condition changed"
    REFERENCES = "references changed"
    FLAGS = "handling changed"
    FIELD_ADDED = "field added"
    FIELD_REMOVED = "field removed"
    KIND = "kind of field changed"
    LIMITS = "limits changed"
    CHOICE_ADDED = "choice added"
    CHOICE_REMOVED = "choice removed"
    CHOICE_RELABELLED = "choice relabelled"
    HEAD = "questionnaire or section reworded"


class Change(NamedTuple):
    """One change: of what (a question's id, empty for the head), where in it, and both forms in words."""

    kind: Kind
    question: str
    place: str
    before: str | None = None
    after: str | None = None

    @property
    def words(self) -> str:
        """The change as a sentence."""
        of = " ".join(part for part in (self.question, self.place) if part)
        told = f"{of}: {self.kind}" if of else str(self.kind)
        if self.before is not None and self.after is not None:
            return f'{told}, from "{self.before}" to "{self.after}".'
        stated = self.before if self.after is None else self.after
        return f"{told}." if stated is None else f'{told}, "{stated}".'


_TEXTS = ("text", "help", "why", "evidence_expected")
_FLAGS = ("screen", "red_line", "confidential", "required", "feeds", "for_readers")
_OWN_WORDS = frozenset({"kind", "label", "choices", "labels", "rows", "columns"})


def compare(old: Questionnaire, new: Questionnaire) -> tuple[Change, ...]:
    """Return every change from one revision to the other, in the reading order of the new one; removals come first."""
    changes = [
        Change(Kind.REMOVED, q.id, "", before=q.text) for q in old.questions.values() if q.id not in new.questions
    ]
    changes.extend(_head_changes(old, new))
    moved = moved_questions(old, new)
    for id_, question in new.questions.items():
        if id_ not in old.questions:
            changes.append(Change(Kind.ADDED, id_, "", after=question.text))
            continue
        if id_ in moved:
            before, after = moved[id_]
            changes.append(Change(Kind.MOVED, id_, "", before=before, after=after))
        changes.extend(question_changes(old, new, id_))
    return tuple(changes)


def question_changes(old: Questionnaire, new: Questionnaire, id_: str) -> Iterator[Change]:
    """Yield the changes of a question that both revisions have."""
    before, after = old.questions[id_], new.questions[id_]
    if old.gates.get(id_) != new.gates.get(id_):
        yield Change(Kind.CONDITION, id_, "", _condition_words(old, id_), _condition_words(new, id_))
    if before == after:
        return
    if before.per != after.per:
        yield Change(Kind.GROUP, id_, "", before.per, after.per)
    for name in _TEXTS:
        texts = getattr(before, name), getattr(after, name)
        if texts[0] != texts[1]:
            yield Change(Kind.REWORDED, id_, name, *texts)
    if before.references != after.references:
        yield Change(Kind.REFERENCES, id_, "", _references(before), _references(after))
    for name in _FLAGS:
        flags = getattr(before, name), getattr(after, name)
        if flags[0] != flags[1]:
            yield Change(Kind.FLAGS, id_, name, *map(_word, flags))
    yield from _set_changes(id_, "", before.fields, after.fields)


def _set_changes(id_: str, base: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name, field in before.items():
        if name not in after:
            yield Change(Kind.FIELD_REMOVED, id_, base + name, before=field.label)
    for name, field in after.items():
        if name not in before:
            yield Change(Kind.FIELD_ADDED, id_, base + name, after=field.label)
        elif before[name] != field:
            yield from field_changes(id_, base + name, before[name], field)


def field_changes(id_: str, place: str, before: AnswerField | Column, after: AnswerField | Column) -> Iterator[Change]:
    """Yield the changes of a field, or of a table's column."""
    if before.label != after.label:
        yield Change(Kind.REWORDED, id_, place, before.label, after.label)
    if before.kind != after.kind:
        yield Change(Kind.KIND, id_, place, before.kind, after.kind)
        return
    labels = labels_of(after)
    for part, choices in labels_of(before).items():
        yield from _label_changes(id_, f"{place}{part}", choices, labels[part])
    if isinstance(before, TableField) and isinstance(after, TableField):
        yield from _set_changes(id_, f"{place}.", before.columns, after.columns)
    limits = [{k: v for k, v in field.model_dump().items() if k not in _OWN_WORDS} for field in (before, after)]
    for name in limits[0]:
        if limits[0][name] != limits[1][name]:
            yield Change(Kind.LIMITS, id_, f"{place} {name}", str(limits[0][name]), str(limits[1][name]))


def labels_of(field: AnswerField | Column) -> dict[str, Mapping[str, str]]:
    """Return the codes and labels of a field: its choices, or the rows and columns of a matrix."""
    if isinstance(field, MatrixField):
        return {" rows": field.rows, " columns": field.columns}
    choices: Mapping[str, str] | None = getattr(field, "choices", None)
    return {} if choices is None else {"": choices}


def _label_changes(id_: str, place: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for code, label in before.items():
        if code not in after:
            yield Change(Kind.CHOICE_REMOVED, id_, f"{place}: {code}", before=label)
        elif after[code] != label:
            yield Change(Kind.CHOICE_RELABELLED, id_, f"{place}: {code}", label, after[code])
    for code, label in after.items():
        if code not in before:
            yield Change(Kind.CHOICE_ADDED, id_, f"{place}: {code}", after=label)


def moved_questions(old: Questionnaire, new: Questionnaire) -> dict[str, tuple[str, str]]:
    """Return the questions that stand in another section or order, with both places; the fewest that explain it."""
    sections = [{q.id: s.code for s in revision.sections for q in s.questions} for revision in (old, new)]
    order = {id_: place for place, id_ in enumerate(old.questions)}
    common = [id_ for id_ in new.questions if id_ in order]
    kept = _longest_rising([order[id_] for id_ in common])
    return {
        id_: (f"section {sections[0][id_]}", f"section {sections[1][id_]}")
        for id_ in common
        if sections[0][id_] != sections[1][id_] or order[id_] not in kept
    }


def _longest_rising(numbers: list[int]) -> frozenset[int]:
    """Return a longest rising subsequence of different numbers."""
    tails: list[int] = []
    previous: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(tails, number)
        previous[number] = tails[place - 1] if place else None
        tails[place : place + 1] = [number]
    found: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        found.add(last)
        last = previous[last]
    return frozenset(found)


def _head_changes(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    for name in ("title", "introduction", "language"):
        texts = getattr(old, name), getattr(new, name)
        if texts[0] != texts[1]:
            yield Change(Kind.HEAD, "", name, *texts)
    sections = {section.code: section for section in old.sections}
    for section in new.sections:
        before = sections.pop(section.code, None)
        for name in ("title", "note"):
            texts = getattr(before, name, None), getattr(section, name)
            if texts[0] != texts[1]:
                yield Change(Kind.HEAD, "", f"section {section.code} {name}", *texts)
    yield from (Change(Kind.HEAD, "", f"section {code} title", before=s.title) for code, s in sections.items())


def _condition_words(questionnaire: Questionnaire, id_: str) -> str:
    gates = questionnaire.gates.get(id_, ())
    return " and ".join(describe(questionnaire, gate) for gate in gates) or "always"


def _references(question: Question) -> str:
    return "; ".join(f"{r.framework}, {r.locator}{', checked' if r.checked else ''}" for r in question.references)


def _word(flag: object) -> str:
    if isinstance(flag, tuple):
        return ", ".join(flag) or "nothing"
    return "yes" if flag else "no"
