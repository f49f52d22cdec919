"""Both results of a sealed submission side by side, who sees them, and what stays on the standard alone."""

from typing import Any, NamedTuple

import pytest

from questionnaires.canonical import digest
from tests.overlays.own import BORDER, STRICT, publish_overlay, results
from tests.questionnaires.engine_2.overlays.own import line, load_standard
from tests.reviews.conftest import submit_whole
from tests.service import Party, Service, due, submit_case

CRITERIA_2 = {"criteria": "surveillance-hrdd-criteria@2", "context": "exercise"}


class Laying(NamedTuple):
    """A sealed submission of exercise F6 under criteria 2, and its two parties."""

    service: Service
    investor: Party
    vendor: Party
    submission: str

    def card(self, party: Party | None = None) -> Any:
        """Return the standard scorecard as a party sees it."""
        return (party or self.investor).get(f"/v1/submissions/{self.submission}/scorecard").json()


@pytest.fixture
def laying(service: Service) -> Laying:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    return Laying(service, investor, vendor, submit_whole(investor, vendor, "f6"))


def test_both_results_stand_side_by_side_and_the_standard_is_the_scorecard(laying: Laying) -> None:
    before = laying.card()
    made = publish_overlay(laying.investor, weights={"ceilings": {"none": 0, "linked": 0, "contribute": 0, "cause": 0}})
    answer = results(laying.investor, laying.submission, made["digest"])
    assert answer.status_code == 200, answer.text
    both = answer.json()
    for part in ("company", "deployments", "coverage", "caps", "red_lines", "evidence"):
        assert both["standard"][part] == before[part]
    assert (both["standard"]["criteria"], both["own"]["criteria"]) == (load_standard().digest, made["criteria"])
    assert (both["sealed_under"], both["overlay"]) == (before["criteria"], made["digest"])
    row = both["own"]["deployments"][0]
    assert row["residual"] == row["inherent"]  # nothing that the vendor does takes anything away
    company = both["differences"][0]
    assert (company["row"], [move["part"] for move in company["moves"]]) == (None, ["ceilings"])
    own, standard = (float(both[side]["company"]["residual"]) for side in ("own", "standard"))
    assert float(company["residual"]) == pytest.approx(own - standard)
    assert laying.card() == before


def test_an_own_red_line_is_told_on_the_own_side_only(laying: Laying) -> None:
    lines = {"XL-01": line({"criterion": "E1", "at_least": 3}, effect="severe")}
    made = publish_overlay(laying.investor, red_lines=lines)
    both = results(laying.investor, laying.submission, made["digest"]).json()
    own = [one for one in both["own"]["red_lines"] if one["red_line"] == "XL-01"]
    assert own[0]["status"] == "under_review"
    assert both["own"]["company"]["band"] == "severe"
    assert both["standard"] == {**both["standard"], "red_lines": laying.card()["red_lines"]}
    assert "XL-01" not in str(both["standard"])
    assert both["differences"][0]["held_by"] == ["XL-01"]
    name = own[0]["candidate"]
    said = {"red_line": "XL-01", "group": "deployment", "row": name.rpartition("/")[2], "allegation": "Ours."}
    person = {"Enduse-Acting-Person": "Ines"}
    asked = laying.investor.post(f"/v1/submissions/{laying.submission}/reviews", said, headers=person)
    assert asked.status_code == 422  # nobody is asked to reply to what only one investor sees


def test_an_overlay_that_moves_nothing_says_so(laying: Laying) -> None:
    made = publish_overlay(laying.investor, **STRICT)
    both = results(laying.investor, laying.submission, made["digest"]).json()
    assert both["differences"] == []
    assert both["own"]["company"] == both["standard"]["company"]


def test_the_vendor_sees_neither_the_overlay_nor_what_it_gives(laying: Laying) -> None:
    before = laying.card(laying.vendor)
    made = publish_overlay(laying.investor, red_lines=BORDER)
    assert results(laying.investor, laying.submission, made["digest"]).status_code == 200
    assert results(laying.vendor, laying.submission, made["digest"]).status_code == 404
    assert laying.vendor.get(f"/v1/overlays/{made['digest']}").status_code == 403
    assert laying.card(laying.vendor) == before
    read = laying.vendor.get(f"/v1/submissions/{laying.submission}/readings").text
    assert made["digest"] not in read
    assert "XL-01" not in read


def test_who_answers_lays_no_overlay_on_its_own_answers(service: Service) -> None:
    investor, both = service.organisation("Aster", "investor"), service.organisation("Omnis", "investor", "vendor")
    submission = submit_whole(investor, both, "f6")
    made = publish_overlay(both, **STRICT)
    assert results(both, submission, made["digest"]).status_code == 403


