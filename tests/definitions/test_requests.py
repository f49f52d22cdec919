"""Asking one's own questionnaire: answered, scored, attested, and verified by whoever takes it."""

from typing import Any, NamedTuple

import pytest

from api import clock
from attestations.reasons import Reason
from attestations.report import Outcome
from attestations.trust import parse
from attestations.verification import verify
from tests.definitions.own import YAML, ask, extension, publish
from tests.service import DECLARATION, Party, Service, due, issue, read_case


class Parties(NamedTuple):
    service: Service
    investor: Party
    vendor: Party


@pytest.fixture
def parties(service: Service) -> Parties:
    return Parties(service, service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor"))


def refused(parties: Parties, **more: Any) -> dict[str, str]:
    asked = {"respondent": parties.vendor.id, "context": "exercise", "due_on": due(), **more}
    answer = parties.investor.post("/v1/disclosure-requests", asked)
    assert answer.status_code == 422
    return {flaw["pointer"]: flaw["code"] for flaw in answer.json()["errors"]}


def test_what_no_criteria_read_is_not_asked(parties: Parties) -> None:
    apart = publish(parties.investor, YAML)["digest"]
    compliant = publish(parties.investor, extension(relation="complies_with", id="compliant"))["digest"]
    for digest in (apart, compliant):
        assert refused(parties, questionnaire=digest) == {"/questionnaire": "not_scored"}


def test_criteria_that_miss_what_they_read_are_refused_with_reasons(parties: Parties) -> None:
    own = publish(parties.investor, extension("1"))["digest"]
    for name in (own, "surveillance-hrdd@1"):
        assert refused(parties, questionnaire=name, criteria="surveillance-hrdd-criteria@2") == {"/criteria": "unfit"}
    assert refused(parties, questionnaire=own, criteria="none-such") == {"/criteria": "unknown_revision"}


@pytest.mark.parametrize("revision", ["1", "2"])
def test_the_newest_criteria_that_fit_are_taken(parties: Parties, revision: str) -> None:
    own = publish(parties.investor, extension(revision))["digest"]
    for name in (own, f"surveillance-hrdd@{revision}"):
        request = ask(parties.investor, parties.vendor, name)
        assert parties.investor.get(f"/v1/criteria/{request['criteria']}").json()["revision"] == revision


def test_anothers_questionnaire_cannot_be_asked(parties: Parties) -> None:
    own = publish(parties.investor, extension())["digest"]
    stranger = parties._replace(investor=parties.service.organisation("Basil", "investor"))
    assert refused(stranger, questionnaire=own) == {"/questionnaire": "unknown_revision"}


def answer_case(parties: Parties, request: str) -> str:
    """Answer an exercise and the question that the investor added; return the submission."""
    path = f"/v1/disclosure-requests/{request}/submission"
    document = read_case("f1")["document"]
    document["company"]["XTR-01"] = {"state": "answered", "value": {"office": "legal"}}
    assert parties.vendor.post(f"{path}:validate", document).json() == {"valid": True, "errors": []}
    assert parties.vendor.patch(path, document).status_code == 200
    sealed = parties.vendor.post(f"{path}:submit", DECLARATION)
    assert sealed.status_code == 200, sealed.text
    submission: str = sealed.json()["submission"]
    return submission


def test_the_vendor_answers_it_and_the_base_is_scored_as_it_stands(parties: Parties) -> None:
    own = publish(parties.investor, extension())
    request = ask(parties.investor, parties.vendor, own["id"])
    asked = parties.vendor.get(f"/v1/disclosure-requests/{request['id']}").json()
    assert (asked["questionnaire_id"], asked["definition"]["id"]) == (own["id"], own["id"])
    assert "XTR-01" in asked["schema"]["properties"]["company"]["properties"]
    submission = answer_case(parties, request["id"])
    card = parties.investor.get(f"/v1/submissions/{submission}/scorecard").json()
    plain = issue(parties.investor, parties.vendor)
    path = f"/v1/disclosure-requests/{plain['id']}/submission"
    parties.vendor.patch(path, read_case("f1")["document"])
    beside = parties.vendor.post(f"{path}:submit", DECLARATION).json()["scorecard"]
    assert card["company"] == beside["company"]
    assert card["coverage"]["asked"] == beside["coverage"]["asked"] + 1


def test_its_attestation_carries_it_whole_and_a_verifier_takes_it_by_its_digest(parties: Parties) -> None:
    own = publish(parties.investor, extension())
    request = ask(parties.investor, parties.vendor, own["digest"])
    submission = answer_case(parties, request["id"])
    made = parties.investor.post("/v1/attestations", {"submission": submission}).json()
    parties.service.render()
    document = parties.vendor.get(f"/v1/attestations/{made['id']}.pdf").content
    trust = parse(parties.service.client.get("/v1/trust.json").content)
    unknown = verify(document, trust, clock.now())
    taken = verify(document, trust, clock.now(), revisions={own["digest"]})
    (step,) = [step for step in unknown.steps if step.number == 4]
    assert (unknown.outcome, step.reason) == (Outcome.INDETERMINATE, Reason.REVISION_NOT_RELEASED)
    assert taken.outcome is Outcome.PASSED, taken.to_json()
    bundle = parties.vendor.get(f"/v1/attestations/{made['id']}/bundle").json()
    assert bundle["questionnaire"] == parties.vendor.get(f"/v1/questionnaires/{own['digest']}").json()
