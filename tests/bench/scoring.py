"""Validating and scoring: pure functions, on one core."""

from datetime import date
from typing import Any

import jsonschema_rs

from questionnaires import library
from questionnaires.answers import EMPTY, AnswerValidator
from questionnaires.canonical import digest
from questionnaires.documents import iterate
from questionnaires.evidence import EvidenceItem
from questionnaires.scoring import assess, result_of
from tests.bench.measuring import best_of, show, show_most
from tests.service import read_case

ON = date(2026, 11, 25)
ROUNDS = 60


def many_rows(count: int) -> dict[str, Any]:
    """Return an exercise with so many deployments."""
    document: dict[str, Any] = read_case("f2")["document"]
    rows = list(document["deployment"].values())
    deployments = {f"d{number:03}": rows[number % len(rows)] for number in range(count)}
    return {**document, "deployment": deployments}


def measure() -> None:
    """Print the rows of validation and scoring."""
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@1")
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
    context = library.find(library.contexts(), "exercise")
    assert questionnaire is not None
    assert criteria is not None
    assert context is not None
    validator, save = AnswerValidator(questionnaire), many_rows(4)
    answers = len(list(iterate(save)))
    compiled = jsonschema_rs.Draft202012Validator(validator.schema)
    schema = best_of(lambda: list(compiled.iter_errors(save)), ROUNDS)
    show_most(f"validate {answers} answers against the schema", schema, 0.2, "ms")
    whole = best_of(lambda: validator.check_save(EMPTY, save), ROUNDS)
    show(f"  with text, rows and hidden questions ({answers} answers)", f"{whole:.2f} ms", "", None)

    numbers = {"state": "answered", "value": {"refused_uses": [1] * 240_000}}
    hostile = best_of(lambda: validator.check_save(EMPTY, {"company": {"GOV-04": numbers}}), 5)
    show_most("refuse 240,000 numbers where choices belong", hostile, 250, "ms")

    def score(document: dict[str, Any]) -> float:
        item = EvidenceItem(digest("bench"), "V2", date(2026, 6, 30))
        evidence = {key: [item] for _, key, _ in iterate(document)}
        return best_of(lambda: result_of(assess(questionnaire, document, evidence, criteria, context, ON)), ROUNDS)

    twenty, eighty = score(many_rows(20)), score(many_rows(80))
    show_most("score 20 deployments, every answer given, with reasons", twenty, 5, "ms")
    show_most("  four times the deployments cost", eighty / twenty, 4.4, "x")
