"""Every attack of the list is refused with its own reason, on both versions, with a timestamp and without."""

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from attestations import status_list
from attestations.pdf import seal
from attestations.reasons import Reason
from attestations.record import Record, build
from attestations.report import Outcome, Report, Status
from attestations.signing import Signer, create_development_keys
from attestations.status_list import StatusList
from attestations.trust import Trust
from attestations.verification import verify
from tests.attestations.attacks import ON_BUNDLE, ON_PDF, ON_VERSION_1, Genuine
from tests.attestations.authority import Authority
from tests.attestations.conftest import failure, render_pdf
from tests.attestations.exercise import Exercise
from tests.attestations.logged import Log, issue, trust_of

NOW = datetime.now(UTC).replace(microsecond=0)
"""OpenSSL stamps with the machine's clock."""
DAY = timedelta(days=1)
CPU_BUDGET = 0.25
"""Seconds of CPU in which an attack is refused (design budget)."""
FLIPS = 40
"""Of each file, in the suite; `python -m tests.attestations.test_attacks` tries 2,000."""
KINDS = ("version 1", "version 2", "version 2, stamped")


class Target(NamedTuple):
    """A genuine attestation, whom its readers trust, and the moment at which they read."""

    genuine: Genuine
    trust: Trust
    signer: Signer
    log: Log


def bundle_of(name: str, signer: Signer, version: int, **changes: Any) -> bytes:
    exercise = Exercise(name)
    moment = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    exercise.statement |= {
        "issued_at": moment, "assessed_on": f"{NOW.date()}",
        "request": {**exercise.statement["request"], "due_on": f"{(NOW + DAY).date()}"},
    }  # fmt: skip
    last = {"valid_until": f"{(NOW + 365 * DAY).date()}"}
    return exercise.signed(signer) if version == 1 else exercise.signed_2(signer, **last, **changes)


