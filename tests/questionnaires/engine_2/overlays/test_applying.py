"""Applying an overlay: what it changes, what it leaves, and the two results side by side."""

import random
from typing import Any

import pytest
from pydantic import ValidationError

from questionnaires import library
from questionnaires.criteria import Criteria
from questionnaires.movement import Case
from questionnaires.overlays import Overlay, Sides, apply, is_asked, lay_in_steps, set_beside
from questionnaires.redlines import NO_REVIEW
from questionnaires.revisions import revision_digest, revision_json
from questionnaires.scoring import result_of
from tests.questionnaires.conftest import evidence_of
from tests.questionnaires.engine_2.conftest import ON, Revisions
from tests.questionnaires.engine_2.overlays.own import WHOLE, cap, draw_overlay, line, load_standard, overlay_json, read
from tests.questionnaires.engine_2.whole import read_whole

CHANGED = {"id", "revision", "title", "weights", "bands", "caps", "red_lines", "based_on"}


def beside(revisions: Revisions, case: str, overlay: Overlay, change: Any = None) -> Sides:
    """Return both results of an exercise at V4."""
    document = read_whole(case, revisions.questionnaire)
    if change is not None:
        change(document)
    evidence = evidence_of(document, "V4")
    whole = Case(revisions.questionnaire, document, evidence, revisions.criteria, revisions.context, ON, NO_REVIEW)
    return set_beside(whole, lay_in_steps(overlay, revisions.criteria))


def test_what_is_made_is_the_standard_but_for_what_the_overlay_says() -> None:
    standard = load_standard().criteria
    made = apply(read(WHOLE), standard)
    for name in Criteria.model_fields.keys() - CHANGED:
        assert getattr(made, name) == getattr(standard, name)
    assert {code: made.red_lines[code] for code in standard.red_lines} == standard.red_lines
    assert {code: made.caps[code] for code in standard.caps} == standard.caps
    assert made.red_lines.keys() - standard.red_lines.keys() == {"XL-01", "XL-02"}
    assert made.caps.keys() - standard.caps.keys() == {"XC-01"}
    assert (made.weights.buyer["B1"], made.weights.buyer["B4"]) == (30, standard.weights.buyer["B4"])
    assert made.bands == {"low": 0, "moderate": 20, "elevated": 40, "high": 55, "severe": 70}
    assert (made.id, made.revision, made.title) == ("our-view", "1", "Our view")


def test_the_digest_binds_standard_and_overlay() -> None:
    standard = load_standard()
    overlay = read(WHOLE)
    made = apply(overlay, standard.criteria)
    assert made.based_on is not None
    assert (made.based_on.criteria, made.based_on.overlay) == (standard.digest, revision_digest(overlay))
    again = Criteria.model_validate(revision_json(made))
    assert revision_digest(again) == revision_digest(made) != standard.digest
    renamed = read({**WHOLE, "reason": "Another reason."})  # nothing that scores has changed
    assert revision_digest(apply(renamed, standard.criteria)) != revision_digest(made)
    assert revision_digest(standard.criteria) == standard.digest


def test_codes_of_ones_own_stand_in_no_standard() -> None:
    made = revision_json(apply(read(WHOLE), load_standard().criteria))
    del made["based_on"]
    with pytest.raises(ValidationError, match="XC-01, XL-01, XL-02 can only be an overlay's"):
        Criteria.model_validate(made)


def test_the_same_text_in_any_order_is_the_same_overlay() -> None:
    turned = dict(reversed(WHOLE.items()))
    assert revision_digest(read(turned)) == revision_digest(read(WHOLE))


def test_every_drawn_overlay_is_applied_and_reads_back() -> None:
    for seed in range(30):
        overlay = draw_overlay(random.Random(seed))
        made = apply(overlay, load_standard().criteria)
        assert Criteria.model_validate(revision_json(made)) == made
        assert lay_in_steps(overlay, load_standard().criteria)[-1].criteria == made


def test_both_results_stand_beside_each_other_and_the_standard_is_what_it_was(revisions: Revisions) -> None:
    overlay = read(overlay_json(bands={"moderate": 10}))
    found = beside(revisions, "f6", overlay)
    document = read_whole("f6", revisions.questionnaire)
    assert result_of(found.standard) == result_of(revisions.assess(document, evidence_of(document, "V4")))
    assert (found.standard.band, found.own.band) == ("moderate", "moderate")
    stricter = beside(revisions, "f6", read(overlay_json(bands={"moderate": 10, "elevated": 25})))
    assert (stricter.standard.band, stricter.own.band) == ("moderate", "elevated")
    (company,) = [one for one in stricter.differences if not one.row]
    assert (company.standard, company.own, company.residual) == ("moderate", "elevated", 0)
    assert [(move.part, move.before, move.after) for move in company.moves] == [("bands", "moderate", "elevated")]
    assert company.held_by == ()


