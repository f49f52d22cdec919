"""Each of the eleven caps, and completeness: where it holds and where it does not, from answers."""

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from questionnaires.canonical import digest
from questionnaires.documents import AnswerKey
from questionnaires.evidence import EvidenceItem, Grade
from questionnaires.redlines import NO_REVIEW, Review
from questionnaires.scoring import result_of
from tests.questionnaires.conftest import evidence_of, read_case
from tests.questionnaires.engine_2.conftest import Revisions
from tests.questionnaires.engine_2.whole import read_whole

Document = dict[str, Any]
Change = Callable[[Document], None]


def answer(document: Document, question: str, value: dict[str, Any] | None, row: str = "d1", group: str = "") -> None:
    """Give, change or take back an answer, wherever it belongs."""
    group = group or ("company" if question in document["company"] or question[:3] in COMPANY else "deployment")
    answers = document["company"] if group == "company" else document[group][row]["answers"]
    if value is None:
        answers.pop(question, None)
    else:
        answers[question] = {"state": "answered", "value": value}


COMPANY = {"GOV", "OWN", "CON", "MON", "REM", "TRA"}


def score(
    revisions: Revisions, case: str, grade: Grade, change: Change | None = None, review: Review = NO_REVIEW
) -> Any:
    """Return the result of an exercise, changed, with one grade behind every answer."""
    document = read_whole(case, revisions.questionnaire)
    if change is not None:
        change(document)
    return result_of(revisions.assess(document, evidence_of(document, grade), review))


def row_of(result: Any, row: str = "d1") -> Any:
    return next(deployment for deployment in result["deployments"] if deployment["row"] == row)


def caps_of(result: Any, row: str | None = "d1") -> dict[str, dict[str, Any]]:
    """Return the caps that hold a deployment or the company."""
    return {cap["cap"]: cap for cap in result["caps"] if cap["row"] in {row, None}}


def value_in(result: Any, code: str, row: str = "d1") -> int:
    value: int = row_of(result, row)["criteria"][code]["value"]
    return value


def test_c01_a_blank_section_or_key_item_holds_at_elevated(revisions: Revisions) -> None:
    whole = score(revisions, "f6", "V4")
    assert "C-01" not in caps_of(whole)
    assert whole["company"]["band"] == "moderate"

    def forget(document: Document) -> None:
        answer(document, "TRA-01", None)

    result = score(revisions, "f6", "V4", forget)
    assert caps_of(result)["C-01"]["because"] == ["TRA-01"]
    assert result["company"]["computed_band"] == "moderate"
    assert (result["company"]["band"], result["company"]["band_low"]) == ("elevated", "moderate")
    assert result["company"]["insufficient_disclosure"] is False


def test_c01_admissions_and_not_known_key_items_are_answers(revisions: Revisions) -> None:
    def admit(document: Document) -> None:
        answer(document, "TRA-01", {"level": "none"})
        document["company"]["GOV-04"] = {"state": "not_known"}

    assert "C-01" not in caps_of(score(revisions, "f6", "V4", admit))


def test_c01_well_answered_deployments_do_not_make_up_for_a_blank_one(revisions: Revisions) -> None:
    def add(document: Document) -> None:
        for number in range(20):
            document["deployment"][f"good{number}"] = copy.deepcopy(document["deployment"]["d1"])
        for question in ("BUY-16", "BUY-18", "BUY-12"):
            document["deployment"]["d2"]["answers"].pop(question)

    result = score(revisions, "f6", "V4", add)
    assert caps_of(result, "d2")["C-01"]["because"] == ["section:F"]
    assert "C-01" not in caps_of(result, "good3")


def test_c01_below_sixty_percent_is_insufficient_disclosure(revisions: Revisions) -> None:
    document = read_case("f8")["document"]
    result = result_of(revisions.assess(document, evidence_of(document, "V0")))
    assert result["company"]["insufficient_disclosure"] is True
    assert {"elevated", "high"} == {c["floor"] for c in result["caps"] if c["cap"] == "C-01"}


@pytest.mark.parametrize("what", ["end user", "place"])
def test_c02_an_unknown_end_user_or_place_where_freedom_is_weak(what: str, revisions: Revisions) -> None:
    def hide(document: Document) -> None:
        sale = document["deployment"]["d1"]["answers"]["BUY-01"]["value"]
        if what == "end user":
            sale["end_user_known"] = "no"
        else:
            del sale["area"]

    assert "C-02" not in caps_of(score(revisions, "f1", "V4"))
    result = score(revisions, "f1", "V4", hide)
    assert caps_of(result)["C-02"]["floor"] == "high"
    assert (value_in(result, "B7"), value_in(result, "M3") <= 1) == (4, True)


