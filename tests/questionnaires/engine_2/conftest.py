"""Criteria 2 with the questionnaire and the invented places; submissions whose totals speak of their deployments."""

import copy
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st

from questionnaires import library
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Group, Questionnaire
from questionnaires.documents import AnswerKey, Document, value_of
from questionnaires.evidence import EvidenceItem
from questionnaires.redlines import NO_REVIEW, Decision, Review, Verdict, candidate
from questionnaires.scoring import Scorecard, assess
from tests.questionnaires.conftest import CASES
from tests.questionnaires.engine_2.whole import read_whole
from tests.questionnaires.strategies import OPEN, ORDERS, Submission, any_value, draw_evidence

ON = date(2026, 11, 25)


class Revisions(NamedTuple):
    """The revisions that an assessment reads."""

    questionnaire: Questionnaire
    criteria: Criteria
    context: Context

    def assess(
        self,
        document: Document,
        evidence: Mapping[AnswerKey, Sequence[EvidenceItem]],
        review: Review = NO_REVIEW,
        on: date = ON,
    ) -> Scorecard:
        """Score a document at the date of the exercise."""
        return assess(self.questionnaire, document, evidence, self.criteria, self.context, on, review)


def read_revisions() -> Revisions:
    """Return the revisions of engine 2."""
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@2")
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
    context = library.find(library.contexts(), "exercise@2026-11")
    assert questionnaire is not None
    assert criteria is not None
    assert context is not None
    return Revisions(questionnaire, criteria, context)


@pytest.fixture(scope="session")
def revisions() -> Revisions:
    """Return the revisions of engine 2."""
    return read_revisions()


class Reviewed(NamedTuple):
    """A submission and what reviewers decided about it."""

    submission: Submission
    review: Review


@cache
def load_questionnaire() -> Questionnaire:
    """Return the questionnaire of engine 2's criteria."""
    found = library.find(library.questionnaires(), "surveillance-hrdd@2")
    assert found is not None
    return found


@cache
def _sources() -> Mapping[str, list[dict[str, Any]]]:
    """Return the answers of the exercises, per group: what submissions are put together from."""
    documents = [read_whole(name, load_questionnaire()) for name in CASES]
    rows = {
        group: [row["answers"] for document in documents for row in document[group].values()]
        for group in ("product", "deployment")
    }
    return {"company": [document["company"] for document in documents], **rows}


def any_answer(question: str, order: random.Random) -> dict[str, Any] | None:
    """Return some answer, some of them open, partly open or missing."""
    if order.random() < 0.3:
        return order.choice(OPEN)
    fields = load_questionnaire().questions[question].fields
    stated = {name: any_field(field, order) for name, field in fields.items() if order.random() < 0.9}
    return {"state": "answered", "value": stated} if stated else None


def any_field(field: Any, order: random.Random) -> Any:
    """Return some value of a field; of kinds that no rule reads, a fixed one."""
    if field.kind == "yes_partial_no":
        return order.choice(("yes", "partial", "no"))
    if field.kind == "matrix":
        return {row: order.choice(list(field.columns)) for row in field.rows}
    return FIXED[field.kind] if field.kind in FIXED else any_value(field, order)


FIXED = {
    "date": "2026-01-01", "date_range": {"from": "2025-01-01", "to": "2025-12-31"}, "decimal": "1.0", "files": [],
    "money": {"amount": "1.00", "currency": "EUR"},
}  # fmt: skip


def state_totals(document: dict[str, Any], order: random.Random) -> None:
    """State units per product and place: mostly what the deployments add up to, sometimes more, sometimes open."""
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in document["deployment"].values():
        sale = value_of(row["answers"].get("BUY-01"))
        if "area" in sale:
            sums[row["product"], sale["area"]] += sale.get("units", 0)
    if order.random() < 0.1:
        return
    lines = [{"product": p, "area": a, "units": n + order.choice((0, 0, 0, 0, 3, 400))} for (p, a), n in sums.items()]
    if order.random() < 0.2:
        product = order.choice(sorted(document["product"]))
        lines.append({"product": product, "area": order.choice(("XA", "XF", "XC")), "units": 5})
    for line in lines:
        if order.random() < 0.05:
            line.pop(order.choice(sorted(line)))
    document["company"]["OWN-05"] = {"state": "answered", "value": {"areas": lines}}


def draw_review(document: dict[str, Any], order: random.Random) -> Review:
    """Return decisions about some red lines."""
    decisions: dict[str, Decision] = {}
    groups: tuple[Group, ...] = ("product", "deployment", "incident")
    rows: list[tuple[Group, str]] = [("company", ""), *((g, row) for g in groups for row in document.get(g, {}))]
    for _ in range(order.choice((0, 0, 1, 4))):
        verdict: Verdict = order.choice(("confirmed", "dismissed", "open"))
        name = candidate(f"RL-{order.randint(1, 12):02}", *order.choice(rows))
        decisions[name] = Decision(verdict, "reviewer", date(2026, 8, 1), replied=order.random() < 0.7)
    return Review(decisions, frozenset(), frozenset())


def draw(order: random.Random, products: int, deployments: int, edits: int) -> Reviewed:
    """Return a reviewed submission: rows of the exercises put together anew, some answers changed, some incidents."""
    sources = _sources()
    document: dict[str, Any] = {
        "company": copy.deepcopy(order.choice(sources["company"])),
        "product": {},
        "deployment": {},
    }
    document["company"].pop("OWN-05", None)  # names products of its own submission
    for number in range(products):
        answers = copy.deepcopy(order.choice(sources["product"]))
        document["product"][f"p{number}"] = {"name": f"Product {number}", "answers": answers}
    for number in range(deployments):
        row = {"name": f"Place {number}", "product": f"p{order.randrange(products)}"}
        document["deployment"][f"d{number}"] = row | {"answers": copy.deepcopy(order.choice(sources["deployment"]))}
    _add_incidents(document, order)
    places = list(owners(document))
    for _ in range(edits):
        group, _, answers = order.choice(places)
        question = order.choice(list(load_questionnaire().by_group[group]))
        answer = any_answer(question, order)
        answers.pop(question, None)
        if answer is not None:
            answers[question] = answer
    state_totals(document, order)
    return Reviewed(Submission(document, draw_evidence(document, order)), draw_review(document, order))


def _add_incidents(document: dict[str, Any], order: random.Random) -> None:
    questions = load_questionnaire().by_group["incident"]
    rows = {}
    for number in range(order.choice((0, 0, 0, 1, 2))):
        answers = {id_: answer for id_ in questions if (answer := any_answer(id_, order)) is not None}
        place = order.choice([None, *document["deployment"]])
        rows[f"i{number}"] = {"name": f"Incident {number}", "deployment": place, "answers": answers}
    if rows:
        document["incident"] = rows


def owners(document: dict[str, Any]) -> Iterator[tuple[Group, str, dict[str, Any]]]:
    """Yield group, row id and answers of the company and of every row."""
    yield "company", "", document["company"]
    groups: tuple[Group, ...] = ("product", "deployment", "incident")
    for group in groups:
        for row, content in document.get(group, {}).items():
            yield group, row, content["answers"]


def reviewed(least: int = 0) -> st.SearchStrategy[Reviewed]:
    """Return reviewed submissions of 1 to 3 products and up to 4 deployments."""
    return st.builds(draw, ORDERS, st.integers(1, 3), st.integers(least, 4), st.integers(0, 8))
