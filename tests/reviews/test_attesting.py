"""What reviewers decided, in attestations: signed, recomputed by anybody, and printed beside the vendor's reply."""

import json
from base64 import b64decode
from typing import Any

import pytest

from api import clock
from api.attesting.document.content import Content, read
from api.attesting.document.rendering import write_html
from attestations.pdf import extract_bundle
from attestations.report import Outcome, Status
from attestations.trust import parse
from attestations.verification import verify
from tests.attesting_document.test_document import words_of
from tests.reviews.conftest import ASKED, RAISED, Reviewing

REPLY = "The place is not occupied; see the map."
HOSTILE = "<script>alert(1)</script>\nAnd a second line."


def attest(reviewing: Reviewing) -> dict[str, Any]:
    """Attest the submission and return the attestation."""
    made = reviewing.investor.post("/v1/attestations", {"submission": reviewing.submission})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def bundle_of(reviewing: Reviewing, attestation: dict[str, Any]) -> bytes:
    """Return the attestation's bundle, as the vendor receives it."""
    return reviewing.vendor.get(f"/v1/attestations/{attestation['id']}/bundle").content


def content_of(reviewing: Reviewing) -> Content:
    """Attest, and return what the document prints."""
    return read(bundle_of(reviewing, attest(reviewing)))


@pytest.mark.parametrize("verdict", ["confirmed", "dismissed", None])
def test_a_sealed_attestation_verifies_and_carries_the_decision(reviewing: Reviewing, verdict: str | None) -> None:
    review = reviewing.opened()
    reviewing.reply(review)
    if verdict is not None:
        reviewing.decide(review, verdict)
    made = attest(reviewing)
    reviewing.service.render()
    pdf = reviewing.vendor.get(f"/v1/attestations/{made['id']}.pdf").content
    trust = parse(reviewing.service.client.get("/v1/trust.json").content)
    report = verify(pdf, trust, at=clock.now())
    assert report.outcome is not Outcome.FAILED, report
    assert report.steps[4].status is Status.PASSED  # scored again, with the decision that is signed
    payload = json.loads(b64decode(json.loads(extract_bundle(pdf))["envelope"]["payload"]))
    status = verdict or "under_review"
    assert payload["predicate"]["result"]["red_lines"] == [{"red_line": "RL-12", "status": status}]


def test_both_sides_stand_side_by_side(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    (before,) = content_of(reviewing).allegations
    assert (before.alleged, before.reply) == (ASKED["allegation"], None)
    assert before.no_reply.startswith("None so far; it is due by")
    reviewing.reply(review)
    content = content_of(reviewing)
    (one,) = content.allegations
    assert (one.code, one.status, one.alleged, one.reply) == ("RL-12", "under review", ASKED["allegation"], REPLY)
    html = write_html(content)
    words = words_of(html)
    assert "Alleged by Aster" in words
    assert "Reply of Quillmere" in words
    row = next(row for row in html.split("<tr>") if REPLY in row)
    assert ASKED["allegation"] in row
    assert "1 under review" in words


def test_what_is_said_is_text_and_nothing_else(reviewing: Reviewing) -> None:
    review = reviewing.open(allegation=HOSTILE).json()["id"]
    reviewing.reply(review, reply=HOSTILE)
    html = write_html(content_of(reviewing))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_red_line_that_nobody_reviews_is_printed_with_its_answers(reviewing: Reviewing) -> None:
    (one,) = content_of(reviewing).allegations
    assert (one.status, one.alleged, one.reply) == ("raised by the answers, not yet reviewed", None, None)
    assert "CTX-08" in one.points
    assert one.no_reply == "Not asked for so far."


def test_a_reply_makes_the_next_attestation_another_one(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    first = attest(reviewing)
    assert attest(reviewing)["id"] == first["id"]  # it still waits for its document, and says the same
    reviewing.reply(review)
    assert attest(reviewing)["id"] != first["id"]


def test_a_preview_says_what_would_be_signed(reviewing: Reviewing) -> None:
    def status() -> str:
        answer = reviewing.investor.post("/v1/attestations:preview", {"submission": reviewing.submission}).json()
        found: str = answer["statement"]["result"]["red_lines"][0]["status"]
        return found

    review = reviewing.opened()
    assert status() == "under_review"
    reviewing.reply(review)
    reviewing.decide(review, "dismissed")
    assert status() == "dismissed"
    assert reviewing.red_line(RAISED)["status"] == "dismissed"
