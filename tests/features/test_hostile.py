"""What strangers and careless clients send: refused in words, without a trace in the stored data or in the log."""

import base64
import json
import logging
from typing import Any

import httpx
import pytest

from api.audit import service as audit
from api.submissions import service as submissions
from questionnaires.schema import MOST_ROWS
from tests.contract.contract import check
from tests.service import DECLARATION, Party, Service, attach, due, issue

JSON = {"Content-Type": "application/json"}
NUL = "a\0b"


@pytest.fixture
def parties(service: Service) -> tuple[Party, Party, str]:
    """Return an investor, a vendor and the path of the vendor's draft."""
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    return investor, vendor, f"/v1/disclosure-requests/{issue(investor, vendor)['id']}/submission"


def test_a_nul_is_refused_in_every_text(service: Service, parties: tuple[Party, Party, str]) -> None:
    investor, vendor, path = parties
    organisation = {"name": NUL, "roles": ["vendor"]}
    refused = [
        service.operator.post("/v1/organisations", organisation),
        service.operator.post(f"/v1/organisations/{vendor.id}/clients", {"name": NUL}),
        investor.post("/v1/disclosure-requests", {"respondent": vendor.id, "due_on": due(), "note": NUL}),
        vendor.post(f"{path}:submit", {"name": NUL, "role": "x"}),
        vendor.patch(path, {"company": {"SCP-01": {"state": "answered", "value": {"entities": NUL}}}}),
        vendor.patch(path, {"product": {"p1": {"name": NUL, "answers": {}}}}),
        vendor.patch(path, {"company": {NUL: None}}),
    ]
    assert {answer.status_code for answer in refused} == {422}


def test_an_unknown_question_cannot_be_removed_either(parties: tuple[Party, Party, str]) -> None:
    _, vendor, path = parties
    answer = vendor.patch(path, {"company": {"GOV-99": None}})
    assert answer.json()["errors"][0]["code"] == "unknown_question"


