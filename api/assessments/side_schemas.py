"""Wire models of the two results that stand side by side: the standard's, and that under an overlay."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.assessments.schemas import (
    Band,
    CompanyOut,
    CoverageOut,
    DeploymentOut,
    EvidenceSharesOut,
    Figure,
    HoldOut,
    RedLineOut,
    ReviewOut,
)
from api.http.schemas import Wire


class SideOut(Wire):
    """One of two results that stand side by side: the standard's, or that under an overlay."""

    criteria: str = Field(description="Digest of the criteria that gave it.")
    engine: int
    company: CompanyOut
    deployments: list[DeploymentOut]
    coverage: CoverageOut
    caps: list[HoldOut] = Field(default=[], description="Own caps are XC-01 and so on.")
    red_lines: list[RedLineOut] = Field(
        default=[], description="Own red lines are XL-01 and so on: no reviewer finds them, and they bind nobody else."
    )
    evidence: EvidenceSharesOut | None = None
    review: ReviewOut | None = None


class PartMoveOut(Wire):
    """What one part of an overlay moved; the moves of a row add up to its difference."""

    part: Literal["weights", "ceilings", "bands", "caps", "red_lines"]
    before: Band | None
    after: Band | None
    residual: Figure


class SideDifferenceOut(Wire):
    """A deployment, or (no row) the company, where the two results differ. No band: the row stands in one of them."""

    row: str | None
    standard: Band | None
    own: Band | None
    residual: Figure = Field(description="The own residual less the standard's, signed.")
    moves: list[PartMoveOut]
    held_by: list[str] = Field(description="Own red lines and caps that bear on it, such as XL-01.")


class OverlayResultsOut(Wire):
    """A sealed submission under the standard and under an overlay of one's own: side by side, never one figure."""

    submission: UUID
    assessed_on: str
    questionnaire: str = Field(description="The revision under which the answers were read.")
    context: str
    context_name: str
    sealed_under: str = Field(description="Digest of the criteria that the request named; attestations are of these.")
    unconfirmed: int = Field(description="Answers given to another wording of their question.")
    lost: int = Field(description="Answers that have no place in the revision that the criteria read.")
    overlay: str = Field(description="Digest of the overlay.")
    standard: SideOut = Field(description="Under the criteria that the overlay lies on, as everybody would compute it.")
    own: SideOut = Field(description="The same with the overlay: this organisation's own reading, shown to it alone.")
    differences: list[SideDifferenceOut]
    not_checked: list[str]
