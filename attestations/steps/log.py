"""Steps 6 and 7: what the record beside the attestation proves about the log, and about its status.

Invariants: without a record both steps do not apply and say so; a record that does not fit fails, for whoever made it
was wrong or lied; a status is always as of the moment its list was signed.
"""

import hashlib

from attestations import record as records
from attestations.in_toto import Predicate
from attestations.reasons import Reason, RefusedError
from attestations.record import LoggedEvent
from attestations.report import Status, Step
from attestations.statement import read_day, read_instant
from attestations.steps.progress import Progress
from attestations.transparency.entries import REVOCATIONS, Issue, Revoke, Supersede


def check_log(progress: Progress) -> Step:
    """6: the attestation is in a trusted log, with this statement and this document."""
    if progress.record is None:
        return Step(6, Status.NOT_APPLICABLE, Reason.NO_RECORD, "No record was given: the log was not looked at.")
    bundle, _ = progress.opened()
    record = records.parse(progress.record)
    events = records.verify_events(record, progress.trust.logs, progress.trust.witnesses)
    stated = records.statement_digest(bundle.envelope.payload_bytes)
    if any(getattr(event.entry, "statement", None) != stated for event in events):
        raise RefusedError(Reason.LOG_OTHER, "The record speaks of another attestation.")
    issue = next((event for event in events if isinstance(event.entry, Issue)), None)
    if issue is None:
        raise RefusedError(Reason.NOT_LOGGED, "The record does not prove that the attestation is in the log.")
    _check_document(progress, issue)
    progress.events, progress.status_token = events, record.status
    head = issue.seen.checkpoint
    sentence = f"In the log {head.origin}, under its head of {head.size} entries; witnesses that saw it: "
    return Step(6, Status.PASSED, Reason.OK, f"{sentence}{len(issue.seen.witnesses)}.")


def check_status(progress: Progress) -> Step:
    """7: what was said about the attestation after it was issued."""
    _refuse_revoked(progress)
    _, statement = progress.opened()
    if isinstance(statement, Predicate) and progress.at.date() > read_day(statement.valid_until):
        return Step(7, Status.INDETERMINATE, Reason.EXPIRED, f"Its last day was {statement.valid_until}.")
    if progress.record is None:
        return Step(7, Status.NOT_APPLICABLE, Reason.NO_RECORD, "No record was given: the status is not known.")
    for event in progress.events:
        if isinstance(event.entry, Supersede) and read_instant(event.entry.at) <= progress.at:
            return Step(
                7, Status.INDETERMINATE, Reason.SUPERSEDED,
                f"Another attestation took its place on {event.entry.at}: {event.entry.by}.",
            )  # fmt: skip
    head = max(event.seen.checkpoint.size for event in progress.events)
    return Step(
        7, Status.PASSED, Reason.OK,
        f"The record shows no revocation; it says nothing about entries after the first {head}.",
    )  # fmt: skip


def _check_document(progress: Progress, issue: LoggedEvent) -> None:
    if progress.kind != "pdf" or not isinstance(issue.entry, Issue):
        return
    if issue.entry.document != "sha256:" + hashlib.sha256(progress.data).hexdigest():
        raise RefusedError(Reason.LOG_DOCUMENT, "The log holds another document for this statement.")


def _refuse_revoked(progress: Progress) -> None:
    for event in progress.events:
        if isinstance(event.entry, Revoke) and read_instant(event.entry.at) <= progress.at:
            raise RefusedError(
                Reason.REVOKED, f"Revoked on {event.entry.at}, because {REVOCATIONS[event.entry.reason]}."
            )