@pytest.mark.parametrize(
    "body", [b'{"name": "a", "name": "b", "role": "x"}', b'{"name": NaN, "role": "x"}', b"[" * 50_000]
)
def test_a_body_that_two_readers_would_read_differently_is_refused(
    parties: tuple[Party, Party, str], body: bytes
) -> None:
    _, vendor, path = parties
    answer = vendor.send("POST", f"{path}:submit", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:enduse:problem:malformed")


@pytest.mark.parametrize(
    "header",
    [
        "Basic \xff\xfe",
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic =",
        "Basic",
        "Basic Og==",
        "Bearer x",
    ],
)
def test_an_undecodable_client_is_an_unknown_client(service: Service, header: str) -> None:
    answer = service.client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": header.encode("latin-1")}
    )
    check(answer)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def segment(value: Any) -> str:
    """Return a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "header", [{"alg": "ES256", "crit": 5}, {"alg": "none"}, {"alg": "HS256"}, [], {"alg": 1}, {"kid": []}]
)
def test_a_token_with_a_strange_head_is_no_token(service: Service, header: Any) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    vendor.token = f"{segment(header)}.{segment({})}.AAAA"
    assert vendor.get("/v1/disclosure-requests/received").status_code == 401


NUMBERS = b'{"company": {"GOV-04": {"state": "answered", "value": {"refused_uses": [%s1]}}}}'
BODIES = {
    "many numbers": NUMBERS % (b"1," * 950_000),
    "as many as pass the count": NUMBERS % (b"1," * 240_000),
    "a long name": b'{"company": {"%s": [%s]}}' % (b"a" * 900_000, b"0.5," * 200_000 + b"1"),
    "many objects": b'{"company": {%s}}' % b",".join(b'"Q%d": {}' % n for n in range(100_000)),
    "numbers spread over rows": b'{"deployment": {%s}}' % b",".join(
        b'"d%d": {"name": "x", "product": "p", "answers": {"PRD-10": {"state": "answered", "value": {"system_types": '
        b"[%s1]}}}}" % (n, b"1," * 1_800)
        for n in range(120)
    ),
    "rows of unknown questions": b'{"deployment": {%s}}' % b",".join(
        b'"d%d": {"name": "x", "product": "p", "answers": {"ZZZ-00": 1}}' % n for n in range(600)
    ),
    "fractions and a line that is none": b'{"company": {"OWN-05": {"state": "answered", "value": {"areas": [5]}},'
    b' "CON-06": {"state": "answered", "value": {"share": [%s1]}}}}' % (b"0.5," * 300),
    "rows of nonsense": b'{"deployment": {%s}}' % b",".join(b'"d%d": {"x": 1}' % n for n in range(60_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BODIES))
def test_the_largest_hostile_body_is_refused_in_few_words(parties: tuple[Party, Party, str], name: str) -> None:
    _, vendor, path = parties
    answer = vendor.send("PATCH", path, content=BODIES[name], headers=JSON)
    assert answer.status_code in {400, 422}
    assert len(answer.content) < 100_000
    assert vendor.get(path).json()["version"] == 0


def test_rows_beyond_the_limit_are_refused_however_they_come(parties: tuple[Party, Party, str]) -> None:
    _, vendor, path = parties
    most = MOST_ROWS["product"]
    first = {"product": {f"p{n}": {"name": "x"} for n in range(most)}}
    assert vendor.patch(path, first).status_code == 200
    answer = vendor.patch(path, {"product": {"one-more": {"name": "x"}}})
    assert [(flaw["pointer"], flaw["code"]) for flaw in answer.json()["errors"]] == [("/product", "too_many")]


@pytest.mark.parametrize("name", ["a\u202eb", "\u200b", "a\x1b[2J", "a\nb", "\uffff", "...", "\U0001f600" * 100])
def test_a_name_that_cannot_be_read_or_reads_as_another_is_refused(
    service: Service, parties: tuple[Party, Party, str], name: str
) -> None:
    _, vendor, path = parties
    assert service.operator.post("/v1/organisations", {"name": name, "roles": ["vendor"]}).status_code == 422
    assert vendor.post(f"{path}:submit", {"name": name, "role": "x"}).status_code == 422


@pytest.mark.parametrize(
    "name", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "株式会社", "Société d'Optique & Fils", "Ж-Оптика"]
)
def test_names_of_the_world_are_taken(service: Service, name: str) -> None:
    assert service.operator.post("/v1/organisations", {"name": name, "roles": ["vendor"]}).json()["name"] == name


@pytest.mark.parametrize(
    "address", ["https://\njavascript:x", "https:// ", "https://bank@evil", "http://a.example", "x"]
)
def test_a_public_address_is_a_plain_one(parties: tuple[Party, Party, str], address: str) -> None:
    _, vendor, path = parties
    request = path.split("/")[3]
    vendor.patch(path, {"company": {"TRA-02": {"state": "not_known"}}})
    assert attach(vendor, request, [{"question": "TRA-02"}], public_url=address).status_code == 422
    good = "https://quillmere.example/policy?year=2026#end-use"
    assert attach(vendor, request, [{"question": "TRA-02"}], public_url=good).status_code == 201


def test_a_submission_never_outgrows_its_attestation(
    parties: tuple[Party, Party, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, vendor, path = parties
    monkeypatch.setattr(submissions, "LARGEST_DOCUMENT", 5_000)
    answers = {"SCP-01": {"state": "answered", "value": {"entities": "x" * 3_000}}}
    assert vendor.patch(path, {"company": answers}).status_code == 200
    notes = {"TRA-01": {"state": "not_known", "note": "x" * 3_000}}
    assert vendor.patch(path, {"company": notes}).json()["errors"][0]["code"] == "too_large"
    assert vendor.get(path).json()["version"] == 1


def test_nobody_unknown_has_a_file_read(service: Service, parties: tuple[Party, Party, str]) -> None:
    _, vendor, path = parties
    vendor.token = "none"
    assert attach(vendor, path.split("/")[3], [{"question": "GOV-01"}]).status_code == 401


@pytest.mark.parametrize("form", [{"data": {"description": "{}"}}, {"files": {"other": ("x", b"x")}}, {"json": {}}])
def test_a_form_without_its_parts_is_refused(parties: tuple[Party, Party, str], form: dict[str, Any]) -> None:
    _, vendor, path = parties
    assert vendor.send("POST", f"{path}/evidence", **form).status_code in {400, 415}


def test_a_failure_of_ours_tells_its_place_and_nothing_that_was_sent(
    service: Service,
    parties: tuple[Party, Party, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, vendor, path = parties

    def fail(*_: object) -> None:
        raise RuntimeError("the secret sauce")

    monkeypatch.setattr(submissions, "seal", fail)
    with caplog.at_level(logging.ERROR):
        answer = vendor.post(f"{path}:submit", DECLARATION)
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:enduse:problem:internal")
    assert "test_hostile.py" in caplog.text
    assert "sauce" not in caplog.text + answer.text


def test_a_failure_in_mid_answer_is_told_in_the_log_by_its_place_alone(
    service: Service,
    parties: tuple[Party, Party, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    investor, _, _ = parties

    def fail(_: object) -> bytes:
        raise RuntimeError("the secret sauce")

    monkeypatch.setattr(audit, "line_of", fail)
    with caplog.at_level(logging.ERROR), pytest.raises(httpx.RemoteProtocolError):
        investor.get("/v1/audit-log")
    assert "RuntimeError at GET /v1/audit-log" in caplog.text
    assert "sauce" not in caplog.text


def test_a_refused_body_has_the_cautious_headers_too(service: Service, parties: tuple[Party, Party, str]) -> None:
    _, vendor, path = parties
    answer = vendor.send("PATCH", path, content=b" " * (service.settings.max_body_bytes + 1), headers=JSON)
    assert (answer.status_code, answer.headers["cache-control"]) == (413, "no-store")
