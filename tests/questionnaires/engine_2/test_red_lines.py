"""Each of the twelve red lines: raised, not raised, open; and what reviewers decide about them."""

from datetime import date
from typing import Any

import pytest

from questionnaires.redlines import NO_REVIEW, Decision, Review, read_review, review_json
from questionnaires.scales import step_of
from questionnaires.scoring import result_of
from tests.questionnaires.conftest import evidence_of
from tests.questionnaires.engine_2.conftest import Revisions, load_questionnaire
from tests.questionnaires.engine_2.whole import answer_all, read_whole

ON = date(2026, 11, 25)
CONFIRMED = Decision("confirmed", "reviewer", date(2026, 9, 1), reply_due=date(2026, 8, 31))

RAISED: list[tuple[str, str, dict[str, dict[str, Any]], str]] = [
    ("RL-01", "deployment/d1", {"EXP-09": {"listing": "binding_unlicensed"}}, "severe"),
    ("RL-02", "deployment/d1", {"USE-01": {"expected": ["U08", "U14"]}}, "severe"),
    ("RL-03", "deployment/d1", {"USE-01": {"stated": ["U16"]}}, "high"),
    (
        "RL-03", "deployment/d1",
        {"USE-06": {"effect": "movement_of_population_or_harm"}, "USE-07": {"groups": "over_represented"}}, "high",
    ),
    ("RL-03", "deployment/d1", {"USE-01": {"stated": ["U16"]}, "REC-06": {"again": "yes"}}, "severe"),
    ("RL-04", "product/p1", {"PRD-05": {"traits": "yes"}}, "severe"),
    ("RL-04", "product/p1", {"PRD-01": {"types": ["T08"]}}, "severe"),
    ("RL-05", "deployment/d1", {"PRD-06": {"emotion": "yes"}, "USE-01": {"stated": ["U12"]}}, "high"),
    (
        "RL-05", "deployment/d1",
        {"PRD-06": {"emotion": "yes"}, "USE-01": {"stated": ["U18"]}, "BUY-01": {"area": "XB"}}, "severe",
    ),
    ("RL-06", "product/p1", {"PRD-13": {"marketing": "yes"}}, "high"),
    ("RL-07", "company", {"EXP-04": {"notice": "notified_and_sold"}}, "severe"),
    ("RL-08", "deployment/d1", {"USE-08": {"assemblies": "yes"}}, "high"),
    ("RL-10", "company", {"REM-05": {"retaliation": "withdrawn"}}, "high"),
    ("RL-08", "deployment/d1", {"USE-01": {"stated": ["U13"]}}, "high"),
    ("RL-09", "deployment/d1", {"REC-06": {"again": "yes"}, "IMP-01": {"level": "product"}}, "high"),
    (
        "RL-12", "deployment/d1",
        {"CTX-06": {"situation": "occupation_or_internment"}, "CTX-08": {"heightened": "no"}}, "high",
    ),
]  # fmt: skip
NOT_RAISED: list[tuple[str, dict[str, dict[str, Any]]]] = [
    ("RL-01", {"EXP-09": {"listing": "binding_licensed"}}),
    ("RL-02", {"USE-01": {"expected": ["U09"]}}),
    ("RL-03", {"USE-06": {"effect": "movement_of_population_or_harm"}}),
    ("RL-04", {"PRD-06": {"emotion": "yes"}}),
    ("RL-05", {"PRD-06": {"emotion": "yes"}}),
    ("RL-05", {"USE-01": {"stated": ["U12"]}}),
    ("RL-06", {"PRD-05": {"traits": "yes"}}),
    ("RL-07", {"EXP-04": {"notice": "notified_and_stopped"}}),
    ("RL-08", {"USE-01": {"stated": ["U09"]}}),
    ("RL-09", {"REC-06": {"again": "yes"}, "IMP-01": {"level": "deal"}}),
    ("RL-10", {"REM-05": {"retaliation": "none"}}),
    ("RL-11", {}),
    ("RL-12", {"CTX-06": {"situation": "occupation_or_internment"}, "CTX-08": {"heightened": "yes"}}),
]


