"""What anybody may know of an attestation whose id they hold, which stands on its document: how it stands, as of now.

Invariants: it tells what the log and the status list tell, and neither names nor answers nor why one is suspended; an
attestation that the published log does not hold is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from api.db.session import TenantSession
from api.transparency.published import PublishedHead
from api.transparency.service import record_of
from api.transparency.status import statuses_at
from attestations.record import Record
from attestations.statement import read_instant
from attestations.status_list import AttestationStatus
from attestations.transparency.entries import REVOCATIONS, Entry, Issue, Revoke, Supersede, read_entry

_FIND = text("select issued_at, statement, status_index from find_public_attestation(:id)")
MEANINGS: Mapping[AttestationStatus, str] = {
    AttestationStatus.VALID: "It counts: it was neither revoked nor suspended, and no other took its place.",
    AttestationStatus.REVOKED: "It does not count any more: one of its two parties took it back, for good.",
    AttestationStatus.SUSPENDED: (
        "It does not count for now: something it says is under review, or newer data would change its result. That is "
        "no finding. Ask its parties, and look again."
    ),
    AttestationStatus.SUPERSEDED: "A newer attestation about the same answers took its place. Ask for that one.",
}
HOW_TO_VERIFY = (
    "Save the record beside the document and run: enduse verify FILE --trust trust.json --record RECORD. Get "
    "trust.json from the issuer by another way than this page, which proves nothing by itself: the signatures in the "
    "record do."
)


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """An attestation as the log knows it; `since` and `reason` are told where the log has them."""

    attestation: UUID
    issued_at: datetime
    statement: str
    document: str
    value: AttestationStatus
    since: datetime | None
    reason: str | None
    by: str | None
    """The digest of the statement that took its place."""
    entries: int
    """How many entries the log had, under the head that is published."""


def find(session: TenantSession, published: PublishedHead, id_: UUID) -> PublicRecord | None:
    """Return the public record of an attestation, or None where the published log does not hold it."""
    row = session.execute(_FIND, {"id": id_}).one_or_none()
    found = None if row is None else record_of(session, published, row.statement)
    head = published.head()
    if row is None or found is None or head is None:
        return None
    events = _events(found)
    issue = next((event for event in events if isinstance(event, Issue)), None)
    if issue is None:
        return None
    revoked = next((event for event in events if isinstance(event, Revoke)), None)
    superseded = next((event for event in events if isinstance(event, Supersede)), None)
    value = _value(session, row.status_index, revoked, superseded)
    told = {AttestationStatus.REVOKED: revoked, AttestationStatus.SUPERSEDED: superseded}.get(value)
    return PublicRecord(
        attestation=id_, issued_at=row.issued_at, statement=row.statement, document=issue.document, value=value,
        since=read_instant(told.at) if told else None,
        reason=REVOCATIONS[told.reason] if isinstance(told, Revoke) else None,
        by=superseded.by if superseded else None, entries=head.size,
    )  # fmt: skip


def _events(record: Record) -> list[Entry]:
    return [read_entry(event.entry.encode()) for event in record.events]


def _value(
    session: TenantSession, index: int | None, revoked: Revoke | None, superseded: Supersede | None
) -> AttestationStatus:
    """Return how an attestation stands: as the status list says, or the log of one of version 1."""
    if index is not None:
        return statuses_at(session, [index])[index]
    if revoked is not None:
        return AttestationStatus.REVOKED
    return AttestationStatus.VALID if superseded is None else AttestationStatus.SUPERSEDED