def test_c02_not_where_freedom_is_sound(revisions: Revisions) -> None:
    def hide(document: Document) -> None:
        document["deployment"]["d1"]["answers"]["BUY-01"]["value"]["end_user_known"] = "no"

    assert "C-02" not in caps_of(score(revisions, "f5", "V4", hide))


@pytest.mark.parametrize(
    ("cases", "holds"),
    [
        ({"confirmed": 3, "kept": 2, "with_plan": 1}, True),
        ({"confirmed": 3, "kept": 2, "with_plan": 2}, False),  # each customer that was kept has a dated plan
        ({"confirmed": 3, "kept": 0, "with_plan": 0}, False),  # no customer was kept
        ({"confirmed": 0, "kept": 2, "with_plan": 0}, False),  # nothing was confirmed
    ],
)
def test_c03_misuse_confirmed_and_the_customer_kept_without_a_plan(
    cases: dict[str, int], holds: bool, revisions: Revisions
) -> None:
    result = score(revisions, "f6", "V4", lambda document: tell_misuse(document, **cases))
    assert ("C-03" in caps_of(result)) is holds
    assert value_in(result, "M6") == (1 if holds else 3)
    assert result["company"]["band"] == ("high" if holds else "moderate")
    if holds:
        assert (caps_of(result)["C-03"]["row"], caps_of(result)["C-03"]["floor"]) == (None, "high")
        assert result["company"]["band_low"] == "high"


def test_c03_holds_the_headline_where_the_plans_are_not_told(revisions: Revisions) -> None:
    def hide(document: Document) -> None:
        tell_misuse(document, confirmed=3, kept=2, with_plan=2)
        del document["company"]["MON-05"]["value"]["with_plan"]

    result = score(revisions, "f6", "V4", hide)
    assert caps_of(result)["C-03"]["certain"] is False
    assert (result["company"]["band"], result["company"]["band_low"]) == ("high", "moderate")


def tell_misuse(document: Document, *, confirmed: int, kept: int, with_plan: int) -> None:
    """Tell of confirmed misuse, of the customers kept after it, and of those with a dated plan."""
    before = document["company"]["MON-02"]["value"]
    answer(document, "MON-02", {**before, "confirmed": confirmed, "acted": confirmed})
    told = document["company"].get("MON-05", {}).get("value", {})
    answer(document, "MON-05", {**told, "kept": kept, "with_plan": with_plan})


def test_c04_screening_of_lists_only(revisions: Revisions) -> None:
    assert "C-04" not in caps_of(score(revisions, "f6", "V4"))
    result = score(revisions, "f6", "V4", lambda d: answer(d, "BUY-13", {"looks_at": ["lists"]}, group="company"))
    assert caps_of(result)["C-04"]["row"] is None
    assert value_in(result, "M3") == 1


def test_c05_conflict_without_heightened_diligence(revisions: Revisions) -> None:
    def conflict(document: Document) -> None:
        answer(document, "CTX-06", {"situation": "armed_conflict"})
        answer(document, "CTX-08", {"heightened": "no"})

    def diligent(document: Document) -> None:
        conflict(document)
        answer(document, "CTX-08", {"heightened": "yes"})

    assert value_in(score(revisions, "f6", "V3", diligent), "M2") == 3
    assert "C-05" not in caps_of(score(revisions, "f6", "V4", diligent))
    result = score(revisions, "f6", "V4", conflict)
    assert caps_of(result)["C-05"]["because"] == ["CTX-06.situation"]
    assert value_in(result, "M2") == 1


@pytest.mark.parametrize("stop", ["reports_to_sales", "none"])
def test_c06_nobody_independent_can_stop_a_sale(stop: str, revisions: Revisions) -> None:
    assert "C-06" not in caps_of(score(revisions, "f6", "V4"))
    result = score(revisions, "f6", "V4", lambda d: answer(d, "GOV-06", {"stop": stop}))
    assert "C-06" in caps_of(result)
    assert max(value_in(result, "M1"), value_in(result, "M3")) == 2


