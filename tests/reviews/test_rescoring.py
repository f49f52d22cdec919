"""Sealed submissions scored again: new assessments beside the old, each once, none changed."""

from typing import Any

import psycopg
import pytest

from api.assessments import rescoring
from questionnaires.canonical import digest
from tests.reviews.conftest import Reviewing
from tests.service import Party, Service, submit_case

CRITERIA_2 = {"criteria": "surveillance-hrdd-criteria@2", "context": "exercise"}
CRITERIA_1 = {"criteria": "surveillance-hrdd-criteria@1", "context": "exercise"}


@pytest.fixture
def parties(service: Service) -> tuple[Party, Party]:
    return service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")


def run(service: Service, investor: Party, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask for a run, do it, and return it."""
    answer = investor.post("/v1/rescorings", asked)
    assert (answer.status_code, answer.json()["done_at"]) == (202, None)
    service.render()
    done: dict[str, Any] = investor.get(f"/v1/rescorings/{answer.json()['id']}").json()
    assert done["done_at"] is not None
    return done


def kept(investor: Party, query: str = "") -> list[dict[str, Any]]:
    """Return the assessments that are kept, newest first."""
    items: list[dict[str, Any]] = investor.get(f"/v1/assessments{query}").json()["items"]
    return items


def test_every_engine_scores_beside_the_old(service: Service, parties: tuple[Party, Party]) -> None:
    investor, vendor = parties
    submitted = submit_case(investor, vendor, "f3")
    first = run(service, investor, CRITERIA_1)
    before = kept(investor)
    assert run(service, investor, CRITERIA_2)["scored"] == first["scored"] == 1
    assert [(one["engine"], one["submission"]) for one in kept(investor)] == [
        (2, submitted["submission"]), (1, submitted["submission"]),
    ]  # fmt: skip
    assert kept(investor)[1:] == before
    same = investor.get(f"/v1/assessments/{before[0]['id']}").json()
    assert same["company"]["residual"] == submitted["scorecard"]["company"]["residual"]
    assert same["result_digest"] == digest(same["result"])
    (second,) = kept(investor, f"?submission={submitted['submission']}&rescoring={kept(investor)[0]['rescoring']}")
    assert second["questionnaire"] != before[0]["questionnaire"]  # criteria 2 read questions that revision 1 lacks
    assert investor.get(f"/v1/submissions/{submitted['submission']}/scorecard").json()["engine"] == 1


def test_a_second_run_of_the_same_day_adds_nothing(service: Service, parties: tuple[Party, Party]) -> None:
    investor, vendor = parties
    submit_case(investor, vendor, "f5")
    assert run(service, investor, CRITERIA_1)["scored"] == 1
    assert run(service, investor, CRITERIA_1)["scored"] == 0
    assert len(kept(investor)) == 1


def test_a_run_goes_on_in_batches_and_a_repeated_job_does_nothing_twice(
    service: Service, parties: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    investor, vendor = parties
    for case in ("f5", "f6", "f8"):
        submit_case(investor, vendor, case)
    monkeypatch.setattr(rescoring, "BATCH", 1)
    asked = investor.post("/v1/rescorings", CRITERIA_2).json()["id"]
    service.render()
    done = investor.get(f"/v1/rescorings/{asked}").json()
    assert (done["scored"], done["passed_over"]) == (3, 0)
    before = kept(investor)
    assert len({one["submission"] for one in before}) == 3
    with psycopg.connect(service.superuser_url) as connection:
        ids = connection.execute("select tenant_id, id from rescoring").fetchone()
    assert ids is not None
    rescoring.rescore(service.sessions, service.settings, tenant=ids[0], rescoring=ids[1])
    assert kept(investor) == before


def test_drafts_and_what_others_asked_for_are_not_scored(service: Service, parties: tuple[Party, Party]) -> None:
    from tests.service import issue

    investor, vendor = parties
    issue(investor, vendor)
    other = service.organisation("Basil", "investor")
    submit_case(other, vendor, "f5")
    assert run(service, investor, CRITERIA_1)["scored"] == 0
    assert kept(investor) == kept(other) == []


def test_what_reviewers_decided_counts(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    reviewing.reply(review)
    reviewing.decide(review, "dismissed")
    run(reviewing.service, reviewing.investor, CRITERIA_2)
    (one,) = kept(reviewing.investor)
    result = reviewing.investor.get(f"/v1/assessments/{one['id']}").json()["result"]
    assert [line["status"] for line in result["red_lines"]] == ["dismissed"]


def test_unknown_revisions_are_named_both_at_once(parties: tuple[Party, Party]) -> None:
    answer = parties[0].post("/v1/rescorings", {"criteria": "none@1", "context": "none"})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/criteria", "/context"}


def test_a_vendor_keeps_no_assessments(parties: tuple[Party, Party]) -> None:
    assert parties[1].post("/v1/rescorings", CRITERIA_1).status_code == 403
    assert parties[1].get("/v1/assessments").status_code == 403
