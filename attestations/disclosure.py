"""Leaves: one answer, or the name of one row, with its salt.

Invariants: a leaf's digest is that of {"salt", "leaf"} in canonical form, over the leaf as it stands, whatever fields
it has; a salt has 16 random bytes that the caller brings, so that an undisclosed answer cannot be guessed.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from attestations.problems import name_problems
from questionnaires.canonical import Digest, digest

SALT_BYTES = 16
Group = Literal["company", "product", "deployment"]
RowId = Annotated[str, Field(min_length=1, max_length=80)]
LeafKey = tuple[str, str, str | None, str | None]
"""Kind, group, row and question: what a leaf is about."""


class RowLeaf(BaseModel):
    """A product or a deployment: its id and name; a deployment names its product."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    kind: Literal["row"]
    group: Literal["product", "deployment"]
    row: RowId
    name: str
    product: RowId | None


class AnswerLeaf(BaseModel):
    """One answer with the evidence that counted for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    kind: Literal["answer"]
    group: Group
    row: RowId | None
    question: Annotated[str, Field(min_length=1, max_length=80)]
    answer: dict[str, Any]
    evidence: list[dict[str, Any]]


Leaf = Annotated[RowLeaf | AnswerLeaf, Field(discriminator="kind")]
LEAF: TypeAdapter[RowLeaf | AnswerLeaf] = TypeAdapter(Leaf)


def encode_salt(salt: bytes) -> str:
    """Return 16 bytes as base64url without padding; raise ValueError for another length."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return base64.urlsafe_b64encode(salt).rstrip(b"=").decode("ascii")


def leaf_digest(salt: str, leaf: Mapping[str, object]) -> Digest:
    """Return the digest of a salted leaf; the salt in its text form."""
    return digest({"salt": salt, "leaf": dict(leaf)})


def disclose(leaf: Mapping[str, object], salt: bytes) -> dict[str, Any]:
    """Return a leaf with its salt, as it stands in a bundle; raise ValueError for a malformed leaf."""
    _check_leaf(dict(leaf))
    return {"salt": encode_salt(salt), "leaf": dict(leaf)}


def _check_salt(text: str) -> str:
    try:
        salt = base64.b64decode(text + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64url") from error
    if encode_salt(salt) != text:
        raise ValueError("not the usual form of a salt")
    return text


def _check_leaf(value: dict[str, Any]) -> dict[str, Any]:
    try:
        LEAF.validate_python(value)
    except ValidationError as error:
        # pydantic would put the inner error's own text, with the answer, into the outer one
        raise ValueError("; ".join(name_problems(error))) from None
    return value


class Disclosure(BaseModel):
    """A disclosed leaf and its salt. The leaf stays the plain JSON that was digested."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    salt: Annotated[str, AfterValidator(_check_salt)]
    leaf: Annotated[dict[str, Any], AfterValidator(_check_leaf)]

    @property
    def digest(self) -> Digest:
        """The leaf's digest, to be found in the statement."""
        return leaf_digest(self.salt, self.leaf)

    @property
    def key(self) -> LeafKey:
        """What the leaf is about: no two leaves of a bundle may say something about the same thing."""
        return (self.leaf["kind"], self.leaf["group"], self.leaf["row"], self.leaf.get("question"))