def test_c07_the_gravest_harm_needs_third_parties(revisions: Revisions) -> None:
    def gravest(document: Document) -> None:
        answer(document, "USE-06", {"effect": "movement_of_population_or_harm"})

    assert "C-07" not in caps_of(score(revisions, "f6", "V2"))
    result = score(revisions, "f6", "V2", gravest)
    assert "E3" in caps_of(result)["C-07"]["because"]
    assert row_of(result)["mitigation"] == "0.0000"
    assert row_of(score(revisions, "f6", "V3", gravest))["mitigation"] != "0.0000"


def test_c08_low_needs_an_audit_and_moderate_is_marked(revisions: Revisions) -> None:
    result = score(revisions, "f5", "V3")
    assert (result["company"]["computed_band"], result["company"]["band"]) == ("low", "moderate")
    assert (result["company"]["self_assessed"], row_of(result)["self_assessed"]) == (True, True)
    assert caps_of(result)["C-08"]["because"] == ["GOV-06", "BUY-13", "CON-03", "REM-01"]
    audited = score(revisions, "f5", "V4")
    assert (audited["company"]["band"], audited["company"]["self_assessed"]) == ("low", False)
    assert "C-08" not in caps_of(audited)
    assert score(revisions, "f6", "V3")["company"]["self_assessed"] is True
    assert score(revisions, "f6", "V4")["company"]["self_assessed"] is False


def test_c09_the_worst_deployment_is_the_company(revisions: Revisions) -> None:
    assert "C-09" in revisions.criteria.caps
    result = score(revisions, "f1", "V2")
    assert result["company"]["residual"] == max(row["residual"] for row in result["deployments"])
    assert {row["band"] for row in result["deployments"]} > {result["company"]["band"]}


@pytest.mark.parametrize(("dated", "held"), [("2026-06-30", False), ("2025-06-30", True), ("2024-06-30", True)])
def test_c10_names_the_answers_whose_evidence_has_aged(dated: str, held: bool, revisions: Revisions) -> None:
    document = read_whole("f6", revisions.questionnaire)
    evidence = evidence_of(document, "V4")
    key = AnswerKey("REM-01", "")
    evidence[key] = [EvidenceItem(digest("old"), "V4", date.fromisoformat(dated))]
    result = result_of(revisions.assess(document, evidence))
    assert ("C-10" in caps_of(result)) is held
    assert not held or caps_of(result)["C-10"]["because"] == ["REM-01"]


def test_c11_answers_that_contradict_each_other_prove_nothing(revisions: Revisions) -> None:
    def contradict(document: Document) -> None:
        answer(document, "GOV-04", {"refused_uses": ["U12", "U13"]})
        document["deployment"]["d1"]["answers"]["USE-01"]["value"]["stated"] = ["U08", "U12"]

    def refuse(document: Document) -> None:
        contradict(document)
        answer(document, "GOV-04", {"refused_uses": ["U13"]})

    agreed = score(revisions, "f6", "V4", refuse)
    assert "C-11" not in caps_of(agreed)
    result = score(revisions, "f6", "V4", contradict)
    assert caps_of(result)["C-11"]["because"] == ["GOV-04", "USE-01"]
    assert (value_in(agreed, "M5"), value_in(result, "M5")) == (3, 1)
    assert result["evidence"]["contradicted"] == 2
    settled = score(revisions, "f6", "V4", contradict, NO_REVIEW._replace(resolved=frozenset({"X-01/d1"})))
    assert value_in(settled, "M5") == 3


@pytest.mark.parametrize(
    ("code", "criterion", "worse", "change"),
    [
        ("X-02", "B6", 4, {"BUY-01": {"kind": "K13"}, "BUY-08": {"control": "none_checked"}}),
        ("X-05", "B8", 2, {"REC-01": {"strength": "none_searched"}, "REC-06": {"again": "yes"}}),
        ("X-06", "E2", 4, {"USE-01": {"stated": ["U13"]}, "USE-08": {"assemblies": "no"}}),
    ],
)
def test_c11_the_worse_reading_counts(
    code: str, criterion: str, worse: int, change: dict[str, Any], revisions: Revisions
) -> None:
    def contradict(document: Document) -> None:
        answers = document["deployment"]["d1"]["answers"]
        for question, value in change.items():
            answers[question]["value"] |= value

    assert value_in(score(revisions, "f6", "V4"), criterion) < worse
    result = score(revisions, "f6", "V4", contradict)
    assert value_in(result, criterion) == worse
    assert code in caps_of(result)["C-11"]["effect"]


