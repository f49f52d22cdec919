"""Questionnaires that extend a shipped one: taken by their digest, and only if they keep the promise."""

import copy
from typing import Any

import pytest

from attestations.reasons import Reason
from attestations.report import Outcome
from attestations.verification import verify
from questionnaires.canonical import digest

SECTION = {
    "code": "Z", "title": "More",
    "questions": [{
        "id": "XTR-01", "per": "company", "text": "What else?", "help": "Say it.", "why": "We ask.",
        "fields": {"said": {"kind": "yes_partial_no", "label": "Said"}},
    }],
}  # fmt: skip


@pytest.fixture
def extended(forge: Any) -> Any:
    """Return an exercise whose questionnaire extends the shipped one under another name."""
    exercise = forge.exercise("f1")
    shipped = exercise.parts["questionnaire"]
    derived = {"digest": digest(shipped), "relation": "extends"}
    names = {"id": "own-000000000001-mine", "revision": "1", "title": "Mine"}
    exercise.parts["questionnaire"] = {**shipped, "derived_from": derived, "sections": [*shipped["sections"], SECTION]}
    exercise.rename("questionnaire", **names)
    exercise.score()
    return exercise


def verified(exercise: Any, keys: Any, trust: Any, forge: Any, *, taken: bool = True) -> Any:
    data = exercise.signed(keys.signer)
    named = {exercise.statement["questionnaire"]["digest"]} if taken else set()
    return verify(data, trust, forge.at, revisions=named)


def test_an_extension_is_taken_by_its_digest_alone(extended: Any, keys: Any, trust: Any, forge: Any) -> None:
    assert verified(extended, keys, trust, forge).outcome is Outcome.PASSED
    unknown = verified(extended, keys, trust, forge, taken=False)
    assert unknown.outcome is Outcome.INDETERMINATE
    assert [s.reason for s in unknown.steps if s.number == 4] == [Reason.REVISION_NOT_RELEASED]


def reword(questionnaire: Any) -> None:
    questionnaire["sections"][0]["questions"][0]["text"] = "Are you good?"


def comply(questionnaire: Any) -> None:
    questionnaire["derived_from"]["relation"] = "complies_with"


def stand_alone(questionnaire: Any) -> None:
    del questionnaire["derived_from"]


def build_on_nothing(questionnaire: Any) -> None:
    questionnaire["derived_from"]["digest"] = "sha256:" + "0" * 64


@pytest.mark.parametrize("change", [reword, comply, stand_alone, build_on_nothing])
def test_criteria_of_a_questionnaire_that_it_does_not_hold_do_not_score_it(
    change: Any, extended: Any, keys: Any, trust: Any, forge: Any
) -> None:
    extended.parts["questionnaire"] = copy.deepcopy(extended.parts["questionnaire"])
    change(extended.parts["questionnaire"])
    extended.score()
    assert forge.failure(verified(extended, keys, trust, forge)) == (4, Reason.CRITERIA_NAME)


@pytest.mark.parametrize("derived", [[], "x", {"relation": "extends"}, {"relation": "extends", "digest": []}])
def test_a_hostile_promise_is_none(derived: Any, extended: Any, keys: Any, trust: Any, forge: Any) -> None:
    extended.parts["questionnaire"] = {**extended.parts["questionnaire"], "derived_from": derived}
    assert forge.failure(verified(extended, keys, trust, forge)) == (4, Reason.CRITERIA_NAME)
