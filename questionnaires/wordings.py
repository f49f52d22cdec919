"""A criteria revision in words, as Markdown: scales, tables, rules, ladders, weights, caps and red lines.

Invariant: everything is read from the revisions; questions are named by id, and conditions in the words of `grounds`.
"""

from collections.abc import Iterator, Sequence

from questionnaires import rules
from questionnaires.caps import Cap
from questionnaires.conditions import Condition
from questionnaires.criteria import Criteria, MitigationCriterion, RiskCriterion
from questionnaires.definition import Questionnaire
from questionnaires.grounds import describe
from questionnaires.rules import Expression
from questionnaires.scales import BANDS, BUYER, END_USE, INVOLVEMENTS, MITIGATION


def describe_criteria(criteria: Criteria, questionnaire: Questionnaire) -> str:
    """Return the whole revision in words; the questionnaire is one whose questions it reads."""
    words = _Words(criteria, questionnaire)
    parts = [
        "### Weights",
        *words.weights(),
        "### Risk criteria",
        *(line for code in ("CTX", *BUYER, *END_USE, "E8") for line in words.risk(code, criteria.risk[code])),
        "### Mitigation criteria",
        *(line for code in MITIGATION for line in words.mitigation(code, criteria.mitigation[code])),
        "### Tables",
        *(line for name in criteria.tables for line in words.table(name)),
        "### Caps in words",
        *(line for code, cap in criteria.caps.items() for line in words.cap(code, cap)),
        "### Contradictions",
        *words.contradictions(),
        "### Red lines in words",
        *(line for code in criteria.red_lines for line in words.red_line(code)),
    ]
    return "\n\n".join(parts) + "\n"


class _Words:
    """The words of one revision."""

    def __init__(self, criteria: Criteria, questionnaire: Questionnaire) -> None:
        self._criteria, self._questionnaire = criteria, questionnaire

    def weights(self) -> Iterator[str]:
        """Yield weights, ceilings and bands as tables."""
        weights = self._criteria.weights
        yield _grid(BUYER, [[str(weights.buyer[code]) for code in BUYER]])
        yield _grid(MITIGATION, [[str(weights.mitigation[code]) for code in MITIGATION]])
        yield _grid(INVOLVEMENTS, [[f"{weights.ceilings[name]} %" for name in INVOLVEMENTS]])
        yield _grid(BANDS, [[f"from {self._criteria.bands[name]}" for name in BANDS]])

    def risk(self, code: str, item: RiskCriterion) -> Iterator[str]:
        """Yield a risk criterion: its scale, and what its value is."""
        yield f"#### {code}: {item.name}"
        yield _scale(item.scale)
        yield "\n".join(f"- {line}" for line in self._rule(item.rule))

    def mitigation(self, code: str, item: MitigationCriterion) -> Iterator[str]:
        """Yield a mitigation: its rungs in words, and the condition of each."""
        yield f"#### {code}: {item.name}"
        yield _scale(item.scale)
        if isinstance(item.rule, rules.Proven):
            yield f"- the table *{item.rule.proven}* of {item.rule.of}, as far as it is proven"
            return
        yield "\n".join(f"- rung {rung}: {self._say(when)}" for rung, when in enumerate(item.rule.ladder, start=1))

    def table(self, name: str) -> Iterator[str]:
        """Yield a table: the level of each code, or the levels of its columns."""
        yield f"#### Table *{name}*"
        entries = self._criteria.tables[name].entries
        lines = [[code, " / ".join(map(str, [e] if isinstance(e, int) else e))] for code, e in entries.items()]
        yield _grid(("code", "level"), lines)

    def cap(self, code: str, cap: Cap) -> Iterator[str]:
        """Yield a cap and where it holds."""
        where = "" if cap.when is None else f" Holds where {self._say(cap.when)}"
        unless = "" if cap.unless is None else f", unless {self._say(cap.unless)}"
        yield f"- **{code}** {cap.name}: {cap.effect}{where}{unless}{'.' if where else ''}"

    def contradictions(self) -> Iterator[str]:
        """Yield each contradiction and the worse reading that counts."""
        for code, one in self._criteria.contradictions.items():
            worse = ", ".join(f"{criterion} at least {level}" for criterion, level in one.at_least.items())
            yield f"- **{code}** {one.name} ({' and '.join(one.between)}){f': {worse}' if worse else ''}."

    def red_line(self, code: str) -> Iterator[str]:
        """Yield a red line: its signs, its effect, the proof and how it is lifted."""
        line = self._criteria.red_lines[code]
        signs = "; or ".join(f"of a {sign.per}, {self._say(sign.when)}" for sign in line.signs)
        graver = f", {line.graver.effect} where {self._say(line.graver.when)}" if line.graver else ""
        raised = f"Raised where, {signs}." if signs else "Raised by a finding alone."
        yield f"- **{code}** {line.name}. {raised} No band better than {line.effect}{graver}. Proof: {line.proof}"

    def _say(self, condition: Condition) -> str:
        return describe(self._questionnaire, condition)

    def _rule(self, rule: Expression) -> Iterator[str]:
        """Yield the parts of a rule, one line each."""
        match rule:
            case rules.Max():
                for part in rule.max:
                    yield from self._rule(part)
            case rules.First():
                for branch in rule.first:
                    yield f"{self._value(branch.then)} where {self._say(branch.when)}"
                yield f"else {self._value(rule.otherwise)}"
            case _:
                yield self._value(rule)

    def _value(self, rule: Expression) -> str:  # noqa: C901, PLR0911, PLR0912  # one line per operator
        match rule:
            case rules.Is():
                return str(rule.is_level)
            case rules.Lookup():
                by = rule.column
                column = f", column by {self._value(by.of)} reaching {_list(by.at)}" if by else ""
                return f"the table *{rule.lookup}* of {rule.of}{column}"
            case rules.Number():
                return rule.number
            case rules.Total():
                return f"{rule.total} summed over like deployments"
            case rules.Size():
                return f"how many of {rule.size} are chosen"
            case rules.Value():
                return rule.criterion
            case rules.Index():
                return f"how many of {_list(rule.falling)} (hundredths) the rank of {rule.index} stays below"
            case rules.Territory():
                return f"what the snapshot lists for {rule.territory}"
            case rules.Band():
                return f"how many of {_list(rule.at)} are reached by {self._value(rule.band)}"
            case rules.Max():
                return f"the largest of: {'; '.join(self._value(part) for part in rule.max)}"
            case rules.Least():
                return f"the smallest of: {'; '.join(self._value(part) for part in rule.min)}"
            case rules.Sum():
                return f"the sum of: {'; '.join(self._value(part) for part in rule.sum)}"
            case rules.Count():
                return f"how many of these hold: {'; '.join(self._say(part) for part in rule.count)}"
            case rules.First():
                return "; ".join(self._rule(rule))


def _scale(scale: Sequence[str]) -> str:
    return _grid(("value", "meaning"), [[str(value), words] for value, words in enumerate(scale)])


def _grid(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(f"{number:,}" for number in numbers)
