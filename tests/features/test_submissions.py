"""A vendor's draft: saving, refusing, attaching, sealing; and what others see of it."""

from datetime import timedelta
from typing import Any

import pytest

from api import clock
from tests.service import DECLARATION, Party, Service, attach, issue, read_case, submit_case

POLICY = {"GOV-01": {"state": "answered", "value": {"policy": "no", "public": "no"}}}
PRODUCT = {"p1": {"name": "Quill 1", "answers": {}}}


class Draft:
    """An issued request and its two sides."""

    def __init__(self, service: Service) -> None:
        self.investor = service.organisation("Aster", "investor")
        self.vendor = service.organisation("Quillmere", "vendor")
        self.id = issue(self.investor, self.vendor)["id"]
        self.path = f"/v1/disclosure-requests/{self.id}/submission"

    def answers(self) -> dict[str, Any]:
        """Return what is stored."""
        found: dict[str, Any] = self.vendor.get(self.path).json()
        return found


@pytest.fixture
def draft(service: Service) -> Draft:
    return Draft(service)


def test_saves_lie_on_top_of_each_other_and_null_removes(draft: Draft) -> None:
    draft.vendor.patch(draft.path, {"company": POLICY, "product": PRODUCT})
    draft.vendor.patch(draft.path, {"company": {"TRA-02": {"state": "not_known"}}})
    assert set(draft.answers()["answers"]["company"]) == {"GOV-01", "TRA-02"}
    last = draft.vendor.patch(draft.path, {"company": {"GOV-01": None}, "product": {"p1": None}})
    assert last.json()["version"] == 3
    stored = draft.answers()["answers"]
    assert set(stored["company"]) == {"TRA-02"}
    assert stored["product"] == {}


