"""The steps up a mitigation that practices can take: which answers must change, and how well they must be proven.

Invariants: an answer is changed only where the criteria list its field as a practice; a rung that hangs on anything
else, such as a count of past cases, is out of reach unless it holds already.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from questionnaires import conditions
from questionnaires.answerfacts import AnswerFacts
from questionnaires.conditions import Condition
from questionnaires.documents import AnswerKey, deployments
from questionnaires.movement import Case
from questionnaires.rowscores import GRAVEST, RowScore
from questionnaires.rules import Ladder, Proven
from questionnaires.scorecards import Scorecard
from questionnaires.visibility import asked

THIRD_PARTY = 3


class Change(NamedTuple):
    """One practice to take up: the answer's field and its new value (None: as it stands), proven at least so far."""

    question: str
    row: str
    field: str
    value: Any
    grade: int

    def joined(self, later: "Change") -> "Change":
        """Return the change that does for both: all choices, else the value of the later rung; the better proof."""
        value = later.value if later.value is not None else self.value
        if isinstance(self.value, tuple) and isinstance(later.value, tuple):
            value = tuple(sorted({*self.value, *later.value}))
        return self._replace(value=value, grade=max(self.grade, later.grade))


class Rise(NamedTuple):
    """One mitigation raised to a level, and what that takes."""

    code: str
    level: int
    changes: tuple[Change, ...]


class _RowFacts(AnswerFacts):
    """The answers of a deployment with the criteria that were derived from them."""

    score: RowScore

    def criterion(self, code: str) -> tuple[int, int]:
        """Return the range of a criterion."""
        reading = self.score.readings[code]
        return reading.low, reading.high


class Steps:
    """What practices can reach in one deployment."""

    def __init__(self, case: Case, scorecard: Scorecard, score: RowScore) -> None:
        """Read a declared deployment; raise StopIteration where it is not one."""
        self._case, self._score, self._levels = case, score, scorecard.levels
        answers = next(one.answers for one in deployments(scorecard.document) if one.row == score.row)
        self._facts = _RowFacts(case.questionnaire, answers)
        self._facts.score = score
        visible = asked(case.questionnaire, scorecard.document)
        self._owners = {"company": "", "product": score.product, "deployment": score.row}
        self._asked = {
            id_ for group in ("company", "product", "deployment") for id_ in visible[group][self._owners[group]]
        }
        self._gravest = GRAVEST in {score.readings[code].high for code in ("B4", "E2", "E3", "E7")}

    def rises(self, code: str) -> Iterator[Rise]:
        """Yield every level above today's that practices can reach in one mitigation, the nearest first."""
        rule, now = self._case.criteria.mitigation[code].rule, self._score.counted[code]
        for level in range(now + 1, 5):
            grade = max(level, THIRD_PARTY) if self._gravest else level
            changes = self._climb(rule, level, grade) if isinstance(rule, Ladder) else self._choose(rule, level, grade)
            if changes is None:
                return
            yield Rise(code, level, changes)

    def _climb(self, rule: Ladder, level: int, grade: int) -> tuple[Change, ...] | None:
        merged: dict[tuple[str, str], Change] = {}
        for condition in rule.ladder[:level]:
            wanted = self._satisfy(condition, grade)
            if wanted is None:
                return None
            for change in wanted:
                key = change.question, change.field
                merged[key] = merged[key].joined(change) if key in merged else change
        return tuple(merged[key] for key in sorted(merged) if not self._is_there(merged[key]))

    def _choose(self, rule: Proven, level: int, grade: int) -> tuple[Change, ...] | None:
        if rule.of not in self._case.criteria.practices:
            return None
        entries = self._case.criteria.tables[rule.proven].entries
        question, _, field = rule.of.partition(".")
        choices = sorted(choice for choice, reached in entries.items() if reached == level)
        owner = self._owners[self._case.questionnaire.questions[question].per]
        return (Change(question, owner, field, choices[0], grade),) if choices else None

    def _is_there(self, change: Change) -> bool:
        proven = self._levels.get(AnswerKey(change.question, change.row), 0)
        return change.value is None and proven >= change.grade

    def _satisfy(self, condition: Condition, grade: int) -> tuple[Change, ...] | None:
        """Return the fewest changes that make a condition hold, proven to a grade; None where no practice does."""
        if isinstance(condition, conditions.All):
            parts = [self._satisfy(part, grade) for part in condition.all]
            known = [part for part in parts if part is not None]
            return tuple(change for part in known for change in part) if len(known) == len(parts) else None
        if isinstance(condition, conditions.Any):
            options = [one for part in condition.any if (one := self._satisfy(part, grade)) is not None]
            return min(options, key=len, default=None)
        holds = conditions.evaluate(condition, self._facts) is True
        if isinstance(condition, conditions.CriterionIs):
            return () if holds else None
        return self._answer(condition, grade, holds=holds)

    def _answer(self, condition: Condition, grade: int, *, holds: bool) -> tuple[Change, ...] | None:
        found = []
        for reference in condition.looked_at:
            question, _, field = reference.partition(".")
            if question not in self._asked:  # it drops out of the rung
                continue
            value = None if holds else self._value(condition, reference)
            if not holds and (value is None or reference not in self._case.criteria.practices):
                return None
            owner = self._owners[self._case.questionnaire.questions[question].per]
            found.append(Change(question, owner, field, value, grade))
        return tuple(found)

    def _value(self, condition: Condition, reference: str) -> Any:
        """Return the least that has to be answered for a condition to hold; None where that cannot be said."""
        stated = self._facts.given(reference)
        match condition:
            case conditions.AnswerIs():
                return condition.is_[-1]
            case conditions.AnswerHas():
                return tuple(sorted({*(stated or ()), condition.has[0]}))
            case conditions.NumberIs(at_least=int(least)):
                return least
            case conditions.SizeIs(at_least=int(least)):
                choices = getattr(self._case.questionnaire.field(reference), "choices", {})
                more = [code for code in choices if code not in (stated or ())]
                return tuple(sorted([*(stated or ()), *more[: max(least - len(stated or ()), 0)]]))
            case _:
                return None
