"""The file of countersignatures: entries in the order of their acts, and the index that binds them.

Invariants: canonical bytes, so that a file has one form; an entry is known by the digest of all of it, with its own
signature; nothing in it is believed before its envelope's signature held.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from attestations.countersignatures.acts import MOST_ENTRIES
from attestations.envelope import IN_TOTO_TYPE, Envelope
from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.strict_json import StrictJSONError, read_json
from questionnaires.canonical import Digest, NotCanonicalError, canonical_bytes, digest

FORMAT = "enduse-countersignatures/1"
MAX_FILE = 32 * 1024 * 1024
"""Bytes."""
MAX_OWN = 64 * 1024
"""Characters of an own signature."""
MAX_PARTS = 16 * MOST_ENTRIES
"""Commas and opening brackets of a file, whose entries have 11 each: they bound what a parser makes of its bytes."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class OwnSignatureText(_Part):
    """An organisation's own signature as it stands in a file; nothing verified yet."""

    form: Literal["jws", "cades"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=MAX_OWN)]


class Entry(_Part):
    """One act: the service's envelope, and the own signature of who acted."""

    envelope: Envelope
    own_signature: OwnSignatureText | None

    @property
    def digest(self) -> Digest:
        """By which the index and a withdrawal know it."""
        return digest(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in a file."""
        return self.model_dump(mode="json", by_alias=True)


class _File(_Part):
    format: Literal["enduse-countersignatures/1"]
    entries: Annotated[tuple[Entry, ...], Field(strict=False, max_length=MOST_ENTRIES)]
    index: Envelope


def build(entries: Sequence[Mapping[str, Any]], index: Envelope) -> bytes:
    """Return the bytes of a file of entries (as JSON) and their index."""
    data = canonical_bytes(
        {"format": FORMAT, "entries": list(entries), "index": index.model_dump(mode="json", by_alias=True)}
    )
    parse(data)
    return data


def parse(data: bytes) -> _File:
    """Return the entries and the index of a file; raise RefusedError (COUNTERSIGNATURES_FORMAT)."""
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_PARTS:
        raise _refusal("/: more parts than a file can have")
    try:
        value = read_json(data, limit=MAX_FILE)
        if canonical_bytes(value) != data:
            raise _refusal("/: not in canonical form (RFC 8785)")
        file = _File.model_validate(value)
    except (StrictJSONError, NotCanonicalError) as error:
        raise _refusal(f"/: {error}") from error
    except ValidationError as error:
        raise _refusal(*name_problems(error)) from error
    if any(one.payload_type != IN_TOTO_TYPE for one in (file.index, *(entry.envelope for entry in file.entries))):
        raise _refusal("/: an envelope of another type")
    return file


def read_entry(data: bytes) -> Entry:
    """Return an entry of its bytes, as a service keeps it; raise RefusedError."""
    try:
        return Entry.model_validate(read_json(data, limit=MAX_FILE))
    except (StrictJSONError, ValidationError) as error:
        raise _refusal("/: not an entry") from error


def _refusal(*problems: str) -> RefusedError:
    return RefusedError(Reason.COUNTERSIGNATURES_FORMAT, f"The file is not an {FORMAT}.", problems)