def document_with(change: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return exercise F6, whose answers point to nothing, with some fields changed."""
    document = read_whole("f6", load_questionnaire())
    for question, value in change.items():
        owners = (document["company"], document["product"]["p1"]["answers"], document["deployment"]["d1"]["answers"])
        answers = next((o for o in owners if question in o), owners[2])
        before = answers.get(question, {}).get("value", {})
        answers[question] = {"state": "answered", "value": {**before, **value}}
    return answer_all(document, load_questionnaire())


def score(
    revisions: Revisions, document: dict[str, Any], decisions: dict[str, Decision] | None = None, on: date = ON
) -> Any:
    review = Review(decisions or {}, frozenset(), frozenset())
    return result_of(revisions.assess(document, evidence_of(document, "V4"), review, on))


def lines(result: Any, code: str) -> list[dict[str, Any]]:
    return [line for line in result["red_lines"] if line["red_line"] == code]


def band_of(result: Any, row: str = "d1") -> str:
    band: str = next(deployment["band"] for deployment in result["deployments"] if deployment["row"] == row)
    return band


def test_answers_that_point_to_nothing_raise_nothing(revisions: Revisions) -> None:
    result = score(revisions, document_with({}))
    assert result["red_lines"] == []
    assert result["company"]["band"] == "moderate"


@pytest.mark.parametrize(("code", "about", "change", "effect"), RAISED)
def test_an_answer_raises_a_candidate_and_holds_the_band(
    code: str, about: str, change: dict[str, Any], effect: str, revisions: Revisions
) -> None:
    result = score(revisions, document_with(change))
    (line,) = lines(result, code)
    assert (line["candidate"], line["status"], line["band"]) == (f"{code}/{about}", "under_review", effect)
    assert {reference.partition(".")[0] for reference in line["because"]} & {*change, "B4"}
    assert step_of(result["company"]["band"]) >= step_of(effect)
    assert result["company"]["band_low"] == result["company"]["band"]
    if about != "company":
        assert step_of(band_of(result)) >= step_of(effect)
    assert score(revisions, document_with({}))["company"]["band"] == "moderate"


def test_every_red_line_has_a_case_that_raises_it_and_one_that_does_not(revisions: Revisions) -> None:
    codes = {f"RL-{number:02}" for number in range(1, 13)}
    assert set(revisions.criteria.red_lines) == codes
    assert {code for code, *_ in RAISED} == codes - {"RL-11"}  # no answer points to it: only a reviewer finds it
    assert {code for code, _ in NOT_RAISED} == codes


@pytest.mark.parametrize(("code", "change"), NOT_RAISED)
def test_another_answer_raises_none(code: str, change: dict[str, Any], revisions: Revisions) -> None:
    assert lines(score(revisions, document_with(change)), code) == []


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("PRD-05", "RL-04"), ("PRD-13", "RL-06"), ("EXP-04", "RL-07"), ("EXP-09", "RL-01"), ("USE-08", "RL-08"),
        ("REC-06", "RL-09"), ("CTX-08", "RL-12"), ("USE-07", "RL-03"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("state", ["not_known", "declined_confidential", None])
def test_a_red_line_that_is_answered_neither_way_is_open(
    question: str, code: str, state: str | None, revisions: Revisions
) -> None:
    document = document_with(
        {"CTX-06": {"situation": "occupation_or_internment"}, "CTX-08": {"heightened": "yes"},
         "USE-06": {"effect": "movement_of_population_or_harm"}, "IMP-01": {"level": "product"}}
    )  # fmt: skip
    assert lines(score(revisions, document), code) == []
    for answers in (document["company"], document["product"]["p1"]["answers"], document["deployment"]["d1"]["answers"]):
        if question in answers:
            answers[question] = {"state": state, "reason": "We keep it."}
            if state is None:
                del answers[question]
    result = score(revisions, document)
    (line,) = lines(result, code)
    effect = revisions.criteria.red_lines[code].effect
    assert line["status"] == "open"
    assert step_of(line["band"]) >= step_of(effect)
    assert step_of(result["company"]["band"]) >= step_of(effect)


@pytest.mark.parametrize(("code", "about"), [("RL-10", "company"), ("RL-11", "company"), ("RL-02", "deployment/d1")])
def test_a_finding_needs_no_answer(code: str, about: str, revisions: Revisions) -> None:
    name = f"{code}/{about}"
    result = score(revisions, document_with({}), {name: CONFIRMED})
    (line,) = lines(result, code)
    assert (line["status"], line["band"]) == ("confirmed", revisions.criteria.red_lines[code].effect)
    assert (line["decision"]["by"], line["decision"]["on"]) == ("reviewer", "2026-09-01")
    assert step_of(result["company"]["band"]) >= step_of(line["band"])
    gone = score(revisions, document_with({}), {name: CONFIRMED._replace(verdict="dismissed")})
    assert gone["company"]["band"] == "moderate"


def test_retaliation_takes_the_credit_for_grievances(revisions: Revisions) -> None:
    def grievances(result: Any) -> int:
        value: int = result["deployments"][0]["criteria"]["M8"]["value"]
        return value

    assert grievances(score(revisions, document_with({}))) == 2
    assert grievances(score(revisions, document_with({}), {"RL-10/company": CONFIRMED})) == 0
    waiting = CONFIRMED._replace(reply_due=date(2026, 9, 30))
    assert grievances(score(revisions, document_with({}), {"RL-10/company": waiting})) == 2


@pytest.mark.parametrize(
    ("decision", "status", "band"),
    [
        (None, "under_review", "severe"),
        (CONFIRMED._replace(verdict="open"), "under_review", "severe"),
        (CONFIRMED, "confirmed", "severe"),
        (CONFIRMED._replace(reply_due=date(2026, 9, 1)), "under_review", "severe"),  # the time to reply is not over
        (CONFIRMED._replace(reply_due=None), "under_review", "severe"),
        (CONFIRMED._replace(reply_due=None, replied=True), "confirmed", "severe"),
        (CONFIRMED._replace(on=date(2026, 11, 26)), "under_review", "severe"),  # not yet, on the day of assessment
        (CONFIRMED._replace(verdict="dismissed"), "dismissed", None),
        (CONFIRMED._replace(lifted_on=date(2025, 11, 25)), "lifted", None),
        (CONFIRMED._replace(lifted_on=date(2025, 11, 26)), "confirmed", "severe"),  # RL-01 waits twelve months
        (CONFIRMED._replace(reported_on=date(2026, 5, 25), stopped_on=date(2026, 6, 1)), "confirmed", "high"),
        (CONFIRMED._replace(reported_on=date(2026, 5, 24), stopped_on=date(2026, 6, 1)), "confirmed", "severe"),
        (CONFIRMED._replace(reported_on=date(2026, 5, 25)), "confirmed", "severe"),  # told first, and goes on
        (CONFIRMED._replace(reported_on=date(2026, 5, 25), stopped_on=date(2026, 12, 1)), "confirmed", "severe"),
    ],
)
def test_what_reviewers_decide_counts_once_the_vendor_could_reply(
    decision: Decision | None, status: str, band: str | None, revisions: Revisions
) -> None:
    document = document_with({"EXP-09": {"listing": "binding_unlicensed"}})
    name = "RL-01/deployment/d1"
    result = score(revisions, document, {name: decision} if decision else {})
    (line,) = lines(result, "RL-01")
    assert (line["status"], line["band"]) == (status, band)
    assert band_of(result) == (band or "moderate" if band != "moderate" else band)


def test_a_confirmed_red_line_outlives_the_answer_and_the_deployment(revisions: Revisions) -> None:
    document = document_with({})
    del document["deployment"]["d1"]
    document["company"]["OWN-05"] = {"state": "answered", "value": {"areas": []}}
    result = score(revisions, document, {"RL-02/deployment/d1": CONFIRMED, "RL-05/deployment/gone": CONFIRMED})
    assert [(line["candidate"], line["group"], line["band"]) for line in result["red_lines"]] == [
        ("RL-02/deployment/d1", "company", "severe"),
        ("RL-05/deployment/gone", "company", "severe"),  # its place cannot be read any more
    ]
    assert result["company"]["band"] == "severe"
    assert band_of(result, "d2") != "severe"


def test_a_decision_about_what_no_red_line_is_changes_nothing(revisions: Revisions) -> None:
    plain = score(revisions, document_with({}))
    odd = score(revisions, document_with({}), {"RL-99/company": CONFIRMED, "RL-01/nowhere/x": CONFIRMED})
    assert (odd["red_lines"], odd["company"]) == (plain["red_lines"], plain["company"])
    assert NO_REVIEW.red_lines == {}


def test_what_is_said_is_carried_and_changes_no_figure(revisions: Revisions) -> None:
    document = document_with({"PRD-05": {"traits": "yes"}})
    silent = score(revisions, document, {"RL-04/product/p1": CONFIRMED})
    said = CONFIRMED._replace(allegation="It names a trait.", reply="It does not.")
    told = score(revisions, document, {"RL-04/product/p1": said})
    assert told["review"]["red_lines"]["RL-04/product/p1"]["reply"] == "It does not."
    assert read_review(told["review"]).red_lines["RL-04/product/p1"] == said
    assert "reply" not in silent["review"]["red_lines"]["RL-04/product/p1"]  # as results signed before have it
    assert {name: part for name, part in told.items() if name != "review"} == {
        name: part for name, part in silent.items() if name != "review"
    }


@pytest.mark.parametrize("name", ["allegation", "reply"])
def test_what_is_said_is_text_or_nothing(name: str) -> None:
    decision = review_json(Review({"RL-04/product/p1": CONFIRMED}, frozenset(), frozenset()))
    decision["red_lines"]["RL-04/product/p1"][name] = {"not": "text"}
    with pytest.raises(TypeError):
        read_review(decision)


def test_a_red_line_that_hangs_on_what_may_not_be_asked_is_not_lifted_by_leaving_the_gate_open(
    revisions: Revisions,
) -> None:
    document = read_whole("f5", load_questionnaire())
    answers = document["deployment"]["d1"]["answers"]
    answers["BUY-01"]["value"]["area"] = "XC"  # under a territorial reason, as RL-12 reads it
    answers["CTX-06"] = {"state": "answered", "value": {"situation": "none"}}  # then CTX-08 is not asked
    answers["CTX-08"] = {"state": "answered", "value": {"heightened": "yes"}}
    told = revisions.assess(document, evidence_of(document, "V4"))
    del answers["CTX-06"]
    withheld = revisions.assess(document, evidence_of(document, "V4"))
    assert told.standing is not None
    assert withheld.standing is not None
    assert [(one.code, one.status) for one in told.standing.findings] == [("RL-12", "under_review")]
    assert [(one.code, one.status, one.band_low) for one in withheld.standing.findings] == [("RL-12", "open", None)]
    assert step_of(withheld.band) >= step_of(told.band) >= step_of(withheld.standing.band_low)


def test_an_incident_that_may_not_be_asked_about_holds_no_low_bound(revisions: Revisions) -> None:
    document = read_whole("f6", load_questionnaire())
    answers = document["company"]
    answers["MON-02"] = {"state": "answered", "value": {"confirmed": 0, "acted": 0, "days": 20}}
    answers["MON-09"] = {"state": "answered", "value": {"received": 0}}
    said = {"INC-01": {"harms": ["expression"]}, "INC-04": {"part": "instrument"}, "INC-02": {"source": "court"}}
    told = {id_: {"state": "answered", "value": value} for id_, value in said.items()}
    document["incident"] = {"i0": {"name": "I", "deployment": "d2", "answers": told}}
    del answers["REC-07"]
    gate_open = revisions.assess(document, evidence_of(document, "V4"))
    answers["REC-07"] = {"state": "answered", "value": {"reports": 0}}  # then nothing is asked of incidents
    closed = revisions.assess(document, evidence_of(document, "V4"))
    assert gate_open.standing is not None
    assert ("RL-02", "open") in {(one.code, one.status) for one in gate_open.standing.findings}
    assert step_of(gate_open.standing.band_low) <= step_of(closed.band) <= step_of(gate_open.band)
