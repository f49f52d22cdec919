"""Why a question is asked, or is not, in plain words.

Invariants: the words are those of the questions and of their choices; what is said is what decided, and where nothing
has decided yet it is said what is still open. Pure: the same document gives the same sentence.
"""

from collections.abc import Callable
from typing import Any

from questionnaires import operators
from questionnaires.conditions import evaluate
from questionnaires.definition import ChoiceField, Group, PercentField, Questionnaire, TableField
from questionnaires.documents import Document
from questionnaires.operators import Condition
from questionnaires.visibility import Asking, RowFacts

STATE_WORDS = {
    "answered": "answered", "not_known": "not known", "not_applicable": "does not apply",
    "declined_confidential": "declined as confidential", "declined_legal": "declined for a legal reason",
    "disputed": "disputed", "not_answered": "not answered",
}  # fmt: skip
_ROWS = {"product": "products", "deployment": "deployments", "incident": "incidents"}
_EVERY: dict[Group, str] = {
    "company": "Asked of every company.", "product": "Asked of every product.",
    "deployment": "Asked of every deployment.", "incident": "Asked of every incident.",
}  # fmt: skip


def reason(questionnaire: Questionnaire, question: str, document: Document, row: str = "") -> str:
    """Return why a question is asked of a row (`""` for the company), or why it is not; raise KeyError for no question.

    The document is one of right shape; its row need not exist.
    """
    return Grounds(questionnaire, document).reason(question, row)


class Grounds:
    """Why each question of one document is asked; the answers are read once."""

    def __init__(self, questionnaire: Questionnaire, document: Document) -> None:
        """Look at a document whose shape is right."""
        self._questionnaire, self._asking = questionnaire, Asking(questionnaire, document)

    def reason(self, question: str, row: str = "") -> str:
        """Return why a question is asked of a row, or why it is not."""
        group, gates = self._questionnaire.questions[question].per, self._questionnaire.gates.get(question, ())
        if not gates:
            return _EVERY[group]
        facts = self._asking.facts(group, row)
        if question in self._asking.hidden(group, row):
            return f"Not asked because {self._why_not(gates, facts)}."
        outcomes = [(gate, evaluate(gate, facts)) for gate in gates]
        is_open = [gate for gate, outcome in outcomes if outcome is None]
        if is_open:
            return f"Asked as long as it is open whether {_join([describe(self._questionnaire, g) for g in is_open])}."
        return f"Asked because {_join([self._tell(gate, facts, holds=True) for gate in gates])}."

    def _why_not(self, gates: tuple[Condition, ...], facts: RowFacts) -> str:
        for gate in gates:
            if evaluate(gate, facts) is False:
                return self._tell(gate, facts, holds=False)
        names = sorted({name for gate in gates for name in gate.own_questions})
        gone = [name for name in names if name in facts.hidden]
        verb = "is" if len(gone) == 1 else "are"
        return f"{_join([_quote(self._questionnaire.questions[name].text) for name in gone])} {verb} not asked"

    def _tell(self, condition: Condition, facts: RowFacts, *, holds: bool) -> str:
        """Return what makes a condition hold, or not hold, as it certainly does."""
        match condition:
            case operators.Not():
                return self._tell(condition.not_, facts, holds=not holds)
            case operators.All() | operators.Any():
                parts = operators.parts(condition)
                decided = [part for part in parts if evaluate(part, facts) is holds]
                needed = decided if isinstance(condition, operators.All) is holds else decided[:1]
                return _join([self._tell(part, facts, holds=holds) for part in needed])
            case operators.RowsAre():
                return self._tell_rows(condition, facts)
            case _:
                return self._tell_answer(condition, facts, holds)

    def _tell_rows(self, condition: operators.RowsAre, facts: RowFacts) -> str:
        count = sum(outcome is True for outcome in facts.outcomes(condition.rows, condition.where))
        listed = f"{count or 'no'} {_counted(condition.rows, count)} {'is' if count == 1 else 'are'} listed"
        if condition.where is None:
            return listed
        return f"{listed} for which {describe(self._questionnaire, condition.where)}"

    def _tell_answer(self, condition: Condition, facts: RowFacts, holds: bool) -> str:
        reference = next(operators.looks(condition))
        name = name_of(self._questionnaire, reference)
        match condition:
            case operators.StateIs() if len(states := facts.states(condition.state)) == 1:
                return f"{name} is {STATE_WORDS[min(states)]}"
            case operators.ColumnIs():
                codes = _codes(self._questionnaire, condition.column, condition.is_)
                return f"{'a' if holds else 'no'} line of {name} names {codes}"
        given = facts.given(reference)
        if given is None:
            plain = describe(self._questionnaire, condition)
            return plain if holds else f"it is not so that {plain}"
        if isinstance(condition, operators.RatioIs):
            whole = condition.ratio[1]
            return f"{name} was answered {given}, and {name_of(self._questionnaire, whole)} {facts.given(whole)}"
        return f"{name} was answered {say(self._questionnaire, reference, given)}"


