"""A criteria revision: criteria, rules, tables, weights and bands, all as data.

Invariants: frozen, unknown keys refused; weights sum to 100; every rule refers to criteria and tables that exist, and
criteria do not refer to each other in a circle. The revision names the engine version that reads it.
"""

from collections.abc import Iterator
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from questionnaires import conditions
from questionnaires.caps import (
    AuditRule,
    Cap,
    CapCode,
    CompletenessRule,
    Contradiction,
    ContradictionCode,
    CoverageRule,
)
from questionnaires.conditions import CriterionCode, FieldReference
from questionnaires.definition import ChoiceCode, DigestText, Group, Model, Text
from questionnaires.redlines import RedLine, RedLineCode
from questionnaires.rules import Entry, Expression, Lookup, MitigationRule, Proven, TableName, Total, Value
from questionnaires.scales import BANDS, BUYER, END_USE, INVOLVEMENTS, MITIGATION, BandName, Involvement

__all__ = [
    "BANDS", "BUYER", "END_USE", "INVOLVEMENTS", "MITIGATION", "BandName", "BasedOn", "Criteria", "Involvement",
    "MitigationCriterion", "RiskCriterion", "criteria_read", "fields_read", "parts", "tables_read",
]  # fmt: skip

Percent = Annotated[int, Field(ge=0, le=100)]


def _absent(value: object) -> bool:
    """Say whether an optional part stands at its default: then it leaves the JSON form, and digests stay."""
    return not value


class RiskCriterion(Model):
    """A buyer-risk or end-use criterion: its scale in words, lowest first, and the rule."""

    name: Text
    per: Group = "deployment"
    scale: tuple[Text, ...] = Field(min_length=4, max_length=5)
    rule: Expression


class MitigationCriterion(Model):
    """A mitigation criterion: its scale in words, lowest first, and the ladder."""

    name: Text
    per: Group
    scale: tuple[Text, Text, Text, Text, Text]
    rule: MitigationRule


class Table(Model):
    """A scale over the codes of a choice."""

    entries: dict[ChoiceCode, Entry] = Field(min_length=1)


class BuyerShares(Model):
    """Shares of the largest, the second largest and the weighted mean in buyer risk, in percent."""

    first: Percent
    second: Percent
    mean: Percent
    largest_of: tuple[CriterionCode, ...]


class Weights(Model):
    """Judgements, published and versioned: percent weights, shares and ceilings."""

    buyer: dict[CriterionCode, Percent]
    buyer_shares: BuyerShares
    mitigation: dict[CriterionCode, Percent]
    ceilings: dict[Involvement, Percent]

    @model_validator(mode="after")
    def _sums(self) -> Self:
        shares = self.buyer_shares
        if set(self.buyer) != set(BUYER) or set(self.mitigation) != set(MITIGATION):
            raise ValueError("every buyer-risk and mitigation criterion needs a weight")
        if set(self.ceilings) != set(INVOLVEMENTS):
            raise ValueError("every involvement needs a ceiling")
        sums = (sum(self.buyer.values()), sum(self.mitigation.values()), shares.first + shares.second + shares.mean)
        if sums != (100, 100, 100):
            raise ValueError("weights and shares must each sum to 100")
        return self


class BasedOn(Model):
    """What criteria with an overlay are made of: the standard's digest and the overlay's."""

    criteria: DigestText
    overlay: DigestText


