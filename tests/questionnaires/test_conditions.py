"""Conditions know three outcomes: yes, no, and "open answers could still decide"."""

from itertools import product
from typing import Any as Anything
from typing import NamedTuple

import pytest
from pydantic import TypeAdapter, ValidationError

from questionnaires.conditions import Choice, Condition, Range, evaluate, negate, ratio, references

CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
OUTCOMES = (True, False, None)
FIELD = "AAA-01.field"


class Given(NamedTuple):
    """One choice, number, size and criterion for every reference."""

    chosen: Choice = (frozenset(), frozenset())
    found: Range = (0, 0)

    def choice(self, reference: str) -> Choice:
        assert reference == FIELD
        return self.chosen

    def number(self, reference: str) -> Range:
        assert reference == FIELD
        return self.found

    def size(self, reference: str) -> Range:
        assert reference == FIELD
        return self.found

    def criterion(self, code: str) -> Range:
        assert code == "B4"
        return self.found


def condition(value: dict[str, Anything]) -> Condition:
    return CONDITION.validate_python(value)


def deciding(outcome: bool | None) -> dict[str, Anything]:
    """Return a condition with the given outcome where the number lies between 2 and 4."""
    return {"number": FIELD, "at_least": {True: 2, False: 5, None: 3}[outcome]}


@pytest.mark.parametrize(("one", "other"), list(product(OUTCOMES, OUTCOMES)))
def test_all_any_and_not_follow_the_strong_three_valued_tables(one: bool | None, other: bool | None) -> None:
    facts = Given(found=(2, 4))
    parts = [deciding(one), deciding(other)]
    every = False if False in (one, other) else None if None in (one, other) else True
    some = True if True in (one, other) else None if None in (one, other) else False
    assert evaluate(condition({"all": parts}), facts) is every
    assert evaluate(condition({"any": parts}), facts) is some
    assert evaluate(condition({"not": {"all": parts}}), facts) is negate(every)


@pytest.mark.parametrize(
    ("certain", "possible", "outcome"),
    [("a", "a", True), ("c", "c", False), ("", "abc", None), ("", "cd", False), ("", "", False), ("ac", "ac", True)],
)
@pytest.mark.parametrize("operator", [("is"), ("has")])
def test_a_choice_decides_once_no_other_is_possible(
    operator: str, certain: str, possible: str, outcome: bool | None
) -> None:
    facts = Given(chosen=(frozenset(certain), frozenset(possible)))
    assert evaluate(condition({"answer": FIELD, operator: ["a", "b"]}), facts) is outcome


@pytest.mark.parametrize(
    ("bound", "outcomes"),
    [({"at_least": 3}, (False, None, True)), ({"at_most": 3}, (True, None, False))],
)
@pytest.mark.parametrize("kind", ["number", "size", "criterion"])
def test_a_range_decides_once_it_lies_on_one_side(
    kind: str, bound: dict[str, int], outcomes: tuple[bool | None, ...]
) -> None:
    read = condition({kind: "B4" if kind == "criterion" else FIELD, **bound})
    assert tuple(evaluate(read, Given(found=found)) for found in ((1, 2), (2, 4), (4, 9))) == outcomes


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        ((9, 9), (10, 10), (90, 90)),
        ((2, 2), (3, 3), (66, 66)),
        ((0, 0), (0, 0), (100, 100)),
        ((5, 5), (0, 10), (50, 500)),
        ((0, 0), (0, 10), (0, 100)),
        ((5, 5), (2, 2), (250, 250)),
        ((0, 4), (4, 4), (0, 100)),
        ((0, 9), (1, 3), (0, 900)),
    ],
)
def test_a_ratio_is_a_floored_percentage_and_no_case_is_all_of_them(part: Range, whole: Range, percent: Range) -> None:
    assert ratio(part, whole) == percent


def test_references_are_known_without_evaluating() -> None:
    read = condition(
        {"any": [{"not": {"answer": "AAA-01.a", "is": ["x"]}}, {"ratio": ["AAA-02.b", "AAA-02.c"], "at_most": 1}]}
    )
    assert references(read) == {"AAA-01.a", "AAA-02.b", "AAA-02.c"}


@pytest.mark.parametrize("bounds", [{}, {"at_least": 1, "at_most": 2}])
def test_a_comparison_needs_exactly_one_bound(bounds: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        condition({"number": FIELD, **bounds})
