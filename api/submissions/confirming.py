"""Which answers of a draft were carried there and wait for the vendor's word.

Invariants: the list names places and repeats no answer; saving an answer, or removing it, is the word; what nobody has
confirmed is not sealed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from questionnaires.definition import ROW_GROUPS
from questionnaires.documents import AnswerKey, Document, iterate
from questionnaires.shape import Problem, pointer_of

ToConfirm = dict[str, list[str]]
"""Rows by question, as the submission's column holds them; the company's row is empty."""


def keys_of(waiting: ToConfirm) -> frozenset[AnswerKey]:
    """Return every answer that waits."""
    return frozenset(AnswerKey(question, row) for question, rows in waiting.items() for row in rows)


def waiting_for(keys: Iterable[AnswerKey]) -> ToConfirm:
    """Return the form in which the column holds answers that wait."""
    found: ToConfirm = {}
    for question, row in sorted(keys):
        found.setdefault(question, []).append(row)
    return found


def without_saved(waiting: ToConfirm, said: Document) -> ToConfirm:
    """Return what still waits after a save: what it says, or removes, is confirmed."""
    if not waiting:
        return waiting
    said_keys = {AnswerKey(question, "") for question in said.get("company") or ()}
    gone: set[str] = set()
    for group in ROW_GROUPS:
        for row, content in (said.get(group) or {}).items():
            if content is None:
                gone.add(row)
            else:
                said_keys |= {AnswerKey(question, row) for question in content.get("answers") or ()}
    return waiting_for(key for key in keys_of(waiting) if key not in said_keys and key.row not in gone)


def find_unconfirmed(waiting: ToConfirm, document: Document) -> Iterator[Problem]:
    """Yield every answer of a document that waits, as what keeps it from being sealed."""
    keys = keys_of(waiting)
    for group, key, _ in iterate(document) if keys else ():
        if key in keys:
            base = ("company",) if group == "company" else (group, key.row, "answers")
            detail = f"{key.question} was carried over and must be confirmed: save it again, as it is or corrected."
            yield Problem(pointer_of(*base, key.question), "unconfirmed", detail)


def listed(waiting: ToConfirm) -> list[Mapping[str, Any]]:
    """Return what waits in its wire form."""
    return [{"question": question, "rows": [row for row in rows if row]} for question, rows in waiting.items()]
