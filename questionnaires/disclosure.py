"""Answers as leaves: what is disclosed piece by piece, and the document rebuilt from it.

Invariants: one leaf per row and one per answer; a leaf names its evidence by digest and grade; rebuilding the document
of all leaves gives the document that was split, less hidden answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from questionnaires.definition import GROUPS
from questionnaires.documents import AnswerKey, Document, iterate
from questionnaires.evidence import EvidenceItem

Leaf = dict[str, Any]


def leaves_of(document: Document, evidence: Mapping[AnswerKey, Sequence[Mapping[str, Any]]]) -> list[Leaf]:
    """Return the leaves of a document without hidden answers, sorted; `evidence` holds JSON items per answer."""
    leaves: list[Leaf] = [
        {"kind": "row", "group": group, "row": row, "name": content["name"], "product": content.get("product")}
        for group in GROUPS[1:]
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
    """Return the document and its evidence as far as the leaves disclose them."""
    document: dict[str, Any] = {"company": {}, "product": {}, "deployment": {}}
    evidence: dict[AnswerKey, list[EvidenceItem]] = {}
    ordered = sorted(leaves, key=lambda leaf: leaf["kind"] != "row")
    for leaf in ordered:
        group, row = leaf["group"], leaf["row"]
        if leaf["kind"] == "row":
            named = {"name": leaf["name"], "answers": {}}
            document[group][row] = named | ({"product": leaf["product"]} if group == "deployment" else {})
            continue
        target = document["company"] if group == "company" else document[group][row]["answers"]
        target[leaf["question"]] = leaf["answer"]
        evidence[AnswerKey(leaf["question"], row or "")] = [_item(item) for item in leaf["evidence"]]
    return document, evidence


def _item(item: Mapping[str, Any]) -> EvidenceItem:
    dated = item["dated"]
    return EvidenceItem(item["digest"], item["grade"], date.fromisoformat(dated) if dated else None)
