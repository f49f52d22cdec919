"""Attestations of every version of the format and of the engine, as they were issued, verify in this release."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from attestations.policy import Policy
from attestations.reasons import Reason
from attestations.report import Outcome, Status
from attestations.trust import Trust, parse
from attestations.verification import verify
from questionnaires.revisions import ENGINES
from tests.attestations.make_vectors import FOLDER, VECTORS


class Vector(NamedTuple):
    pdf: bytes
    bundle: bytes
    trust: Trust
    record: bytes
    at: datetime
    stamped: bool


@pytest.fixture(params=VECTORS)
def vector(request: pytest.FixtureRequest) -> Vector:
    folder: Path = FOLDER / request.param
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    pdf, bundle, trust, record = (
        (folder / name).read_bytes() for name in ("attestation.pdf", "attestation.json", "trust.json", "record.json")
    )
    return Vector(pdf, bundle, parse(trust), record, datetime.fromisoformat(expected["at"]), expected["stamped"])


def test_there_is_one_of_every_engine() -> None:
    found = {json.loads((FOLDER / name / "attestation.json").read_bytes())["criteria"]["engine"] for name in VECTORS}
    assert found == set(ENGINES), "make one with `python -m tests.attestations.make_vectors`"


def test_it_passes_as_of_its_day(vector: Vector) -> None:
    for data in (vector.pdf, vector.bundle):
        policy = Policy(log_required=True, timestamp_required=vector.stamped and data is vector.pdf)
        report = verify(data, vector.trust, vector.at, record=vector.record, policy=policy)
        assert report.outcome is Outcome.PASSED, report.to_json()["steps"]
    assert (verify(vector.pdf, vector.trust, vector.at).proven_at is not None) is vector.stamped


def test_it_says_after_thirty_years_what_can_still_be_said(vector: Vector) -> None:
    late = vector.at + timedelta(days=30 * 365)
    report = verify(vector.pdf, vector.trust, late, record=vector.record)
    assert report.outcome is Outcome.INDETERMINATE
    expired = Reason.OK if vector.stamped else Reason.SIGNER_EXPIRED
    assert [step.reason for step in report.steps[:6]] == [Reason.OK, expired, expired, *[Reason.OK] * 3]


def test_it_fails_with_another_s_record(vector: Vector) -> None:
    others = [(FOLDER / name / "record.json").read_bytes() for name in VECTORS]
    for other in others:
        if other != vector.record:
            report = verify(vector.pdf, vector.trust, vector.at, record=other)
            assert report.steps[5].status is Status.FAILED
            assert report.steps[5].reason in {Reason.LOG_OTHER, Reason.LOG_UNKNOWN}
