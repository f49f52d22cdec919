"""One changed fact per question: the table names every criterion that moves with it, and no other may."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from questionnaires.scoring import result_of
from tests.questionnaires.conftest import Revisions, evidence_of, read_case

ROWS = list(csv.DictReader((Path(__file__).parent / "changed_facts.csv").read_text(encoding="utf-8").splitlines()))
MOVES_NOTHING = {"SCP-01", "OWN-05"}


def criteria_of(case: dict[str, Any], revisions: Revisions) -> dict[tuple[str, str], Any]:
    """Return both ends of every criterion of every deployment."""
    document = case["document"]
    scorecard = revisions.assess(document, evidence_of(document, case["evidence"], case["evidence_dated"]))
    rows = result_of(scorecard)["deployments"]
    return {(row["row"], code): ends for row in rows for code, ends in row["criteria"].items()}


def answers_at(document: dict[str, Any], group: str, row: str) -> dict[str, Any]:
    answers: dict[str, Any] = document["company"] if group == "company" else document[group][row]["answers"]
    return answers


@pytest.mark.parametrize("fact", ROWS, ids=lambda fact: fact["question"])
def test_a_changed_fact_moves_exactly_the_criteria_of_the_table(fact: dict[str, str], revisions: Revisions) -> None:
    case = read_case(fact["case"])
    before = criteria_of(case, revisions)
    question = revisions.questionnaire.questions[fact["question"]]
    answers = answers_at(case["document"], question.per, fact["row"])
    assert answers[question.id] == {"state": "answered", "value": json.loads(fact["from"])}
    answers[question.id] = {"state": "answered", "value": json.loads(fact["to"])}
    after = criteria_of(case, revisions)
    assert after.keys() == before.keys()
    moved = {code for (row, code), ends in after.items() if ends != before[row, code]}
    named = set() if fact["moved"] == "-" else set(fact["moved"].split())
    assert moved == named
    assert named & set(question.feeds) or question.id in MOVES_NOTHING


def test_the_table_has_every_question_once(revisions: Revisions) -> None:
    assert [fact["question"] for fact in ROWS] == list(revisions.questionnaire.questions)
    assert {fact["question"] for fact in ROWS if fact["moved"] == "-"} == MOVES_NOTHING
