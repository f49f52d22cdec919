"""Conditions in words, short enough for paper: questions by their ids, long lists by what is left out.

Invariant: the words say what the condition says; where another section opens by the same condition, they point to it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from questionnaires import operators
from questionnaires.definition import ChoiceField, Questionnaire, TableField
from questionnaires.grounds import STATE_WORDS
from questionnaires.operators import Condition

MOST_NAMED = 4
"""Choices that are named one by one."""
_ROWS = {"product": "product", "deployment": "deployment", "incident": "incident"}


class Clause(NamedTuple):
    """A condition: its words, and the parts of which all or any must hold, as the words say."""

    words: str
    parts: tuple["Clause", ...] = ()


def tell(questionnaire: Questionnaire, condition: Condition, *, own: str = "") -> Clause:
    """Return a condition in words; `own` is the code of the section whose own condition it is."""
    return _Teller(questionnaire, own).tell(condition)


class _Teller:
    def __init__(self, questionnaire: Questionnaire, own: str) -> None:
        self._questionnaire = questionnaire
        self._sections = [
            (section.asked_when, section.code)
            for section in questionnaire.sections
            if section.asked_when is not None and section.code != own
        ]

    def tell(self, condition: Condition) -> Clause:
        """Return a condition in words."""
        opening = next((code for when, code in self._sections if when == condition), None)
        if opening is not None:
            return Clause(f"section {opening} opens")
        match condition:
            case operators.All():
                return self._join(condition.all, "all of these hold")
            case operators.Any():
                return self._join(condition.any, "at least one of these holds")
            case operators.Not():
                inner = self.tell(condition.not_)
                return Clause(f"it is not so that {inner.words}", inner.parts)
            case operators.RowsAre():
                return self._tell_rows(condition)
            case _:
                return Clause(self._tell_answer(condition))

    def _join(self, conditions: tuple[Condition, ...], words: str) -> Clause:
        parts = tuple(map(self.tell, conditions))
        return parts[0] if len(parts) == 1 else Clause(words, parts)

    def _tell_rows(self, condition: operators.RowsAre) -> Clause:
        count = condition.at_least if condition.at_least is not None else condition.at_most
        kind = _ROWS[condition.rows] + ("" if count == 1 else "s")
        words = f"{_bound(condition)} {kind} {'is' if count == 1 else 'are'} described"
        if condition.at_most == 0:
            words = f"no {_ROWS[condition.rows]} is described"
        if condition.where is None:
            return Clause(words)
        inner = self.tell(condition.where)
        return Clause(f"{words} for which {inner.words}", inner.parts)

    def _tell_answer(self, condition: Condition) -> str:
        name = self._name(next(operators.looks(condition)))
        match condition:
            case operators.AnswerIs():
                said = f"is {self._codes(condition.answer, condition.is_, single=True)}"
            case operators.AnswerHas():
                said = f"names {self._codes(condition.answer, condition.has, single=False)}"
            case operators.ColumnIs():
                said = f"has a line with {self._codes(condition.column, condition.is_, single=False)}"
            case operators.StateIs():
                said = f"is {' or '.join(STATE_WORDS[state] for state in condition.is_)}"
            case operators.DateIs():
                said = f"is {'before' if condition.before else 'after'} {condition.before or condition.after}"
            case operators.RatioIs():
                said = f"is {_bound(condition)} % of {self._name(condition.ratio[1])}"
            case operators.NumberIs():
                said = f"is {_bound(condition)}"
            case operators.SizeIs():
                said = f"has {_bound(condition)} entries"
            case _:
                said = "is answered"
        return f"{name} {said}"

    def _name(self, reference: str) -> str:
        id_, _, field = reference.partition(".")
        question = self._questionnaire.questions[id_]
        return f"{id_} ({question.fields[field].label})" if field and len(question.fields) > 1 else id_

    def _codes(self, reference: str, codes: tuple[str, ...], *, single: bool) -> str:
        offered = self._labels(reference)
        others = [code for code in offered if code not in codes]
        if single and len(codes) > MOST_NAMED and len(others) < len(codes):
            return f"anything but {' or '.join(_quote(offered[code]) for code in others)}"
        if len(codes) > MOST_NAMED and all(code.isupper() for code in codes):
            return f"one of {', '.join(codes)}"
        return " or ".join(_quote(offered.get(code, code)) for code in codes)

    def _labels(self, reference: str) -> Mapping[str, str]:
        id_, name, *column = reference.split(".")
        found: object = self._questionnaire.questions[id_].fields[name]
        if column and isinstance(found, TableField):
            found = found.columns[column[0]]
        return found.choices if isinstance(found, ChoiceField) else {}


def _bound(bound: operators.Compared) -> str:
    return f"at least {bound.at_least}" if bound.at_least is not None else f"at most {bound.at_most}"


def _quote(text: str) -> str:
    return f"\u201c{text}\u201d"
