"""Overlays for tests: one of every part, and drawn ones."""

import random
from functools import cache
from typing import Any

from hypothesis import strategies as st

from questionnaires import library
from questionnaires.criteria import Criteria
from questionnaires.overlays import Overlay, Standard, bounds_of, check_overlay, read_overlay
from questionnaires.revisions import revision_digest
from questionnaires.scales import BANDS, BUYER, END_USE, INVOLVEMENTS, MITIGATION
from tests.questionnaires import test_properties as first
from tests.questionnaires.engine_2 import test_promises as second
from tests.questionnaires.engine_2.conftest import load_questionnaire
from tests.questionnaires.strategies import ORDERS


@cache
def load_standard() -> Standard:
    """Return the standard that overlays are laid on."""
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
    assert criteria is not None
    return Standard(revision_digest(criteria), criteria, load_questionnaire())


def overlay_json(**parts: Any) -> dict[str, Any]:
    """Return an overlay with the parts given, and nothing else that it changes."""
    standard = load_standard()
    return {
        "id": "our-view", "revision": "1", "title": "Our view", "reason": "Our policy of 2026.",
        "base": {"revision": "surveillance-hrdd-criteria@2", "digest": standard.digest}, **parts,
    }  # fmt: skip


def line(when: dict[str, Any], per: str = "deployment", **more: Any) -> dict[str, Any]:
    """Return an own red line of one sign."""
    signs = [{"per": per, "when": when}]
    return {"name": "Our line", "reason": "We said so.", "signs": signs, "effect": "severe", **more}


