"""The nine exercises, derived from answers and evidence: the published figures, whatever the order and the row ids."""

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest

from questionnaires.scoring import result_of
from tests.questionnaires.conftest import CASES, Revisions, evidence_of, read_case
from tests.questionnaires.test_vectors import ROWS

VECTORS = {row["case"].split()[0]: row for row in ROWS}
FIGURES = ("buyer_risk", "end_use_risk", "inherent", "mitigation", "residual", "band", "residual_low", "band_low")
F8_LOW = "13.6213"
"""From values alone F8's low bound is 5.2500. From answers it is higher: the place, which is known, sets a floor."""


def published(case: str) -> dict[str, str]:
    """Return the published figures of a case; F8's own low bound is that of the rules."""
    row = {name: VECTORS[case][name] for name in FIGURES}
    return row | ({"residual_low": F8_LOW} if case == "F8" else {})


def score(case: Mapping[str, Any], revisions: Revisions) -> dict[str, Any]:
    """Return the result of the worst deployment, and the company's."""
    document = case["document"]
    scorecard = revisions.assess(document, evidence_of(document, case["evidence"], case["evidence_dated"]))
    result = result_of(scorecard)
    (worst,) = [row for row in result["deployments"] if row["row"] == result["company"]["worst"]]
    return {"worst": worst, "company": result["company"]}


@pytest.mark.parametrize("name", CASES)
def test_answers_give_the_published_figures(name: str, revisions: Revisions) -> None:
    case = read_case(name)
    worst = score(case, revisions)["worst"]
    assert {figure: worst[figure] for figure in FIGURES} == published(case["case"])
    assert worst["rated"] is (VECTORS[case["case"]]["rated"] == "yes")


@pytest.mark.parametrize("name", CASES)
def test_answers_give_the_published_criteria(name: str, revisions: Revisions) -> None:
    case = read_case(name)
    vector, worst = VECTORS[case["case"]], score(case, revisions)["worst"]
    derived = {c: str(v["value"]) for c, v in worst["criteria"].items() if c[0] in "BE" and c != "E8"}
    assert {c: v for c, v in derived.items() if vector[c] != "?"} == {c: vector[c] for c in derived if vector[c] != "?"}
    assert vector["involvement"] in {"?", worst["involvement"]}


@pytest.mark.parametrize("name", CASES)
def test_order_and_row_ids_change_nothing(name: str, revisions: Revisions) -> None:
    case = read_case(name)
    before = score(case, revisions)
    text = json.dumps(case)
    for old, new in (("p", "thing-"), ("d", "zone-")):
        for number in range(1, 5):
            text = text.replace(f'"{old}{number}"', f'"{new}{9 - number}"')
    after = score(shuffled(json.loads(text), random.Random(name)), revisions)  # an order, not a secret
    for renamed in (before, after):
        renamed["company"].pop("worst")
        renamed["worst"].pop("row")
        renamed["worst"].pop("product")
    assert after == before


def shuffled(value: Any, order: random.Random) -> Any:
    """Return the same JSON with every object's keys in another order."""
    if isinstance(value, dict):
        keys = sorted(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return value
