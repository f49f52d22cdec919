"""Statements of version 2: an in-toto Statement whose predicate is ours.

Source: in-toto Attestation Framework, Statement v1. Invariants: as for version 1 (canonical bytes, strict types), but
that fields of the predicate that this release does not know are kept and told, as the framework asks; the leaves are
one root, so that the statement says nothing of what is withheld but how much there is; the subject is that root.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attestations import leaf_tree
from attestations import statement as statements
from attestations.envelope import IN_TOTO_TYPE
from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.statement import (
    MAX_LEAVES,
    CriteriaName,
    Day,
    Declaration,
    DigestText,
    Id,
    Instant,
    Part,
    Party,
    QuestionnaireName,
    Request,
    Statement,
    Text,
)

FORMAT = "enduse-statement/2"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:enduse:attestation:2"
LARGEST_INDEX = 2**20 - 1


class Snapshot(Part):
    """The context snapshot; which of its rows were used is a leaf, for they name places."""

    id: Text
    revision: Text
    digest: DigestText


class LeafRoot(Part):
    """How many leaves there are, and the root of the tree over them."""

    count: Annotated[int, Field(ge=0, le=MAX_LEAVES)]
    root: DigestText


class StatusPlace(Part):
    """Where the attestation's status stands: the address of a list, and the index in it."""

    uri: Text
    index: Annotated[int, Field(ge=0, le=LARGEST_INDEX)]


class Predicate(BaseModel):
    """A reading of a statement of version 2. `result` is the part that every copy shows."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)
    format: Literal["enduse-statement/2"]
    attestation: Id
    issued_at: Instant
    valid_until: Day
    """The last day on which it counts."""
    supersedes: DigestText | None
    """The statement in whose place it was issued."""
    issuer: Party
    respondent: Party
    request: Request
    declaration: Declaration
    questionnaire: QuestionnaireName
    criteria: CriteriaName
    context: Snapshot
    assessed_on: Day
    leaves: LeafRoot
    result: dict[str, Any]
    status: StatusPlace | None
    not_checked: Annotated[tuple[Text, ...], Field(strict=False, max_length=200)]

    @property
    def leaf_count(self) -> int:
        """How many leaves there are."""
        return self.leaves.count

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of the fields that this release does not know."""
        return tuple(sorted(self.model_extra or ()))


AnyStatement: TypeAlias = Statement | Predicate


class _Subject(Part):
    name: Text
    digest: dict[Literal["sha256"], Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]


class _Wrapper(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    type_: Annotated[Literal["https://in-toto.io/Statement/v1"], Field(alias="_type")]
    subject: Annotated[tuple[_Subject, ...], Field(strict=False, min_length=1, max_length=1)]
    predicate_type: Annotated[Literal["urn:enduse:attestation:2"], Field(alias="predicateType")]
    predicate: dict[str, Any]


def build(content: Mapping[str, object], leaves: Sequence[str]) -> bytes:
    """Return the canonical bytes of a statement over leaf digests; raise RefusedError with every problem named."""
    root = leaf_tree.root_of(leaves)
    declaration = content["declaration"]
    assert isinstance(declaration, Mapping)
    payload = statements.canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [
                {
                    "name": f"submission:{declaration['submission']}",
                    "digest": {"sha256": root.removeprefix("sha256:")},
                }
            ],
            "predicateType": PREDICATE_TYPE,
            "predicate": {**content, "format": FORMAT, "leaves": {"count": len(leaves), "root": root}},
        }
    )
    parse(payload)
    return payload


def parse(payload: bytes) -> Predicate:
    """Return a reading of a statement's bytes; raise RefusedError (STATEMENT_FORMAT) with every problem named."""
    value = statements.read_canonical(payload)
    try:
        wrapper = _Wrapper.model_validate(cast("dict[str, object]", value))
        predicate = Predicate.model_validate(wrapper.predicate)
    except ValidationError as error:
        raise RefusedError(
            Reason.STATEMENT_FORMAT, f"The signed statement is not an {FORMAT}.", name_problems(error)
        ) from error
    if "sha256:" + wrapper.subject[0].digest["sha256"] != predicate.leaves.root:
        raise RefusedError(Reason.STATEMENT_FORMAT, "The statement's subject is not the root of its leaves.")
    return predicate


def parse_any(payload_type: str, payload: bytes) -> AnyStatement:
    """Return a reading of a statement of the version that the envelope's type names; raise RefusedError."""
    return parse(payload) if payload_type == IN_TOTO_TYPE else statements.parse(payload)
