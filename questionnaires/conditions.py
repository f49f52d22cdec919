"""Conditions: when a question is asked, when a rule matches.

Invariants: a condition is three-valued (True, False, None for "cannot be decided yet"); an answer that is absent, open
or hidden decides nothing, whatever the operator; a state that was chosen decides what is asked of the state.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any as AnyType
from typing import Protocol, TypeAlias

from questionnaires.operators import (
    All,
    Answered,
    AnswerHas,
    AnswerIs,
    Any,
    Choices,
    ColumnIs,
    Compared,
    Condition,
    CriterionCode,
    CriterionIs,
    DateIs,
    FieldReference,
    Group,
    Not,
    NumberIs,
    RatioIs,
    RowsAre,
    SizeIs,
    StateIs,
    criteria_of,
    references,
)

__all__ = [
    "All", "AnswerHas", "AnswerIs", "Answered", "Any", "Choice", "Choices", "ColumnIs", "Compared", "Condition",
    "CriterionCode", "CriterionIs", "DateIs", "Days", "Facts", "FieldReference", "Not", "NumberIs", "Range", "RatioIs",
    "RowsAre", "SizeIs", "StateIs", "compare", "criteria_of", "evaluate", "negate", "ratio", "references", "test_of",
]  # fmt: skip

Range: TypeAlias = tuple[int, int]
"""The lowest and the highest whole number that is still possible, both included."""

Choice: TypeAlias = tuple[frozenset[str], frozenset[str]]
"""The choices that are certain, and the choices that are still possible."""

Days: TypeAlias = tuple[str, str]
"""The first and the last ISO date that is still possible, both included."""


class Facts(Protocol):
    """What a condition may look at. Everything open is given as everything still possible."""

    def choice(self, reference: str) -> Choice:
        """Return the certain and the possible choices of a field."""

    def number(self, reference: str) -> Range:
        """Return the possible range of a whole number."""

    def size(self, reference: str) -> Range:
        """Return the possible range of the count of choices."""

    def criterion(self, code: str) -> Range:
        """Return the possible range of a criterion."""

    def days(self, reference: str) -> Days:
        """Return the possible range of a date."""

    def states(self, question: str) -> frozenset[str]:
        """Return the states that the answer to a question may still have."""

    def stated(self, reference: str) -> bool | None:
        """Return whether a field is stated; None where it could still be."""

    def column(self, reference: str) -> Choice:
        """Return the choices that certainly stand in a column of a table, and those that may."""

    def outcomes(self, group: Group, where: Condition | None) -> Iterable[bool | None]:
        """Return, per row of a group, whether a condition holds for it; none holds always."""


def evaluate(condition: Condition, facts: Facts) -> bool | None:
    """Return whether the condition holds; None where open facts could still decide either way."""
    return test_of(condition)(facts)


def test_of(condition: Condition) -> "Test":
    """Return the condition as a function, which gives what `evaluate` gives."""
    test: Test | None = condition.__dict__.get(_TEST)
    if test is None:  # a definition is read thousands of times: each condition is turned into a function once
        test = condition.__dict__[_TEST] = _compile(condition)
    return test


def _among(chosen: Choice, wanted: Iterable[str]) -> bool | None:
    certain, possible = chosen
    if not certain.isdisjoint(wanted):
        return True
    return False if possible.isdisjoint(wanted) else None


def compare(values: Range, bound: Compared) -> bool | None:
    """Return whether every, none or only some of the possible values lie at or beyond the bound."""
    low, high = values
    if bound.at_least is not None:
        return True if low >= bound.at_least else False if high < bound.at_least else None
    most = bound.at_most
    assert most is not None
    return True if high <= most else False if low > most else None


def ratio(part: Range, whole: Range) -> Range:
    """Return the possible percentages, floored; 100 where the whole is 0."""
    if whole[1] == 0:
        return 100, 100
    worst, best = part[0] * 100 // whole[1], part[1] * 100 // max(whole[0], 1)
    return (min(worst, 100), max(best, 100)) if whole[0] == 0 else (worst, best)


def negate(outcome: bool | None) -> bool | None:
    """Return the opposite; what cannot be decided stays so."""
    return None if outcome is None else not outcome


def _lies(days: Days, condition: DateIs) -> bool | None:
    first, last = days
    if condition.after is not None:
        return True if first > condition.after else False if last <= condition.after else None
    before = condition.before
    assert before is not None
    return True if last < before else False if first >= before else None


def _count(outcomes: Iterable[bool | None]) -> Range:
    found = list(outcomes)
    certain = sum(outcome is True for outcome in found)
    return certain, certain + sum(outcome is None for outcome in found)


def _is_in(states: frozenset[str], wanted: Iterable[str]) -> bool | None:
    listed = frozenset(wanted)
    return True if states <= listed else False if states.isdisjoint(listed) else None


Test: TypeAlias = Callable[[Facts], bool | None]
_TEST = "_test"


def _compile(condition: Condition) -> Test:
    """Return a condition as a function of facts; operators that need no loop are in the table below."""
    match condition:
        case AnswerIs(answer=reference, is_=codes) | AnswerHas(answer=reference, has=codes):
            return _test_choice(reference, frozenset(codes))
        case All(all=parts):
            return _test_all([_compile(part) for part in parts])
        case Any(any=parts):
            return _test_any([_compile(part) for part in parts])
        case Not(not_=part):
            inner = _compile(part)
            return lambda facts: negate(inner(facts))
        case _:
            evaluator = _EVALUATORS[type(condition)]
            return lambda facts: evaluator(condition, facts)


def _test_choice(reference: str, wanted: frozenset[str]) -> Test:
    def test(facts: Facts) -> bool | None:
        certain, possible = facts.choice(reference)
        if not certain.isdisjoint(wanted):
            return True
        return False if possible.isdisjoint(wanted) else None

    return test


def _test_all(tests: list[Test]) -> Test:
    def test(facts: Facts) -> bool | None:
        known: bool | None = True
        for part in tests:
            outcome = part(facts)
            if outcome is False:
                return False
            if outcome is None:
                known = None
        return known

    return test


def _test_any(tests: list[Test]) -> Test:
    def test(facts: Facts) -> bool | None:
        known: bool | None = False
        for part in tests:
            outcome = part(facts)
            if outcome is True:
                return True
            if outcome is None:
                known = None
        return known

    return test


_EVALUATORS: Mapping[type, Callable[[AnyType, Facts], bool | None]] = {
    NumberIs: lambda condition, facts: compare(facts.number(condition.number), condition),
    SizeIs: lambda condition, facts: compare(facts.size(condition.size), condition),
    RatioIs: lambda condition, facts: compare(ratio(*map(facts.number, condition.ratio)), condition),
    CriterionIs: lambda condition, facts: compare(facts.criterion(condition.criterion), condition),
    Answered: lambda condition, facts: facts.stated(condition.answered),
    StateIs: lambda condition, facts: _is_in(facts.states(condition.state), condition.is_),
    RowsAre: lambda condition, facts: compare(_count(facts.outcomes(condition.rows, condition.where)), condition),
    DateIs: lambda condition, facts: _lies(facts.days(condition.date), condition),
    ColumnIs: lambda condition, facts: _among(facts.column(condition.column), condition.is_),
}
