"""The table of verdicts: what became of an attestation, or of the key that signed it, and exactly what is said."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from attestations import record as records
from attestations import status_list
from attestations.pdf import seal
from attestations.policy import Policy
from attestations.reasons import Reason
from attestations.record import Record
from attestations.report import Outcome, Report, Status
from attestations.signing import Signer
from attestations.statement import format_instant
from attestations.status_list import AttestationStatus, StatusList
from attestations.transparency.entries import Entry, Revoke, Supersede
from attestations.trust import Trust, parse
from attestations.trust_list import build_list
from attestations.verification import verify
from questionnaires.disclosure import document_of
from questionnaires.scoring import assess, result_of
from tests.attestations.authority import Authority
from tests.attestations.conftest import render_pdf
from tests.attestations.exercise import Exercise, released
from tests.attestations.logged import OTHER, Log, issue, stated
from tests.attestations.test_timestamps import DAY, NOW, YEAR, new_signer
from tests.attestations.test_trust_list import ListKey

LISTS, INDEX = "https://enduse.example/log/status-lists/1", 7
HOUR = timedelta(hours=1)
FIRST, LATER, BEFORE = format_instant(NOW), format_instant(NOW + HOUR), format_instant(NOW - HOUR)
PASSED, OPEN, FAILED = Outcome.PASSED, Outcome.INDETERMINATE, Outcome.FAILED


class World(NamedTuple):
    """One attestation, sealed with a timestamp and without, and all that a verifier would be given beside it."""

    signer: Signer
    bundle: bytes
    files: dict[str, bytes]
    stamps: Authority

    def trust(self, window: dict[str, Any] | None, status: ListKey, log: Log) -> Trust:
        """Return a list in which the signer has a window, beside the one that came after it; None: it is left out."""
        after, listing = new_signer(NOW.date()), ListKey()
        entries = [_entry(after, since=LATER)] + ([] if window is None else [_entry(self.signer, **window)])
        pems = [one.public_bytes(Encoding.PEM).decode() for one in (self.signer.root, after.root, self.stamps.root)]
        content = {
            "version": 1, "issued_at": FIRST, "roots": pems[:2], "signers": entries, "timestamp_roots": pems[2:],
            "logs": [log.key.text()], "witnesses": [], "status_keys": [status.entry], "list_keys": [listing.entry],
        }  # fmt: skip
        return parse(build_list(content, listing))


class Case(NamedTuple):
    """What is given to the verifier. `said` stands in the status list, None gives none; `age` is of the record."""

    name: str
    outcome: Outcome
    codes: dict[int, Reason]
    file: str = "plain"
    events: Sequence[str] = ()
    said: AttestationStatus | None = AttestationStatus.VALID
    window: dict[str, Any] | None = {}  # noqa: RUF012  # never changed
    after: timedelta = 2 * HOUR
    age: timedelta = timedelta()


def revoked(at: str) -> dict[str, Any]:
    return {"revoked": {"at": at, "reason": "The token was stolen."}}


EXPIRED = {2: Reason.SIGNER_EXPIRED, 3: Reason.SIGNER_EXPIRED}
TABLE = [
    Case("nothing happened", PASSED, {}),
    Case("nothing happened, and it is stamped", PASSED, {}, "stamped"),
    Case("revoked in the log", FAILED, {7: Reason.REVOKED}, events=["revoke"]),
    Case("revoked in the log, and stamped", FAILED, {7: Reason.REVOKED}, "stamped", ["revoke"]),
    Case("revoked in the list alone", FAILED, {7: Reason.REVOKED}, said=AttestationStatus.REVOKED),
    Case("suspended", OPEN, {7: Reason.SUSPENDED}, said=AttestationStatus.SUSPENDED),
    Case("suspended, then revoked", FAILED, {7: Reason.REVOKED}, events=["revoke"], said=AttestationStatus.SUSPENDED),
    Case("superseded in the log", OPEN, {7: Reason.SUPERSEDED}, events=["supersede"]),
    Case("superseded in the list alone", OPEN, {7: Reason.SUPERSEDED}, said=AttestationStatus.SUPERSEDED),
    Case("suspended, then superseded", OPEN, {7: Reason.SUPERSEDED}, events=["supersede"],
         said=AttestationStatus.SUSPENDED),
    Case("superseded, then revoked", FAILED, {7: Reason.REVOKED}, events=["supersede", "revoke"]),
    Case("the status list is too old", OPEN, {7: Reason.STATUS_OUT_OF_TIME}, after=2 * DAY),
    Case("past its last day", OPEN, {7: Reason.EXPIRED}, "stamped", after=4 * YEAR + DAY, age=4 * YEAR),
    Case("past its last day, and revoked in the list alone", FAILED, {7: Reason.REVOKED}, "stamped",
         said=AttestationStatus.REVOKED, after=4 * YEAR + DAY, age=4 * YEAR + HOUR),
    Case("superseded in the log, and revoked in the list", FAILED, {7: Reason.REVOKED}, events=["supersede"],
         said=AttestationStatus.REVOKED),
    Case("the status list was taken out of the record", PASSED, {}, said=None),
    Case("past its last day, and revoked", FAILED, {7: Reason.REVOKED}, "stamped", ["revoke"],
         after=4 * YEAR + DAY, age=4 * YEAR),
    Case("the signer's certificate ran out", OPEN, EXPIRED, after=3 * YEAR, age=3 * YEAR - HOUR),
    Case("the signer's certificate ran out, stamped before", PASSED, {}, "stamped", after=3 * YEAR,
         age=3 * YEAR - HOUR),
    Case("the certificate ran out, and it is suspended", OPEN, {**EXPIRED, 7: Reason.SUSPENDED},
         said=AttestationStatus.SUSPENDED, after=3 * YEAR, age=3 * YEAR - HOUR),
    Case("the key was rotated since", PASSED, {}, window={"until": LATER}),
    Case("the key was rotated since, and the list drops it", FAILED, {2: Reason.UNKNOWN_SIGNER}, window=None),
    Case("signed after the key was rotated", FAILED, {3: Reason.KEY_OUT_OF_USE}, window={"until": BEFORE}),
    Case("sealed again after the key was rotated", FAILED, {3: Reason.KEY_OUT_OF_USE}, "sealed again",
         window={"until": LATER}),
    Case("sealed again after the key was revoked", FAILED, {3: Reason.KEY_REVOKED}, "sealed again",
         window=revoked(LATER)),
    Case("signed before the key was in use", FAILED, {3: Reason.KEY_OUT_OF_USE}, window={"since": LATER}),
    Case("the key was revoked since", OPEN, {3: Reason.KEY_REVOKED}, window=revoked(LATER)),
    Case("the key was revoked since, stamped before", PASSED, {}, "stamped", window=revoked(LATER)),
    Case("rotated, then revoked, stamped before", PASSED, {}, "stamped", window={"until": LATER, **revoked(LATER)}),
    Case("signed after the key was revoked", FAILED, {3: Reason.KEY_REVOKED}, window=revoked(BEFORE)),
    Case("signed after the key was revoked, and stamped", FAILED, {3: Reason.KEY_REVOKED}, "stamped",
         window=revoked(BEFORE)),
    Case("the key was revoked since, and so was it", FAILED, {7: Reason.REVOKED}, "stamped", ["revoke"],
         window=revoked(LATER)),
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    signer, exercise, stamps = (
        new_signer(NOW.date()),
        Exercise("f5"),
        Authority(tmp_path_factory.mktemp("t") / "s", NOW),
    )
    scorecard = assess(released()[0], *document_of(exercise.leaves), *released()[1:], NOW.date())
    exercise.statement |= {
        "issued_at": FIRST, "assessed_on": f"{NOW.date()}", "result": result_of(scorecard),
        "request": {**exercise.statement["request"], "issued_at": FIRST, "due_on": f"{NOW.date()}"},
        "declaration": {**exercise.statement["declaration"], "sealed_at": FIRST},
    }  # fmt: skip
    place = {"uri": LISTS, "index": INDEX}
    bundle = exercise.signed_2(signer, status=place, valid_until=f"{(NOW + 4 * YEAR).date()}")
    pdf = render_pdf(bundle)
    files = {"plain": seal(pdf, signer, NOW), "stamped": seal(pdf, signer, NOW, stamps.stamp)}
    files["sealed again"] = seal(pdf, signer, NOW + HOUR)
    return World(signer, bundle, files, stamps)


def test_who_asks_for_the_status_asks_for_the_list_that_the_statement_names(world: World) -> None:
    """A list is no part of what is signed: whoever hands on the record of a suspended attestation can take it out."""
    log, status, at = Log(), ListKey(), NOW + 2 * HOUR
    event = log.event(log.append(issue(world.bundle, world.files["plain"])))
    trust, policy = world.trust({}, status, log), Policy(status_required=True)
    suspended, valid = (
        _token(status, Case("", PASSED, {}, said=said))
        for said in (AttestationStatus.SUSPENDED, AttestationStatus.VALID)
    )
    given = [records.build(Record(events=(event,), status=token)) for token in (suspended, None, valid)]
    found = [verify(world.files["plain"], trust, at, record=record, policy=policy) for record in given]
    assert [one.steps[7].status for one in found] == [Status.FAILED, Status.FAILED, Status.PASSED]
    assert found[1].steps[6].sentence.endswith("It has no status list, though the statement names one.")


@pytest.mark.parametrize("case", TABLE, ids=[case.name for case in TABLE])
def test_the_verdict_and_its_codes(case: Case, world: World) -> None:
    log, status, at = Log(), ListKey(), NOW + case.after
    kinds: dict[str, Entry] = {
        "revoke": Revoke(statement=stated(world.bundle), reason="issued_in_error", at=LATER),
        "supersede": Supersede(statement=stated(world.bundle), by=OTHER, at=LATER),
    }
    entries = [issue(world.bundle, world.files[case.file]), *(kinds[name] for name in case.events)]
    places = [log.append(entry) for entry in entries]
    token = None if case.said is None else _token(status, case)
    record = records.build(Record(events=tuple(map(log.event, places)), status=token))
    report = verify(world.files[case.file], world.trust(case.window, status, log), at, record=record)
    assert (report.outcome, _codes(report)) == (case.outcome, case.codes), report.to_json()


def _codes(report: Report) -> dict[int, Reason]:
    """Return the code of every step that is neither passed nor left out."""
    told = {Status.FAILED, Status.INDETERMINATE}
    return {step.number: step.reason for step in report.steps if step.status in told}


def _token(key: ListKey, case: Case) -> str:
    assert case.said is not None
    as_of = NOW + case.age
    listed = StatusList(LISTS, as_of, as_of + DAY, status_list.pack(1024, {INDEX: case.said}))
    assert isinstance(key._key, ec.EllipticCurvePrivateKey)
    return status_list.sign(listed, key.keyid, key._key)


def _entry(signer: Signer, **window: Any) -> dict[str, Any]:
    pem = signer.certificate.public_bytes(Encoding.PEM).decode()
    return {"keyid": signer.keyid, "certificate": pem, "since": None, "until": None, "revoked": None, **window}
