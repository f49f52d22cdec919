"""What answers are still possible while a condition holds: the reasoning behind "this can never be asked".

Invariants: a domain is never narrower than the truth, so that what is called impossible is impossible; the cost grows
with the operators of a condition, not with the choices that they combine.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from questionnaires import operators
from questionnaires.answerfacts import open_choices
from questionnaires.definition import ChoiceField, IntegerField, Questionnaire, SingleChoice, TableField
from questionnaires.documents import STATED_STATES
from questionnaires.fields import LARGEST_NUMBER, MOST_FILES
from questionnaires.operators import Condition


class Domain(NamedTuple):
    """What a looked-at thing may still be: codes it must have, codes it may have, and the range of its number."""

    must: frozenset[str]
    may: frozenset[str]
    single: bool
    low: int
    high: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return not self.must <= self.may or (self.single and not self.may) or self.low > self.high


Domains: TypeAlias = Mapping[str, Domain]
"""Domains by what is looked at; what is not named may be anything."""

NUMBERS: Domain = Domain(frozenset(), frozenset(), single=False, low=0, high=LARGEST_NUMBER)
_Reader: TypeAlias = Callable[[Any, Questionnaire, bool], tuple[str, Domain]]


def narrow(condition: Condition, questionnaire: Questionnaire, domains: Domains, wanted: bool) -> Domains | None:
    """Return what is possible while a condition holds (or, not wanted, fails); None where that is impossible."""
    match condition:
        case operators.Not():
            return narrow(condition.not_, questionnaire, domains, not wanted)
        case operators.All():
            every = _every if wanted else _some
            return every(condition.all, questionnaire, domains, wanted)
        case operators.Any():
            every = _some if wanted else _every
            return every(condition.any, questionnaire, domains, wanted)
        case operators.CriterionIs():
            return domains
        case _:
            key, left = _READERS[type(condition)](condition, questionnaire, wanted)
            met = meet(domains, {key: left})
            if met is None or not isinstance(condition, operators.RowsAre) or condition.where is None:
                return met
            impossible = narrow(condition.where, questionnaire, {}, wanted=True) is None
            return meet(met, {key: NUMBERS._replace(high=0)}) if impossible else met


def narrow_all(conditions: Sequence[Condition], questionnaire: Questionnaire, domains: Domains) -> Domains | None:
    """Return what is possible while all conditions hold; a second look lets the later ones speak to the earlier."""
    parts = [part for one in conditions for part in (one.all if isinstance(one, operators.All) else (one,))]
    found: Domains | None = domains
    for part in (*parts, *parts):
        found = None if found is None else narrow(part, questionnaire, found, wanted=True)
    return found


def meet(left: Domains, right: Domains) -> Domains | None:
    """Return what both allow; None where that is nothing."""
    met = dict(left)
    for key, domain in right.items():
        known = met.get(key, domain)
        both = Domain(
            known.must | domain.must, known.may & domain.may, known.single or domain.single,
            max(known.low, domain.low), min(known.high, domain.high),
        )  # fmt: skip
        if both.is_empty:
            return None
        met[key] = both
    return met


def _every(parts: Iterable[Condition], questionnaire: Questionnaire, domains: Domains, wanted: bool) -> Domains | None:
    found: Domains | None = domains
    for part in parts:
        found = None if found is None else narrow(part, questionnaire, found, wanted)
    return found


def _some(parts: Iterable[Condition], questionnaire: Questionnaire, domains: Domains, wanted: bool) -> Domains | None:
    possible = [found for part in parts if (found := narrow(part, questionnaire, domains, wanted)) is not None]
    if not possible:
        return None
    joined = dict(possible[0])
    for other in possible[1:]:
        joined = {key: _join(domain, other[key]) for key, domain in joined.items() if key in other}
    return joined


def _join(left: Domain, right: Domain) -> Domain:
    low, high = min(left.low, right.low), max(left.high, right.high)
    return Domain(left.must & right.must, left.may | right.may, left.single, low, high)


def _chosen(key: str, offered: frozenset[str], wanted: bool, codes: Iterable[str], single: bool) -> tuple[str, Domain]:
    """Return the domain of a choice that has (or, not wanted, has not) one of the codes."""
    named = frozenset(codes) & offered
    if not wanted:
        return key, Domain(frozenset(), offered - named, single, 0, 0)
    if single:
        return key, Domain(frozenset(), named, single=True, low=0, high=0)
    must = named if len(named) == 1 else frozenset()
    return key, Domain(must, offered if named else frozenset(), single=not named, low=0, high=0)


def _read_answer(
    condition: operators.AnswerIs | operators.AnswerHas, questionnaire: Questionnaire, wanted: bool
) -> tuple[str, Domain]:
    codes = condition.is_ if isinstance(condition, operators.AnswerIs) else condition.has
    single = isinstance(questionnaire.field(condition.answer), SingleChoice)
    offered = open_choices(questionnaire, condition.answer)
    return _chosen(f"choice {condition.answer}", offered, wanted, codes, single)


def _read_column(condition: operators.ColumnIs, questionnaire: Questionnaire, wanted: bool) -> tuple[str, Domain]:
    offered = open_choices(questionnaire, condition.column)
    return _chosen(f"column {condition.column}", offered, wanted, condition.is_, single=False)


def _read_state(condition: operators.StateIs, _: Questionnaire, wanted: bool) -> tuple[str, Domain]:
    return _chosen(f"state {condition.state}", STATED_STATES, wanted, condition.is_, single=True)


def _read_answered(condition: operators.Answered, _: Questionnaire, wanted: bool) -> tuple[str, Domain]:
    return _chosen(f"answered {condition.answered}", frozenset({"yes", "no"}), wanted, {"yes"}, single=True)


def _read_number(condition: operators.NumberIs, questionnaire: Questionnaire, wanted: bool) -> tuple[str, Domain]:
    field = questionnaire.field(condition.number)
    low, high = (field.minimum, field.maximum) if isinstance(field, IntegerField) else (0, 100)
    return f"number {condition.number}", _bounded(condition, wanted, low, high)


def _read_size(condition: operators.SizeIs, questionnaire: Questionnaire, wanted: bool) -> tuple[str, Domain]:
    field = questionnaire.field(condition.size)
    most = field.max_rows if isinstance(field, TableField) else MOST_FILES
    if isinstance(field, ChoiceField):
        most = len(field.choices)
    return f"size {condition.size}", _bounded(condition, wanted, 0, most)


def _read_ratio(condition: operators.RatioIs, _: Questionnaire, wanted: bool) -> tuple[str, Domain]:
    return f"ratio {' '.join(condition.ratio)}", _bounded(condition, wanted, 0, LARGEST_NUMBER)


def _read_rows(condition: operators.RowsAre, _: Questionnaire, wanted: bool) -> tuple[str, Domain]:
    where = "" if condition.where is None else condition.where.model_dump_json()
    return f"rows {condition.rows} {where}", _bounded(condition, wanted, 0, LARGEST_NUMBER)


def _read_date(condition: operators.DateIs, _: Questionnaire, wanted: bool) -> tuple[str, Domain]:
    """Days count as if every month had 31: more days than there are, so never too few."""
    year, month, day = map(int, (condition.after or condition.before or "1900-01-01").split("-"))
    number = (year * 12 + month - 1) * 31 + day - 1
    before = (condition.before is not None) is wanted
    open_end = number - wanted if before else number + wanted
    return f"date {condition.date}", NUMBERS._replace(high=open_end) if before else NUMBERS._replace(low=open_end)


def _bounded(condition: operators.Compared, wanted: bool, low: int, high: int) -> Domain:
    least, most = condition.at_least, condition.at_most
    if not wanted:
        least, most = (None, least - 1) if least is not None else ((most or 0) + 1, None)
    low, high = max(low, low if least is None else least), min(high, high if most is None else most)
    return NUMBERS._replace(low=low, high=high)


_READERS: Mapping[type, _Reader] = {
    operators.AnswerIs: _read_answer,
    operators.AnswerHas: _read_answer,
    operators.NumberIs: _read_number,
    operators.SizeIs: _read_size,
    operators.RatioIs: _read_ratio,
    operators.Answered: _read_answered,
    operators.StateIs: _read_state,
    operators.RowsAre: _read_rows,
    operators.DateIs: _read_date,
    operators.ColumnIs: _read_column,
}
