"""Broken overlays, each with the one finding that it must give: code and place."""

import copy
from typing import Any

import pytest

from questionnaires import library
from questionnaires.linting.refusals import MOST_REFUSALS
from questionnaires.overlays import (
    OVERLAY_FINDINGS,
    Overlay,
    OverlayError,
    Standard,
    apply,
    check_overlay,
    read_overlay,
)
from questionnaires.revisions import revision_digest
from tests.questionnaires.engine_2.overlays.own import WHOLE, cap, line, load_standard, overlay_json, read

EMOTION = {"answer": "PRD-06.emotion", "is": ["yes"]}
WEAK = {"criterion": "B3", "at_least": 3}
DEEP: dict[str, Any] = WEAK
for _ in range(9):
    DEEP = {"not": {"not": DEEP}}
NOWHERE = "sha256:" + "0" * 64

BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"engine": 3, "bands": {"severe": 70}}, "standard-stays", "/engine"),
    ({"tables": {}, "bands": {"severe": 70}}, "standard-stays", "/tables"),
    ({"risk": {}, "bands": {"severe": 70}}, "standard-stays", "/risk"),
    ({"mitigation": {}, "bands": {"severe": 70}}, "standard-stays", "/mitigation"),
    ({"coverage": None, "bands": {"severe": 70}}, "standard-stays", "/coverage"),
    ({"audit": None, "bands": {"severe": 70}}, "standard-stays", "/audit"),
    ({"completeness": None, "bands": {"severe": 70}}, "standard-stays", "/completeness"),
    ({"contradictions": {}, "bands": {"severe": 70}}, "standard-stays", "/contradictions"),
    ({"based_on": {}, "bands": {"severe": 70}}, "standard-stays", "/based_on"),
    ({"weights": {"buyer_shares": {}}, "bands": {"severe": 70}}, "standard-stays", "/weights/buyer_shares"),
    ({"red_lines": {"RL-01": line(WEAK)}, "bands": {"severe": 70}}, "standard-hold", "/red_lines/RL-01"),
    ({"caps": {"C-07": cap(WEAK)}, "bands": {"severe": 70}}, "standard-hold", "/caps/C-07"),
    ({"caps": {"completeness": cap(WEAK)}, "bands": {"severe": 70}}, "standard-hold", "/caps/completeness"),
    ({"red_lines": {"XL-01": line(WEAK, at_most={"M8": 0})}}, "only-floors", "/red_lines/XL-01/at_most"),
    ({"red_lines": {"XL-01": line(WEAK, revokes=True)}}, "only-floors", "/red_lines/XL-01/revokes"),
    ({"red_lines": {"XL-01": line(WEAK, lifted="Soon")}}, "only-floors", "/red_lines/XL-01/lifted"),
    ({"caps": {"XC-01": cap(WEAK, floor="high", unless=EMOTION)}}, "only-floors", "/caps/XC-01/unless"),
    ({"base": {"revision": "surveillance-hrdd-criteria@2", "digest": NOWHERE}}, "unknown-base", "/base/digest"),
    ({}, "changes-nothing", ""),
    ({"bands": {"severe": 80}, "weights": {"buyer": {"B1": 25}}}, "changes-nothing", ""),
    ({"weights": {"buyer": {"B9": 0, "B3": 13}}}, "weight-out-of-bounds", "/weights/buyer/B9"),
    ({"weights": {"buyer": {"B9": 7, "B3": 6}}}, "weight-out-of-bounds", "/weights/buyer/B9"),
    ({"weights": {"mitigation": {"M10": 9, "M2": 11}}}, "weight-out-of-bounds", "/weights/mitigation/M10"),
    ({"weights": {"buyer": {"B1": 26}}}, "weights-sum", "/weights/buyer"),
    ({"weights": {"mitigation": {"M1": 7}}}, "weights-sum", "/weights/mitigation"),
    ({"weights": {"buyer": {"M1": 10}}, "bands": {"severe": 70}}, "unknown-code", "/weights/buyer/M1"),
    ({"weights": {"ceilings": {"cause": 16}}}, "ceiling-raised", "/weights/ceilings/cause"),
    ({"weights": {"ceilings": {"linked": 20}}}, "ceiling-order", "/weights/ceilings/linked"),
    ({"bands": {"severe": 81}}, "band-raised", "/bands/severe"),
    ({"bands": {"low": 1, "severe": 70}}, "band-raised", "/bands/low"),
    ({"bands": {"severe": 60}}, "band-order", "/bands/severe"),
    ({"bands": {"moderate": 0}}, "band-order", "/bands/moderate"),
    ({"red_lines": {"XL-01": line(WEAK, effect="low")}}, "no-effect", "/red_lines/XL-01/effect"),
    ({"caps": {"XC-01": cap(WEAK, at_most={})}}, "no-effect", "/caps/XC-01"),
    ({"caps": {"XC-01": cap(WEAK, at_most={"B1": 1})}}, "unknown-code", "/caps/XC-01/at_most/B1"),
    ({"caps": {"XC-01": cap(WEAK, at_least={"E8": 3})}}, "unknown-code", "/caps/XC-01/at_least/E8"),
    (
        {"red_lines": {"XL-01": line(EMOTION, effect="high", graver={"when": WEAK, "effect": "elevated"})}},
        "graver-milder", "/red_lines/XL-01/graver/effect",
    ),
    (
        {"red_lines": {"XL-01": line({"answer": "PRD-06.emotion", "is": ["no"]})}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"any": [WEAK, {"criterion": "E1", "at_most": 2}]})}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when/any/1",
    ),
    (
        {"red_lines": {"XL-01": line({"not": {"answer": "GOV-04.refused_uses", "has": ["U09"]}}, effect="low")}},
        "no-effect", "/red_lines/XL-01/effect",
    ),
    (
        {"red_lines": {"XL-01": line({"answer": "GOV-04.refused_uses", "has": ["U09"]})}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"not": {"answer": "USE-01.stated", "has": ["U09"]}})}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when/not",
    ),
    (
        {"red_lines": {"XL-01": line({"number": "OWN-09.place_unknown", "at_most": 9}, "product")}},
        "lifted-by-worse",
        "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"size": "PRD-01.types", "at_most": 1}, "product")}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"size": "BUY-13.looks_at", "at_least": 3}, "company")}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"size": "OWN-05.areas", "at_least": 3}, "company")}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"ratio": ["OWN-09.total", "OWN-09.in_service"], "at_least": 101}, "product")}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"answer": "BUY-18.refused_terms", "is": ["yes_not_sold"]})}},
        "lifted-by-worse", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"number": "USE-04.people", "at_least": 300_000})}},
        "divided-by-rows", "/red_lines/XL-01/signs/0/when",
    ),
    ({"caps": {"XC-01": cap({"number": "BUY-01.units", "at_least": 4})}}, "divided-by-rows", "/caps/XC-01/when"),
    (
        {"red_lines": {"XL-01": line({"not": {"answer": "GOV-05.body", "is": ["board", "executive"]}}, "company")}},
        "counts-rows", "/red_lines/XL-01/signs/0/when/not",
    ),
    (
        {"caps": {"XC-01": cap({"number": "MON-02.days", "at_most": 9})}},
        "lifted-by-worse", "/caps/XC-01/when",
    ),
    (
        {"caps": {"XC-01": cap({"ratio": ["MON-02.acted", "GOV-07.refused"], "at_least": 50})}},
        "lifted-by-worse", "/caps/XC-01/when",
    ),
    (
        {"red_lines": {"XL-01": line({"rows": "deployment", "at_least": 2}, per="company")}},
        "counts-rows", "/red_lines/XL-01/signs/0/when",
    ),
    ({"red_lines": {"XL-01": line(WEAK, per="product")}}, "criterion-elsewhere", "/red_lines/XL-01/signs/0/when"),
    ({"caps": {"XC-01": cap({"criterion": "M3", "at_most": 1})}}, "reads-mitigation", "/caps/XC-01/when"),
    ({"caps": {"XC-01": cap(WEAK, at_least={"B3": 4})}}, "circle", "/caps/XC-01/at_least"),
    (
        {"red_lines": {"XL-01": line({"answer": "GOV-99.policy", "is": ["no"]})}},
        "unknown-reference", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"answer": "PRD-06.emotion", "is": ["maybe"]})}},
        "unknown-choice", "/red_lines/XL-01/signs/0/when",
    ),
    (
        {"red_lines": {"XL-01": line({"number": "PRD-06.emotion", "at_least": 1})}},
        "unfit-operator", "/red_lines/XL-01/signs/0/when",
    ),
    ({"red_lines": {"XL-01": line(EMOTION, per="company")}}, "unseen-reference", "/red_lines/XL-01/signs/0/when"),
    ({"red_lines": {"XL-01": line(DEEP)}}, "too-large", "/red_lines/XL-01/signs/0/when"),
    ({"red_lines": {"XL-01": line(WEAK, signs=[])}}, "wrong-form", "/red_lines/XL-01/signs"),
    ({"bands": {"severe": 70}, "colour": "red"}, "unknown-key", "/colour"),
    ({"bands": {"severe": 70.5}}, "wrong-form", "/bands/severe"),
    ({"bands": {"worst": 70}}, "wrong-form", "/bands/worst"),
]  # fmt: skip


