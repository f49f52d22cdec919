"""Which of two answers is worse to a criteria revision, read from its rules.

Invariants: an answer is worse than another only where no rule, table, cap or red line reads it as better and one reads
it as worse; what the criteria tell apart in both directions, or not at all, is neither. Contradictions are left out:
an answer that settles one is not only better or worse.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from questionnaires import operators, rules
from questionnaires.conditions import Condition
from questionnaires.criteria import Criteria, Table
from questionnaires.earning import CERTAIN
from questionnaires.rules import Expression, MitigationRule

WORSE, BETTER = 1, -1
"""What it means that something holds, or is larger."""
_ENDLESS = 10**15


class Named(NamedTuple):
    """A condition that names codes of a field: what it means that it holds."""

    codes: frozenset[str]
    sign: int


class Scale(NamedTuple):
    """A table over the codes of a field: what it means that a level is higher."""

    levels: Mapping[str, tuple[int, ...]]
    sign: int


class Adversity:
    """What a criteria revision makes of each field's codes and numbers."""

    def __init__(self, criteria: Criteria) -> None:
        """Read every rule once."""
        self._tables = criteria.tables
        self._named: defaultdict[str, list[Named]] = defaultdict(list)
        self._scales: defaultdict[str, list[Scale]] = defaultdict(list)
        self._amounts: defaultdict[str, set[int]] = defaultdict(set)
        self._sizes: defaultdict[str, set[int]] = defaultdict(set)
        self._decided: Mapping[str, frozenset[str]] = {}
        for risk in criteria.risk.values():
            self._read(risk.rule)
        for mitigation in criteria.mitigation.values():
            self._read_mitigation(mitigation.rule)
        for cap in criteria.caps.values():
            self._look(cap.when, WORSE)
            self._look(cap.unless, BETTER)
        for line in criteria.red_lines.values():
            for part in (*line.signs, *((line.graver,) if line.graver is not None else ())):
                self._look(part.when, WORSE)
        if criteria.completeness is not None:  # units that no deployment describes: the more, the worse
            self._look(criteria.completeness.left_out, WORSE)
            for reference in filter(None, (criteria.completeness.unplaced, criteria.completeness.product_total)):
                self._amounts[reference].add(WORSE)

    def is_worse(self, reference: str, code: str, than: str) -> bool:
        """Return whether one choice of a field reads worse than another."""
        return self._is_no_better(reference, code, than) and not self._is_no_better(reference, than, code)

    def helps(self, reference: str, code: str) -> bool:
        """Return whether one choice among several may be read as a good sign."""
        return BETTER in self._sizes[reference] or BETTER in self._signs(reference, code)

    def hurts(self, reference: str, code: str) -> bool:
        """Return whether one choice among several may be read as a bad sign."""
        return WORSE in self._sizes[reference] or WORSE in self._signs(reference, code)

    def amounts(self, reference: str) -> frozenset[int]:
        """Return what it may mean that a number, a date or a count of choices is larger: nothing, one or both."""
        return frozenset(self._amounts[reference] | self._sizes[reference])

    def _signs(self, reference: str, code: str) -> set[int]:
        named = {look.sign for look in self._named[reference] if code in look.codes}
        return named | {scale.sign for scale in self._scales[reference] if any(scale.levels.get(code, ()))}

    def _is_no_better(self, reference: str, code: str, than: str) -> bool:
        for look in self._named[reference]:
            before, after = (than, code) if look.sign == WORSE else (code, than)
            if before in look.codes and after not in look.codes:
                return False
        for scale in self._scales[reference]:
            before, after = (than, code) if scale.sign == WORSE else (code, than)
            levels = zip(scale.levels.get(before, ()), scale.levels.get(after, ()), strict=False)
            if any(one > other for one, other in levels):
                return False
        return True

    def _look(self, condition: Condition | None, sign: int) -> None:
        match condition:
            case None:
                return
            case operators.Not():
                self._look(condition.not_, -sign)
            case operators.All() | operators.Any() | operators.RowsAre():
                inside = _upward(condition, sign) if isinstance(condition, operators.RowsAre) else sign
                for inner in operators.parts(condition):
                    self._look(inner, inside)
            case operators.AnswerIs():
                self._name(condition.answer, condition.is_, sign)
            case operators.AnswerHas():
                self._name(condition.answer, condition.has, sign)
            case operators.ColumnIs():
                self._name(condition.column, condition.is_, sign)
            case _:
                self._look_at_amount(condition, sign)

    def _look_at_amount(self, condition: Condition, sign: int) -> None:
        match condition:
            case operators.RatioIs():
                part, whole = condition.ratio
                self._amounts[part].add(_upward(condition, sign))
                self._amounts[whole].add(-_upward(condition, sign))
            case operators.NumberIs():
                self._amounts[condition.number].add(_upward(condition, sign))
            case operators.SizeIs() if condition.at_most != 0:  # an empty list is told apart, not a shorter one
                self._sizes[condition.size].add(_upward(condition, sign))
            case operators.DateIs():
                self._amounts[condition.date].add(sign if condition.after is not None else -sign)
            case _:
                return

    def _name(self, reference: str, codes: Iterable[str], sign: int) -> None:
        decided = self._decided.get(reference, frozenset())
        named = frozenset(codes)
        self._named[reference].append(Named(named | decided if sign == WORSE else named - decided, sign))

    def _read_mitigation(self, rule: MitigationRule) -> None:
        if isinstance(rule, rules.Proven):
            self._scale(rule.of, self._tables[rule.proven], {}, BETTER)
            return
        for rung in rule.ladder:
            self._look(rung, BETTER)
        for limit in rule.limits:
            self._look(limit.when, WORSE)
            self._look(limit.unless, BETTER)

    def _read(self, rule: Expression) -> None:
        """Read a rule whose higher value is worse."""
        match rule:
            case rules.Lookup():
                self._scale(rule.of, self._tables[rule.lookup], rule.unproven, WORSE)
                if rule.column is not None:
                    self._read(rule.column.of)
            case rules.Number():
                self._amounts[rule.number].add(WORSE)
            case rules.Total():
                self._amounts[rule.total].add(WORSE)
            case rules.Size():
                self._sizes[rule.size].add(WORSE)
            case rules.Count():
                for condition in rule.count:
                    self._look(condition, WORSE)
            case rules.First():
                self._read_first(rule)
            case _:
                for part in _parts(rule):
                    self._read(part)

    def _read_first(self, rule: rules.First) -> None:
        """Read a first-match list; a code that alone decides for a worse branch need not stand in those after it."""
        outside, decided = self._decided, dict(self._decided)
        for at, branch in enumerate(rule.first):
            later = [self._span(other.then) for other in rule.first[at + 1 :]] + [self._span(rule.otherwise)]
            low, high = self._span(branch.then)
            if low >= max(most for _, most in later):
                self._look(branch.when, WORSE)
                for reference, codes in _alone(branch.when):
                    decided[reference] = decided.get(reference, frozenset()) | codes
            elif high <= min(least for least, _ in later):
                self._look(branch.when, BETTER)
            else:  # it depends on what else is answered
                self._look(branch.when, WORSE)
                self._look(branch.when, BETTER)
            self._read(branch.then)
            self._decided = dict(decided)
        self._read(rule.otherwise)
        self._decided = outside

    def _scale(self, reference: str, table: Table, unproven: Mapping[str, str], sign: int) -> None:
        levels = {code: entry if isinstance(entry, tuple) else (entry,) for code, entry in table.entries.items()}
        both = {code: (*level, *levels[unproven.get(code, code)]) for code, level in levels.items()}
        self._scales[reference].append(Scale(both, sign))

    def _span(self, rule: Expression) -> tuple[int, int]:
        """Return the lowest and the highest value that a rule can give."""
        match rule:
            case rules.Is():
                return rule.is_level, rule.is_level
            case rules.Band() | rules.Count():
                return 0, len(rule.at if isinstance(rule, rules.Band) else rule.count)
            case rules.First():
                spans = [self._span(part) for part in (*(branch.then for branch in rule.first), rule.otherwise)]
                return min(low for low, _ in spans), max(high for _, high in spans)
            case rules.Max() | rules.Least():
                join = max if isinstance(rule, rules.Max) else min
                lows, highs = zip(*(self._span(part) for part in _parts(rule)), strict=True)
                return join(lows), join(highs)
            case _:
                return 0, CERTAIN if isinstance(rule, _LEVELS) else _ENDLESS


_LEVELS = (rules.Lookup, rules.Value, rules.Index, rules.Territory)


def _alone(condition: Condition) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the codes of each field that make a condition hold by themselves."""
    match condition:
        case operators.AnswerIs():
            yield condition.answer, frozenset(condition.is_)
        case operators.Any():
            for part in condition.any:
                yield from _alone(part)
        case _:
            return


def _upward(condition: operators.Compared, sign: int) -> int:
    return sign if condition.at_least is not None else -sign


def _parts(rule: Expression) -> Sequence[Expression]:
    match rule:
        case rules.Band():
            return (rule.band,)
        case rules.Max():
            return rule.max
        case rules.Least():
            return rule.min
        case rules.Sum():
            return rule.sum
        case _:
            return ()
