"""Answers that do not apply, contradictions settled: decisions of the same kind, which the scorecard takes up."""

from typing import Any

import pytest

from tests.reviews.conftest import Reviewing, submit_whole
from tests.service import Service

ABOUT = {"question": "GOV-01", "row": None}


@pytest.fixture
def reviewing(service: Service) -> Reviewing:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    change = {"GOV-01": {"state": "not_applicable", "reason": "We are four people."}}
    return Reviewing(service, investor, vendor, submit_whole(investor, vendor, "f3", change))


def test_an_acceptance_is_in_the_result_until_it_is_withdrawn(reviewing: Reviewing) -> None:
    accepted = reviewing.settle(not_applicable=ABOUT)
    assert (accepted.status_code, accepted.json()["state"]) == (201, "accepted")
    assert accepted.json()["subject"] == "GOV-01"
    assert reviewing.scorecard()["review"]["not_applicable"] == [{"question": "GOV-01", "row": ""}]
    assert reviewing.scorecard(reviewing.vendor)["review"] == reviewing.scorecard()["review"]
    assert reviewing.settle(not_applicable=ABOUT).status_code == 409
    withdrawn = reviewing.settle(not_applicable=ABOUT, verdict="withdrawn", reason="They are forty.").json()
    assert [step["verdict"] for step in withdrawn["steps"]] == ["accepted", "withdrawn"]
    assert reviewing.scorecard()["review"]["not_applicable"] == []
    assert reviewing.settle(not_applicable=ABOUT, verdict="withdrawn").status_code == 409
    assert reviewing.settle(not_applicable=ABOUT).status_code == 201


def test_a_contradiction_is_resolved(reviewing: Reviewing) -> None:
    said = {"contradiction": "X-01", "row": "d1"}
    assert reviewing.settle(contradiction=said).json()["subject"] == "X-01/d1"
    assert reviewing.scorecard()["review"]["resolved"] == ["X-01/d1"]


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ({}, {""}),
        ({"not_applicable": ABOUT, "contradiction": {"contradiction": "X-01"}}, {""}),
        ({"not_applicable": {"question": "GOV-02"}}, {"/not_applicable"}),
        ({"not_applicable": {"question": "GOV-01", "row": "d1"}}, {"/not_applicable"}),
        ({"contradiction": {"contradiction": "X-99", "row": "d9"}},
         {"/contradiction/contradiction", "/contradiction/row"}),
    ],
)  # fmt: skip
def test_every_problem_of_a_settlement_is_named(reviewing: Reviewing, said: dict[str, Any], pointers: set[str]) -> None:
    answer = reviewing.settle(**said)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers


def test_what_is_settled_is_not_decided_like_a_red_line(reviewing: Reviewing) -> None:
    review = reviewing.settle(not_applicable=ABOUT).json()["id"]
    assert reviewing.decide(review, "dismissed").status_code == 409
    assert reviewing.reply(review).status_code == 409
