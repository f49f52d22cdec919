"""Wire models of countersignatures."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.http.schemas import Moment, Name, Wire, check_readable, refuse_value
from attestations.countersignatures.contents import MOST_ITEMS, MOST_LEAVES, Level, OpinionKind
from attestations.countersignatures.file import MAX_OWN

LeafDigest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Said = Annotated[
    str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True), AfterValidator(check_readable)
]


class SpeakerIn(Wire):
    """Who speaks for the organisation; signed and shown."""

    name: Name
    role: Name


class OwnSignatureIn(Wire):
    """The organisation's own signature over the bytes that `:prepare` returns: a JWS, or CAdES (DER in base64)."""

    form: Literal["jws", "cades"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=MAX_OWN)]


class CountersignatureIn(Wire):
    """An officer's declaration: the text is ours, by its version; the officer is named."""

    officer: SpeakerIn
    text_version: Literal["1"] = "1"
    own_signature: OwnSignatureIn | None = None


class ScopeIn(Wire):
    """How much of the attestation is spoken of."""

    kind: Literal["whole", "sections", "leaves"]
    sections: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]] = Field(default=[], max_length=26)
    leaves: list[LeafDigest] = Field(default=[], max_length=MOST_LEAVES)

    @model_validator(mode="after")
    def _one_kind(self) -> "ScopeIn":
        if bool(self.sections) != (self.kind == "sections") or bool(self.leaves) != (self.kind == "leaves"):
            refuse_value("scope", "Fill the list of the scope's kind, and no other.")
        return self


class ItemIn(Wire):
    """An answer or a row that was looked at: by the digest of its leaf, or by question and row."""

    leaf: LeafDigest | None = None
    question: Annotated[str, StringConstraints(max_length=40)] | None = None
    row: Annotated[str, StringConstraints(max_length=40)] | None = None
    done: Said
    finding: Said | None = None

    @model_validator(mode="after")
    def _named(self) -> "ItemIn":
        if (self.leaf is None) == (self.question is None) or (self.leaf is not None and self.row is not None):
            refuse_value("item", "Name the leaf by its digest, or the question with the row it is asked of.")
        return self


class OpinionIn(Wire):
    """The conclusion, with reasons unless it is unmodified."""

    kind: OpinionKind
    reasons: Said | None = None

    @model_validator(mode="after")
    def _has_reasons(self) -> "OpinionIn":
        if (self.kind == "unmodified") != (self.reasons is None):
            refuse_value("reasons", "Give reasons for every opinion but an unmodified one.")
        return self


class AssuranceIn(Wire):
    """What an auditor says after an engagement: limited or reasonable assurance (ISAE 3000), findings (ISRS 4400)."""

    practitioner: SpeakerIn
    standard: Name = Field(examples=["ISAE 3000 (Revised)"])
    dated: date = Field(description="The day of the report.")
    level: Level
    scope: ScopeIn
    items: list[ItemIn] = Field(default=[], max_length=MOST_ITEMS)
    opinion: OpinionIn | None = Field(default=None, description="None for agreed-upon procedures, and for them alone.")
    own_signature: OwnSignatureIn | None = None

    @model_validator(mode="after")
    def _has_opinion(self) -> "AssuranceIn":
        if (self.level == "agreed_upon_procedures") != (self.opinion is None):
            refuse_value("opinion", "Give an opinion, or none for agreed-upon procedures.")
        return self


class CountersigningWithdrawalIn(Wire):
    """Why one's own declaration or assurance is withdrawn."""

    reason: Said | None = None


class PreparedOut(Wire):
    """What an organisation signs itself, before it acts. Nothing is stored: the same request gives the same bytes."""

    content: dict[str, Any]
    bytes: str = Field(description="The canonical bytes of the content in base64: sign these.")
    digest: str = Field(description="Their SHA-256.")


class OwnSignatureOut(Wire):
    """What was verified of an own signature. The subject is what the certificate says."""

    form: Literal["jws", "cades"]
    algorithm: str
    subject: str
    holder: Literal["proven", "not proven"] = Field(
        description="Whether an organisation root of this service vouches for the subject; readers decide with theirs."
    )


class CountersignatureOut(Wire):
    """A declaration or an assurance that was taken. The file has it as signed."""

    id: UUID
    kind: Literal["declaration", "assurance"]
    attestation: UUID
    organisation: UUID
    made_at: Moment
    digest: str = Field(description="By which the file's index knows it.")
    person: str | None = Field(description="Who acted, as the organisation's systems name them; null once erased.")
    own_signature: OwnSignatureOut | None
    withdrawn_at: Moment | None
