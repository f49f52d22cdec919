"""The difference of two revisions, in data and in words."""

import random
from typing import Any

import pytest
from pydantic import ValidationError

from questionnaires.comparison import Kind, compare
from questionnaires.definition import Questionnaire
from tests.questionnaires.revising import base, questions, revise

OLD = Questionnaire.model_validate(base())


def changed(**changes: Any) -> list[str]:
    """Return the differences in words once BUY-02 has the given parts; `said` changes its one field."""
    data = base()
    asked = next(q for q in questions(data) if q["id"] == "BUY-02")
    asked["fields"]["said"] |= changes.pop("said", {})
    asked |= changes
    return [change.words for change in compare(OLD, Questionnaire.model_validate(data))]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"text": "What now?"}, ['BUY-02 text: reworded, from "What about BUY-02?" to "What now?".']),
        ({"why": "It does."}, ['BUY-02 why: reworded, from "It matters." to "It does.".']),
        ({"evidence_expected": "A file."}, ['BUY-02 evidence_expected: reworded, "A file.".']),
        ({"required": False}, ['BUY-02 required: handling changed, from "yes" to "no".']),
        ({"feeds": ["M1", "M2"]}, ['BUY-02 feeds: handling changed, from "nothing" to "M1, M2".']),
        ({"per": "company"}, ['BUY-02: asked of another group, from "deployment" to "company".']),
        ({"asked_when": {"answer": "AAA-01.said", "is": ["yes"]}},
         ['BUY-02: condition changed, from "always" to ""What about AAA-01?" is answered "Yes"".']),
        ({"references": [{"framework": "UNGP", "locator": "17"}]},
         ['BUY-02: references changed, from "" to "UNGP, 17".']),
        ({"said": {"label": "Told"}}, ['BUY-02 said: reworded, from "Answer" to "Told".']),
        ({"said": {"choices": {"yes": "Yes!", "other": "Other"}}}, [
            'BUY-02 said: yes: choice relabelled, from "Yes" to "Yes!".',
            'BUY-02 said: no: choice removed, "No".',
            'BUY-02 said: other: choice added, "Other".',
        ]),
        ({"said": {"kind": "multi"}}, ['BUY-02 said: kind of field changed, from "one" to "multi".']),
        ({"fields": {"told": {"kind": "percent", "label": "Told"}}},
         ['BUY-02 said: field removed, "Answer".', 'BUY-02 told: field added, "Told".']),
        ({"id": "BUY-03"},
         ['BUY-02: question removed, "What about BUY-02?".', 'BUY-03: question added, "What about BUY-02?".']),
    ],
    ids=str,
)  # fmt: skip
def test_every_change_is_told_once(changes: dict[str, Any], words: list[str]) -> None:
    assert changed(**changes) == words


def test_limits_tables_matrices_and_heads_are_compared() -> None:
    data = base()
    fields = {name: field for q in questions(data) for name, field in q["fields"].items()}
    fields["t"]["max_rows"] = 3
    fields["t"]["columns"]["one"]["choices"]["violet"] = "Violet"
    del fields["t"]["columns"]["day"]
    fields["grid"]["rows"]["east"] = "East"
    data["title"], data["sections"][1]["note"] = "Smaller", "Read this."
    found = [change[:3] for change in compare(OLD, Questionnaire.model_validate(data))]
    assert sorted(found) == sorted([
        (Kind.HEAD, "", "title"), (Kind.HEAD, "", "section B note"), (Kind.LIMITS, "AAA-03", "t max_rows"),
        (Kind.CHOICE_ADDED, "AAA-03", "t.one: violet"), (Kind.FIELD_REMOVED, "AAA-03", "t.day"),
        (Kind.CHOICE_ADDED, "BUY-01", "grid rows: east"),
    ])  # fmt: skip


def test_a_move_names_what_moved_and_nothing_else() -> None:
    data = base()
    moved = data["sections"][0]["questions"].pop(0)
    data["sections"][1]["questions"].insert(0, moved)
    data["sections"][2]["questions"].reverse()
    found = [change for change in compare(OLD, Questionnaire.model_validate(data)) if change.kind is Kind.MOVED]
    assert {change.question for change in found} in ({"AAA-01", "BUY-01"}, {"AAA-01", "BUY-02"})
    assert found[0][3:] == ("section A", "section B")


def test_only_equal_revisions_have_no_changes() -> None:
    order, told = random.Random(5), 0
    for _ in range(300):
        try:
            new = Questionnaire.model_validate(revise(order, order.choice((0, 1, 1, 2))))
        except ValidationError:
            continue
        same = new.model_copy(update={"revision": "1"}) == OLD
        assert (compare(OLD, new) == ()) is same, compare(OLD, new)
        assert compare(new, new) == ()
        told += not same
    assert told > 100
