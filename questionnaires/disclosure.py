"""Answers as leaves: what is disclosed piece by piece, and the document rebuilt from it.

Invariants: one leaf per row and one per answer; a leaf names its evidence by digest and grade; rebuilding the document
of all leaves gives the document that was split, less hidden answers; the order of the leaves means nothing, and where
two speak of the same thing there is no document.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from questionnaires.definition import ROW_GROUPS
from questionnaires.documents import AnswerKey, Document, compose, iterate
from questionnaires.evidence import EvidenceItem

Leaf = dict[str, Any]


class LeavesError(ValueError):
    """The leaves are not those of one document. `position` is that of the leaf at fault."""

    def __init__(self, position: int, rule: str) -> None:
        super().__init__(f"leaf {position}: {rule}")
        self.position = position
        self.rule = rule


def leaves_of(document: Document, evidence: Mapping[AnswerKey, Sequence[Mapping[str, Any]]]) -> list[Leaf]:
    """Return the leaves of a document without hidden answers, sorted; `evidence` holds JSON items per answer."""
    leaves: list[Leaf] = [
        {
            "kind": "row",
            "group": group,
            "row": row,
            "name": content["name"],
            "product": content.get("product"),
            **({"deployment": content.get("deployment")} if group == "incident" else {}),
        }
        for group in ROW_GROUPS
        for row, content in document.get(group, {}).items()
    ]
    leaves.extend(
        {
            "kind": "answer",
            "group": group,
            "row": key.row or None,
            "question": key.question,
            "answer": dict(answer),
            "evidence": [dict(item) for item in evidence.get(key, ())],
        }
        for group, key, answer in iterate(document)
    )
    return sorted(leaves, key=lambda leaf: (leaf["kind"], leaf["group"], leaf["row"] or "", leaf.get("question", "")))


def document_of(leaves: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[AnswerKey, list[EvidenceItem]]]:
    """Return the document and its evidence as far as the leaves disclose them; raise LeavesError."""
    document: dict[str, Any] = {"company": {}, **{group: {} for group in ROW_GROUPS}}
    evidence: dict[AnswerKey, list[EvidenceItem]] = {}
    # the sort is stable: rows first, everything else in its place
    ordered = sorted(enumerate(leaves), key=lambda numbered: numbered[1]["kind"] != "row")
    for position, leaf in ordered:
        if leaf["kind"] == "row":
            _add_row(document, position, leaf)
        else:
            key = _add_answer(document, position, leaf)
            if key in evidence:  # evidence does not know groups: one question, one row, one answer
                raise LeavesError(position, "answers what another leaf answers")
            evidence[key] = [_item(item) for item in leaf["evidence"]]
    return compose(document["company"], {group: document[group] for group in ROW_GROUPS}), evidence


def _add_row(document: dict[str, Any], position: int, leaf: Mapping[str, Any]) -> None:
    group, row = leaf["group"], leaf["row"]
    if group not in ROW_GROUPS or row is None:
        raise LeavesError(position, "names a row of a group that has none")
    if row in document[group]:
        raise LeavesError(position, "names a row that another leaf names")
    if group != "deployment" and leaf["product"] is not None:
        raise LeavesError(position, f"is a row of {group} and names a product")
    if ("deployment" in leaf) != (group == "incident"):
        raise LeavesError(
            position, "names a deployment where no incident is, or is an incident and does not say of what"
        )
    belongs = {
        "product": {},
        "deployment": {"product": leaf["product"]},
        "incident": {"deployment": leaf.get("deployment")},
    }
    document[group][row] = {"name": leaf["name"], **belongs[group], "answers": {}}


def _add_answer(document: dict[str, Any], position: int, leaf: Mapping[str, Any]) -> AnswerKey:
    group, row, question = leaf["group"], leaf["row"], leaf["question"]
    if (group == "company") != (row is None):
        raise LeavesError(position, "names a row where the company answers, or none where a row does")
    if row is not None and row not in document[group]:
        raise LeavesError(position, "answers for a row that no leaf names")
    answers = document["company"] if row is None else document[group][row]["answers"]
    answers[question] = leaf["answer"]
    return AnswerKey(question, row or "")


def _item(item: Mapping[str, Any]) -> EvidenceItem:
    dated = item["dated"]
    return EvidenceItem(item["digest"], item["grade"], date.fromisoformat(dated) if dated else None)
