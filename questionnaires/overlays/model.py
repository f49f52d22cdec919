"""An overlay as data: what an investor judges otherwise than the standard, and what it adds.

Invariants: frozen, unknown keys refused; a part that is not given stays as the standard has it; own lines and caps have
codes of their own (XL-01, XC-01), so that none is taken for the standard's. Whether an overlay keeps its bounds is
asked of `linting`, as that needs the standard.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from questionnaires.caps import RiskCode
from questionnaires.conditions import Condition, CriterionCode
from questionnaires.definition import DigestText, Model, Text
from questionnaires.redlines import Graver, Sign
from questionnaires.scales import BandName, Involvement, Level

MOST_LINES = 30
"""Own red lines of an overlay, and as many caps."""
MOST_SIGNS = 10

OwnRedLineCode = Annotated[str, StringConstraints(pattern=r"^XL-[0-9]{2}$")]
OwnCapCode = Annotated[str, StringConstraints(pattern=r"^XC-[0-9]{2}$")]
Percent = Annotated[int, Field(ge=0, le=100)]


class BaseRevision(Model):
    """The standard criteria that an overlay lies on, by name and by digest."""

    revision: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,60}@[0-9]{1,6}$")]
    digest: DigestText


class OwnWeights(Model):
    """Own weights in percent, and own ceilings; a code that is not named keeps the standard's."""

    buyer: dict[CriterionCode, Percent] = Field(default_factory=dict)
    mitigation: dict[CriterionCode, Percent] = Field(default_factory=dict)
    ceilings: dict[Involvement, Percent] = Field(default_factory=dict)


class OwnRedLine(Model):
    """A red line of the investor's own: its signs hold its own result at `effect`; nobody confirms or lifts it.

    `reason` says why, for whoever reads the result later.
    """

    name: Text
    reason: Text
    signs: tuple[Sign, ...] = Field(min_length=1, max_length=MOST_SIGNS)
    effect: BandName
    graver: Graver | None = None


class OwnCap(Model):
    """A cap of the investor's own, read for every deployment; see `caps.Cap`. Nothing lifts it but its condition."""

    name: Text
    effect: Text
    when: Condition
    at_most: dict[CriterionCode, Level] = Field(default_factory=dict)
    at_least: dict[RiskCode, Level] = Field(default_factory=dict)
    floor: BandName | None = None


class Overlay(Model):
    """A whole overlay revision. Published, it never changes; it is known by its digest."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,60}$")]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}$")]
    title: Text
    reason: Text
    base: BaseRevision
    weights: OwnWeights = Field(default_factory=OwnWeights)
    bands: dict[BandName, Percent] = Field(default_factory=dict)
    red_lines: dict[OwnRedLineCode, OwnRedLine] = Field(default_factory=dict, max_length=MOST_LINES)
    caps: dict[OwnCapCode, OwnCap] = Field(default_factory=dict, max_length=MOST_LINES)
