"""Revisions for property tests: a small questionnaire with every kind, changed at random the way authors do."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from tests.questionnaires.small import KINDS, TABLE, body, question, section

SOURCE = {"framework": "F", "locator": "1"}
Data = dict[str, Any]
GATE = {"answer": "AAA-01.said", "is": ["yes"]}
_NAMES = list(KINDS)


def base() -> dict[str, Any]:
    """Return a questionnaire with every kind of field and every group, as plain data."""
    halves = {name: KINDS[name] for name in _NAMES[:8]}, {name: KINDS[name] for name in _NAMES[8:]} | {"t": TABLE}
    data: Data = json.loads(  # a deep copy would keep shared parts shared
        json.dumps(
            body(
                section(
                    "A",
                    question("AAA-01"),
                    question("AAA-02", halves[0]),
                    question("AAA-03", halves[1], asked_when=GATE),
                ),
                section("B", question("PRD-01", {"one": KINDS["one"], "whole": KINDS["whole"]}, per="product")),
                section(
                    "C",
                    question("BUY-01", {"grid": KINDS["grid"]}, per="deployment"),
                    question("BUY-02", per="deployment"),
                ),
                section("D", question("INC-01", {"day": KINDS["day"], "multi": KINDS["multi"]}, per="incident")),
            )
        )
    )
    return data


def questions(data: Data) -> list[Data]:
    """Return all questions of a questionnaire's data."""
    return [asked for part in data["sections"] for asked in part["questions"]]


def _any_question(data: Data, order: random.Random) -> Data:
    return order.choice(questions(data))


def _any_field(data: Data, order: random.Random) -> Data:
    field: Data = order.choice(list(_any_question(data, order)["fields"].values()))
    return order.choice(list(field["columns"].values())) if field["kind"] == "table" and order.random() < 0.7 else field


def _remove_question(data: Data, order: random.Random) -> None:
    part = order.choice([part for part in data["sections"] if len(part["questions"]) > 1])
    part["questions"].remove(order.choice([q for q in part["questions"] if q["id"] != "AAA-01"] or part["questions"]))


def _choices(data: Data, order: random.Random) -> dict[str, str] | None:
    field = _any_field(data, order)
    found: dict[str, str] | None = field.get("choices")
    return found


def _remove_choice(data: Data, order: random.Random) -> None:
    choices = _choices(data, order)
    if choices is not None and len(choices) > 2:
        del choices[order.choice(list(choices))]


def _relabel(data: Data, order: random.Random) -> None:
    choices = _choices(data, order)
    if choices is not None:
        choices[order.choice(list(choices))] += " indeed"


def _add_choice(data: Data, order: random.Random) -> None:
    choices = _choices(data, order)
    if choices is not None:
        choices["violet"] = "Violet"


def _change_kind(data: Data, order: random.Random) -> None:
    asked = _any_question(data, order)
    name = order.choice(list(asked["fields"]))
    if asked["id"] != "AAA-01":
        asked["fields"][name] = copy.deepcopy(KINDS[order.choice(_NAMES)])


def _remove_field(data: Data, order: random.Random) -> None:
    asked = _any_question(data, order)
    if len(asked["fields"]) > 1:
        del asked["fields"][order.choice(list(asked["fields"]))]


def _narrow(data: Data, order: random.Random) -> None:
    for asked in questions(data):
        for field in asked["fields"].values():
            if field["kind"] == "integer":
                field["maximum"] = order.choice((2, 100, 900))
            if field["kind"] == "table":
                field["max_rows"] = order.choice((1, 2, 4))


CHANGES: dict[str, Callable[[Data, random.Random], None]] = {
    "reword": lambda data, order: _any_question(data, order).update(text="What else?"),
    "help": lambda data, order: _any_question(data, order).update(help="Say it well."),
    "label": lambda data, order: _any_field(data, order).update(label="Named anew"),
    "remove": _remove_question,
    "add": lambda data, _: data["sections"][0]["questions"].append(question("NEW-01")),
    "remove choice": _remove_choice,
    "relabel": _relabel,
    "add choice": _add_choice,
    "kind": _change_kind,
    "remove field": _remove_field,
    "add field": lambda data, _: questions(data)[0]["fields"].update(more=copy.deepcopy(KINDS["one"])),
    "gate": lambda data, order: questions(data)[-1].update(asked_when=order.choice((None, GATE))),
    "shut": lambda data, _: data["sections"][-1].update(asked_when={"answer": "AAA-01.said", "is": ["no"]}),
    "group": lambda data, order: questions(data)[-1].update(per=order.choice(("company", "product", "incident"))),
    "move": lambda data, order: order.shuffle(data["sections"]),
    "narrow": _narrow,
    "references": lambda data, order: _any_question(data, order).update(references=[SOURCE]),
    "confidential": lambda data, order: _any_question(data, order).update(confidential=True),
}  # fmt: skip


def revise(order: random.Random, changes: int) -> Data:
    """Return the base with some random changes, as plain data of revision 2."""
    data = base()
    for _ in range(changes):
        CHANGES[order.choice(list(CHANGES))](data, order)
    ids: set[str] = set()
    for part in data["sections"]:
        part["questions"] = [q for q in part["questions"] if not (q["id"] in ids or ids.add(q["id"]))]  # type: ignore[func-returns-value]  # adds, and is None
    return {**data, "revision": "2"}