def findings_of(value: Any) -> list[tuple[str, str]]:
    overlay, found = read_overlay(value)
    found += () if overlay is None else check_overlay(overlay, load_standard())
    assert all(one.mend and one.problem and one.severity == "error" for one in found)
    return [(one.code, one.pointer) for one in found]


def test_a_number_that_rows_divide_is_refused_beside_what_else_is_wrong_with_it() -> None:
    when = {"number": "USE-04.people", "at_most": 9}
    assert findings_of(overlay_json(caps={"XC-01": cap(when)})) == [
        ("divided-by-rows", "/caps/XC-01/when"), ("lifted-by-worse", "/caps/XC-01/when")
    ]  # fmt: skip


@pytest.mark.parametrize(("parts", "code", "pointer"), BROKEN, ids=[f"{code}:{place}" for _, code, place in BROKEN])
def test_a_broken_overlay_has_exactly_its_finding(parts: dict[str, Any], code: str, pointer: str) -> None:
    assert findings_of(overlay_json(**parts)) == [(code, pointer)]


def test_every_kind_of_finding_has_a_broken_overlay() -> None:
    elsewhere = {"base-mismatch", "base-without-holds"}  # these need another standard: see below
    assert OVERLAY_FINDINGS.keys() - elsewhere <= {code for _, code, _ in BROKEN}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    broken = copy.deepcopy(WHOLE)
    broken["engine"] = 9
    broken["weights"]["buyer"]["B9"] = 50
    broken["bands"]["high"] = 61
    broken["red_lines"]["XL-01"]["revokes"] = True
    broken["caps"]["XC-01"]["when"] = {"criterion": "B3", "at_most": 2}
    assert findings_of(broken) == [
        ("standard-stays", "/engine"), ("only-floors", "/red_lines/XL-01/revokes"), ("band-raised", "/bands/high"),
        ("lifted-by-worse", "/caps/XC-01/when"), ("weights-sum", "/weights/buyer"),
        ("weight-out-of-bounds", "/weights/buyer/B9"),
    ]  # fmt: skip
    assert findings_of(WHOLE) == []


