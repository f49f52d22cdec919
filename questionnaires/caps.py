"""Caps and floors as data: what holds a value or a band, whatever the formulas give.

Invariants: a cap can only make a result worse; it holds wherever its condition may hold, so that leaving the deciding
answer open never lifts it; nothing here is a share over deployments, which more deployments could thin out.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from questionnaires.conditions import Condition, CriterionCode, FieldReference
from questionnaires.definition import ChoiceCode, FieldName, Model, QuestionId, Text
from questionnaires.scales import BandName, Level

CapCode = Annotated[str, StringConstraints(pattern=r"^(X?C-[0-9]{2}|completeness)$")]
"""A cap; XC is an overlay's own."""
ContradictionCode = Annotated[str, StringConstraints(pattern=r"^X-[0-9]{2}$")]
Share = Annotated[int, Field(ge=0, le=100)]
RiskCode = CriterionCode


class Cap(Model):
    """One cap, read for every deployment. Without `when` it only names what a rule of its own does.

    `at_most` holds mitigations down, `at_least` holds risks up, `floor` is the best band that is still printed,
    `third_party_only` lets evidence below V3 count for nothing. `unless` lifts `at_most` as far as it is proven.
    """

    name: Text
    effect: Text
    when: Condition | None = None
    unless: Condition | None = None
    at_most: dict[CriterionCode, Level] = Field(default_factory=dict)
    at_least: dict[RiskCode, Level] = Field(default_factory=dict)
    floor: BandName | None = None
    third_party_only: bool = False


class Contradiction(Model):
    """Two answers that cannot both be right: neither proves anything, and the worse reading counts until resolved."""

    name: Text
    between: tuple[QuestionId, QuestionId]
    when: Condition
    at_least: dict[RiskCode, Level] = Field(default_factory=dict)


class CoverageRule(Model):
    """C-01: how much must be answered, read for each deployment with its company's and product's questions.

    `sections` each need `section_share` percent answered and every key item a state other than "not answered": else the
    best band is `section_floor`. Below `overall_share` of all that is asked it is `overall_floor`, marked "insufficient
    disclosure". The questions marked `screen` are key items too.
    """

    sections: tuple[str, ...] = Field(min_length=1)
    section_share: Share
    section_floor: BandName
    overall_share: Share
    overall_floor: BandName
    key_items: tuple[QuestionId, ...]


class AuditRule(Model):
    """C-08: a band below `floor` needs every key item that is asked at `grade`; `marked` without is self-assessed."""

    key_items: tuple[QuestionId, ...] = Field(min_length=1)
    grade: Literal["V3", "V4"] = "V4"
    floor: BandName
    marked: BandName


class MissingShare(Model):
    """More than so many percent of the units of a product at a place lack a deployment: no better band than this."""

    over: Share
    floor: BandName


class CompletenessRule(Model):
    """Units asked as totals against units of deployments.

    `unplaced` is a product's number of units at places that are not known; what `product_total` has beyond its lines is
    at such a place too; `left_out` says of the company that some deployments are not listed. Missing units of a product
    whose criteria reach `of_product`, or at a place whose criteria reach `of_area`, become a remainder row in which
    everything is open but product and place; `assumed` are the answers under which product and place are judged alone.
    Otherwise `shares` hold the band.
    """

    totals: FieldReference
    product: FieldName
    area: FieldName
    units: FieldName
    unplaced: FieldReference | None = None
    product_total: FieldReference | None = None
    left_out: Condition | None = None
    row_area: FieldReference
    row_units: FieldReference
    of_product: dict[RiskCode, Level]
    of_area: dict[RiskCode, Level]
    assumed: dict[QuestionId, dict[FieldName, ChoiceCode | tuple[ChoiceCode, ...]]]
    shares: tuple[MissingShare, ...]
