"""Submissions for property tests: rows of the exercises put together anew, with some answers changed or opened.

Drawing every answer would make nearly all submissions severe; rows of the exercises reach every band.
"""

import copy
import random
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from hypothesis import strategies as st

from questionnaires import library
from questionnaires.canonical import digest
from questionnaires.definition import (
    AnswerField,
    AreaField,
    IntegerField,
    MultiField,
    OneField,
    PercentField,
    Questionnaire,
    TableField,
)
from questionnaires.documents import AnswerKey, iterate
from questionnaires.evidence import GRADES, EvidenceItem
from tests.questionnaires.conftest import CASES, read_case

NUMBERS = (0, 1, 3, 6, 9, 10, 45, 600, 30_000, 600_000, 5_000_000)
PERCENTS = (0, 1, 59, 60, 80, 89, 90, 100)
PLACES = ("XA", "XB", "XC", "XD", "XE", "XF", "ZZ")
OPEN: tuple[dict[str, Any] | None, ...] = (
    None,
    {"state": "not_known"},
    {"state": "not_answered"},
    {"state": "not_applicable", "reason": "We think so."},
    {"state": "declined_legal", "legal_basis": "A law."},
)
DATES = (None, date(2026, 6, 30), date(2025, 6, 30), date(2024, 1, 1))


class Submission(NamedTuple):
    """A document and its evidence."""

    document: dict[str, Any]
    evidence: dict[AnswerKey, list[EvidenceItem]]


def load_questionnaire() -> Questionnaire:
    """Return the shipped questionnaire."""
    found = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert found is not None
    return found


QUESTIONNAIRE = load_questionnaire()
DOCUMENTS: list[dict[str, Any]] = [read_case(name)["document"] for name in CASES]
COMPANIES = [document["company"] for document in DOCUMENTS]
PRODUCTS = [row["answers"] for document in DOCUMENTS for row in document["product"].values()]
DEPLOYMENTS = [row["answers"] for document in DOCUMENTS for row in document["deployment"].values()]


def any_value(field: AnswerField, order: random.Random) -> Any:  # noqa: PLR0911  # one line per kind
    """Return some valid value of a field."""
    match field:
        case OneField():
            return order.choice(list(field.choices))
        case MultiField():
            return order.sample(list(field.choices), order.choice((0, 1, 1, 2, 3)))
        case IntegerField():
            return min(order.choice(NUMBERS), field.maximum)
        case PercentField():
            return order.choice(PERCENTS)
        case AreaField():
            return order.choice(PLACES)
        case TableField():
            return []
        case _:
            return order.choice(("one", "two"))


def any_answer(question: str, order: random.Random) -> dict[str, Any] | None:
    """Return some valid answer, some of them open, partly open or missing."""
    if order.random() < 0.3:
        return order.choice(OPEN)
    fields = QUESTIONNAIRE.questions[question].fields
    stated = {name: any_value(field, order) for name, field in fields.items() if order.random() < 0.9}
    return {"state": "answered", "value": stated} if stated else None


def owners(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield group, row id and answers of the company and of every row."""
    yield "company", "", document["company"]
    for group in ("product", "deployment"):
        for row, content in document[group].items():
            yield group, row, content["answers"]


def draw_evidence(document: dict[str, Any], order: random.Random) -> dict[AnswerKey, list[EvidenceItem]]:
    """Return evidence behind most answers, of one grade for most of them."""
    usual, evidence = order.choice(GRADES), {}
    for _, key, _ in iterate(document):
        grade = usual if order.random() < 0.9 else order.choice(GRADES)
        dated = DATES[1] if order.random() < 0.9 else order.choice(DATES)
        if order.random() < 0.97:
            evidence[key] = [EvidenceItem(digest(grade), grade, dated)]
    return evidence


def put_together(order: random.Random, products: int, deployments: int, edits: int) -> Submission:
    """Return a submission; hidden answers may be among its answers."""
    document: dict[str, Any] = {"company": copy.deepcopy(order.choice(COMPANIES)), "product": {}, "deployment": {}}
    document["company"].pop("OWN-05", None)  # names products of its own submission
    for number in range(products):
        answers = copy.deepcopy(order.choice(PRODUCTS))
        document["product"][f"p{number}"] = {"name": f"Product {number}", "answers": answers}
    for number in range(deployments):
        row = {"name": f"Place {number}", "product": f"p{order.randrange(products)}"}
        document["deployment"][f"d{number}"] = row | {"answers": copy.deepcopy(order.choice(DEPLOYMENTS))}
    places = list(owners(document))
    for _ in range(edits):
        group, _, answers = order.choice(places)
        question = order.choice([q.id for q in QUESTIONNAIRE.questions.values() if q.per == group])
        answer = any_answer(question, order)
        answers.pop(question, None)
        if answer is not None:
            answers[question] = answer
    return Submission(document, draw_evidence(document, order))


ORDERS = st.integers(0, 2**32).map(random.Random)
"""A source of choices; one number stands for all of them, so that a submission is drawn fast."""


def submissions(least: int = 0) -> st.SearchStrategy[Submission]:
    """Return submissions of 1 to 3 products and up to 4 deployments."""
    return st.builds(put_together, ORDERS, st.integers(1, 3), st.integers(least, 4), st.integers(0, 12))