def cap(when: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an own cap."""
    return {"name": "Our cap", "effect": "Holds.", "when": when, **(more or {"floor": "high"})}


WEIGHTS = {"buyer": {"B1": 30, "B2": 15, "B3": 5, "B5": 5}, "ceilings": {"none": 30, "linked": 30, "contribute": 30}}
WHOLE: dict[str, Any] = overlay_json(
    weights={**WEIGHTS, "mitigation": {"M1": 4, "M8": 12}},
    bands={"high": 55, "severe": 70},
    red_lines={
        "XL-01": line({"answer": "USE-01.stated", "has": ["U09"]}),
        "XL-02": line({"answer": "PRD-06.emotion", "is": ["yes"]}, per="product", effect="high"),
    },
    caps={"XC-01": cap({"criterion": "B3", "at_least": 2}, at_most={"M3": 2}, floor="elevated")},
)
"""Every part at once."""


def read(value: dict[str, Any]) -> Overlay:
    """Return an overlay that has no finding."""
    overlay, found = read_overlay(value)
    assert overlay is not None, found
    assert (found, check_overlay(overlay, load_standard())) == ((), ())
    return overlay


def draw_overlay(order: random.Random) -> Overlay:
    """Return some overlay that the linter takes."""
    criteria = load_standard().criteria
    weights = {
        "buyer": _shift(criteria.weights.buyer, order), "mitigation": _shift(criteria.weights.mitigation, order),
        "ceilings": _lower_ceilings(criteria, order),
    }  # fmt: skip
    parts: dict[str, Any] = {
        "weights": weights,
        "bands": _lower_bands(criteria, order),
        "red_lines": {f"XL-{number:02}": _draw_line(order) for number in range(1, order.choice((1, 2, 6)))},
        "caps": {f"XC-{number:02}": _draw_cap(order) for number in range(1, order.choice((1, 2, 5)))},
    }
    value = overlay_json(**{name: part for name, part in parts.items() if order.random() < 0.7})
    return _without_findings(value)


def _without_findings(value: dict[str, Any]) -> Overlay:
    """Return an overlay without the lines and caps that the linter refuses, and with one at least that it takes."""
    while True:
        overlay, found = read_overlay(value)
        assert overlay is not None, (value, found)
        found += check_overlay(overlay, load_standard())
        if not found:
            return overlay
        for one in found:
            part, code = (*one.pointer.split("/"), "", "")[1:3]
            if one.code == "changes-nothing":
                value["bands"] = {"severe": 79}
            else:
                assert part in {"red_lines", "caps"}, one
                value[part].pop(code, None)


def _shift(standard: dict[str, int], order: random.Random) -> dict[str, int]:
    """Return weights within their bounds: points go from one criterion to another."""
    own = dict(standard)
    for _ in range(order.choice((0, 1, 30, 200))):
        giver, taker = order.sample(sorted(own), 2)
        if own[giver] > bounds_of(standard[giver])[0] and own[taker] < bounds_of(standard[taker])[1]:
            own[giver], own[taker] = own[giver] - 1, own[taker] + 1
    return own


def _lower_ceilings(criteria: Criteria, order: random.Random) -> dict[str, int]:
    own, most = {}, 100
    for name in INVOLVEMENTS:
        standard = min(criteria.weights.ceilings[name], most)
        own[name] = most = order.choice((standard, order.randint(0, standard)))
    for lesser, graver in zip(INVOLVEMENTS[-2::-1], INVOLVEMENTS[:0:-1], strict=True):
        own[lesser] = max(own[lesser], own[graver])
    return own


def _lower_bands(criteria: Criteria, order: random.Random) -> dict[str, int]:
    own, most = {}, 101
    for name in BANDS[:0:-1]:
        most = min(criteria.bands[name], most - 1)
        own[name] = most = order.choice((most, order.randint(BANDS.index(name), most)))
    return own


def _draw_line(order: random.Random) -> dict[str, Any]:
    per = order.choice(("company", "product", "deployment", "deployment", "incident"))
    drawn = line(_draw_condition(order, per), per, effect=order.choice(("elevated", "high", "severe")))
    if order.random() < 0.2:
        drawn["graver"] = {"when": _draw_condition(order, per), "effect": "severe"}
    return drawn


def _draw_cap(order: random.Random) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "at_most": {order.choice(MITIGATION): order.choice((0, 1, 2))},
        "at_least": {order.choice((*BUYER, *END_USE)): order.choice((2, 4))}, "floor": order.choice(BANDS[1:]),
    }  # fmt: skip
    return cap(_draw_condition(order, "deployment"), **dict(order.sample(sorted(parts.items()), order.choice((1, 2)))))


_TOLD_APART = {name.partition(".")[0] for ladders in (first, second) for name in ladders.WORSE}
SEEN = {"company": 1, "product": 2, "deployment": 3, "incident": 4}
"""How many groups, from the company on, a row of each group sees."""


def _draw_condition(order: random.Random, per: str, depth: int = 0) -> dict[str, Any]:
    if depth < 2 and order.random() < 0.35:
        name = order.choice(("all", "any", "not"))
        parts = [_draw_condition(order, per, depth + 1) for _ in range(2)]
        return {name: parts[0] if name == "not" else parts}
    if per == "deployment" and order.random() < 0.25:
        bound = order.choice(("at_least", "at_least", "at_most"))
        return {"criterion": order.choice((*BUYER, *END_USE, "CTX")), bound: order.choice((1, 2, 3))}
    seen = list(SEEN)[: SEEN[per]]
    wanted = order.random() < 0.6  # what the standard reads as better or worse is where a line could be lifted
    while True:
        question = order.choice([q for q in load_questionnaire().questions.values() if q.per in seen])
        if wanted and question.id not in _TOLD_APART:
            continue
        name, field = order.choice(list(question.fields.items()))
        drawn = _draw_look(f"{question.id}.{name}", field, order)
        if drawn is not None:
            return drawn


def _draw_look(reference: str, field: Any, order: random.Random) -> dict[str, Any] | None:
    if order.random() < 0.05:
        return {"answered": reference}
    match field.kind:
        case "one" | "yes_partial_no":
            codes = list(field.choices)
            return {"answer": reference, "is": order.sample(codes, order.randint(1, max(1, len(codes) - 1)))}
        case "multi":
            if order.random() < 0.2:
                return {"size": reference, order.choice(("at_least", "at_most")): order.choice((1, 2))}
            codes = list(field.choices)
            return {"answer": reference, "has": order.sample(codes, order.randint(1, min(3, len(codes))))}
        case "integer" | "percent":
            return {"number": reference, order.choice(("at_least", "at_most")): order.choice((0, 1, 10, 60, 30_000))}
        case _:
            return None


def overlays() -> st.SearchStrategy[Overlay]:
    """Return overlays that the linter takes."""
    return st.builds(draw_overlay, ORDERS)
