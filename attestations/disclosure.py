"""Leaves: one answer, or the name of one row, with its salt.

Invariants: a leaf's digest is that of {"salt", "leaf"} in canonical form, over the leaf as it stands, whatever fields
it has; a salt has 16 random bytes that the caller brings, so that an undisclosed answer cannot be guessed; a row is
named exactly where the group has rows; evidence is known by digest, grade and day.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic.types import FailFast

from attestations.problems import name_problems
from attestations.statement import Day, DigestText
from questionnaires.canonical import Digest, digest

SALT_BYTES = 16
MOST_FIELDS = 6
Group = Literal["company", "product", "deployment", "incident"]
Remainder = Annotated[
    str, StringConstraints(pattern=r"^~remainder:([a-z0-9][a-z0-9-]{0,39}|\*):([A-Za-z0-9_-]{1,40}|\*)$")
]
"""What engine 2 calls the units of a product in a place that no deployment accounts for."""
Undeclared = Literal["~undeclared"]
"""The row of a result that no deployment was declared for: everything about it is open."""
RowId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
MAX_EVIDENCE = 20_000
LeafKey = tuple[str, str, str | None, str | None]
"""Kind, group, row and question: what a leaf is about."""


class RowLeaf(BaseModel):
    """A row: its id and name; a deployment names its product, an incident (and it alone) its deployment or null."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    kind: Literal["row"]
    group: Literal["product", "deployment", "incident"]
    row: RowId
    name: str
    product: RowId | None
    deployment: RowId | None = None

    @model_validator(mode="after")
    def _names_what_it_belongs_to(self) -> Self:
        if (self.group == "deployment") != (self.product is not None):
            raise ValueError("a deployment names its product, nothing else does")
        if (self.group == "incident") != ("deployment" in self.model_fields_set):
            raise ValueError("an incident names its deployment or null, nothing else does")
        return self


class Reviewer(BaseModel):
    """The organisation that graded a piece of evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    id: Text
    name: Text


class Evidence(BaseModel):
    """One piece of evidence behind an answer: the file's digest, its grade, the day it speaks of, who graded it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    digest: DigestText
    grade: Literal["V0", "V1", "V2", "V3", "V4"]
    dated: Day | None
    graded_by: Reviewer | None


class AnswerLeaf(BaseModel):
    """One answer with the evidence that counted for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    kind: Literal["answer"]
    group: Group
    row: RowId | None
    question: Annotated[str, Field(min_length=1, max_length=80)]
    answer: dict[str, Any]
    evidence: Annotated[list[Evidence], Field(max_length=MAX_EVIDENCE), FailFast()]

    @model_validator(mode="after")
    def _names_its_row(self) -> Self:
        if (self.group == "company") != (self.row is None):
            raise ValueError("a row is null for the company and for nothing else")
        return self


class ResultLeaf(BaseModel):
    """A part of the result: the company's, a deployment's or remainder's, or that of none declared (version 2)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    kind: Literal["result"]
    group: Literal["company", "deployment"]
    row: RowId | Remainder | Undeclared | None
    result: dict[str, Any]

    @model_validator(mode="after")
    def _names_its_row(self) -> Self:
        if (self.group == "company") != (self.row is None):
            raise ValueError("a row is null for the company and for nothing else")
        return self


class ContextLeaf(BaseModel):
    """The rows of the context snapshot that the places of use need (version 2)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    kind: Literal["context"]
    group: Literal["company"]
    row: None
    context: dict[str, Any]


ANSWERS = frozenset({"row", "answer"})
"""The kinds of leaves from which answers are read again."""
_MODELS: Mapping[object, type[BaseModel]] = {
    "row": RowLeaf, "answer": AnswerLeaf, "result": ResultLeaf, "context": ContextLeaf,
}  # fmt: skip


class LeafError(ValueError):
    """A leaf or its salt is malformed; every problem is named by its place, and no answer is repeated."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Disclosure:
    """A disclosed leaf and its salt. The leaf stays the plain JSON that was digested."""

    salt: str
    leaf: Mapping[str, Any]

    @property
    def digest(self) -> Digest:
        """The leaf's digest, to be found in the statement."""
        return leaf_digest(self.salt, self.leaf)

    @property
    def key(self) -> LeafKey:
        """What the leaf is about: no two leaves of a bundle may say something about the same thing."""
        return (self.leaf["kind"], self.leaf["group"], self.leaf["row"], self.leaf.get("question"))


def encode_salt(salt: bytes) -> str:
    """Return 16 bytes as base64url without padding; raise ValueError for another length."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return base64.urlsafe_b64encode(salt).rstrip(b"=").decode("ascii")


def leaf_digest(salt: str, leaf: Mapping[str, object]) -> Digest:
    """Return the digest of a salted leaf; the salt in its text form."""
    return digest({"salt": salt, "leaf": dict(leaf)})


def disclose(leaf: Mapping[str, object], salt: bytes) -> dict[str, Any]:
    """Return a leaf with its salt, as it stands in a bundle; raise ValueError for another length or a bad leaf."""
    value = {"salt": encode_salt(salt), "leaf": dict(leaf)}
    read_disclosure(value)
    return value


def read_disclosure(value: object) -> Disclosure:
    """Return a disclosure as it stands in a bundle; raise LeafError."""
    if not isinstance(value, dict) or value.keys() != {"salt", "leaf"}:
        raise LeafError([": not a salt and a leaf"])
    salt, leaf = value["salt"], value["leaf"]
    problems = _leaf_problems(leaf)
    if not _is_salt(salt):
        problems.append("/salt: not 16 bytes in base64url without padding")
    if problems:
        raise LeafError(problems)
    return Disclosure(salt, leaf)


def _is_salt(text: object) -> bool:
    try:
        return isinstance(text, str) and encode_salt(base64.b64decode(text + "==", b"-_", validate=True)) == text
    except ValueError:  # binascii.Error is one
        return False


def _leaf_problems(leaf: object) -> list[str]:
    if not isinstance(leaf, dict) or len(leaf) > MOST_FIELDS:  # each unknown field would be a problem of its own
        return ["/leaf: not an object with the fields of a leaf"]
    kind = leaf.get("kind")
    model = _MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        return ["/leaf/kind: not a known kind"]
    try:
        model.model_validate(leaf)
    except ValidationError as error:
        return list(name_problems(error, "/leaf"))
    return []