@pytest.mark.parametrize(("types", "question", "value"), [("T08", "PRD-05", "none"), ("T04", "PRD-06", "no")])
def test_c11_a_product_that_is_and_is_not(types: str, question: str, value: str, revisions: Revisions) -> None:
    def contradict(document: Document) -> None:
        answers = document["product"]["p1"]["answers"]
        answers["PRD-01"]["value"]["types"].append(types)

    result = score(revisions, "f6", "V4", contradict)
    assert caps_of(result)["C-11"]["because"] == ["PRD-01", question]
    assert value in read_whole("f6", revisions.questionnaire)["product"]["p1"]["answers"][question]["value"].values()


def test_units_without_a_deployment_of_an_intrusive_product_are_a_remainder(revisions: Revisions) -> None:
    def leave_out(document: Document) -> None:
        document["company"]["OWN-05"]["value"]["areas"][0]["units"] += 1

    assert score(revisions, "f1", "V2")["company"]["remainders"] == 0
    result = score(revisions, "f1", "V2", leave_out)
    assert (result["company"]["worst"], result["company"]["remainders"]) == ("~remainder:p1:XB", 1)
    assert row_of(result, "~remainder:p1:XB")["criteria"]["B3"] == {"value": 4, "low": 4}
    assert row_of(result, "~remainder:p1:XB")["criteria"]["E8"]["value"] == 3
    assert result["company"]["deployments"] == 4
    assert result["company"]["band"] == "severe"


@pytest.mark.parametrize(("missing", "floor"), [(0, None), (5, "low"), (6, "elevated"), (70, "high")])
def test_units_without_a_deployment_of_a_plain_product_hold_the_band(
    missing: int, floor: str | None, revisions: Revisions
) -> None:
    def leave_out(document: Document) -> None:
        document["company"]["OWN-05"]["value"]["areas"][0]["units"] = 100
        document["deployment"]["d1"]["answers"]["BUY-01"]["value"]["units"] = 100 - missing

    result = score(revisions, "f5", "V4", leave_out)
    assert result["company"]["remainders"] == 0
    assert caps_of(result, None).get("completeness", {}).get("floor") == floor
    assert result["company"]["band"] == (floor or "low")


@pytest.mark.parametrize(("taken", "remainders"), [("question", 1), ("units", 2)])  # units not told may be elsewhere
def test_totals_that_are_not_told_may_be_anything(taken: str, remainders: int, revisions: Revisions) -> None:
    def hide(document: Document) -> None:
        if taken == "question":
            del document["company"]["OWN-05"]
        else:
            del document["company"]["OWN-05"]["value"]["areas"][0]["units"]

    result = score(revisions, "f1", "V2", hide)
    assert result["company"]["remainders"] == remainders
    assert result["company"]["band_low"] == score(revisions, "f1", "V2")["company"]["band_low"]


def test_not_applicable_counts_nothing_until_it_is_accepted(revisions: Revisions) -> None:
    def skip(document: Document) -> None:
        document["company"]["CON-02"] = {"state": "not_applicable", "reason": "We sell directly only."}

    assert value_in(score(revisions, "f6", "V4"), "M5") == 3
    assert value_in(score(revisions, "f6", "V4", skip), "M5") == 2
    accepted = NO_REVIEW._replace(not_applicable=frozenset({AnswerKey("CON-02", "")}))
    assert value_in(score(revisions, "f6", "V4", skip, accepted), "M5") == 3
    assert value_in(score(revisions, "f6", "V4", None, accepted), "M5") == 3


def test_a_rung_of_nothing_but_accepted_answers_gives_nothing_and_blocks_nothing(revisions: Revisions) -> None:
    def skip(document: Document) -> None:
        for question in ("REM-03", "REM-04"):
            document["company"][question] = {"state": "not_applicable", "reason": "No case arose."}

    accepted = Review({}, frozenset({AnswerKey("REM-03", ""), AnswerKey("REM-04", "")}), frozenset())
    assert value_in(score(revisions, "f4b", "V4"), "M8") == 3
    assert value_in(score(revisions, "f4b", "V4", skip, accepted), "M8") == 2


def test_what_full_mitigation_would_take_off_stands_beside_the_result(revisions: Revisions) -> None:
    company = score(revisions, "f1", "V2")["company"]
    assert (company["residual"], company["avoidable"]) == ("72.0799", "19.4119")  # 75.2400 x (1 - 0.30) is 52.6680
    assert score(revisions, "f6", "V4")["company"]["avoidable"] == "4.9384"