def test_a_grantee_of_the_whole_lays_its_own_and_nobody_elses(laying: Laying) -> None:
    other = laying.service.organisation("Basil", "investor")
    mine, theirs = publish_overlay(other, **STRICT), publish_overlay(laying.investor, red_lines=BORDER)
    assert results(other, laying.submission, mine["digest"]).status_code == 404
    shown = {"grantee": other.id, "purpose": "Holding", "level": "all"}
    assert laying.vendor.post(f"/v1/submissions/{laying.submission}/grants", shown).status_code == 201
    both = results(other, laying.submission, mine["digest"])
    assert both.status_code == 200, both.text
    assert both.json()["standard"]["company"] == laying.card(other)["company"]
    assert results(other, laying.submission, theirs["digest"]).status_code == 404


def test_what_was_sealed_under_older_criteria_is_read_under_the_base(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    submitted = submit_case(investor, vendor, "f3")
    made = publish_overlay(investor, **STRICT)
    both = results(investor, submitted["submission"], made["id"]).json()
    assert both["sealed_under"] != both["standard"]["criteria"] == load_standard().digest
    assert both["standard"]["engine"] == both["own"]["engine"] == 2
    assert submitted["scorecard"]["criteria"] == both["sealed_under"]


def test_requests_and_attestations_are_of_the_standard_alone(laying: Laying) -> None:
    made = publish_overlay(laying.investor, red_lines=BORDER)
    for name in (made["digest"], made["criteria"], made["id"]):
        asked = {"respondent": laying.vendor.id, "criteria": name, "context": "exercise", "due_on": due()}
        refused = laying.investor.post("/v1/disclosure-requests", asked)
        assert refused.status_code == 422
        assert "/criteria" in {flaw["pointer"] for flaw in refused.json()["errors"]}
    results(laying.investor, laying.submission, made["digest"])
    attested = laying.investor.post("/v1/attestations", {"submission": laying.submission}).json()
    laying.service.render()
    bundle = laying.investor.get(f"/v1/attestations/{attested['id']}/bundle")
    assert bundle.status_code == 200
    assert digest(bundle.json()["criteria"]) == load_standard().digest
    assert "XL-01" not in bundle.text


def test_a_run_keeps_both_assessments_of_each_submission_in_lists_of_their_own(laying: Laying) -> None:
    made = publish_overlay(laying.investor, weights={"ceilings": {"none": 20, "linked": 20, "contribute": 20}})
    asked = laying.investor.post("/v1/rescorings", {**CRITERIA_2, "overlay": made["id"]})
    assert (asked.status_code, asked.json()["overlay"]) == (202, made["digest"])
    laying.service.render()
    run = laying.investor.get(f"/v1/rescorings/{asked.json()['id']}").json()
    assert (run["scored"], run["passed_over"]) == (2, 0)
    (standard,) = laying.investor.get(f"/v1/assessments?rescoring={run['id']}").json()["items"]
    (own,) = laying.investor.get(f"/v1/assessments?overlay={made['digest']}").json()["items"]
    for name in (made["id"], f"{made['id']}@1"):
        assert laying.investor.get(f"/v1/assessments?overlay={name}").json()["items"] == [own]
    assert laying.investor.get(f"/v1/assessments?overlay={made['id']}@2").status_code == 404
    assert (standard["overlay"], standard["criteria"]) == (None, load_standard().digest)
    assert (own["overlay"], own["criteria"], own["rescoring"]) == (made["digest"], made["criteria"], run["id"])
    both = results(laying.investor, laying.submission, made["digest"]).json()
    for kept, side in ((standard, "standard"), (own, "own")):
        assert kept["company"] == both[side]["company"]
    assert own["company"] != standard["company"]
    laying.investor.post("/v1/rescorings", {**CRITERIA_2, "overlay": made["id"]})
    laying.service.render()
    assert len(laying.investor.get(f"/v1/assessments?overlay={made['digest']}").json()["items"]) == 1


def test_a_run_names_an_overlay_of_ones_own_on_its_criteria(laying: Laying) -> None:
    other = publish_overlay(laying.service.organisation("Basil", "investor"), **STRICT)
    made = publish_overlay(laying.investor, **STRICT)
    for overlay, criteria, pointer in (
        (other["digest"], "surveillance-hrdd-criteria@2", "/overlay"),
        (made["digest"], "surveillance-hrdd-criteria@1", "/criteria"),
    ):
        asked = {"criteria": criteria, "context": "exercise", "overlay": overlay}
        refused = laying.investor.post("/v1/rescorings", asked)
        assert refused.status_code == 422
        assert [flaw["pointer"] for flaw in refused.json()["errors"]] == [pointer]
    assert laying.investor.get("/v1/rescorings").json()["items"] == []


def test_an_overlay_that_is_not_there_is_not_found(laying: Laying) -> None:
    for name in ("sha256:" + "0" * 64, "our-view", "our-view@1"):
        assert results(laying.investor, laying.submission, name).status_code == 404
    made = publish_overlay(laying.investor, **STRICT)
    assert results(laying.investor, "01900000-0000-7000-8000-000000000000", made["digest"]).status_code == 404
