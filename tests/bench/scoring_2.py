"""Scoring by engine 2, on one core: many deployments with few answers, and with every answer given."""

import random
from datetime import date
from typing import Any

from questionnaires.canonical import digest
from questionnaires.definition import Questionnaire
from questionnaires.documents import iterate
from questionnaires.evidence import EvidenceItem
from questionnaires.scoring import result_of
from questionnaires.sensitivity import vary
from tests.bench.measuring import best_of, show, show_most
from tests.questionnaires.engine_2.conftest import read_revisions
from tests.questionnaires.engine_2.whole import read_whole

ROUNDS = 60
FEW = {"company": 34, "product": 8, "deployment": 5}
"""How many answers each of these has where few are given: 150 altogether with 2 products and 20 deployments."""


def many_whole(questionnaire: Questionnaire, count: int) -> dict[str, Any]:
    """Return an exercise with so many deployments, every answer given: each a mixture, so that no two are the same."""
    document = read_whole("f2", questionnaire)
    rows = list(document["deployment"].values())
    mixed = {}
    for number in range(count):
        row, choose = rows[number % len(rows)], random.Random(number)
        answers = {id_: choose.choice(rows)["answers"].get(id_, answer) for id_, answer in row["answers"].items()}
        buyer = {**answers["BUY-01"]["value"], "end_user": f"user-{number}", "units": 10 + number}
        answers["BUY-01"] = {"state": "answered", "value": buyer}
        mixed[f"d{number:03}"] = {**row, "answers": answers}
    return {**document, "deployment": mixed}


def keep_few(questionnaire: Questionnaire, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with the first answers of the company and of each row, in reading order."""

    def first(answers: dict[str, Any], group: str) -> dict[str, Any]:
        return {id_: answers[id_] for id_ in [id_ for id_ in questionnaire.questions if id_ in answers][: FEW[group]]}

    rows = {
        group: {
            row: {**content, "answers": first(content["answers"], group)} for row, content in document[group].items()
        }
        for group in ("product", "deployment")
    }
    return {**document, "company": first(document["company"], "company"), **rows}


def measure() -> None:
    """Print the rows of scoring by engine 2."""
    revisions = read_revisions()
    questionnaire = revisions.questionnaire

    def score(document: dict[str, Any], rounds: int = ROUNDS) -> float:
        item = EvidenceItem(digest("bench"), "V2", date(2026, 6, 30))
        evidence = {key: [item] for _, key, _ in iterate(document)}
        return best_of(lambda: result_of(revisions.assess(document, evidence)), rounds)

    whole, few = many_whole(questionnaire, 20), keep_few(questionnaire, many_whole(questionnaire, 20))
    answers = len(list(iterate(few)))
    some = score(few)
    show_most(f"engine 2: score {answers} answers with 20 deployments, with reasons", some, 5, "ms")
    many = keep_few(questionnaire, many_whole(questionnaire, 200))
    show_most("  ten times the deployments cost", score(many, 10) / some, 10, "x")
    worst = revisions.assess(few, {}).worst
    firm = best_of(lambda: vary(revisions.criteria, worst), 10)
    show_most("  sensitivity of one deployment, 1,000 draws", firm, 150, "ms")
    every = score(whole)
    show(f"  every answer given ({len(list(iterate(whole)))} answers)", f"{every:.2f} ms", "", None)
    more = score(many_whole(questionnaire, 200), 10)
    show_most("  ten times the deployments cost, every answer given", more / every, 10, "x")
