"""Wire models of submissions."""

from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api.http.schemas import FlawOut, Moment, Name, Wire


def _is_absent(value: object) -> bool:
    return value is None


class AnswerOut(Wire):
    """One answer: its state, and what the state needs. What is absent is left out, so that it can be saved again."""

    state: Literal[
        "answered", "not_known", "not_applicable", "declined_confidential", "declined_legal", "disputed", "not_answered"
    ]
    value: dict[str, Any] | None = Field(default=None, exclude_if=_is_absent)
    reason: str | None = Field(default=None, exclude_if=_is_absent)
    legal_basis: str | None = Field(default=None, exclude_if=_is_absent)
    reply: str | None = Field(default=None, exclude_if=_is_absent)
    note: str | None = Field(default=None, exclude_if=_is_absent)


class RowOut(Wire):
    """A product or deployment with its answers; a deployment names its product."""

    name: str
    product: str | None = Field(default=None, exclude_if=_is_absent)
    answers: dict[str, AnswerOut] = Field(default_factory=dict)


class IncidentOut(Wire):
    """An incident with its answers: in which deployment it happened, null where that is none of those described."""

    name: str
    deployment: str | None
    answers: dict[str, AnswerOut] = Field(default_factory=dict)


def _is_empty(rows: object) -> bool:
    return not rows


class DocumentOut(Wire):
    """The answer document; incidents stand in it only where there are any."""

    company: dict[str, AnswerOut]
    product: dict[str, RowOut]
    deployment: dict[str, RowOut]
    incident: dict[str, IncidentOut] = Field(default_factory=dict, exclude_if=_is_empty)


class SaveIn(Wire):
    """A save: any part of the answer document. An answer replaces the stored one; null removes an answer or a row.

    The exact shape depends on the questionnaire: see the request's `schema`.
    """

    model_config = ConfigDict(extra="allow")

    company: dict[str, Any] | None = None
    product: dict[str, Any] | None = None
    deployment: dict[str, Any] | None = None
    incident: dict[str, Any] | None = None


class SavedOut(Wire):
    """What a save led to."""

    submission: UUID
    version: int
    saved_at: Moment


class ToConfirmOut(Wire):
    """Answers that were carried here and wait for the vendor's word; no rows: the company's answer."""

    question: str
    rows: list[str]


class DraftOut(SavedOut):
    """The respondent's own draft. What stands in `to_confirm` keeps it from being submitted until it is saved again."""

    answers: DocumentOut
    sealed_at: Moment | None
    to_confirm: list[ToConfirmOut]


class CarryIn(Wire):
    """From which own submission answers are carried into a draft, and whether they take the place of those there."""

    submission: UUID
    overwrite: bool = False


class JudgedOut(Wire):
    """One question's answers and what became of them, with the reasons; no rows: the company's answer."""

    group: Literal["company", "product", "deployment", "incident"]
    question: str
    rows: list[str]
    reasons: list[str]


class LostRowOut(Wire):
    """A row of which the draft's questionnaire asks nothing."""

    group: Literal["product", "deployment", "incident"]
    row: str


class CarriedOut(SavedOut):
    """What carrying over led to. Every answer of the other submission stands in exactly one of the four lists."""

    survives: list[JudgedOut]
    to_confirm: list[JudgedOut] = Field(description="Put into the draft, and to be saved again before submitting.")
    present: list[JudgedOut] = Field(description="The draft has an answer already, which stays.")
    lost: list[JudgedOut]
    lost_rows: list[LostRowOut]


class ValidationOut(Wire):
    """Whether a save would be accepted, and every problem if not."""

    valid: bool
    errors: list[FlawOut]


class DeclarationIn(Wire):
    """Who stands for the answers."""

    name: Name = Field(description="The person who declares the answers.")
    role: Name = Field(description="That person's role in the company.")


class SubmissionOut(Wire):
    """A sealed submission."""

    id: UUID
    respondent: UUID
    issuer: UUID
    request: UUID
    sealed_at: Moment
    declared_by: DeclarationIn
    answers: DocumentOut


class SubmissionLineOut(Wire):
    """A sealed submission in a list."""

    id: UUID
    respondent: UUID
    issuer: UUID
    request: UUID
    sealed_at: Moment
