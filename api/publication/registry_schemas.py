"""Wire models of the public registry."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.grants.schemas import Level
from api.http.schemas import Moment, Wire
from questionnaires.scales import BandName

Status = Literal["valid", "revoked", "superseded", "suspended", "expired"]
Age = Literal["fresh", "stale", "archived"]


class RegistryParty(Wire):
    """A party of an attestation: its name as signed, with what could turn or hide text written out."""

    id: UUID
    name: str


class RegistryResult(Wire):
    """The result for the company: its worst deployment's residual risk."""

    rated: bool
    printed: str = Field(
        description="What to print: a band, or where it is not rated the range, never its better end.",
        examples=["elevated", "low to severe"],
    )
    band: BandName | None = Field(description="Null where it is not rated.")
    range_from: BandName
    range_to: BandName = Field(description="The upper bound, which reads what is open at its worst: what filters read.")
    residual_from: str
    residual_to: str
    deployments: int


class RegistryCoverage(Wire):
    """Of how many questions asked how many were answered, and with evidence."""

    asked: int
    answered: int
    with_evidence: int


class RegistryRedLine(Wire):
    """A red line that something points to, and how it stands."""

    red_line: str
    status: str


class RegistryQuestionnaire(Wire):
    """What was asked."""

    id: str
    revision: str
    title: str


class RegistryLinks(Wire):
    """Where to read on. The record proves the log's entries; `pdf` is null where there is none."""

    self: str
    pdf: str | None
    bundle: str
    record: str


class PublishedOut(Wire):
    """An attestation that both of its parties published, or a part of it."""

    id: UUID
    published_at: Moment
    level: Level
    issuer: RegistryParty
    respondent: RegistryParty
    attestation: UUID
    statement: str = Field(description="Digest by which the log knows it.")
    questionnaire: RegistryQuestionnaire
    issued_at: Moment
    valid_until: date
    status: Status = Field(description="As of now.")
    age: Age = Field(description="`stale` after 12 months from issue, `archived` after 36.")
    result: RegistryResult
    coverage: RegistryCoverage
    red_lines: list[RegistryRedLine]
    links: RegistryLinks


class WithdrawnOut(Wire):
    """An entry that a party withdrew: nothing of it is kept here."""

    id: UUID
    withdrawn_on: date
