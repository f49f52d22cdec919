"""The short address on a document: what anybody who holds it learns, and nothing beyond."""

import json
from base64 import b64decode
from html import unescape
from uuid import UUID

import pytest

from api.attesting.public_routes import prefers_page
from api.attesting.short_address import shorten
from attestations.record import statement_digest
from questionnaires.canonical import digest_bytes
from tests.contract.contract import check
from tests.features.test_attestations import Attested, attested, rendered
from tests.reviews.conftest import Reviewing, reviewing

__all__ = ["attested", "rendered", "reviewing"]


def address(id_: str) -> str:
    return f"/a/{shorten(UUID(id_))}"


def test_it_says_what_the_log_says(attested: Attested) -> None:
    client = attested.service.client
    assert client.get(address(attested.id)).status_code == 404  # signed, and not in the log yet
    attested.service.render()
    answer = client.get(address(attested.id))
    check(answer)
    told = answer.json()
    made = attested.investor.get(f"/v1/attestations/{attested.id}").json()
    payload = b64decode(attested.vendor.get(f"/v1/attestations/{attested.id}/bundle").json()["envelope"]["payload"])
    assert told["attestation"] == attested.id
    assert told["issued_at"] == made["issued_at"]
    assert told["statement"] == statement_digest(payload)
    assert told["document"] == digest_bytes(attested.vendor.get(f"/v1/attestations/{attested.id}.pdf").content)
    assert (told["status"]["value"], told["status"]["since"]) == ("valid", None)
    assert client.get(told["record"]).json()["events"][0]["proof"].startswith("c2sp.org/tlog-proof@v1")
    assert client.get(f"/a/{attested.id}").json()["statement"] == told["statement"]
    for name in ("Aster", "Quillmere", attested.investor.id, attested.vendor.id, attested.submission):
        assert name not in answer.text


def test_the_document_leads_to_it(rendered: Attested) -> None:
    bundle = rendered.investor.get(f"/v1/attestations/{rendered.id}/bundle").json()
    uri = json.loads(b64decode(bundle["envelope"]["payload"]))["predicate"]["status"]["uri"]
    assert uri.removesuffix("/log/status-lists/1") == rendered.service.settings.base_url


def test_browsers_get_a_page_that_can_do_nothing(rendered: Attested) -> None:
    page = rendered.service.client.get(address(rendered.id), headers={"Accept": "text/html,application/xhtml+xml"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none';")
    assert page.headers["vary"] == "Accept"
    assert "This attestation is valid" in page.text
    for active in ("<script", "<style", "<img", "<form", " style=", "http-equiv"):
        assert active not in page.text
    told = rendered.service.client.get(address(rendered.id)).json()
    for value in (told["statement"], told["document"], told["how_to_verify"], told["record"]):
        assert value in unescape(page.text)


@pytest.mark.parametrize(
    ("accept", "page"),
    [("", False), ("*/*", False), ("application/json", False), ("text/html", True),
     ("application/json, text/html", False), ("text/html;q=0.9, application/json", False), ("text/htmlx", False),
     ("text/html, application/json;q=0.9", True), ("text/html, application/json", True), ("text/html;q=0", False),
     ("application/json;q=0, text/html;q=0.1", True), ("text/html;level=1;q=0.0, */*", False),
     ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True), ("text/html;q=", True)],
)  # fmt: skip
def test_who_wants_no_page_more_gets_json(accept: str, page: bool) -> None:
    assert prefers_page(accept) is page


def test_revoked_is_told_with_its_reason(rendered: Attested) -> None:
    rendered.investor.post(f"/v1/attestations/{rendered.id}:revoke", {"reason": "issued_in_error"})
    rendered.service.render()
    told = rendered.service.client.get(address(rendered.id)).json()["status"]
    assert (told["value"], told["reason"]) == ("revoked", "it should not have been issued as it stands")
    assert told["since"] is not None


def test_superseded_names_the_statement_that_took_its_place(rendered: Attested) -> None:
    newer = rendered.investor.post("/v1/attestations", {"submission": rendered.submission}).json()["id"]
    rendered.service.render()
    client = rendered.service.client
    told = client.get(address(rendered.id)).json()
    assert told["status"]["value"] == "superseded"
    assert told["superseded_by"] == client.get(address(newer)).json()["statement"]


def test_why_it_is_suspended_is_not_told(reviewing: Reviewing) -> None:
    made = reviewing.investor.post("/v1/attestations", {"submission": reviewing.submission}).json()["id"]
    reviewing.service.render()
    reviewing.opened()
    for accept in ("application/json", "text/html"):
        answer = reviewing.service.client.get(address(made), headers={"Accept": accept})
        assert "suspended" in answer.text
        assert "under_review" not in answer.text
        assert "RL-12" not in answer.text
    told = reviewing.service.client.get(address(made)).json()["status"]
    assert (told["reason"], told["since"]) == (None, None)


@pytest.mark.parametrize(
    "id_", ["60ch4e27209k8a3mzy8ay396j2", "x", "0" * 26, "%3Cscript%3E", "61e119a9-e7d7-4836-8a30-2ea18dff4252"]
)
def test_what_is_not_there_is_not_there(rendered: Attested, id_: str) -> None:
    answer = rendered.service.client.get(f"/a/{id_}", headers={"Accept": "text/html"})
    check(answer)
    assert answer.status_code == 404
    assert "script" not in answer.text
