"""Revisions and context rows: what is not the released thing does not pass under its name."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from attestations.reasons import Reason
from attestations.report import Outcome, Status
from attestations.verification import verify
from questionnaires import library
from questionnaires.canonical import digest


def test_the_index_of_released_revisions_names_what_is_shipped() -> None:
    shipped = {
        "questionnaires": library.questionnaires(), "criteria": library.criteria(), "contexts": library.contexts(),
    }  # fmt: skip
    found = {
        kind: {f"{one.id}@{one.revision}": name for name, one in revisions.items()}
        for kind, revisions in shipped.items()
    }
    assert library.released() == found, "write this into questionnaires/library/released.json"


@pytest.mark.parametrize("name", ["f1", "f8"])
def test_an_exercise_passes_whatever_the_order_of_its_leaves(name: str, keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise(name)
    for reverse in (False, True):
        report = verify(exercise.signed(keys.signer, reverse=reverse), trust, forge.at)
        assert report.outcome is Outcome.PASSED, report.to_json()


def lenient(exercise: Any) -> None:
    exercise.parts["criteria"]["bands"] |= {"moderate": 96, "elevated": 97, "high": 98, "severe": 99}


def worded(exercise: Any) -> None:
    exercise.parts["questionnaire"]["sections"][0]["questions"][0]["text"] = "Are you good?"


def other_snapshot(exercise: Any) -> None:
    exercise.statement["context"]["digest"] = "sha256:" + "0" * 64


@pytest.mark.parametrize("change", [lenient, worded, other_snapshot])
def test_another_thing_under_a_released_name(change: Callable[[Any], None], keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise("f1")
    change(exercise)
    exercise.score()
    data = exercise.signed(keys.signer)
    assert forge.failure(verify(data, trust, forge.at)) == (4, Reason.REVISION_DIFFERS)
    named = {exercise.statement[part]["digest"] for part in ("questionnaire", "criteria", "context")}
    report = verify(data, trust, forge.at, revisions=named)
    assert forge.failure(report) == (4, Reason.REVISION_DIFFERS), "nobody may take it under this name"


@pytest.mark.parametrize(
    ("part", "name", "reason"),
    [
        ("questionnaire", {"id": "other"}, Reason.QUESTIONNAIRE_NAME),
        ("questionnaire", {"revision": "7"}, Reason.QUESTIONNAIRE_NAME),
        ("questionnaire", {"title": "Approved"}, Reason.QUESTIONNAIRE_NAME),
        ("criteria", {"id": "other"}, Reason.CRITERIA_NAME),
        ("criteria", {"engine": 7}, Reason.CRITERIA_NAME),
        ("context", {"id": "other"}, Reason.CONTEXT_NAME),
        ("context", {"revision": "2027"}, Reason.CONTEXT_NAME),
    ],
)
def test_the_statement_names_it_otherwise(
    part: str, name: dict[str, Any], reason: Reason, keys: Any, trust: Any, forge: Any
) -> None:
    exercise = forge.exercise("f8")
    exercise.statement[part] |= name
    assert forge.failure(verify(exercise.signed(keys.signer), trust, forge.at)) == (4, reason)


def test_criteria_for_another_questionnaire(keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise("f8")
    exercise.rename("criteria", revision="902")
    exercise.parts["criteria"]["questionnaire"] = "some-other"
    assert forge.failure(verify(exercise.signed(keys.signer), trust, forge.at)) == (4, Reason.CRITERIA_NAME)


def test_an_unreleased_revision_needs_the_auditor_s_word(keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise("f1")
    exercise.rename("criteria", revision="902")
    exercise.rename("context", revision="2027-01")
    data = exercise.signed(keys.signer)
    named = [exercise.statement[part]["digest"] for part in ("criteria", "context")]
    report = verify(data, trust, forge.at)
    assert (report.steps[3].status, report.steps[3].reason) == (Status.INDETERMINATE, Reason.REVISION_NOT_RELEASED)
    assert report.steps[3].problems == (f"criteria: {named[0]}", f"contexts: {named[1]}")
    assert report.steps[4].status is Status.PASSED
    assert verify(data, trust, forge.at, revisions=named[:1]).steps[3].problems == (f"contexts: {named[1]}",)
    taken = verify(data, trust, forge.at, revisions=named)
    assert taken.outcome is Outcome.PASSED
    assert all(f"{one}." in taken.steps[3].sentence for one in named)
    assert "you named it" in taken.steps[3].sentence


def without_rows(exercise: Any) -> None:
    exercise.parts["context"]["areas"] = {}


def with_rows_to_spare(exercise: Any) -> None:
    _, _, snapshot = (library.find(getattr(library, kind)(), name) for kind, name in SHIPPED)
    exercise.parts["context"] = json.loads(snapshot.model_dump_json())


def with_better_rows(exercise: Any) -> None:
    for area in exercise.parts["context"]["areas"].values():
        area |= {"rank": 9999, "territory": 0}


def with_another_source(exercise: Any) -> None:
    exercise.parts["context"]["sources"][0]["publisher"] = "Somebody"


SHIPPED = (
    ("questionnaires", "surveillance-hrdd@1"),
    ("criteria", "surveillance-hrdd-criteria@1"),
    ("contexts", "exercise@2026-11"),
)


@pytest.mark.parametrize(
    ("change", "step"), [(without_rows, 5), (with_rows_to_spare, 5), (with_better_rows, 4), (with_another_source, 4)]
)
def test_context_rows_are_those_of_the_released_snapshot(
    change: Callable[[Any], None], step: int, keys: Any, trust: Any, forge: Any
) -> None:
    exercise = forge.exercise("f1")
    change(exercise)
    exercise.score()
    assert forge.failure(verify(exercise.signed(keys.signer), trust, forge.at)) == (step, Reason.CONTEXT_DIFFERS)


def test_rows_of_a_part_are_compared_too(keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise("f1")
    with_better_rows(exercise)
    content = json.loads(exercise.signed(keys.signer))
    del content["disclosures"][0]
    assert forge.failure(verify(json.dumps(content).encode(), trust, forge.at)) == (4, Reason.CONTEXT_DIFFERS)


def test_no_snapshot_is_read_for_an_unknown_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    from attestations.revisions import find_snapshot

    monkeypatch.setattr(library, "contexts", pytest.fail)
    assert find_snapshot(digest("none")) is None
