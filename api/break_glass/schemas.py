"""Wire models of break-glass accesses."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.http.schemas import Moment, Wire
from api.submissions.service import Part

LONGEST = 240
"""Minutes."""
Reason = Annotated[str, StringConstraints(min_length=20, max_length=2000, strip_whitespace=True)]
State = Literal["requested", "open", "ended"]


class AccessIn(Wire):
    """What an operator needs to read, why, and for how long."""

    organisation: UUID = Field(description="The organisation whose submission it is.")
    submission: UUID = Field(description="A sealed submission. A draft cannot be opened by anybody but its respondent.")
    evidence: UUID | None = Field(default=None, description="One piece of its evidence, and nothing else of it.")
    reason: Reason = Field(description="Shown to the organisation, word for word.")
    minutes: int = Field(ge=1, le=LONGEST, description="How long it is open, from the approval on.")


class ReadOut(Wire):
    """What was read under an access."""

    what: Part
    times: int
    last_at: Moment


class AccessOut(Wire):
    """A break-glass access, as the organisation whose content it opens and the operator see it."""

    id: UUID
    state: State
    organisation: UUID
    operator: UUID
    submission: UUID
    evidence: UUID | None
    reason: str
    minutes: int
    requested_at: Moment
    requested_by: UUID = Field(description="The operator's client that asked.")
    requested_person: str | None = Field(description="Null once erased.")
    approved_at: Moment | None
    approved_by: UUID | None = Field(description="The operator's second client.")
    approved_person: str | None = Field(description="Null until it is approved, and once erased.")
    closes_at: Moment | None = Field(description="When it ends by itself; null until it is approved.")
    ended_at: Moment | None
    ended_by: UUID | None = Field(description="The organisation that ended it.")
    changed_at: Moment = Field(description="When it was last asked for, approved, read or ended; see `since`.")
    read: list[ReadOut]
