"""The main job over HTTP: issue, read, answer, attach, submit, grade, score."""

import pytest

from tests.service import Service, grade_all, issue, read_case, submit_case

RESIDUALS = {"f1": "72.0799", "f2": "76.1497", "f5": "9.4297", "f7": "92.3909", "f8": "99.4248"}


def test_a_vendors_system_learns_all_it_needs_from_one_call(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    request = vendor.get(f"/v1/disclosure-requests/{issue(investor, vendor)['id']}").json()
    assert request["issuer"] == {"id": investor.id, "name": "Aster"}
    assert [section["code"] for section in request["definition"]["sections"]] == list("ABCDEFGHIJKLMNO")
    assert request["schema"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "weights" not in str(request["definition"])


@pytest.mark.parametrize("case", sorted(RESIDUALS))
def test_from_a_request_to_a_graded_scorecard(service: Service, case: str) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Vendor", "vendor")
    auditor = service.organisation("Sorrel Audit", "auditor")
    submitted, grade = submit_case(investor, vendor, case), read_case(case)["evidence"]
    id_ = submitted["submission"]
    if grade in {"V3", "V4"}:
        assert (
            vendor.post(f"/v1/submissions/{id_}/grants", {"grantee": auditor.id, "purpose": "Audit"}).status_code == 201
        )
        assert grade_all(auditor, id_, grade).status_code == 201
    elif grade == "V2":
        assert grade_all(investor, id_, grade).status_code == 201
    scorecard = investor.get(f"/v1/submissions/{id_}/scorecard").json()
    assert scorecard["company"]["residual"] == RESIDUALS[case]
    assert vendor.get(f"/v1/submissions/{id_}/scorecard").json() == scorecard


def test_the_scorecard_is_in_the_answer_to_submitting(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Vexmoor", "vendor")
    scorecard = submit_case(investor, vendor, "f8")["scorecard"]
    assert scorecard["company"]["band"] == "severe"
    assert scorecard["company"]["band_low"] == "low"
    assert scorecard["company"]["rated"] is False
    (deployment,) = scorecard["deployments"]
    assert {reason["criterion"] for reason in deployment["reasons"]} >= {"B1", "E1", "E8", "M10"}


def test_evidence_nobody_has_read_is_worth_v1(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
    submitted = submit_case(investor, vendor, "f5")
    before = submitted["scorecard"]["deployments"][0]["criteria"]
    assert {before[f"M{n}"]["value"] for n in range(1, 11)} == {1}
    grade_all(investor, submitted["submission"], "V0")
    after = investor.get(f"/v1/submissions/{submitted['submission']}/scorecard").json()["deployments"][0]["criteria"]
    assert {after[f"M{n}"]["value"] for n in range(1, 11)} == {0}