def test_five_problems_are_named_at_once_and_nothing_stored_changes(draft: Draft) -> None:
    draft.vendor.patch(draft.path, {"company": POLICY, "product": PRODUCT})
    before = draft.answers()
    answer = draft.vendor.patch(
        draft.path,
        {
            "company": {
                "GOV-99": {"state": "answered", "value": {"secret": "sauce"}},
                "GOV-06": {"state": "answered", "value": {"stop": "sauce"}},
                "CON-06": {"state": "answered", "value": {"share": "sauce"}},
                "GOV-02": {"state": "answered", "value": {"end_use": "yes"}},
                "USE-04": {"state": "answered", "value": {"people": 5}},
            }
        },
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {(flaw["pointer"], flaw["code"]) for flaw in answer.json()["errors"]} == {
        ("/company/GOV-99", "unknown_question"),
        ("/company/GOV-06/value/stop", "choice"),
        ("/company/CON-06/value/share", "type"),
        ("/company/GOV-02", "hidden_question"),
        ("/company/USE-04", "wrong_row"),
    }
    assert "sauce" not in answer.text
    assert draft.answers() == before


def test_validating_says_the_same_and_saves_nothing(draft: Draft) -> None:
    wrong = {"company": {"GOV-06": {"state": "answered", "value": {"stop": "maybe"}}}}
    checked = draft.vendor.post(f"{draft.path}:validate", wrong)
    assert checked.status_code == 200
    assert checked.json()["valid"] is False
    assert checked.json()["errors"] == draft.vendor.patch(draft.path, wrong).json()["errors"]
    assert draft.vendor.post(f"{draft.path}:validate", {"company": POLICY}).json() == {"valid": True, "errors": []}
    assert draft.answers()["version"] == 0


def test_a_save_on_top_of_an_older_version_is_refused(draft: Draft) -> None:
    tag = draft.vendor.get(draft.path).headers["etag"]
    assert draft.vendor.patch(draft.path, {"company": POLICY}, headers={"If-Match": tag}).status_code == 200
    refused = draft.vendor.patch(draft.path, {"company": {"GOV-01": None}}, headers={"If-Match": tag})
    assert refused.status_code == 412
    assert draft.answers()["version"] == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [("*", 200), ('"7", "0"', 200), ('"0"', 200), ('"1", "7"', 412), ('W/"0"', 412), ("", 412), ('"' + "9" * 99, 412)],
)
def test_any_version_named_will_do(draft: Draft, sent: str, status: int) -> None:
    answer = draft.vendor.patch(draft.path, {"company": POLICY}, headers={"If-Match": sent})
    assert answer.status_code == status
    assert draft.answers()["version"] == (status == 200)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[NaN]", b'{"company": {}, "company": {}}', b"[" * 100_000, b"\xff", b'"\\ud800"', b"null"]
)
def test_what_is_no_clean_json_is_refused(draft: Draft, body: bytes) -> None:
    answer = draft.vendor.send("PATCH", draft.path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert draft.answers()["version"] == 0


@pytest.mark.parametrize("body", [[], "text", 7, {"company": []}, {"company": {"GOV-01": 1}}, {"product": {"P 1": {}}}])
def test_json_of_another_shape_is_refused(draft: Draft, body: Any) -> None:
    assert draft.vendor.patch(draft.path, body).status_code == 422


def test_a_body_that_does_not_say_it_is_json_is_refused(draft: Draft) -> None:
    answer = draft.vendor.send("PATCH", draft.path, content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_a_body_larger_than_allowed_is_refused(draft: Draft, service: Service) -> None:
    body = b" " * (service.settings.max_body_bytes + 1)
    answer = draft.vendor.send("PATCH", draft.path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_evidence_is_attached_to_what_is_answered(draft: Draft) -> None:
    draft.vendor.patch(draft.path, {"company": POLICY})
    made = attach(draft.vendor, draft.id, [{"question": "GOV-01"}], b"%PDF-1.7 a policy")
    assert made.status_code == 201
    assert made.json()["media_type"] == "application/pdf"
    refused = attach(draft.vendor, draft.id, [{"question": "GOV-01"}, {"question": "TRA-01"}])
    assert [flaw["pointer"] for flaw in refused.json()["errors"]] == ["/about/1"]
    assert attach(draft.vendor, draft.id, [{"question": "GOV-01"}], b"").status_code == 422
    assert attach(draft.vendor, draft.id, []).status_code == 422


def test_a_description_that_is_no_text_is_refused(draft: Draft) -> None:
    """UTF-7 can spell half a character, which no other form of text can."""
    part = "--B\r\nContent-Disposition: form-data; name="
    told = '{"about": [{"question": "GOV-01"}], "public_url": "+2AA-"}'
    body = f'{part}"file"; filename="a"\r\n\r\nhi\r\n{part}"description"\r\n\r\n{told}\r\n--B--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=B; charset=utf-7"}
    answer = draft.vendor.send("POST", f"{draft.path}/evidence", content=body.encode(), headers=kind)
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["{", '{"about": [], "about": []}'])
def test_a_description_that_is_no_json_with_each_name_once_is_refused(draft: Draft, text: str) -> None:
    files = {"file": ("a", b"hi", "text/plain")}
    answer = draft.vendor.send("POST", f"{draft.path}/evidence", files=files, data={"description": text})
    assert answer.status_code == 400


def test_evidence_of_a_day_to_come_is_refused(draft: Draft) -> None:
    draft.vendor.patch(draft.path, {"company": POLICY})
    tomorrow, later = (str(clock.today() + timedelta(days=days)) for days in (1, 2))
    assert attach(draft.vendor, draft.id, [{"question": "GOV-01"}], dated=tomorrow).status_code == 201  # in Kiritimati
    refused = attach(draft.vendor, draft.id, [{"question": "GOV-01"}], dated=later)
    assert [(flaw["pointer"], flaw["code"]) for flaw in refused.json()["errors"]] == [("/dated", "in_future")]


@pytest.mark.parametrize("about", [{"question": "GOV-01", "row": "d1"}, {"question": "GOV-99"}])
def test_evidence_about_nothing_is_told_what_to_mend(draft: Draft, about: dict[str, str]) -> None:
    draft.vendor.patch(draft.path, {"company": POLICY})
    (flaw,) = attach(draft.vendor, draft.id, [about]).json()["errors"]
    assert (flaw["pointer"], "mend question and row" in flaw["detail"]) == ("/about/0", True)


def test_evidence_is_withdrawn_from_a_draft_and_from_no_seal(draft: Draft) -> None:
    draft.vendor.patch(draft.path, {"company": POLICY})
    made = attach(draft.vendor, draft.id, [{"question": "GOV-01"}]).json()
    assert draft.vendor.get(f"{draft.path}/evidence").json() == [made]
    assert draft.vendor.send("DELETE", f"{draft.path}/evidence/{made['id']}").status_code == 204
    assert draft.vendor.get(f"{draft.path}/evidence").json() == []
    assert draft.vendor.send("DELETE", f"{draft.path}/evidence/{made['id']}").status_code == 404
    kept = attach(draft.vendor, draft.id, [{"question": "GOV-01"}]).json()
    draft.vendor.post(f"{draft.path}:submit", DECLARATION)
    assert draft.vendor.send("DELETE", f"{draft.path}/evidence/{kept['id']}").status_code == 409
    assert draft.vendor.get(f"{draft.path}/evidence").json() == [kept]


def test_evidence_of_an_answer_taken_back_is_shown_to_nobody(draft: Draft) -> None:
    draft.vendor.patch(draft.path, {"company": {**POLICY, "TRA-03": {"state": "not_known"}}})
    attach(draft.vendor, draft.id, [{"question": "TRA-03"}], b"confidential")
    both = attach(draft.vendor, draft.id, [{"question": "TRA-03"}, {"question": "GOV-01"}]).json()
    draft.vendor.patch(draft.path, {"company": {"TRA-03": None}})
    submission = draft.vendor.post(f"{draft.path}:submit", DECLARATION).json()["submission"]
    shown = draft.investor.get(f"/v1/submissions/{submission}/evidence").json()
    assert shown == [{**both, "about": [{"question": "GOV-01", "row": None}]}]


def test_sealing_freezes_and_hides_nothing_that_was_asked(draft: Draft) -> None:
    document = read_case("f8")["document"]
    draft.vendor.patch(draft.path, document)
    submitted = draft.vendor.post(f"{draft.path}:submit", DECLARATION).json()
    sealed = draft.investor.get(f"/v1/submissions/{submitted['submission']}").json()
    assert sealed["declared_by"] == DECLARATION
    assert sealed["answers"]["deployment"]["d1"]["answers"].keys() == {"BUY-01"}
    for refused in (
        draft.vendor.patch(draft.path, {"company": POLICY}),
        draft.vendor.post(f"{draft.path}:submit", DECLARATION),
        attach(draft.vendor, draft.id, [{"question": "BUY-01", "row": "d1"}]),
    ):
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:enduse:problem:sealed")


def test_what_other_answers_have_ruled_out_is_left_out_of_the_seal(draft: Draft) -> None:
    yes = {"GOV-01": {"state": "answered", "value": {"policy": "yes", "public": "no"}}}
    end_use = {"GOV-02": {"state": "answered", "value": {"end_use": "yes"}}}
    draft.vendor.patch(draft.path, {"company": {**yes, **end_use}})
    draft.vendor.patch(draft.path, {"company": POLICY})
    submitted = draft.vendor.post(f"{draft.path}:submit", DECLARATION).json()
    assert set(draft.investor.get(f"/v1/submissions/{submitted['submission']}").json()["answers"]["company"]) == {
        "GOV-01"
    }


def test_the_issuer_reads_no_draft_and_the_sealed_one_under_its_own_address(draft: Draft) -> None:
    draft.vendor.patch(draft.path, {"company": POLICY})
    submission = draft.answers()["submission"]
    assert draft.investor.get(f"/v1/submissions/{submission}").status_code == 404
    assert draft.investor.get("/v1/submissions").json()["items"] == []
    draft.investor.token = draft.investor.fetch_token()
    assert draft.investor.get(draft.path).status_code == 403  # the scope answers:read is a vendor's
    draft.vendor.post(f"{draft.path}:submit", DECLARATION)
    assert draft.investor.get(f"/v1/submissions/{submission}").status_code == 200
    assert [item["id"] for item in draft.investor.get("/v1/submissions").json()["items"]] == [submission]


def test_an_issuer_that_is_a_vendor_too_reads_no_draft_either(service: Service) -> None:
    both, vendor = service.organisation("Both", "investor", "vendor"), service.organisation("Quillmere", "vendor")
    request = issue(both, vendor)
    path = f"/v1/disclosure-requests/{request['id']}/submission"
    vendor.patch(path, {"company": POLICY})
    for refused in (
        both.get(path), both.patch(path, {"company": {}}), both.post(f"{path}:validate", {}),
        both.post(f"{path}:submit", DECLARATION), attach(both, request["id"], [{"question": "GOV-01"}]),
    ):  # fmt: skip
        assert refused.status_code == 404
    assert vendor.get(path).json()["version"] == 1


def gradings_for(reader: Party, submission: str, grade: str) -> dict[str, Any]:
    """Return a body that grades the first piece of evidence for its first answer."""
    evidence = reader.get(f"/v1/submissions/{submission}/evidence").json()[0]
    about = evidence["about"][0]
    item = {"evidence": evidence["id"], "question": about["question"], "row": about["row"], "grade": grade}
    return {"reviewer": "Ida Marr", "gradings": [item]}


def test_who_may_give_which_grade(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
    auditor, other = service.organisation("Sorrel", "auditor"), service.organisation("Basil", "investor")
    id_ = submit_case(investor, vendor, "f5")["submission"]
    path, body = f"/v1/submissions/{id_}/gradings", gradings_for(investor, id_, "V2")
    independent = {**body, "gradings": [{**body["gradings"][0], "grade": "V4"}]}
    assert vendor.post(path, body).status_code == 403
    assert investor.post(path, body).status_code == 201
    assert investor.post(path, independent).json()["errors"][0]["code"] == "not_independent"
    assert auditor.post(path, independent).status_code == 404
    for grantee in (auditor, other):
        vendor.post(f"/v1/submissions/{id_}/grants", {"grantee": grantee.id, "purpose": "Audit"})
    assert auditor.post(path, independent).status_code == 201
    assert other.post(path, body).status_code == 403
    assert investor.post(f"/v1/submissions/{id_}/grants", {"grantee": other.id, "purpose": "x"}).status_code == 403


def test_one_wrong_grade_refuses_all(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
    id_ = submit_case(investor, vendor, "f5")["submission"]
    body = gradings_for(investor, id_, "V2")
    body["gradings"].append({**body["gradings"][0], "question": "XXX-01"})
    answer = investor.post(f"/v1/submissions/{id_}/gradings", body)
    assert [flaw["pointer"] for flaw in answer.json()["errors"]] == ["/gradings/1"]
    body["gradings"][1] = {**body["gradings"][0], "dated": str(clock.today() + timedelta(days=2))}
    answer = investor.post(f"/v1/submissions/{id_}/gradings", body)
    assert [flaw["pointer"] for flaw in answer.json()["errors"]] == ["/gradings/1/dated"]
    scorecard = investor.get(f"/v1/submissions/{id_}/scorecard").json()
    assert {scorecard["deployments"][0]["criteria"][f"M{n}"]["value"] for n in range(1, 11)} == {1}


def test_a_file_comes_back_as_it_was_and_only_as_a_download(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
    id_ = submit_case(investor, vendor, "f5")["submission"]
    evidence = investor.get(f"/v1/submissions/{id_}/evidence").json()[0]
    answer = investor.get(f"/v1/submissions/{id_}/evidence/{evidence['id']}/file")
    assert answer.content == b"evidence"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-type"] == "application/octet-stream"