def test_an_own_red_line_holds_the_own_result_only_and_is_nobodys_finding(revisions: Revisions) -> None:
    overlay = read(overlay_json(red_lines={"XL-01": line({"answer": "PRD-06.emotion", "is": ["yes"]}, per="product")}))
    quiet = beside(revisions, "f6", overlay)
    assert (quiet.own.band, quiet.differences) == ("moderate", ())
    assert quiet.standard.band == "moderate"

    def infer(document: dict[str, Any]) -> None:
        document["product"]["p1"]["answers"]["PRD-06"]["value"]["emotion"] = "yes"

    found = beside(revisions, "f6", overlay, infer)
    assert found.own.band == "severe"
    assert found.standard.band != "severe"
    (own,) = [one for one in result_of(found.own)["red_lines"] if one["red_line"] == "XL-01"]
    assert (own["status"], own["decision"]) == ("under_review", None)
    assert not [one for one in result_of(found.standard)["red_lines"] if one["red_line"].startswith("X")]
    assert {one.held_by for one in found.differences} == {("XL-01",)}


def test_an_own_red_line_that_is_not_excluded_holds_the_headline(revisions: Revisions) -> None:
    overlay = read(overlay_json(red_lines={"XL-01": line({"answer": "PRD-06.emotion", "is": ["yes"]}, per="product")}))

    def hide(document: dict[str, Any]) -> None:
        document["product"]["p1"]["answers"]["PRD-06"] = {"state": "not_known"}

    found = beside(revisions, "f6", overlay, hide).own
    assert found.standing is not None
    assert (found.band, [line.status for line in found.standing.findings if line.code == "XL-01"]) == (
        "severe",
        ["open"],
    )
    assert found.standing.band_low != "severe"


def test_an_own_cap_holds_where_its_condition_does(revisions: Revisions) -> None:
    overlay = read(overlay_json(caps={"XC-01": cap({"criterion": "B3", "at_least": 3}, at_most={"M3": 0})}))
    weak, sound = beside(revisions, "f1", overlay), beside(revisions, "f6", overlay)
    assert sound.differences == ()
    company = weak.differences[0]
    assert company.held_by == ("XC-01",)
    assert company.residual > 0
    counted = [row.counted["M3"] for row in weak.own.rows if row.readings["B3"].high >= 3]
    assert set(counted) == {0}
    assert any(row.counted["M3"] for row in weak.standard.rows)


def test_weights_may_go_either_way_and_the_standard_shows_it(revisions: Revisions) -> None:
    """F6's buyer is a police unit (B1 2, B5 1): less weight for it is a better own result, beside the same standard."""
    milder = read(overlay_json(weights={"buyer": {"B1": 13, "B3": 20, "B9": 5}}))
    found = beside(revisions, "f6", milder)
    company = found.differences[0]
    assert company.residual < 0
    assert [move.part for move in company.moves] == ["weights"]
    assert found.standard.worst.high.residual - found.own.worst.high.residual == -company.residual


def test_moves_add_up_to_the_difference(revisions: Revisions) -> None:
    for case in ("f1", "f3", "f6", "f7"):
        found = beside(revisions, case, read(WHOLE))
        own = {row.row: row.high.residual for row in found.own.rows}
        for row in found.standard.rows:
            (told,) = [one for one in found.differences if one.row == row.row] or [None]
            moved = 0 if told is None else told.residual
            assert own[row.row] - row.high.residual == moved
            assert moved == sum(move.residual for move in told.moves) if told else True


def test_a_questionnaire_that_lacks_what_own_lines_look_at_is_told(revisions: Revisions) -> None:
    first = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert first is not None
    known, unknown = {"answer": "PRD-06.emotion", "is": ["yes"]}, {"answer": "USE-21.defenders", "is": ["confirmed"]}
    for when, asked in ((known, True), ({"any": [known, {"criterion": "B3", "at_least": 3}]}, True), (unknown, False)):
        for part in ({"red_lines": {"XL-01": line(when)}}, {"caps": {"XC-01": cap(when)}}):
            overlay = Overlay.model_validate(overlay_json(**part))
            assert is_asked(overlay, first) is asked
            assert is_asked(overlay, revisions.questionnaire) is True


def test_an_own_cap_that_hangs_on_what_may_not_be_asked_is_not_lifted_by_leaving_the_gate_open(
    revisions: Revisions,
) -> None:
    unheeded = {"not": {"answer": "CTX-08.heightened", "is": ["yes"]}}
    overlay = read(overlay_json(caps={"XC-01": cap(unheeded, at_least={"E2": 4}, floor=None)}))
    own = revisions._replace(criteria=apply(overlay, revisions.criteria))
    document = read_whole("f5", revisions.questionnaire)
    answers = document["deployment"]["d1"]["answers"]
    answers["CTX-06"] = {"state": "answered", "value": {"situation": "none"}}  # then CTX-08 is not asked
    answers["CTX-08"] = {"state": "answered", "value": {"heightened": "yes"}}
    told = own.assess(document, evidence_of(document, "V4")).rows[0]
    del answers["CTX-06"]
    withheld = own.assess(document, evidence_of(document, "V4")).rows[0]
    assert (told.row, withheld.row) == ("d1", "d1")
    assert told.readings["E2"][:2] == (4, 4)
    assert withheld.readings["E2"][:2] == (0, 4)
    assert withheld.high.residual >= told.high.residual >= withheld.low.residual
