"""What the log holds: one canonical JSON object per event, digests only.

Invariants: an entry names no organisation, so reading the log tells how much was issued and when, not to whom; whoever
has an attestation makes its entries again and finds them; an entry is never longer than 65,535 bytes.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from attestations.problems import name_problems
from attestations.strict_json import StrictJSONError, read_json
from questionnaires.canonical import canonical_bytes

LARGEST_ENTRY = 65_535
"""Bytes: the length in front of an entry in a tile has 16 bits (C2SP tlog-tiles)."""

DigestText = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]

REVOCATIONS: Mapping[str, str] = {
    "declaration_withdrawn": "the vendor withdrew its declaration",
    "declaration_false": "a statement in the declaration was found to be false",
    "issued_in_error": "it should not have been issued as it stands",
    "key_compromised": "the key that signed it can no longer be trusted",
}
"""Why an attestation is revoked: the codes, and what they mean."""


class EntryError(ValueError):
    """The bytes are not an entry of the log; every problem is named."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    format: Literal["enduse-log-entry/1"] = "enduse-log-entry/1"


class Issue(_Entry):
    """An attestation was issued: the digests of its statement and of its document."""

    kind: Literal["issue"] = "issue"
    statement: DigestText
    document: DigestText


class Document(_Entry):
    """A further document of the same statement, such as one that shows less: it counts as the one of the issue does."""

    kind: Literal["document"] = "document"
    statement: DigestText
    document: DigestText


class Supersede(_Entry):
    """A newer attestation takes the place of an older one."""

    kind: Literal["supersede"] = "supersede"
    statement: DigestText
    by: DigestText
    at: Moment


class Revoke(_Entry):
    """An attestation is revoked, for good."""

    kind: Literal["revoke"] = "revoke"
    statement: DigestText
    reason: Literal["declaration_withdrawn", "declaration_false", "issued_in_error", "key_compromised"]
    at: Moment


class AuditHeads(_Entry):
    """The heads of all audit logs at the end of a day: how many, and the root of the tree of their salted leaves."""

    kind: Literal["audit_heads"] = "audit_heads"
    day: Day
    count: Annotated[int, Field(ge=0, le=2**53 - 1)]
    root: DigestText


Entry: TypeAlias = Issue | Document | Supersede | Revoke | AuditHeads
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def write_entry(entry: Entry) -> bytes:
    """Return the bytes of an entry."""
    return canonical_bytes(entry.model_dump(mode="json"))


def read_entry(data: bytes) -> Entry:
    """Return the entry of its bytes; raise EntryError, also where they are not canonical."""
    try:
        entry = _ENTRY.validate_python(read_json(data, limit=LARGEST_ENTRY))
    except StrictJSONError as error:
        raise EntryError(str(error)) from None
    except ValidationError as error:
        raise EntryError("; ".join(name_problems(error))) from None
    if write_entry(entry) != data:
        raise EntryError("not canonical")
    return entry