class Criteria(Model):
    """A whole criteria revision; one that names what it is `based_on` is an investor's own and never the standard."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,60}$")]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}$")]
    title: Text
    engine: int
    questionnaire: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,60}$")]
    weights: Weights
    bands: dict[BandName, Percent]
    tables: dict[TableName, Table]
    risk: dict[CriterionCode, RiskCriterion]
    mitigation: dict[CriterionCode, MitigationCriterion]
    caps: dict[CapCode, Cap] = Field(default_factory=dict, exclude_if=_absent)
    contradictions: dict[ContradictionCode, Contradiction] = Field(default_factory=dict, exclude_if=_absent)
    coverage: CoverageRule | None = Field(default=None, exclude_if=_absent)
    audit: AuditRule | None = Field(default=None, exclude_if=_absent)
    completeness: CompletenessRule | None = Field(default=None, exclude_if=_absent)
    red_lines: dict[RedLineCode, RedLine] = Field(default_factory=dict, exclude_if=_absent)
    practices: tuple[FieldReference, ...] = Field(default=(), exclude_if=_absent)
    based_on: BasedOn | None = Field(default=None, exclude_if=_absent)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The risk criteria, each after those it reads, or that a cap on it reads."""
        graph = {code: {c for c in criteria_read(item.rule) if c in self.risk} for code, item in self.risk.items()}
        for cap in self.caps.values():
            for code in cap.at_least:
                graph[code] |= criteria_read(cap.when) if cap.when is not None else set()
        return tuple(TopologicalSorter({code: sorted(graph[code]) for code in sorted(graph)}).static_order())

    @cached_property
    def totalled(self) -> frozenset[str]:
        """Every `QUESTION.field` that a rule sums over like rows."""
        rules = (item.rule for item in self.risk.values())
        return frozenset(part.total for rule in rules for part in parts(rule) if isinstance(part, Total))

    @cached_property
    def questions(self) -> frozenset[str]:
        """Every question that a rule, a cap, a contradiction or a red line looks at."""
        found = {name for part in self._readers() for name in fields_read(part)}
        return frozenset(reference.partition(".")[0] for reference in found)

    def _readers(self) -> Iterator[BaseModel]:
        yield from (item.rule for item in self.risk.values())
        yield from (item.rule for item in self.mitigation.values())
        yield from self.caps.values()
        yield from self.contradictions.values()
        yield from self.red_lines.values()
        yield from (part for part in (self.completeness,) if part is not None)

    @cached_property
    def raised(self) -> dict[str, tuple[tuple[str, Cap], ...]]:
        """The caps that hold each risk criterion up."""
        codes = {code for cap in self.caps.values() for code in cap.at_least}
        return {code: tuple((c, cap) for c, cap in self.caps.items() if code in cap.at_least) for code in codes}

    @cached_property
    def earned_per_company(self) -> dict[str, MitigationRule]:
        """The rules of the mitigations that are the same for every deployment."""
        return {code: item.rule for code, item in self.mitigation.items() if item.per == "company"}

    @cached_property
    def earned_per_row(self) -> dict[str, MitigationRule]:
        """The rules of the mitigations that differ by deployment."""
        return {code: item.rule for code, item in self.mitigation.items() if item.per != "company"}

    def names(self) -> dict[str, str]:
        """Return the plain name of every criterion by code."""
        return {code: item.name for part in (self.risk, self.mitigation) for code, item in part.items()}

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        if set(self.risk) != {*BUYER, *END_USE, "E8", "CTX"} or set(self.mitigation) != set(MITIGATION):
            yield "the criteria must be exactly B1-B9, E1-E8, CTX and M1-M10"
            return
        own = sorted(code for code in (*self.caps, *self.red_lines) if code.startswith("X"))
        if own and self.based_on is None:
            yield f"{', '.join(own)} can only be an overlay's"
        thresholds = [self.bands[name] for name in BANDS if name in self.bands]  # a bundle's JSON has its keys sorted
        if set(self.bands) != set(BANDS) or sorted(thresholds) != thresholds:
            yield "the bands must be low, moderate, elevated, high, severe with rising thresholds"
        rules = {c: item.rule for c, item in self.risk.items()} | {c: m.rule for c, m in self.mitigation.items()}
        for code, rule in rules.items():
            for table in sorted(tables_read(rule) - set(self.tables)):
                yield f"{code} reads table {table}, which does not exist"
        try:
            _ = self.order
        except CycleError:
            yield "criteria refer to each other in a circle"


def parts(rule: BaseModel) -> Iterator[BaseModel]:
    """Yield a rule and everything inside it, conditions included."""
    yield rule
    for name in type(rule).model_fields:
        yield from _inside(getattr(rule, name))


def criteria_read(rule: BaseModel) -> frozenset[str]:
    """Return the criteria that a rule reads."""
    found = {part.criterion for part in parts(rule) if isinstance(part, Value | conditions.CriterionIs)}
    return frozenset(found)


def tables_read(rule: BaseModel) -> frozenset[str]:
    """Return the tables that a rule reads."""
    lookups = {part.lookup for part in parts(rule) if isinstance(part, Lookup)}
    return frozenset(lookups | {part.proven for part in parts(rule) if isinstance(part, Proven)})


def fields_read(rule: BaseModel) -> frozenset[str]:
    """Return every `QUESTION.field` that a rule reads."""
    names = (
        "answer",
        "number",
        "size",
        "of",
        "index",
        "territory",
        "total",
        "answered",
        "state",
        "column",
        "date",
        "unplaced",
        "product_total",
    )
    found: set[str] = set()
    for part in parts(rule):
        held = vars(part)  # to ask a model for what it has not got takes ten times as long
        values = [held.get(name) for name in names]
        fields = (value.split(".")[:2] for value in values if isinstance(value, str))  # of a column, its table
        found.update(".".join(field) for field in fields)
        found.update(held.get("ratio", ()))
    return frozenset(found)


def _inside(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield from parts(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _inside(item)
