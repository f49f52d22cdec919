"""Anchors: that the head of an audit log at the end of a day stands in the transparency log.

Invariants: the log holds one root over the salted heads of all organisations, so an anchor shows one head and tells of
the others nothing but their number; an anchor proves only what the log's signature and two paths prove.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from attestations import leaf_tree, record
from attestations.envelope import Base64, decode_base64
from attestations.problems import name_problems
from attestations.reasons import RefusedError
from attestations.record import Event
from attestations.statement import Day, DigestText, Id
from attestations.strict_json import StrictJSONError, read_json
from attestations.transparency.entries import AuditHeads
from attestations.transparency.tree import Hash
from attestations.trust import Trust
from questionnaires.canonical import Digest, canonical_bytes, digest

MAX_ANCHOR = 256 * 1024
"""Bytes."""
HASH_BYTES = 32


class AnchorError(ValueError):
    """The anchor proves nothing; every problem is named."""


class AuditHead(BaseModel):
    """The head of one organisation's audit log at the end of a day, with the salt that keeps it from being guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    tenant: Id
    day: Day
    seq: Annotated[int, Field(ge=1, le=2**53 - 1)]
    digest: DigestText
    salt: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]

    @property
    def leaf(self) -> Digest:
        """The digest under which the head is a leaf of the day's tree."""
        return digest(self.model_dump(mode="json"))


class Anchor(BaseModel):
    """A head, its place among those of the day, and the log's entry with its proof."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    format: Literal["enduse-anchor/1"] = "enduse-anchor/1"
    head: AuditHead
    index: Annotated[int, Field(ge=0, lt=2**53)]
    path: Annotated[tuple[Base64, ...], Field(strict=False, max_length=64)]
    event: Event


def build(anchor: Anchor) -> bytes:
    """Return the canonical bytes of an anchor."""
    return canonical_bytes(anchor.model_dump(mode="json"))


def verify(data: bytes, trust: Trust) -> AuditHead:
    """Return the head that an anchor shows to be in a log of the trust list; raise AnchorError."""
    try:
        anchor = Anchor.model_validate(read_json(data, limit=MAX_ANCHOR))
        events = record.verify_events(record.Record(events=(anchor.event,)), trust.logs, trust.witnesses)
        path = [Hash(decode_base64(hash_)) for hash_ in anchor.path]
    except StrictJSONError as error:
        raise AnchorError(f"not an anchor: {error}") from error
    except ValidationError as error:
        raise AnchorError("; ".join(name_problems(error))) from error
    except RefusedError as error:
        raise AnchorError("; ".join((error.sentence, *error.problems))) from error
    entry = events[0].entry
    if not isinstance(entry, AuditHeads) or entry.day != anchor.head.day:
        raise AnchorError("the log's entry is not that of the heads of the day")
    if any(len(hash_) != HASH_BYTES for hash_ in path) or not leaf_tree.verify(
        anchor.head.leaf, anchor.index, entry.count, path, entry.root
    ):
        raise AnchorError("the path does not lead from the head to the root of the day")
    return anchor.head
