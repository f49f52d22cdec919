"""A record proves that an attestation is in the log, or fails; and tells what became of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from attestations.reasons import Reason
from attestations.record import Event, Record, build
from attestations.report import Outcome, Report, Status
from attestations.transparency.entries import Document, Revoke, Supersede
from attestations.trust import Trust
from attestations.verification import verify
from questionnaires.canonical import digest_bytes
from tests.attestations.conftest import Keys
from tests.attestations.logged import OTHER, Log, issue, record_of, stated, trust_of

REVOKED_AT = "2026-11-30T09:00:00Z"


@pytest.fixture(scope="session")
def log() -> Log:
    return Log()


@pytest.fixture(scope="session")
def listed(keys: Keys, log: Log) -> Trust:
    return trust_of(keys.signer, log)


def step(report: Report, number: int) -> tuple[Status, Reason]:
    found = report.steps[number - 1]
    return found.status, found.reason


def test_a_document_in_the_log_says_so(sealed: bytes, bundle: bytes, listed: Trust, log: Log, forge: Any) -> None:
    report = verify(sealed, listed, forge.at, record=record_of(log, [issue(bundle, sealed)]))
    assert step(report, 6) == (Status.PASSED, Reason.OK)
    assert step(report, 7) == (Status.PASSED, Reason.OK)
    assert "witnesses that saw it: 1" in report.steps[5].sentence


def test_a_further_document_of_the_statement_is_in_the_log_too(
    sealed: bytes, bundle: bytes, listed: Trust, log: Log, forge: Any
) -> None:
    further = Document(statement=stated(bundle), document=digest_bytes(sealed))
    report = verify(sealed, listed, forge.at, record=record_of(log, [issue(bundle, b"the whole"), further]))
    assert step(report, 6) == (Status.PASSED, Reason.OK)


def test_without_a_record_nothing_is_said_of_the_log(sealed: bytes, listed: Trust, forge: Any) -> None:
    report = verify(sealed, listed, forge.at)
    assert step(report, 6) == step(report, 7) == (Status.NOT_APPLICABLE, Reason.NO_RECORD)


def test_a_bare_bundle_is_found_by_its_statement(bundle: bytes, listed: Trust, log: Log, forge: Any) -> None:
    report = verify(bundle, listed, forge.at, record=record_of(log, [issue(bundle, b"the document")]))
    assert step(report, 6) == (Status.PASSED, Reason.OK)


def test_a_plain_trust_file_knows_no_log(sealed: bytes, bundle: bytes, trust: Trust, log: Log, forge: Any) -> None:
    report = verify(sealed, trust, forge.at, record=record_of(log, [issue(bundle, sealed)]))
    assert step(report, 6) == (Status.FAILED, Reason.LOG_UNKNOWN)


Broken = Callable[[bytes, bytes, Log], bytes]


def moved(bundle: bytes, pdf: bytes, log: Log) -> bytes:
    """Put the proof of another entry under the entry."""
    first, second = (log.append(issue(bundle, data)) for data in (pdf, b"other"))
    return build(Record(events=(Event(entry=log.event(first).entry, proof=log.event(second).proof),)))


BROKEN: dict[str, tuple[Broken, Reason]] = {
    "another document": (lambda b, _, log: record_of(log, [issue(b, b"other")]), Reason.LOG_DOCUMENT),
    "other documents": (
        lambda b, _, log: record_of(
            log, [issue(b, b"other"), Document(statement=stated(b), document=digest_bytes(b"a third"))]
        ),
        Reason.LOG_DOCUMENT,
    ),
    "a further document of another attestation": (
        lambda b, pdf, log: record_of(log, [issue(b, b"other"), Document(statement=OTHER, document=digest_bytes(pdf))]),
        Reason.LOG_OTHER,
    ),
    "a further document without an issue": (
        lambda b, pdf, log: record_of(log, [Document(statement=stated(b), document=digest_bytes(pdf))]),
        Reason.NOT_LOGGED,
    ),
    "another attestation": (
        lambda b, pdf, log: record_of(log, [issue(b, pdf).model_copy(update={"statement": OTHER})]),
        Reason.LOG_OTHER,
    ),
    "another log": (lambda b, pdf, _: record_of(Log(2), [issue(b, pdf)]), Reason.LOG_PROOF),
    "the proof of another entry": (moved, Reason.LOG_PROOF),
    "no issue": (
        lambda b, _, log: record_of(log, [Supersede(statement=stated(b), by=OTHER, at=REVOKED_AT)]),
        Reason.NOT_LOGGED,
    ),
    "no event": (lambda *_: build(Record(events=())), Reason.NOT_LOGGED),
    "no record": (lambda *_: b"{}", Reason.RECORD_FORMAT),
    "no JSON": (lambda *_: b"%PDF-", Reason.RECORD_FORMAT),
    "too long": (lambda *_: b" " * (2 * 2**20 + 1), Reason.RECORD_FORMAT),
    "not an entry": (
        lambda b, pdf, log: build(
            Record(events=(Event(entry="{}", proof=log.event(log.append(issue(b, pdf))).proof),))
        ),
        Reason.LOG_PROOF,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_record_that_does_not_fit_fails(name: str, sealed: bytes, bundle: bytes, listed: Trust, forge: Any) -> None:
    make, reason = BROKEN[name]
    report = verify(sealed, listed, forge.at, record=make(bundle, sealed, Log()))
    assert step(report, 6) == (Status.FAILED, reason)
    assert report.facts is None


def test_a_revoked_attestation_fails_from_then_on(
    sealed: bytes, bundle: bytes, listed: Trust, log: Log, forge: Any
) -> None:
    events = [issue(bundle, sealed), Revoke(statement=stated(bundle), reason="declaration_false", at=REVOKED_AT)]
    record = record_of(log, events)
    report = verify(sealed, listed, forge.at, record=record)
    assert step(report, 7) == (Status.FAILED, Reason.REVOKED)
    assert "a statement in the declaration was found to be false" in report.steps[6].sentence
    assert step(verify(sealed, listed, forge.at - timedelta(days=3), record=record), 7) == (Status.PASSED, Reason.OK)


def test_a_superseded_attestation_names_the_other(
    sealed: bytes, bundle: bytes, listed: Trust, log: Log, forge: Any
) -> None:
    events = [issue(bundle, sealed), Supersede(statement=stated(bundle), by=OTHER, at=REVOKED_AT)]
    report = verify(sealed, listed, forge.at, record=record_of(log, events))
    assert step(report, 7) == (Status.INDETERMINATE, Reason.SUPERSEDED)
    assert OTHER in report.steps[6].sentence


MOMENT = "2026-11-25T08:00:00Z"
"""An hour before the statement was issued."""
LATER = "2026-11-28T09:00:00Z"
WINDOWS: dict[str, tuple[dict[str, Any], Status, Reason]] = {
    "in use": ({"since": MOMENT, "until": LATER}, Status.PASSED, Reason.OK),
    "not yet in use": ({"since": LATER}, Status.FAILED, Reason.KEY_OUT_OF_USE),
    "no longer in use": ({"until": MOMENT}, Status.FAILED, Reason.KEY_OUT_OF_USE),
    "revoked before": ({"revoked": {"at": MOMENT, "reason": "lost"}}, Status.FAILED, Reason.KEY_REVOKED),
    "revoked after": ({"revoked": {"at": LATER, "reason": "lost"}}, Status.INDETERMINATE, Reason.KEY_REVOKED),
    "revoked after the moment": (
        {"revoked": {"at": "2026-12-24T09:00:00Z", "reason": "lost"}}, Status.PASSED, Reason.OK,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WINDOWS)
def test_a_key_counts_while_the_list_says_so(name: str, sealed: bytes, keys: Keys, log: Log, forge: Any) -> None:
    window, status, reason = WINDOWS[name]
    report = verify(sealed, trust_of(keys.signer, log, **window), forge.at)
    assert step(report, 3) == (status, reason)
    assert report.outcome is not Outcome.PASSED
