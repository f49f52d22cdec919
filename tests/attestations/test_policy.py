"""Every wish of a policy is met by one attestation and not by another."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from attestations.policy import Policy, Proven, unmet
from attestations.reasons import Reason
from attestations.report import Status
from attestations.statement import Statement, build, parse
from attestations.verification import verify
from tests.attestations.conftest import Keys
from tests.attestations.exercise import UUID, statement_content
from tests.attestations.logged import Log, issue, record_of, trust_of

AT = datetime(2026, 12, 1, 12, tzinfo=UTC)
ALL, NOTHING = Proven(logged=True, status=True, timestamp=True), Proven(logged=False, status=False, timestamp=False)
RESULT = {
    "company": {"band": "high", "band_low": "moderate"},
    "coverage": {"asked": 60, "answered": 47},
    "red_lines": [{"status": "dismissed"}],
}


def statement(**changes: Any) -> Statement:
    return parse(build(statement_content(result={**RESULT, **changes})))


MET = {
    "issuer": Policy(issuer=UUID.format(2)),
    "questionnaire": Policy(questionnaire="surveillance-hrdd"),
    "revision": Policy(questionnaire="surveillance-hrdd@1"),
    "age": Policy(most_days=7),
    "any age": Policy(most_days=10**12),
    "coverage": Policy(least_coverage=78),
    "band": Policy(worst_band="high"),
    "red line": Policy(no_open_red_line=True),
    "log": Policy(log_required=True),
    "status": Policy(status_required=True),
    "timestamp": Policy(timestamp_required=True),
}
UNMET = {
    "issuer": Policy(issuer=UUID.format(3)),
    "questionnaire": Policy(questionnaire="another"),
    "revision": Policy(questionnaire="surveillance-hrdd@2"),
    "age": Policy(most_days=6),
    "coverage": Policy(least_coverage=79),
    "band": Policy(worst_band="elevated"),
}


@pytest.mark.parametrize("name", MET)
def test_a_wish_is_met(name: str) -> None:
    assert unmet(MET[name], statement(), ALL, AT) == []


@pytest.mark.parametrize("name", UNMET)
def test_a_wish_is_not_met(name: str) -> None:
    assert len(unmet(UNMET[name], statement(), ALL, AT)) == 1


@pytest.mark.parametrize("name", ["log", "status", "timestamp"])
def test_what_is_asked_to_be_proven_must_be(name: str) -> None:
    assert len(unmet(MET[name], statement(), NOTHING, AT)) == 1


@pytest.mark.parametrize("lines", [None, [{"status": "open"}], [{"status": "confirmed"}], [{}], ["RL-01"]])
def test_a_red_line_that_is_not_dismissed_is_open(lines: object) -> None:
    assert unmet(Policy(no_open_red_line=True), statement(red_lines=lines), ALL, AT) == [
        "a red line is open or confirmed"
    ]


@pytest.mark.parametrize("result", [{}, {"company": {"band": "fine"}}, {"company": []}, {"coverage": {"asked": 0}}])
def test_what_a_statement_does_not_say_meets_nothing(result: dict[str, Any]) -> None:
    silent = parse(build(statement_content(result=result)))
    assert len(unmet(Policy(worst_band="severe", least_coverage=1), silent, ALL, AT)) == 2


def test_all_unmet_wishes_are_named_together() -> None:
    policy = Policy(issuer=UUID.format(3), most_days=1, worst_band="low", least_coverage=100, log_required=True)
    assert len(unmet(policy, statement(), NOTHING, AT + timedelta(days=9))) == 5


def test_a_genuine_attestation_fails_a_policy_that_it_does_not_meet(sealed: bytes, trust: Any, forge: Any) -> None:
    report = verify(sealed, trust, forge.at, policy=Policy(log_required=True, worst_band="high"))
    last = report.steps[7]
    assert (last.status, last.reason) == (Status.FAILED, Reason.POLICY)
    assert last.problems == ("no proof that it is in a trusted log was given",)


def test_a_genuine_attestation_meets_a_policy(sealed: bytes, bundle: bytes, keys: Keys, forge: Any) -> None:
    log = Log()
    record = record_of(log, [issue(bundle, sealed)])
    policy = Policy(log_required=True, status_required=True, worst_band="high", most_days=30)
    report = verify(sealed, trust_of(keys.signer, log), forge.at, record=record, policy=policy)
    assert report.steps[7].status is Status.PASSED
