"""Times of the statement follow each other, and any moment can be asked about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from attestations.pdf import seal
from attestations.reasons import Reason
from attestations.report import Outcome
from attestations.verification import verify


@pytest.mark.parametrize(
    ("path", "moment", "pointer"),
    [
        (("declaration", "sealed_at"), "2031-01-01T00:00:00Z", "/issued_at"),
        (("request", "issued_at"), "2026-11-24T10:00:00Z", "/declaration/sealed_at"),
        (("request", "due_on"), "0001-01-01", "/request/due_on"),
        (("assessed_on",), "2026-11-22", "/assessed_on"),
        (("assessed_on",), "2026-11-28", "/assessed_on"),
        (("assessed_on",), "9999-12-31", "/assessed_on"),
    ],
)
def test_times_out_of_order(
    path: tuple[str, ...], moment: str, pointer: str, keys: Any, trust: Any, forge: Any
) -> None:
    content = forge.content()
    changes = {path[0]: moment if len(path) == 1 else {**content[path[0]], path[1]: moment}}
    report = verify(forge.bundle(keys.signer, **changes), trust, forge.at)
    assert forge.failure(report) == (3, Reason.TIMES_DISORDERED)
    assert [problem.partition(":")[0] for problem in report.steps[2].problems] == [pointer]


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-24", "2026-11-26", "2026-11-27"])
def test_the_day_of_assessment_may_be_that_of_another_zone(day: str, keys: Any, trust: Any, forge: Any) -> None:
    report = verify(forge.bundle(keys.signer, assessed_on=day), trust, forge.at)
    assert report.steps[2].reason is Reason.OK


def test_a_pdf_is_sealed_after_its_statement(plain: bytes, keys: Any, trust: Any, forge: Any) -> None:
    early = seal(plain, keys.signer, forge.issued - timedelta(days=10))
    assert forge.failure(verify(early, trust, forge.at)) == (3, Reason.TIMES_DISORDERED)
    within = seal(plain, keys.signer, forge.issued - timedelta(minutes=4))
    assert verify(within, trust, forge.at).steps[2].reason is Reason.OK


@pytest.mark.parametrize("at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_the_ends_of_time(at: datetime, sealed: bytes, bundle: bytes, trust: Any) -> None:
    for data in (sealed, bundle):
        report = verify(data, trust, at)
        assert report.outcome is (Outcome.INDETERMINATE if at.year > 2026 else Outcome.FAILED)
        assert Reason.UNREADABLE not in {step.reason for step in report.steps}
        assert report.to_json()["at"] in {"9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"}
