"""Criteria 2 with the questionnaire and the invented places; submissions whose totals speak of their deployments."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st

from questionnaires import library
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import AnswerKey, Document, value_of
from questionnaires.evidence import EvidenceItem
from questionnaires.redlines import NO_REVIEW, Decision, Review, candidate
from questionnaires.scoring import Scorecard, assess
from tests.questionnaires.strategies import ORDERS, Submission, put_together

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


@pytest.fixture(scope="session")
def revisions() -> Revisions:
    """Return the revisions of engine 2."""
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@1")
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
    context = library.find(library.contexts(), "exercise@2026-11")
    assert questionnaire is not None
    assert criteria is not None
    assert context is not None
    return Revisions(questionnaire, criteria, context)


class Reviewed(NamedTuple):
    """A submission and what reviewers decided about it."""

    submission: Submission
    review: Review


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
    if order.random() < 0.2 and document["product"]:
        product = order.choice(sorted(document["product"]))
        lines.append({"product": product, "area": order.choice(("XA", "XF", "XC")), "units": 5})
    for line in lines:
        if order.random() < 0.05:
            line.pop(order.choice(sorted(line)))
    document["company"]["OWN-05"] = {"state": "answered", "value": {"areas": lines}}


def draw_review(document: dict[str, Any], order: random.Random) -> Review:
    """Return decisions about some red lines, and some acceptances."""
    decisions: dict[str, Decision] = {}
    rows = [
        ("company", ""),
        *(("product", r) for r in document["product"]),
        *(("deployment", r) for r in document["deployment"]),
    ]
    for _ in range(order.choice((0, 0, 1, 4))):
        group, row = order.choice(rows)
        name = candidate(f"RL-{order.randint(1, 12):02}", group, row)  # type: ignore[arg-type]  # one of the groups
        verdict = order.choice(("confirmed", "dismissed", "open"))
        decisions[name] = Decision(verdict, "reviewer", date(2026, 8, 1), replied=order.random() < 0.7)
    return Review(decisions, frozenset(), frozenset())


def draw(order: random.Random, products: int, deployments: int, edits: int) -> Reviewed:
    """Return a reviewed submission."""
    submission = put_together(order, products, deployments, edits)
    state_totals(submission.document, order)
    return Reviewed(submission, draw_review(submission.document, order))


def reviewed(least: int = 0) -> st.SearchStrategy[Reviewed]:
    """Return reviewed submissions of 1 to 3 products and up to 4 deployments."""
    return st.builds(draw, ORDERS, st.integers(1, 3), st.integers(least, 4), st.integers(0, 8))
