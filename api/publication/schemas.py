"""Wire models of publications: what one proposes, and how it stands."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.evidence.schemas import AboutIn
from api.grants.schemas import Level, Section
from api.http.schemas import Moment, Wire


class PublicationIn(Wire):
    """Propose to publish an attestation of which one is a party: nothing is published until the other party agrees.

    `band`: the band and the coverage alone. `sections`: also the figures of each deployment, and the answers of
    `sections`. `unwithheld`: also all answers but those in `withheld`. `all`: everything. Answers to questions that the
    questionnaire marks as withheld from publication are shown with `all` alone. Whatever is chosen, the parties' names,
    and name and role of who declared, are part of what was signed, and are shown.
    """

    level: Level
    sections: list[Section] = Field(default_factory=list, max_length=26)
    withheld: list[AboutIn] = Field(default_factory=list, max_length=2000)
    names: bool | None = Field(
        default=None,
        description="Whether products, deployments and incidents are shown by name; left out: with `all` only.",
    )


class PublicationOut(Wire):
    """A publication as its two parties see it."""

    id: UUID
    attestation: UUID
    proposed_by: UUID
    other: UUID = Field(description="The party that was asked to agree.")
    level: Level
    sections: list[Section]
    withheld: list[AboutIn]
    names: bool
    state: Literal["proposed", "agreed", "published", "withdrawn"] = Field(
        description="`agreed`: by both; the document is being made, and the registry shows it in a moment."
    )
    proposed_at: Moment
    agreed_at: Moment | None = Field(description="When the other party agreed.")
    withdrawn_at: Moment | None
    withdrawn_by: UUID | None
    address: str | None = Field(description="Path at which the registry shows it; once withdrawn, that it was.")
