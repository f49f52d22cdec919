"""Wire models of evidence and gradings."""

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api import clock
from api.http.schemas import Moment, Name, Wire, refuse_value
from questionnaires.definition import QuestionId

WEB_ADDRESS = r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?$"
RowId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


def _check_day(value: date) -> date:
    """Refuse a day that has come nowhere on Earth yet: evidence ages from its day."""
    if value > clock.today() + timedelta(days=1):
        refuse_value("in_future", "Give the day that the evidence speaks of; this one is yet to come.")
    return value


Day = Annotated[date, AfterValidator(_check_day)]


class AboutIn(Wire):
    """The answer that evidence is about; no row for a question asked of the company."""

    question: QuestionId
    row: RowId | None = None


class EvidenceIn(Wire):
    """What is said about an attached file."""

    about: list[AboutIn] = Field(min_length=1, max_length=2000)
    dated: Day | None = Field(default=None, description="The date that the evidence speaks of; it ages from there.")
    public_url: Annotated[str, StringConstraints(pattern=WEB_ADDRESS, max_length=500)] | None = None


class EvidenceOut(Wire):
    """A piece of evidence. Its file is fetched apart."""

    id: UUID
    submission: UUID
    digest: str
    file_name: str
    media_type: str
    size: int
    dated: date | None
    public_url: str | None
    attached_at: Moment
    file_erased_at: Moment | None = Field(description="When the file was removed, as its time was over.")
    about: list[AboutIn]


class GradingIn(Wire):
    """One grade: V0 does not support the answer, V2 read and accepted, V3 a third party's, V4 audited."""

    evidence: UUID
    question: QuestionId
    row: RowId | None = None
    grade: Literal["V0", "V1", "V2", "V3", "V4"]
    dated: Day | None = Field(
        default=None, description="The date the evidence speaks of, if the vendor gave none or another."
    )
    note: Annotated[str, StringConstraints(max_length=2000)] = ""


class GradingsIn(Wire):
    """Grades given by a named reviewer."""

    reviewer: Name = Field(description="The person who read the evidence, as your organisation names them.")
    gradings: list[GradingIn] = Field(min_length=1, max_length=5000)


class GradingsOut(Wire):
    """How many grades were recorded."""

    recorded: int
