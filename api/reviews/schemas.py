"""Wire models of reviews."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.evidence.schemas import AboutIn, RowId
from api.http.schemas import Moment, Wire
from api.reviews.calendar import LONGEST_REPLY, SHORTEST_REPLY
from questionnaires.caps import ContradictionCode
from questionnaires.definition import Group
from questionnaires.redlines import RedLineCode

Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
ReplyText = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Evidence = Annotated[list[UUID], Field(max_length=100, description="Evidence of the submission that this speaks of.")]
Kind = Literal["red_line", "not_applicable", "contradiction"]
State = Literal["awaiting_reply", "to_be_decided", "confirmed", "dismissed", "lifted", "accepted", "withdrawn"]


class ReviewIn(Wire):
    """A red line to be reviewed, and the allegation: the vendor reads it, and attestations print it."""

    red_line: RedLineCode
    group: Group
    row: RowId | None = Field(default=None, description="The product, deployment or incident; none for the company.")
    allegation: Reason
    evidence: Evidence = Field(default=[])
    reply_days: int = Field(
        default=SHORTEST_REPLY, ge=SHORTEST_REPLY, le=LONGEST_REPLY,
        description="Working days that the vendor has to reply.",
    )  # fmt: skip


class DecisionIn(Wire):
    """A decision about a red line. It replaces the one before as a whole: repeat the dates that still stand."""

    verdict: Literal["confirmed", "dismissed", "reopened"]
    reason: Reason
    evidence: Evidence = Field(default=[])
    reported_on: date | None = Field(default=None, description="The vendor reported it, before any other source.")
    stopped_on: date | None = Field(default=None, description="Use or supply was shown to have stopped.")
    lifted_on: date | None = Field(default=None, description="The conditions for lifting were shown to be met.")
    reply_days: int = Field(
        default=SHORTEST_REPLY, ge=SHORTEST_REPLY, le=LONGEST_REPLY,
        description="Of a review reopened: working days that the vendor has to reply.",
    )  # fmt: skip


class ReplyIn(Wire):
    """What the vendor says to an allegation; attestations print it beside the allegation."""

    reply: ReplyText
    evidence: Evidence = Field(default=[])


class ClashIn(Wire):
    """A contradiction: its code, and the deployment, or none where both answers are the company's."""

    contradiction: ContradictionCode
    row: RowId | None = None


class SettlementIn(Wire):
    """Accept that a question does not apply, or that a contradiction is resolved; or withdraw that."""

    not_applicable: AboutIn | None = None
    contradiction: ClashIn | None = None
    verdict: Literal["accepted", "withdrawn"]
    reason: Reason
    evidence: Evidence = Field(default=[])


class ReplyOut(Wire):
    """A vendor's reply."""

    reply: str
    evidence: list[UUID]
    person: str | None
    replied_at: Moment


class StepOut(Wire):
    """One decision, with the vendor's reply where it is an opening."""

    id: UUID
    replaces: UUID | None
    verdict: Literal["open", "confirmed", "dismissed", "accepted", "withdrawn"]
    reason: str
    evidence: list[UUID]
    person: str | None
    decided_at: Moment
    reply_due: date | None
    reported_on: date | None
    stopped_on: date | None
    lifted_on: date | None
    reply: ReplyOut | None


class LiftingOut(Wire):
    """How a confirmed red line is lifted: what is to be shown, and how many months are waited after that."""

    condition: str
    months: int
    shown_on: date | None
    lifts_on: date | None


class ReviewOut(Wire):
    """All that was decided about one subject of a submission, in order; the last decision counts."""

    id: UUID
    investor: UUID
    respondent: UUID
    submission: UUID
    kind: Kind
    subject: str = Field(examples=["RL-02/deployment/d1"])
    state: State
    reply_due: date | None
    changed_at: Moment
    proof: str | None = Field(default=None, description="Of a red line: the standard that a finding must meet.")
    lifting: LiftingOut | None = None
    steps: list[StepOut]


class CalendarOut(Wire):
    """The days besides weekends that are no working days."""

    holidays: list[date] = Field(max_length=400)
