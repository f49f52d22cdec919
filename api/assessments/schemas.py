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


class HeldOut(BoundsOut):
    """From engine 2 on `band` and `band_low` are printed under caps and red lines; the computed ones stand beside."""

    computed_band: Band | None = None
    computed_band_low: Band | None = None
    avoidable: Figure | None = Field(default=None, description="What full mitigation would take off the residual.")
    self_assessed: bool = Field(default=False, description="A good band without audited key answers.")


class CompanyOut(HeldOut):
    """The company's result: its worst deployment."""

    worst: str
    deployments: int
    people_in_high_or_severe: int
    people_open: int = Field(description="Deployments in high or severe whose number of people is open.")
    remainders: int = Field(default=0, description="Rows that stand for units which no deployment describes.")
    insufficient_disclosure: bool = False
    not_rated: list[str] = Field(default=[], description="Deployments whose bounds lie three or more bands apart.")


class DeploymentOut(HeldOut):
    """One deployment's result."""

    row: str
    product: str
    buyer_risk: Figure
    end_use_risk: Figure
    inherent: Figure
    mitigation: Figure
    involvement: Literal["none", "linked", "contribute", "cause"]
    criteria: dict[str, LevelOut]
    remainder: bool = False
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


class HoldOut(Wire):
    """A cap that holds: what it does, the band it holds at, the places it was read from. No row: the company's."""

    cap: str
    row: str | None
    effect: str
    floor: Band | None
    certain: bool = Field(description="False where open answers could still lift it.")
    because: list[str]


class DecisionOut(Wire):
    """What a reviewer decided about a red line, by which role and when."""

    verdict: Literal["confirmed", "dismissed", "open"]
    by: str
    on: str
    reply_due: str | None
    replied: bool
    reported_on: str | None
    stopped_on: str | None
    lifted_on: str | None


class RedLineOut(Wire):
    """A red line that answers point to or do not exclude, and the band it holds at (none: dismissed or lifted)."""

    red_line: str
    candidate: str
    group: Literal["company", "product", "deployment", "incident"]
    row: str | None
    status: Literal["under_review", "confirmed", "dismissed", "open", "lifted"]
    band: Band | None
    because: list[str]
    decision: DecisionOut | None


class EvidenceSharesOut(Wire):
    """How many answers stand on word alone, on a file or a reading, on a third party, or contradict each other."""

    stated: int
    documented: int
    verified: int
    contradicted: int


class AcceptedOut(Wire):
    """An answer whose "not applicable" a reviewer accepted."""

    question: str
    row: str


class ReviewOut(Wire):
    """All that reviewers decided, as the scorecard read it."""

    red_lines: dict[str, DecisionOut]
    not_applicable: list[AcceptedOut]
    resolved: list[str]


class ScorecardOut(Wire):
    """The assessment of a sealed submission, as of a date."""

    submission: UUID
    assessed_on: str
    questionnaire: str
    criteria: str
    context: str
    context_name: str = Field(description="The snapshot's id with its date.", examples=["world@2023"])
    engine: int
    company: CompanyOut
    deployments: list[DeploymentOut]
    coverage: CoverageOut
    caps: list[HoldOut] = Field(default=[], description="Engine 2 on: every cap and floor that holds, with its reason.")
    red_lines: list[RedLineOut] = Field(default=[], description="Engine 2 on: red lines raised, open or decided.")
    evidence: EvidenceSharesOut | None = None
    review: ReviewOut | None = None
    not_checked: list[str] = Field(description="What this release does not check, in plain words.")


class SubmittedOut(Wire):
    """A submission just sealed, with its scorecard."""

    submission: UUID
    sealed_at: Moment
    scorecard: ScorecardOut