@pytest.mark.parametrize("value", [None, [], "text", {}, {"red_lines": []}, {"caps": {"XC-01": None}, "weights": 3}])
def test_whatever_the_value_the_answer_is_findings(value: Any) -> None:
    overlay, found = read_overlay(value)
    assert overlay is None
    assert found


def first_standard() -> Standard:
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert criteria is not None
    assert questionnaire is not None
    return Standard(revision_digest(criteria), criteria, questionnaire)


def test_weights_may_lie_on_engine_1_and_lines_may_not() -> None:
    standard = first_standard()
    base = {"revision": "surveillance-hrdd-criteria@1", "digest": standard.digest}
    for parts, expected in (({}, []), ({"red_lines": {"XL-01": line(EMOTION)}}, [("base-without-holds", "/base")])):
        overlay, found = read_overlay(overlay_json(base=base, bands={"severe": 70}, **parts))
        assert overlay is not None
        assert [(one.code, one.pointer) for one in (*found, *check_overlay(overlay, standard))] == expected


def test_name_and_digest_of_the_base_are_of_one_revision() -> None:
    base = {"revision": "surveillance-hrdd-criteria@1", "digest": load_standard().digest}
    assert findings_of(overlay_json(base=base, bands={"severe": 70})) == [("base-mismatch", "/base/revision")]
    overlay = read(overlay_json(bands={"severe": 70}))
    assert [one.code for one in check_overlay(overlay, first_standard())] == ["unknown-base"]
    assert [one.code for one in check_overlay(overlay, None)] == ["unknown-base"]


def test_an_overlay_beyond_its_bounds_or_for_other_criteria_is_not_applied() -> None:
    beyond = Overlay.model_validate(overlay_json(bands={"severe": 81}))
    with pytest.raises(OverlayError, match="severe begins at 81"):
        apply(beyond, load_standard().criteria)
    with pytest.raises(OverlayError, match="other criteria"):
        apply(read(overlay_json(bands={"severe": 70})), first_standard().criteria)


@pytest.mark.parametrize("code", ["XL-{:05}", "Q{}"])
def test_of_a_value_that_is_wrong_throughout_only_so_much_is_told(code: str) -> None:
    overlay, found = read_overlay(overlay_json(red_lines={code.format(at): {"signs": 1} for at in range(3000)}))
    assert overlay is None
    assert MOST_REFUSALS < len(found) <= 2 * MOST_REFUSALS + 1
    assert "too-large" in {one.code for one in found}
