"""Records: what a log and a status list say about an attestation, kept beside it so that it can be verified offline.

Invariants: a record proves nothing by itself, only the signatures in it do; it may be left out, replaced by a newer
one, or handed on, for it holds no answer; events are the log's entries as they stand there.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.strict_json import StrictJSONError, read_json
from attestations.transparency import proofs
from attestations.transparency.checkpoints import SeenCheckpoint
from attestations.transparency.entries import Entry, EntryError, read_entry
from attestations.transparency.notes import MAX_NOTE, NoteError, NoteKey
from questionnaires.canonical import canonical_bytes

FORMAT = "enduse-record/1"
MAX_RECORD = 2 * 1024 * 1024
"""Bytes."""
MAX_EVENTS = 100


class Event(BaseModel):
    """An entry of the log, as text, and the proof that it is in the log."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    entry: Annotated[str, StringConstraints(max_length=65_535)]
    proof: Annotated[str, StringConstraints(max_length=2 * MAX_NOTE)]


class Record(BaseModel):
    """The log's events about one attestation, and the newest status list token in hand."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    format: Literal["enduse-record/1"] = "enduse-record/1"
    events: Annotated[tuple[Event, ...], Field(strict=False, max_length=MAX_EVENTS)]
    status: Annotated[str, StringConstraints(max_length=600_000)] | None = None


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event whose proof held, and the head it is under."""

    entry: Entry
    seen: SeenCheckpoint


def build(record: Record) -> bytes:
    """Return the canonical bytes of a record."""
    return canonical_bytes(record.model_dump(mode="json"))


def parse(data: bytes) -> Record:
    """Return the record of its bytes, nothing verified yet; raise RefusedError (RECORD_FORMAT)."""
    try:
        return Record.model_validate(read_json(data, limit=MAX_RECORD))
    except StrictJSONError as error:
        raise RefusedError(Reason.RECORD_FORMAT, "The record is not strict JSON.", (f"/: {error}",)) from error
    except ValidationError as error:
        raise RefusedError(
            Reason.RECORD_FORMAT, "The record is not an enduse-record/1.", name_problems(error)
        ) from error


def verify_events(record: Record, logs: Collection[NoteKey], witnesses: Collection[NoteKey]) -> list[LoggedEvent]:
    """Return the events; raise RefusedError (LOG_UNKNOWN, LOG_PROOF) for the first whose proof does not hold."""
    return [_verify(event, at, logs, witnesses) for at, event in enumerate(record.events)]


def statement_digest(payload: bytes) -> str:
    """Return the digest by which the log knows a statement: that of its signed bytes."""
    return "sha256:" + hashlib.sha256(payload).hexdigest()


def _verify(event: Event, at: int, logs: Collection[NoteKey], witnesses: Collection[NoteKey]) -> LoggedEvent:
    try:
        proof = proofs.read(event.proof)
        origin = proof.checkpoint.partition("\n")[0]
        known = [log for log in logs if log.name == origin]
        if not known:
            raise RefusedError(Reason.LOG_UNKNOWN, "The log is not among the logs of the trust list.")
        seen = _first_that_signed(event, proof, known, witnesses)
        return LoggedEvent(read_entry(event.entry.encode()), seen)
    except (NoteError, EntryError) as error:
        raise RefusedError(
            Reason.LOG_PROOF, "The record does not prove what it says about the log.", (f"/events/{at}: {error}",)
        ) from error


def _first_that_signed(
    event: Event, proof: proofs.Proof, known: list[NoteKey], witnesses: Collection[NoteKey]
) -> SeenCheckpoint:
    """Return the checkpoint under the first key of the log that signed it: a log may have changed its key."""
    *others, last = known
    for log in others:
        try:
            return proofs.verify(event.entry.encode(), proof, log, witnesses)
        except NoteError:
            continue
    return proofs.verify(event.entry.encode(), proof, last, witnesses)
