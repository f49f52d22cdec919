"""What a scorecard shows on request, and two submissions compared, over HTTP."""

from typing import Any

from questionnaires import library
from questionnaires.sensitivity import vary
from tests.reviews.conftest import REVISIONS, Reviewing, submit_whole
from tests.service import submit_case


def ten_thousandths(figure: str) -> int:
    """Return a printed figure as a whole number."""
    return round(float(figure) * 10_000)


def test_nothing_is_computed_that_was_not_asked_for(reviewing: Reviewing) -> None:
    card = reviewing.scorecard()
    assert (card["reasons"], card["actions"], card["sensitivity"]) == (None, None, None)


def test_the_tree_of_reasons_adds_up_to_the_residual(reviewing: Reviewing) -> None:
    card = reviewing.scorecard(query="?reasons=tree")
    residuals = {row["row"]: row["residual"] for row in card["deployments"]}
    assert {tree["code"] for tree in card["reasons"]} == residuals.keys()
    for tree in card["reasons"]:
        assert tree["share"] == residuals[tree["code"]]
        assert sum(ten_thousandths(part["share"]) for part in tree["parts"]) == ten_thousandths(tree["share"])
    held = {part["code"] for tree in card["reasons"] for part in tree["parts"] if part["kind"] == "red_line"}
    assert "RL-12" in held


def test_how_firm_a_band_is_is_what_the_method_says(reviewing: Reviewing) -> None:
    card = reviewing.scorecard(query="?sensitivity=true&row=d1")
    said, row = card["sensitivity"], next(row for row in card["deployments"] if row["row"] == "d1")
    assert (said["row"], said["band"], said["draws"]) == ("d1", row["computed_band"], 1000)
    assert said["firm"] == (said["same_band"] >= 900)
    assert ten_thousandths(said["low"]) <= ten_thousandths(row["residual"]) <= ten_thousandths(said["high"])
    assert {"B1", "M10"} <= said["without"].keys()
    assert vary.__module__ == "questionnaires.sensitivity"


def test_next_actions_reach_a_better_band(reviewing: Reviewing) -> None:
    investor, vendor = reviewing.investor, reviewing.vendor
    submission = submit_whole(investor, vendor, "f6")
    answer = investor.get(f"/v1/submissions/{submission}/scorecard?actions=true&row=d1")
    assert answer.status_code == 200
    order = ["low", "moderate", "elevated", "high", "severe"]
    (row,) = [row for row in answer.json()["deployments"] if row["row"] == "d1"]
    found: list[dict[str, Any]] = answer.json()["actions"]
    assert found
    assert all(order.index(one["band"]) < order.index(row["band"]) for one in found)
    assert all(one["changes"] for one in found)


def test_a_deployment_that_is_not_there_is_refused(reviewing: Reviewing) -> None:
    path = f"/v1/submissions/{reviewing.submission}/scorecard"
    for query in ("?sensitivity=true&row=d9", "?row=d9", "?reasons=bush"):
        assert reviewing.investor.get(path + query).status_code == 422


def test_two_submissions_are_compared_by_cause(reviewing: Reviewing) -> None:
    investor, vendor = reviewing.investor, reviewing.vendor
    later = submit_whole(investor, vendor, "f6")
    said = investor.get(f"/v1/submissions/{later}/comparison?with={reviewing.submission}")
    assert said.status_code == 200
    assert {move["cause"] for move in said.json()["moves"]} == {"answers"}
    moved = sum(ten_thousandths(move["residual"]) for move in said.json()["moves"] if move["row"] is None)
    before, after = (
        investor.get(f"/v1/submissions/{one}/scorecard").json()["company"]["residual"]
        for one in (reviewing.submission, later)
    )
    assert moved == ten_thousandths(after) - ten_thousandths(before)
    same = investor.get(f"/v1/submissions/{later}/comparison?with={later}").json()
    assert same["moves"] == []


def test_another_method_is_told_apart_from_other_answers(reviewing: Reviewing) -> None:
    earlier = submit_case(reviewing.investor, reviewing.vendor, "f3")["submission"]
    said = reviewing.investor.get(f"/v1/submissions/{reviewing.submission}/comparison?with={earlier}").json()
    assert "method" in {move["cause"] for move in said["moves"]}
    assert REVISIONS["criteria"].endswith("@2")


def test_submissions_of_two_vendors_are_not_compared(reviewing: Reviewing) -> None:
    other = reviewing.service.organisation("Tarnbrook", "vendor")
    theirs = submit_case(reviewing.investor, other, "f5")["submission"]
    path = f"/v1/submissions/{reviewing.submission}/comparison?with="
    assert reviewing.investor.get(path + theirs).status_code == 422
    assert reviewing.vendor.get(path + theirs).status_code == 404


def test_every_engine_is_there() -> None:
    assert {criteria.engine for criteria in library.criteria().values()} == {1, 2}
