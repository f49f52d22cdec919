"""What a criteria revision makes of the answers: fields that no rule reads, rules that read what is not there.

Invariants: whatever part of a criteria revision looks at an answer is seen, caps and red lines included; a field is
used where a rule or a condition looks at it.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import BaseModel

from questionnaires import operators, rules
from questionnaires.caps import CompletenessRule
from questionnaires.criteria import Criteria, criteria_read
from questionnaires.definition import (
    AnswerField,
    AreaField,
    ChoiceField,
    FilesField,
    FreeText,
    OrganisationField,
    ProductField,
    Question,
    Questionnaire,
    SingleChoice,
)
from questionnaires.linting.catalogue import Finding, find
from questionnaires.linting.places import Places
from questionnaires.totals import END_USER, PLACE

_WHOLE = ("number", "size", "index", "territory", "total", "date", "answered")
_NAMES = FreeText | FilesField | OrganisationField | ProductField | AreaField
"""Kinds that say which case is meant, not what is scored."""
BESIDE_CRITERIA = frozenset({"completeness", "scope", "exposure", "context", "reply", "engagement"})
"""What an answer may count for without entering a criterion."""
MOST_ALIKE = 1
"""Choices of a field that may go unnamed: one of them is what is left when no other holds."""


class Look(NamedTuple):
    """One look at a field: the codes that it names (none for the whole value), and the table that it uses."""

    codes: tuple[str, ...] = ()
    table: str | None = None


class Beyond(NamedTuple):
    """What a field asks that no rule reads: the code of the finding, and the problem in words."""

    code: str
    problem: str


class Looks:
    """Every look at every field, by `QUESTION.field` (`QUESTION.field.column` for a table's column)."""

    def __init__(self) -> None:
        """Start with none."""
        self.found: defaultdict[str, list[Look]] = defaultdict(list)

    def add(self, value: Any) -> "Looks":
        """Note the looks of a rule, a condition or whatever holds some."""
        pending = [value]
        while pending:
            item = pending.pop()
            if isinstance(item, BaseModel):
                for reference, look in _look(item):
                    self.found[reference].append(look)
                pending.extend(getattr(item, name) for name in type(item).model_fields)
            elif isinstance(item, dict):
                pending.extend(item.values())
            elif isinstance(item, tuple | list):
                pending.extend(item)
        return self

    @cached_property
    def questions(self) -> set[str]:
        """The questions looked at."""
        return {reference.partition(".")[0] for reference in self.found}


def _look(part: BaseModel) -> Iterator[tuple[str, Look]]:
    match part:
        case operators.AnswerIs():
            yield part.answer, Look(part.is_)
        case operators.AnswerHas():
            yield part.answer, Look(part.has)
        case operators.ColumnIs():
            yield part.column, Look(part.is_)
            yield part.column.rpartition(".")[0], Look()
        case operators.RatioIs():
            yield from ((reference, Look()) for reference in part.ratio)
        case rules.Lookup():
            yield part.of, Look(table=part.lookup)
        case rules.Proven():
            yield part.of, Look(table=part.proven)
        case rules.Total():
            yield from ((reference, Look()) for reference in (part.total, *map(".".join, (PLACE, END_USER))))
        case CompletenessRule():
            wholes = (part.unplaced, part.product_total, part.row_area, part.row_units)
            columns = (f"{part.totals}.{name}" for name in (part.product, part.area, part.units))
            yield from ((name, Look()) for name in (part.totals, *columns, *wholes) if name is not None)
        case _:
            named = map(vars(part).get, _WHOLE)
            yield from ((name, Look()) for name in named if isinstance(name, str) and "." in name)


def check_feeds(questionnaire: Questionnaire, names: Container[str], places: Places) -> Iterator[Finding]:
    """Yield everything that a question feeds and that is neither among the names nor counts beside the criteria."""
    for id_, question in questionnaire.questions.items():
        unknown = [code for code in question.feeds if code not in names and code not in BESIDE_CRITERIA]
        if unknown:
            yield find("unknown-criterion", places.of(id_, "feeds"), f"{id_} feeds {', '.join(unknown)}")


def check_use(questionnaire: Questionnaire, criteria: Criteria, places: Places) -> Iterator[Finding]:
    """Yield where a questionnaire and a criteria revision do not fit each other."""
    rules_of: dict[str, BaseModel] = {code: item.rule for code, item in criteria.risk.items()}
    rules_of |= {code: item.rule for code, item in criteria.mitigation.items()}
    looks_of = {code: Looks().add(rule) for code, rule in rules_of.items()}
    scored = Looks().add(criteria)
    asked = Looks().add(questionnaire)
    beside = (code for part in ("caps", "contradictions", "red_lines") for code in getattr(criteria, part, ()))
    yield from check_feeds(questionnaire, {*rules_of, *beside}, places)  # revisions of engine 1 have none of these
    yield from _check_criteria(questionnaire, criteria, looks_of)
    yield from _check_links(questionnaire, looks_of, scored, places)
    yield from _check_rules(questionnaire, criteria, scored, places)
    for id_, question in questionnaire.questions.items():
        yield from _check_fields(id_, question, scored, asked, places)


def _check_criteria(
    questionnaire: Questionnaire, criteria: Criteria, looks_of: Mapping[str, Looks]
) -> Iterator[Finding]:
    for code, looks in looks_of.items():
        reads_others = code in criteria.risk and criteria_read(criteria.risk[code].rule)
        if not reads_others and not looks.questions & set(questionnaire.questions):
            name = criteria.names()[code]
            yield find("criterion-unfed", "", f"{code} ({name}) of {criteria.id} reads no answer to this questionnaire")


def _check_links(
    questionnaire: Questionnaire, looks_of: Mapping[str, Looks], scored: Looks, places: Places
) -> Iterator[Finding]:
    """Yield where `feeds` and the rules say different things; what only a cap reads may feed what it likes."""
    by_rule = {code: looks.questions for code, looks in looks_of.items()}
    beside = scored.questions - set().union(*by_rule.values())
    for id_, question in questionnaire.questions.items():
        idle = [code for code in question.feeds if id_ not in by_rule.get(code, {id_}) and id_ not in beside]
        if idle:
            yield find("feeds-unused", places.of(id_, "feeds"), f"{id_} is not read by {', '.join(idle)}")
        silent = [code for code, read in by_rule.items() if id_ in read and code not in question.feeds]
        if silent:
            yield find("feeds-missing", places.of(id_, "feeds"), f"{id_} is read by {', '.join(silent)}")


def _check_rules(questionnaire: Questionnaire, criteria: Criteria, scored: Looks, places: Places) -> Iterator[Finding]:
    for reference in sorted(scored.found):
        id_, name, *column = reference.split(".")
        field: Any = questionnaire.questions[id_].fields.get(name) if id_ in questionnaire.questions else None
        field = getattr(field, "columns", {}).get(column[0]) if column else field
        if field is None:
            yield find("rule-reads-nothing", "", f"{criteria.id} reads {reference}")
        elif isinstance(field, ChoiceField):
            offered = set(field.choices)
            named = {code for look in scored.found[reference] for code in look.codes}
            place = places.of(id_, "fields", name)
            for code in sorted(named - offered):
                yield find("rule-choice-missing", place, f"{criteria.id} looks for {code} in {reference}")
            for table in sorted({look.table for look in scored.found[reference] if look.table is not None}):
                for code in sorted(offered - set(criteria.tables[table].entries)):
                    yield find("choice-not-in-table", place, f"table {table} of {criteria.id} lacks {code}")


def _check_fields(id_: str, question: Question, scored: Looks, asked: Looks, places: Places) -> Iterator[Finding]:
    is_read = id_ in scored.questions
    for name, field in question.fields.items():
        reference = f"{id_}.{name}"
        looks = [*scored.found.get(reference, ()), *asked.found.get(reference, ())]
        found = _beyond_rules(reference, field, looks) if is_read or looks else None
        place = places.of(id_, "fields", name)
        if found is not None and name not in question.for_readers:
            yield find(found.code, place, found.problem)
        elif is_read and found is None and name in question.for_readers and not isinstance(field, _NAMES):
            yield find("for-readers-scored", place, f"the rules of {id_} read all of {name}")


def _beyond_rules(reference: str, field: AnswerField, looks: list[Look]) -> Beyond | None:
    """Return what a field asks beyond what is read; choices only where several go unnamed: a table names them all."""
    if not looks:
        return None if isinstance(field, _NAMES) else Beyond("field-unread", f"nothing reads {reference}")
    if isinstance(field, SingleChoice) and all(look.codes for look in looks):
        named = {code for look in looks for code in look.codes}
        alike = [code for code in field.choices if code not in named]
        if len(alike) > MOST_ALIKE:
            return Beyond("choices-alike", f"in {reference} nothing tells {', '.join(alike)} apart")
    return None
