"""Steps 6 and 7: what the record beside the attestation proves about the log, and about its status.

Invariants: without a record both steps do not apply and say so; a record that does not fit fails, for whoever made it
was wrong or lied; a status is always as of the moment its list was signed.
"""

import hashlib
from collections.abc import Sequence

from attestations import record as records
from attestations import status_list
from attestations.in_toto import AnyStatement, Predicate, StatusPlace
from attestations.reasons import Reason, RefusedError
from attestations.record import LoggedEvent
from attestations.report import Status, Step
from attestations.statement import format_instant, read_day, read_instant
from attestations.status_list import AttestationStatus, StatusListError, StatusListTimeError
from attestations.steps.progress import Progress
from attestations.transparency.entries import REVOCATIONS, Document, Issue, Revoke, Supersede


def check_log(progress: Progress) -> Step:
    """6: the attestation is in a trusted log, with this statement and this document, or a further one that it names."""
    data = progress.find_record()
    if data is None:
        return Step(6, Status.NOT_APPLICABLE, Reason.NO_RECORD, "No record was given: the log was not looked at.")
    bundle, _ = progress.opened()
    record = records.parse(data)
    events = records.verify_events(record, progress.trust.logs, progress.trust.witnesses)
    stated = records.statement_digest(bundle.envelope.payload_bytes)
    if any(getattr(event.entry, "statement", None) != stated for event in events):
        raise RefusedError(Reason.LOG_OTHER, "The record speaks of another attestation.")
    issue = next((event for event in events if isinstance(event.entry, Issue)), None)
    if issue is None:
        raise RefusedError(Reason.NOT_LOGGED, "The record does not prove that the attestation is in the log.")
    _check_document(progress, events)
    progress.events, progress.status_token = events, record.status
    head = issue.seen.checkpoint
    sentence = f"In the log {head.origin}, under its head of {head.size} entries; witnesses that saw it: "
    return Step(6, Status.PASSED, Reason.OK, f"{sentence}{len(issue.seen.witnesses)}.")


def check_status(progress: Progress) -> Step:
    """7: what was said about the attestation after it was issued."""
    _refuse_revoked(progress)
    _, statement = progress.opened()
    listed = _listed(progress)  # read first: a revocation outranks whatever leaves the outcome open
    if isinstance(statement, Predicate) and progress.at.date() > read_day(statement.valid_until):
        return Step(7, Status.INDETERMINATE, Reason.EXPIRED, f"Its last day was {statement.valid_until}.")
    if progress.find_record() is None:
        return Step(7, Status.NOT_APPLICABLE, Reason.NO_RECORD, "No record was given: the status is not known.")
    for event in progress.events:
        if isinstance(event.entry, Supersede) and read_instant(event.entry.at) <= progress.at:
            return Step(
                7, Status.INDETERMINATE, Reason.SUPERSEDED,
                f"Another attestation took its place on {event.entry.at}: {event.entry.by}.",
            )  # fmt: skip
    if listed is not None:
        return listed
    head = max(event.seen.checkpoint.size for event in progress.events)
    return Step(
        7, Status.PASSED, Reason.OK,
        f"The record shows no revocation; it says nothing about entries after the first {head}."
        + (" It has no status list, though the statement names one." if place_of(statement) else ""),
    )  # fmt: skip


def place_of(statement: AnyStatement) -> StatusPlace | None:
    """Return where the statement says that its status stands; None where it names no list."""
    return statement.status if isinstance(statement, Predicate) else None


def _listed(progress: Progress) -> Step | None:
    """Return what the record's status list says; None where the record has none, or the statement names none."""
    place, token = place_of(progress.opened()[1]), progress.status_token
    return None if place is None or token is None else _read_status(progress, place, token)


def _read_status(progress: Progress, place: StatusPlace, token: str) -> Step:
    """Read the status list of the record: it tells of all attestations, as of when it was signed."""
    try:
        listed = status_list.verify(token, progress.trust.status_keys.__getitem__, progress.at)
        if listed.uri != place.uri:
            raise RefusedError(Reason.STATUS_LIST, "The status list is another than the statement names.")
        status = listed.status_of(place.index)
    except StatusListTimeError as error:
        return Step(7, Status.INDETERMINATE, Reason.STATUS_OUT_OF_TIME, f"Get a newer record: {error}.")
    except StatusListError as error:
        raise RefusedError(Reason.STATUS_LIST, "The status list proves nothing.", (str(error),)) from error
    as_of = format_instant(listed.as_of)
    if status is AttestationStatus.REVOKED:
        raise RefusedError(Reason.REVOKED, f"Revoked, as the status list of {as_of} says.")
    if status is AttestationStatus.VALID:
        return Step(7, Status.PASSED, Reason.OK, f"Valid as of {as_of}.")
    reason = Reason.SUSPENDED if status is AttestationStatus.SUSPENDED else Reason.SUPERSEDED
    return Step(7, Status.INDETERMINATE, reason, f"It is {status.name.lower()}, as the status list of {as_of} says.")


def _check_document(progress: Progress, events: Sequence[LoggedEvent]) -> None:
    if progress.kind != "pdf":
        return
    documents = {event.entry.document for event in events if isinstance(event.entry, Issue | Document)}
    if "sha256:" + hashlib.sha256(progress.data).hexdigest() not in documents:
        raise RefusedError(Reason.LOG_DOCUMENT, "The log holds other documents for this statement.")


def _refuse_revoked(progress: Progress) -> None:
    for event in progress.events:
        if isinstance(event.entry, Revoke) and read_instant(event.entry.at) <= progress.at:
            raise RefusedError(
                Reason.REVOKED, f"Revoked on {event.entry.at}, because {REVOCATIONS[event.entry.reason]}."
            )
