"""Wire models of scorecards."""

from datetime import date
from typing import Any, Literal
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
    allegation: str | None = Field(default=None, description="In `review`: what the reviewer alleges.")
    reply: str | None = Field(default=None, description="In `review`: what the vendor replies.")


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


class DetailsIn(Wire):
    """What a scorecard shows on request."""

    reasons: Literal["plain", "tree"] = Field(default="plain", description="`tree`: what each point comes from.")
    actions: bool = Field(default=False, description="The smallest sets of practices that reach a better band.")
    sensitivity: bool = Field(default=False, description="How firm the band is under other weights.")
    row: str | None = Field(
        default=None, max_length=40, description="Whose actions and sensitivity: a deployment; the worst if not named."
    )


class PartOut(Wire):
    """One node of the reasons: what it is, and what it adds to the residual (points of 100, signed)."""

    kind: Literal[
        "deployment", "index", "criterion", "step", "answer", "place", "cap", "red_line", "evidence"
    ]  # fmt: skip
    code: str
    name: str
    value: str
    share: Figure
    parts: list["PartOut"]


class ChangeOut(Wire):
    """A practice to take up: the answer's field, its new value (null: as it stands), and the proof it needs."""

    question: str
    row: str | None
    field: str
    value: str | int | list[str] | None
    grade: Literal["V0", "V1", "V2", "V3", "V4"]


class ActionSetOut(Wire):
    """Practices that together bring a deployment's printed band to `band`."""

    row: str
    mitigations: list[str]
    changes: list[ChangeOut]
    band: Band
    residual: Figure


class SensitivityOut(Wire):
    """How firm a deployment's computed band is: of so many draws with other judgements, how many keep it."""

    row: str
    band: Band
    draws: int
    same_band: int
    firm_percent: int = Field(description="From this share of draws on the band is firm.")
    firm: bool
    low: Figure = Field(description="Nine tenths of the draws lie between `low` and `high`.")
    high: Figure
    without: dict[str, Band] = Field(description="The band without each criterion that has a weight.")
    arithmetic: Band = Field(description="The band where severity, likelihood and intrusiveness are averaged.")


class MovedOut(Wire):
    """A criterion's counting value before and after."""

    before: int
    after: int


class MoveOut(Wire):
    """What one cause moved, of one deployment or (no row) the company; the moves add up to the difference."""

    cause: Literal["method", "context", "time", "answers"]
    row: str | None
    before: Band | None = Field(description="None: the deployment came.")
    after: Band | None = Field(description="None: the deployment went.")
    residual: Figure
    criteria: dict[str, MovedOut]


class ComparisonOut(Wire):
    """What moved from one assessment to another, cause by cause, each as of today."""

    before: UUID
    after: UUID
    moves: list[MoveOut]


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
    reasons: list[PartOut] | None = Field(default=None, description="Asked for with `reasons=tree`: worst first.")
    actions: list[ActionSetOut] | None = Field(default=None, description="Asked for with `actions`.")
    sensitivity: SensitivityOut | None = Field(default=None, description="Asked for with `sensitivity`.")
    not_checked: list[str] = Field(description="What this release does not check, in plain words.")


class SubmittedOut(Wire):
    """A submission just sealed, with its scorecard."""

    submission: UUID
    sealed_at: Moment
    scorecard: ScorecardOut


class RescoringIn(Wire):
    """Under which criteria and context to score sealed submissions again."""

    criteria: str = Field(min_length=1, max_length=100, description="By digest, id or id@revision.")
    context: str = Field(min_length=1, max_length=100, description="By digest, id or id@revision.")
    overlay: str | None = Field(
        default=None, min_length=1, max_length=100,
        description="One of your own overlays on the criteria, by digest, id or id@revision.",
    )  # fmt: skip


class RescoringOut(Wire):
    """A run over the sealed submissions that one asked for."""

    id: UUID
    criteria: str
    context: str
    asked_at: Moment
    assessed_on: date
    scored: int = Field(description="Assessments added so far; one that is there already is not added again.")
    passed_over: int = Field(description="Submissions that answer another questionnaire.")
    done_at: Moment | None
    overlay: str | None = Field(default=None, description="The overlay under which each is scored too, by digest.")


class KeptOut(Wire):
    """An assessment that is kept: it never changes, whatever is graded, decided or published later."""

    id: UUID
    submission: UUID
    respondent: UUID
    rescoring: UUID
    questionnaire: str = Field(description="The revision under which the answers were read.")
    criteria: str
    context: str
    engine: int
    assessed_on: date
    made_at: Moment
    unconfirmed: int = Field(description="Answers given to another wording of their question.")
    lost: int = Field(description="Answers that have no place in that revision; what they left is read as open.")
    overlay: str | None = Field(
        default=None, description="The overlay that made the criteria, by digest; none: they are the standard."
    )
    result_digest: str = Field(description="Of the result's canonical JSON.")
    company: CompanyOut


class KeptResultOut(KeptOut):
    """An assessment that is kept, with its whole result."""

    result: dict[str, Any]
