"""A red line from the answer that points to it to the day on which it is lifted."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from api import clock
from api.reviews.calendar import add_working_days
from tests.databases import TestDatabase
from tests.reviews.conftest import ADA, ASKED, IDA, RAISED, Reviewing, submit_whole
from tests.service import Party


def test_an_answer_raises_a_candidate_and_opening_tells_the_vendor(reviewing: Reviewing) -> None:
    assert reviewing.red_line()["status"] == "under_review"
    assert reviewing.red_line()["decision"] is None
    assert reviewing.vendor.get("/v1/reviews?side=received").json()["items"] == []
    opened = reviewing.open().json()
    assert (opened["kind"], opened["subject"], opened["state"]) == ("red_line", RAISED, "awaiting_reply")
    assert opened["reply_due"] == add_working_days(clock.today(), 20).isoformat()
    assert opened["steps"][0]["person"] == "Ida Marr"
    assert opened["lifting"]["condition"]
    assert opened["proof"]
    (received,) = reviewing.vendor.get("/v1/reviews?side=received").json()["items"]
    assert received == opened == reviewing.vendor.get(f"/v1/reviews/{opened['id']}").json()
    assert reviewing.vendor.get(f"/v1/submissions/{reviewing.submission}/reviews").json() == [opened]
    line = reviewing.red_line()
    assert (line["status"], line["decision"]["verdict"]) == ("under_review", "open")


def test_nothing_is_decided_before_the_vendor_replied_or_its_time_is_over(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    for verdict in ("confirmed", "dismissed"):
        assert reviewing.decide(review, verdict).status_code == 409
    assert reviewing.reply(review).status_code == 200
    decided = reviewing.decide(review, "dismissed")
    assert (decided.status_code, decided.json()["state"]) == (200, "dismissed")
    assert reviewing.red_line()["status"] == "dismissed"


def test_a_vendor_that_lets_it_pass_is_decided_about(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    reviewing.pass_time()
    (waiting,) = reviewing.vendor.get("/v1/reviews?side=received").json()["items"]
    assert waiting["state"] == "to_be_decided"
    assert reviewing.decide(review, "confirmed").status_code == 200
    assert reviewing.red_line()["status"] == "confirmed"
    assert reviewing.red_line()["decision"]["replied"] is False
    assert reviewing.reply(review).status_code == 409


def test_a_late_reply_counts_while_nothing_is_decided(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    reviewing.pass_time()
    assert reviewing.reply(review).status_code == 200
    assert reviewing.reply(review).status_code == 409  # once
    said = reviewing.scorecard()["review"]["red_lines"][RAISED]
    assert said["allegation"] == ASKED["allegation"]
    assert said["reply"] == "The place is not occupied; see the map."


def test_a_later_decision_names_the_one_it_replaces_and_both_stay(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    reviewing.reply(review)
    reviewing.decide(review, "confirmed")
    again = reviewing.decide(review, "dismissed", reason="The second report was withdrawn.").json()
    verdicts = [step["verdict"] for step in again["steps"]]
    assert verdicts == ["open", "confirmed", "dismissed"]
    ids = [step["id"] for step in again["steps"]]
    assert [step["replaces"] for step in again["steps"]] == [None, *ids[:2]]


def test_a_review_that_is_reopened_gives_the_vendor_its_time_anew(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    assert reviewing.decide(review, "reopened").status_code == 409
    reviewing.reply(review)
    reviewing.decide(review, "dismissed")
    reopened = reviewing.decide(review, "reopened", reason="A third report.").json()
    assert reopened["state"] == "awaiting_reply"
    assert reviewing.decide(review, "confirmed").status_code == 409
    assert reviewing.scorecard()["review"]["red_lines"][RAISED]["allegation"] == "A third report."
    assert "reply" not in {k for k, v in reviewing.scorecard()["review"]["red_lines"][RAISED].items() if v is not None}
    assert reviewing.reply(review, reply="Nor is that so.").status_code == 200
    assert reviewing.decide(review, "confirmed").status_code == 200


def test_lifting_waits_as_many_months_as_the_red_line_says(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    reviewing.reply(review)
    reviewing.decide(review, "confirmed")
    today = clock.today().isoformat()
    shown = reviewing.decide(review, "confirmed", lifted_on=today, reason="Diligence done.").json()
    assert shown["lifting"]["shown_on"] == today
    assert shown["state"] == ("lifted" if shown["lifting"]["months"] == 0 else "confirmed")
    assert reviewing.red_line()["status"] == shown["state"]


def test_a_report_of_the_vendors_own_with_a_stop_lightens_the_effect(reviewing: Reviewing) -> None:
    asked = {"red_line": "RL-07", "group": "company", "row": None}
    review = reviewing.open(**asked).json()["id"]
    assert reviewing.red_line("RL-07/company")["band"] == "severe"
    reviewing.reply(review)
    day = (clock.today() - timedelta(days=30)).isoformat()
    assert reviewing.decide(review, "confirmed", reported_on=day, stopped_on=day).status_code == 200
    assert reviewing.red_line("RL-07/company")["band"] == "high"


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ({"red_line": "RL-77"}, {"/red_line"}),
        ({"row": "d9"}, {"/row"}),
        ({"row": None}, {"/row"}),
        ({"group": "company"}, {"/row"}),
        ({"red_line": "RL-77", "row": "d9", "evidence": ["01900000-0000-7000-8000-000000000000"]},
         {"/red_line", "/row", "/evidence/0"}),
        ({"reply_days": 19}, {"/reply_days"}),
        ({"allegation": ""}, {"/allegation"}),
    ],
)  # fmt: skip
def test_every_problem_of_an_opening_is_named(reviewing: Reviewing, said: dict[str, Any], pointers: set[str]) -> None:
    answer = reviewing.open(**said)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers


def test_there_is_one_review_of_a_subject(reviewing: Reviewing) -> None:
    reviewing.opened()
    assert reviewing.open().status_code == 409


def test_a_person_acts_and_never_the_vendor(reviewing: Reviewing) -> None:
    path = f"/v1/submissions/{reviewing.submission}/reviews"
    assert reviewing.investor.post(path, ASKED).status_code == 422
    assert reviewing.vendor.post(path, ASKED, headers=IDA).status_code == 403  # no scope
    review = reviewing.opened()
    reviewing.reply(review)
    said = {"verdict": "dismissed", "reason": "So be it."}
    assert reviewing.investor.post(f"/v1/reviews/{review}:decide", said).status_code == 422
    assert reviewing.vendor.post(f"/v1/reviews/{review}:decide", said, headers=ADA).status_code == 403


def test_a_vendor_that_is_an_investor_too_decides_nothing_about_itself(reviewing: Reviewing) -> None:
    both = reviewing.service.organisation("Omnis", "investor", "vendor")
    submission = submit_whole(reviewing.investor, both, "f3")
    assert both.post(f"/v1/submissions/{submission}/reviews", ASKED, headers=IDA).status_code == 403
    mine = Reviewing(reviewing.service, reviewing.investor, both, submission)
    review = mine.opened()
    said = {"verdict": "dismissed", "reason": "So be it."}
    assert both.post(f"/v1/reviews/{review}:decide", said, headers=IDA).status_code == 403


def test_dates_go_with_their_verdict_and_lie_not_ahead(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    reviewing.reply(review)
    ahead = (clock.today() + timedelta(days=1)).isoformat()
    wrong = reviewing.decide(review, "dismissed", lifted_on=clock.today().isoformat(), stopped_on=ahead)
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/lifted_on", "/stopped_on"}
    future = reviewing.decide(review, "confirmed", lifted_on=ahead)
    assert {error["code"] for error in future.json()["errors"]} == {"future"}


def test_since_tells_of_every_step(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    opened = reviewing.vendor.get("/v1/reviews?side=received").json()["items"][0]["changed_at"]
    later = (clock.now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    listed = "/v1/reviews?side={}&since={}"
    assert reviewing.vendor.get(listed.format("received", later)).json()["items"] == []
    assert len(reviewing.vendor.get(listed.format("received", opened)).json()["items"]) == 1
    before_reply = clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert reviewing.investor.get(listed.format("opened", before_reply)).json()["items"] == []
    reviewing.reply(review)
    assert len(reviewing.investor.get(listed.format("opened", before_reply)).json()["items"]) == 1


def test_holidays_lengthen_the_time_to_reply(reviewing: Reviewing) -> None:
    day = clock.today() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    put = reviewing.investor.send("PUT", "/v1/review-calendar", json={"holidays": [day.isoformat(), day.isoformat()]})
    assert put.json() == {"holidays": [day.isoformat()]} == reviewing.investor.get("/v1/review-calendar").json()
    assert reviewing.open().json()["reply_due"] == add_working_days(clock.today(), 20, {day}).isoformat()


def test_a_grantee_is_told_that_decisions_are_not_its_to_see(reviewing: Reviewing) -> None:
    auditor: Party = reviewing.service.organisation("Sorrel", "auditor", "investor")
    granted = {"grantee": auditor.id, "purpose": "Audit"}
    reviewing.vendor.post(f"/v1/submissions/{reviewing.submission}/grants", granted)
    review = reviewing.opened()
    reviewing.reply(review)
    reviewing.decide(review, "dismissed")
    assert auditor.get(f"/v1/submissions/{reviewing.submission}/reviews").json() == []
    assert auditor.get(f"/v1/reviews/{review}").status_code == 404
    card = reviewing.scorecard(auditor)
    assert any("reviewers decided" in sentence for sentence in card["not_checked"])
    assert not any("reviewers decided" in sentence for sentence in reviewing.scorecard()["not_checked"])
    assert not any("reviewers decided" in sentence for sentence in reviewing.scorecard(reviewing.vendor)["not_checked"])


def test_the_database_itself_holds_the_order(reviewing: Reviewing) -> None:
    """Success and refusal by the serving role alone, past the service's own checks."""
    review = reviewing.opened()
    columns = "tenant_id, id, respondent_id, submission_id, review_id, number, kind, subject, reason, evidence, person"
    copy = f"""insert into review_decision ({columns}, verdict, replaces, decided_at, decided_on)
        select tenant_id, gen_random_uuid(), respondent_id, submission_id, review_id, number + %s, kind, subject,
            'x', evidence, %s, 'confirmed', id, now(), '2020-01-01' from review_decision where id = %s"""

    def insert(step: int, person: str | None) -> None:
        with psycopg.connect(reviewing.service.app_url) as connection:
            connection.execute("select set_config('app.tenant', %s, true)", [reviewing.investor.id])
            connection.execute(copy.encode(), [step, person, review])

    with pytest.raises(CheckViolation, match="may still reply"):
        insert(1, "Ida Marr")
    reviewing.reply(review)
    with pytest.raises(CheckViolation, match="replaces the last"):
        insert(2, "Ida Marr")
    with pytest.raises(CheckViolation, match="has a person"):
        insert(1, None)
    insert(1, "Ida Marr")
    steps = reviewing.vendor.get(f"/v1/reviews/{review}").json()["steps"]
    assert steps[-1]["decided_at"][:10] == clock.today().isoformat()


@pytest.mark.parametrize(
    "statement",
    ["update review_decision set reason = 'y'", "delete from review_decision", "delete from review_reply",
     "update review_reply set reply = 'y'", "update assessment set engine = 1", "delete from assessment"],
)  # fmt: skip
def test_the_serving_role_changes_nothing_that_was_decided(database: TestDatabase, statement: str) -> None:
    with psycopg.connect(database.app_url) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement.encode())
