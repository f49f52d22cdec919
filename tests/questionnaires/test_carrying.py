"""Carrying answers into another revision: nothing lost, nothing invented, nothing rewritten."""

import copy
import json
import random
from typing import Any

import pytest
from pydantic import ValidationError

from questionnaires import library
from questionnaires.answers import AnswerValidator
from questionnaires.canonical import canonical_bytes
from questionnaires.carrying import Carried, carry
from questionnaires.comparison import compare
from questionnaires.definition import GROUPS, Questionnaire
from questionnaires.documents import AnswerKey, iterate
from tests.questionnaires.conftest import CASES, read_case
from tests.questionnaires.generating import draw, fits
from tests.questionnaires.revising import base, questions, revise
from tests.questionnaires.small import answered

OLD = Questionnaire.model_validate(base())
OLD_VALIDATOR = AnswerValidator(OLD)
REVISIONS = 300


def any_document(order: random.Random) -> dict[str, Any]:
    """Return a valid document of the base."""

    def answers(group: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for asked in OLD.questions.values():
            if asked.per == group and order.random() < 0.9:
                value = {}
                for name, field in asked.fields.items():
                    drawn = next((v for v in (draw(field, order) for _ in range(8)) if fits(field, v)), None)
                    if drawn is not None:
                        value[name] = drawn
                found[asked.id] = answered(**value) if value and order.random() < 0.9 else {"state": "not_known"}
        return found

    company = answers("company")
    if company.get("AAA-01", {}).get("value") == {"said": "no"}:
        company.pop("AAA-03", None)
    return {
        "company": company,
        "product": {row: {"name": row, "answers": answers("product")} for row in ("p1", "p2")},
        "deployment": {"d1": {"name": "D", "product": "p1", "answers": answers("deployment")}},
        "incident": {"i1": {"name": "I", "deployment": "d1", "answers": answers("incident")}},
    }


def listed(carried: Carried) -> list[tuple[AnswerKey, bytes]]:
    """Return every judged answer with its bytes."""
    lists = (carried.survives, carried.to_confirm, carried.lost)
    return sorted((judged.key, canonical_bytes(judged.answer)) for judged in (one for part in lists for one in part))


def test_every_answer_is_in_exactly_one_list_and_what_is_carried_is_valid() -> None:
    order, sizes = random.Random(4), [0, 0, 0]
    built = 0
    while built < REVISIONS:
        try:
            new = Questionnaire.model_validate(revise(order, order.choice((0, 1, 2, 5))))
        except ValidationError:  # a change that leaves a condition nowhere is refused when it is published
            continue
        built += 1
        document = any_document(order)
        assert OLD_VALIDATOR.check_document(document) == []
        before, validator = copy.deepcopy(document), AnswerValidator(new)
        carried = carry(OLD, validator, document)
        assert document == before
        assert listed(carried) == sorted((key, canonical_bytes(answer)) for _, key, answer in iterate(document))
        kept = [(one.key, canonical_bytes(one.answer)) for one in (*carried.survives, *carried.to_confirm)]
        assert sorted(kept) == sorted((key, canonical_bytes(answer)) for _, key, answer in iterate(carried.document))
        assert validator.check_document(carried.document) == []
        assert all(one.reasons for one in (*carried.to_confirm, *carried.lost))
        rows = {(group, row) for group in GROUPS[1:] for row in document[group]}
        assert set(carried.lost_rows) == {(g, row) for g, row in rows if row not in carried.document.get(g, {})}
        if new.model_copy(update={"revision": "1"}) == OLD:
            assert (carried.document, carried.to_confirm, carried.lost) == (document, (), ())
        for place, part in enumerate((carried.survives, carried.to_confirm, carried.lost)):
            sizes[place] += len(part)
    assert min(sizes) > REVISIONS // 3, sizes


@pytest.mark.parametrize(
    ("change", "answer", "outcome", "reason"),
    [
        ({"text": "What now?"}, {"said": "yes"}, "to_confirm", "reworded"),
        ({"help": "Say no."}, {"said": "yes"}, "to_confirm", "reworded"),
        ({"why": "It does."}, {"said": "yes"}, "to_confirm", "reworded"),
        ({"evidence_expected": "A file."}, {"said": "yes"}, "survives", ""),
        ({"references": [{"framework": "F", "locator": "1"}]}, {"said": "yes"}, "survives", ""),
        ({"feeds": ["M1"], "red_line": True}, {"said": "yes"}, "survives", ""),
        ({"confidential": True}, {"said": "yes"}, "to_confirm", "handling"),
        ({"asked_when": {"answered": "AAA-01.said"}}, {"said": "yes"}, "to_confirm", "condition"),
        ({"choices": {"yes": "Yes", "no": "Never"}}, {"said": "yes"}, "to_confirm", "relabelled"),
        ({"choices": {"yes": "Yes", "no": "No", "other": "Other"}}, {"said": "yes"}, "to_confirm", "added"),
        ({"choices": {"yes": "Yes", "other": "Other"}}, {"said": "no"}, "lost", 'The choice "no"'),
        ({"choices": {"yes": "Yes", "other": "Other"}}, {"said": "yes"}, "to_confirm", "choice"),
        ({"kind": "text"}, {"said": "yes"}, "lost", "kind"),
        ({"per": "product"}, {"said": "yes"}, "lost", "per product"),
        ({"id": "BUY-07"}, {"said": "yes"}, "lost", "gone"),
        ({"asked_when": {"answer": "AAA-01.said", "is": ["no"]}}, {"said": "yes"}, "lost", "not asked"),
    ],
    ids=str,
)
def test_each_change_leads_to_its_outcome(
    change: dict[str, Any], answer: dict[str, Any], outcome: str, reason: str
) -> None:
    old, new = base(), base()
    for data in (old, new):
        asked = next(q for q in questions(data) if q["id"] == "BUY-02")
        asked["per"] = "company"
    field = {"kind": "one", **asked["fields"]["said"]}
    if "choices" in change:
        field["choices"] = change["choices"]
    elif change.get("kind") == "text":
        field = {"kind": "text", "label": "Answer"}
    asked |= {key: value for key, value in change.items() if key not in {"choices", "kind"}} | {
        "fields": {"said": field}
    }
    document = {
        "company": {"AAA-01": answered(said="yes"), "BUY-02": answered(**answer)},
        "product": {},
        "deployment": {},
    }
    carried = carry(Questionnaire.model_validate(old), AnswerValidator(Questionnaire.model_validate(new)), document)
    found = {name: getattr(carried, name) for name in ("survives", "to_confirm", "lost")}
    (judged,) = (one for one in found[outcome] if one.key.question == "BUY-02")
    assert reason in " ".join(judged.reasons)


def test_a_state_without_a_value_survives_what_changes_values_only() -> None:
    new = base()
    next(q for q in questions(new) if q["id"] == "AAA-02")["fields"]["one"]["choices"].update(violet="Violet")
    document = {
        "company": {"AAA-02": {"state": "declined_legal", "legal_basis": "Act 7"}},
        "product": {},
        "deployment": {},
    }
    carried = carry(OLD, AnswerValidator(Questionnaire.model_validate(new)), document)
    assert [one.key.question for one in carried.survives] == ["AAA-02"]


def test_rows_of_a_group_that_is_gone_are_named() -> None:
    new = base()
    new["sections"].pop()
    row = {"name": "I", "deployment": None, "answers": {"INC-01": answered(day="2026-01-01")}}
    document = {"company": {}, "product": {}, "deployment": {}, "incident": {"i1": row}}
    carried = carry(OLD, AnswerValidator(Questionnaire.model_validate(new)), document)
    assert carried.document == {"company": {}, "product": {}, "deployment": {}}
    assert carried.lost_rows == (("incident", "i1"),)
    assert [(one.key, one.reasons) for one in carried.lost] == [(AnswerKey("INC-01", "i1"), ("The question is gone.",))]


@pytest.mark.parametrize("name", CASES)
def test_an_exercise_carried_into_its_own_revision_is_the_same(name: str) -> None:
    shipped = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert shipped is not None
    document = json.loads(json.dumps(read_case(name)["document"]))
    carried = carry(shipped, AnswerValidator(shipped), document)
    assert (carried.document, carried.to_confirm, carried.lost, carried.lost_rows) == (document, (), (), ())
    assert compare(shipped, shipped) == ()
