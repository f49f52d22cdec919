"""Wire models of scorecards."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.http.schemas import Moment, Wire

Band = Literal["low", "moderate", "elevated", "high", "severe"]
Figure = str


class LevelOut(Wire):
    """A criterion's value, 0 to 4 (E8: 0 none to 3 cause), and its value with every open item at its best."""

    value: int
    low: int


class ReasonOut(Wire):
    """Why a criterion has its value: the answers (`BUY-01.kind`), criteria and places that decided it."""

    criterion: str
    value: int
    because: list[str]
    claimed: int | None = Field(default=None, description="For a mitigation: the rung that the answers claim.")


class BoundsOut(Wire):
    """The headline result and the low bound. Not rated: the two lie three or more bands apart."""

    band: Band
    band_low: Band
    residual: Figure = Field(description="0 to 100, 4 decimals.", examples=["72.0799"])
    residual_low: Figure
    rated: bool


class CompanyOut(BoundsOut):
    """The company's result: its worst deployment."""

    worst: str
    deployments: int
    people_in_high_or_severe: int
    people_open: int = Field(description="Deployments in high or severe whose number of people is open.")


class DeploymentOut(BoundsOut):
    """One deployment's result."""

    row: str
    product: str
    buyer_risk: Figure
    end_use_risk: Figure
    inherent: Figure
    mitigation: Figure
    involvement: Literal["none", "linked", "contribute", "cause"]
    criteria: dict[str, LevelOut]
    reasons: list[ReasonOut]


class SectionOut(Wire):
    """Coverage of one section."""

    section: str
    asked: int
    answered: int
    with_evidence: int


class CoverageOut(Wire):
    """How much of what was asked is answered, and how much of that has evidence."""

    asked: int
    answered: int
    with_evidence: int
    sections: list[SectionOut]


class ScorecardOut(Wire):
    """The assessment of a sealed submission, as of a date."""

    submission: UUID
    assessed_on: str
    questionnaire: str
    criteria: str
    context: str
    engine: int
    company: CompanyOut
    deployments: list[DeploymentOut]
    coverage: CoverageOut
    not_checked: list[str] = Field(description="What this release does not check, in plain words.")


class SubmittedOut(Wire):
    """A submission just sealed, with its scorecard."""

    submission: UUID
    sealed_at: Moment
    scorecard: ScorecardOut
