"""Wire models of disclosure requests."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.http.schemas import Moment, Wire

RevisionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9:@.-]{3,100}$")]


class PartyOut(Wire):
    """An organisation by id and name."""

    id: UUID
    name: str


class RequestIn(Wire):
    """A new disclosure request. Revisions are named by digest, id (the newest) or id@revision."""

    respondent: UUID = Field(description="The vendor that is asked.")
    questionnaire: RevisionName = "surveillance-hrdd"
    criteria: RevisionName | None = Field(
        default=None, description="The newest made for the questionnaire, if left out."
    )
    context: RevisionName = "world"
    due_on: date
    note: Annotated[str, StringConstraints(max_length=2000)] = ""


class RequestOut(Wire):
    """A disclosure request as both parties see it."""

    id: UUID
    issuer: PartyOut
    respondent: PartyOut
    submission: UUID
    questionnaire_id: str
    questionnaire: str = Field(description="Digest of the questionnaire revision.")
    criteria: str = Field(description="Digest of the criteria revision.")
    context: str = Field(description="Digest of the context snapshot.")
    context_name: str = Field(description="Its id with its date.", examples=["world@2023"])
    issued_at: Moment
    due_on: date
    note: str


class RequestWithQuestionsOut(RequestOut):
    """A disclosure request with all that a vendor's system needs to answer it."""

    definition: dict[str, Any] = Field(description="The questionnaire revision. It holds no scoring key.")
    schema_: dict[str, Any] = Field(alias="schema", description="JSON Schema (2020-12) of the answer document.")