def describe(questionnaire: Questionnaire, condition: Condition) -> str:
    """Return a condition in plain words, without a document."""
    inner = [describe(questionnaire, part) for part in operators.parts(condition)]
    match condition:
        case operators.All():
            return _join(inner)
        case operators.Any():
            return inner[0] if len(inner) == 1 else "(" + " or ".join(inner) + ")"
        case operators.Not():
            return f"it is not so that {inner[0]}"
        case operators.RowsAre():
            where = f" for which {inner[0]}" if inner else ""
            return f"{_bound(condition)} {_ROWS[condition.rows]} are listed{where}"
        case operators.CriterionIs():
            return f"criterion {condition.criterion} is {_bound(condition)}"
        case _:
            name = name_of(questionnaire, next(operators.looks(condition)))
            return _DESCRIBED[type(condition)](questionnaire, condition, name)


_DESCRIBED: dict[type, Callable[[Questionnaire, Any, str], str]] = {
    operators.AnswerIs: lambda q, c, name: f"{name} is answered {_codes(q, c.answer, c.is_)}",
    operators.AnswerHas: lambda q, c, name: f"{name} names {_codes(q, c.answer, c.has)}",
    operators.NumberIs: lambda _, c, name: f"{name} is {_bound(c)}",
    operators.SizeIs: lambda _, c, name: f"{name} has {_bound(c)} entries",
    operators.RatioIs: lambda q, c, name: f"{name} is {_bound(c)} % of {name_of(q, c.ratio[1])}",
    operators.Answered: lambda _, __, name: f"{name} is answered",
    operators.StateIs: lambda _, c, name: f"{name} is {' or '.join(STATE_WORDS[state] for state in c.is_)}",
    operators.DateIs: lambda _, c, name: f"{name} is {'before' if c.before else 'after'} {c.before or c.after}",
    operators.ColumnIs: lambda q, c, name: f"a line of {name} names {_codes(q, c.column, c.is_)}",
}


def name_of(questionnaire: Questionnaire, reference: str) -> str:
    """Return what a reference names in quotes: the question, and its field where it has several."""
    id_, _, field = reference.partition(".")
    question = questionnaire.questions[id_]
    label = f" ({question.fields[field].label})" if field and len(question.fields) > 1 else ""
    return _quote(question.text) + label


def say(questionnaire: Questionnaire, reference: str, given: Any) -> str:
    """Return a stated value in the words of its choices."""
    field = questionnaire.field(reference)
    if isinstance(field, ChoiceField):
        codes = [given] if isinstance(given, str) else given
        return _join([_quote(field.choices.get(code, code)) for code in codes]) or "none of these"
    if isinstance(field, PercentField):
        return f"{given} %"
    return f"with {len(given)} entries" if isinstance(given, list) else str(given)


def _codes(questionnaire: Questionnaire, reference: str, codes: tuple[str, ...]) -> str:
    id_, name, *column = reference.split(".")
    found: object = questionnaire.questions[id_].fields[name]
    if column and isinstance(found, TableField):
        found = found.columns[column[0]]
    labels = found.choices if isinstance(found, ChoiceField) else {}
    return " or ".join(_quote(labels.get(code, code)) for code in codes)


def _bound(bound: operators.Compared) -> str:
    return f"at least {bound.at_least}" if bound.at_least is not None else f"at most {bound.at_most}"


def _counted(group: str, count: int) -> str:
    return group if count == 1 else _ROWS[group]


def _quote(text: str) -> str:
    return f'"{text}"'


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}" if parts else ""
