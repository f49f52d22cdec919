"""Disclosure requests: issuing, refusing with every problem at once, reading and listing."""

from uuid import uuid4

from tests.service import Service, due, issue


def test_every_problem_of_a_request_is_named_at_once(service: Service) -> None:
    investor = service.organisation("Aster", "investor", "vendor")
    body = {"respondent": investor.id, "questionnaire": "none-such", "context": "none-such", "due_on": "2020-01-01"}
    answer = investor.post("/v1/disclosure-requests", body)
    assert answer.status_code == 422
    pointers = {flaw["pointer"] for flaw in answer.json()["errors"]}
    assert pointers == {"/respondent", "/questionnaire", "/context", "/due_on"}


def test_who_is_no_vendor_cannot_be_asked(service: Service) -> None:
    investor, auditor = service.organisation("Aster", "investor"), service.organisation("Sorrel", "auditor")
    for respondent in (auditor.id, str(uuid4())):
        answer = investor.post("/v1/disclosure-requests", {"respondent": respondent, "due_on": due()})
        assert [flaw["code"] for flaw in answer.json()["errors"]] == ["unknown_vendor"]


def test_a_request_pins_the_digests_of_its_revisions(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    request = issue(investor, vendor)
    found = investor.get(f"/v1/questionnaires/{request['questionnaire']}").json()
    assert (found["id"], found["revision"]) == ("surveillance-hrdd", "1")
    assert investor.get(f"/v1/criteria/{request['criteria']}").json()["engine"] == 1


def test_a_request_that_names_no_revision_asks_the_newest(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    answer = investor.post("/v1/disclosure-requests", {"respondent": vendor.id, "due_on": due()})
    asked = investor.get(f"/v1/questionnaires/{answer.json()['questionnaire']}").json()
    listed = investor.get("/v1/questionnaires").json()["items"]
    assert int(asked["revision"]) == max(int(item["revision"]) for item in listed)


def test_each_side_lists_its_own_newest_first(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    ids = [issue(investor, vendor)["id"] for _ in range(3)]
    page = investor.get("/v1/disclosure-requests/issued?limit=2").json()
    rest = investor.get(f"/v1/disclosure-requests/issued?limit=2&after={page['next']}").json()
    assert [item["id"] for item in page["items"] + rest["items"]] == ids[::-1]
    assert [item["id"] for item in vendor.get("/v1/disclosure-requests/received").json()["items"]] == ids[::-1]
    assert vendor.get("/v1/disclosure-requests/issued").json()["items"] == []


def test_a_page_larger_than_allowed_is_refused(service: Service) -> None:
    investor = service.organisation("Aster", "investor")
    assert investor.get("/v1/disclosure-requests/issued?limit=1000").status_code == 422
    assert investor.get("/v1/disclosure-requests/not-a-uuid").status_code == 422


def test_the_catalogue_lists_and_serves_revisions(service: Service) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    assert {item["id"] for item in vendor.get("/v1/questionnaires").json()["items"]} == {"surveillance-hrdd"}
    assert {item["questionnaire"] for item in vendor.get("/v1/criteria").json()} == {"surveillance-hrdd"}
    assert {item["id"] for item in vendor.get("/v1/contexts").json()} == {"exercise", "world"}
    schema = vendor.get("/v1/questionnaires/surveillance-hrdd/schema")
    again = vendor.get("/v1/questionnaires/surveillance-hrdd/schema", headers={"If-None-Match": schema.headers["etag"]})
    assert (schema.status_code, again.status_code) == (200, 304)
    assert vendor.get("/v1/questionnaires/none-such").status_code == 404
    assert vendor.get("/v1/criteria/none-such").status_code == 404