def make_targets(folder: Any) -> dict[str, Target]:
    day = (NOW - DAY).date()
    signer, forger = (create_development_keys(folder / name, "Test Org", day) for name in ("real", "forger"))
    authority, log = Authority(folder / "tsa", NOW), Log()
    trust = trust_of(signer, log, [authority.root])
    targets = {}
    for kind in KINDS:
        stamp = authority.stamp if "stamped" in kind else None
        bundles = [bundle_of(name, signer, 1 if kind == "version 1" else 2) for name in ("f8", "f1")]
        plain = [render_pdf(bundle) for bundle in bundles]
        sealed = [seal(pdf, signer, NOW, stamp) for pdf in plain]
        genuine = Genuine(sealed[0], bundles[0], plain[0], sealed[1], bundles[1], forger, NOW)
        targets[kind] = Target(genuine, trust, signer, log)
    return targets


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    return make_targets(tmp_path_factory.mktemp("attacks"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_target_itself_passes(kind: str, targets: dict[str, Target]) -> None:
    genuine, trust, *_ = targets[kind]
    for data in (genuine.sealed, genuine.bundle, genuine.other_sealed):
        assert verify(data, trust, NOW + DAY).outcome is Outcome.PASSED
    assert (verify(genuine.sealed, trust, NOW + DAY).proven_at is not None) is ("stamped" in kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ON_PDF)
def test_an_attack_on_the_pdf(name: str, kind: str, targets: dict[str, Target]) -> None:
    genuine, trust, *_ = targets[kind]
    attack, step, reason = ON_PDF[name]
    data = attack(genuine)
    assert data != genuine.sealed
    started = time.process_time()
    report = verify(data, trust, NOW + DAY)
    assert time.process_time() - started < CPU_BUDGET
    assert failure(report) == (step, reason)
    assert report.facts is None


@pytest.mark.parametrize("kind", KINDS[:2])
@pytest.mark.parametrize("name", ON_BUNDLE)
def test_an_attack_on_the_bundle(name: str, kind: str, targets: dict[str, Target]) -> None:
    genuine, trust, *_ = targets[kind]
    attack, step, reason = ON_BUNDLE[name]
    reason = ON_VERSION_1.get(name, reason) if kind == "version 1" else reason
    assert failure(verify(attack(genuine), trust, NOW + DAY)) == (step, reason)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_under_a_good_seal(kind: str, targets: dict[str, Target]) -> None:
    _, trust, signer, _ = targets[kind]
    bomb = seal(render_pdf(b"{" + b" " * (20 * 1024 * 1024)), signer, NOW)
    started = time.process_time()
    assert failure(verify(bomb, trust, NOW + DAY)) == (3, Reason.BUNDLE_TOO_LARGE)
    assert time.process_time() - started < 2 * CPU_BUDGET


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_had_expired_is_from_the_future_or_was_revoked(kind: str, targets: dict[str, Target]) -> None:
    genuine, trust, signer, log = targets[kind]
    late = seal(genuine.plain, signer, NOW + 1000 * DAY)
    assert failure(verify(late, trust, NOW + 1001 * DAY)) == (2, Reason.SIGNED_OUTSIDE_VALIDITY)
    early = seal(genuine.plain, signer, NOW - 10 * DAY)
    assert failure(verify(early, trust, NOW + DAY)) == (2, Reason.SIGNED_OUTSIDE_VALIDITY)
    ahead = seal(genuine.plain, signer, NOW + 10 * DAY)
    assert failure(verify(ahead, trust, NOW + DAY)) == (2, Reason.SIGNED_IN_FUTURE)
    revoked = trust_of(signer, log, revoked={"at": moment(NOW - DAY), "reason": "stolen"})
    assert failure(verify(genuine.sealed, revoked, NOW + DAY)) == (3, Reason.KEY_REVOKED)
    for window in ({"until": moment(NOW - DAY)}, {"since": moment(NOW + DAY)}):
        assert failure(verify(genuine.sealed, trust_of(signer, log, **window), NOW + DAY)) == (3, Reason.KEY_OUT_OF_USE)


URI = "https://enduse.example/v1/status-lists/1"
STATUS_KEY, STRANGE_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def token(key: ec.EllipticCurvePrivateKey = STATUS_KEY, uri: str = URI, at: datetime = NOW) -> str:
    return status_list.sign(StatusList(uri, at, at + 2 * DAY, status_list.pack(64, {})), "ours", key)


REPLAYED: dict[str, tuple[str, Status, Reason]] = {
    "none of these": (token(), Status.PASSED, Reason.OK),
    "an old token, from before a revocation": (
        token(at=NOW - 30 * DAY), Status.INDETERMINATE, Reason.STATUS_OUT_OF_TIME
    ),
    "a token from later": (token(at=NOW + 30 * DAY), Status.INDETERMINATE, Reason.STATUS_OUT_OF_TIME),
    "another list's token": (token(uri=URI[:-1] + "2"), Status.FAILED, Reason.STATUS_LIST),
    "a stranger's token": (token(STRANGE_KEY), Status.FAILED, Reason.STATUS_LIST),
}  # fmt: skip


@pytest.mark.parametrize("name", REPLAYED)
def test_a_replayed_status(name: str, targets: dict[str, Target]) -> None:
    text, status, reason = REPLAYED[name]
    _, trust, signer, log = targets["version 2"]
    bundle = bundle_of("f1", signer, 2, status={"uri": URI, "index": 7})
    record = build(Record(events=(log.event(log.append(issue(bundle))),), status=text))
    trust.status_keys["ours"] = STATUS_KEY.public_key()
    report = verify(bundle, trust, NOW + DAY, record=record)
    assert (report.steps[6].status, report.steps[6].reason) == (status, reason)


@pytest.mark.parametrize("kind", KINDS)
def test_the_record_of_another_attestation(kind: str, targets: dict[str, Target]) -> None:
    genuine, trust, _, log = targets[kind]
    other = build(Record(events=(log.event(log.append(issue(genuine.other_bundle, genuine.other_sealed))),)))
    assert failure(verify(genuine.sealed, trust, NOW + DAY, record=other)) == (6, Reason.LOG_OTHER)
    event = log.event(log.append(issue(genuine.bundle, genuine.other_sealed)))
    document = build(Record(events=(event,)))
    assert failure(verify(genuine.sealed, trust, NOW + DAY, record=document)) == (6, Reason.LOG_DOCUMENT)


def flips(data: bytes, within: range, number: int, seed: int) -> list[tuple[int, bytes]]:
    """Return so many copies, each with one byte changed to another value."""
    chance = random.Random(seed)
    found = []
    for _ in range(number):
        at, change = chance.choice(within), chance.randrange(1, 256)
        found.append((at, data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]))
    return found


def files_of(target: Target) -> dict[str, tuple[bytes, range]]:
    """Return the whole PDF, its signature, the bundle, and the envelope in it."""
    from attestations.byte_range import find_signed_bytes

    sealed, bundle = target.genuine.sealed, target.genuine.bundle
    start = find_signed_bytes(sealed).byte_range[1]
    envelope = bundle.index(b'"envelope":')
    return {
        "PDF": (sealed, range(len(sealed))),
        "Contents": (sealed, range(start, find_signed_bytes(sealed).byte_range[2])),
        "bundle": (bundle, range(len(bundle))),
        "envelope": (bundle, range(envelope, bundle.index(b"}", bundle.index(b"}", envelope) + 1) + 1)),
    }


def accepted(target: Target, name: str, number: int, seed: int = 20261125) -> list[tuple[int, Report]]:
    """Return the flips of a file that do not fail."""
    data, within = files_of(target)[name]
    reports = [(at, verify(copy, target.trust, NOW + DAY)) for at, copy in flips(data, within, number, seed)]
    return [(at, report) for at, report in reports if report.outcome is not Outcome.FAILED]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["PDF", "Contents", "bundle", "envelope"])
def test_no_flipped_byte_is_accepted(name: str, kind: str, targets: dict[str, Target]) -> None:
    assert accepted(targets[kind], name, FLIPS) == []


def _try_all() -> None:
    """Try 2,000 flips of every file, and say how many were accepted."""
    import sys
    from collections import Counter
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        for kind, target in make_targets(Path(folder)).items():
            for name in files_of(target):
                found = accepted(target, name, 2000)
                reasons = Counter(step.reason for _, report in found for step in report.steps)
                sys.stdout.write(f"{kind}: {name}: {len(found)} of 2000 accepted {dict(reasons) or ''}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    _try_all()
