"""Laying carried answers onto a draft: every answer in one list, nothing of the draft lost, the save accepted."""

import random
from typing import Any

from pydantic import ValidationError

from questionnaires.answers import AnswerValidator, merge
from questionnaires.canonical import canonical_bytes
from questionnaires.carrying import carry
from questionnaires.definition import Questionnaire
from questionnaires.documents import AnswerKey, iterate
from questionnaires.laying import NO_EVIDENCE, OTHER_PRODUCT, OTHER_ROW, WAS_OPEN, Laid, lay
from tests.questionnaires.revising import revise
from tests.questionnaires.small import KINDS, TABLE, answered, question, questionnaire, section
from tests.questionnaires.test_carrying import OLD, OLD_VALIDATOR, any_document

LAYINGS = 200
EMPTY = {"company": {}, "product": {}, "deployment": {}}


def keys(judged: Any) -> list[AnswerKey]:
    return [one.key for one in judged]


def thinned(document: Any, order: random.Random) -> dict[str, Any]:
    """Return a document with some of its answers, and some of its rows under other names."""
    thin: dict[str, Any] = {"company": {q: a for q, a in document["company"].items() if order.random() < 0.4}}
    for group in ("product", "deployment", "incident"):
        thin[group] = {
            row: content
            | {"name": content["name"] if order.random() < 0.6 else "another"}
            | {"answers": {q: a for q, a in content["answers"].items() if order.random() < 0.4}}
            for row, content in document[group].items()
        }
    return thin


def test_every_answer_is_in_exactly_one_list_and_the_draft_keeps_its_own() -> None:
    order, put_at_all, lost_at_all = random.Random(5), 0, 0
    for _ in range(LAYINGS):
        try:
            new = AnswerValidator(Questionnaire.model_validate(revise(order, order.choice((0, 1, 3)))))
        except ValidationError:
            continue
        document, overwrite = any_document(order), order.random() < 0.5
        draft = carry(OLD, new, thinned(any_document(order), order)).document
        laid = lay(new, carry(OLD, new, document), draft, overwrite=overwrite)
        lists = [*keys(laid.survives), *keys(laid.to_confirm), *keys(laid.present), *keys(laid.lost)]
        assert sorted(lists) == sorted(key for _, key, _ in iterate(document))
        assert (new.check_save(draft, laid.save), laid.problems) == ([], ())
        merged = {key: canonical_bytes(answer) for _, key, answer in iterate(merge(draft, laid.save))}
        put = {one.key: canonical_bytes(one.answer) for one in (*laid.survives, *laid.to_confirm)}
        before = {key: canonical_bytes(answer) for _, key, answer in iterate(draft)}
        assert merged == before | put
        assert overwrite or not before.keys() & put.keys()
        put_at_all, lost_at_all = put_at_all + len(put), lost_at_all + len(laid.lost)
    assert min(put_at_all, lost_at_all) > LAYINGS


def test_a_draft_that_is_empty_becomes_what_was_carried() -> None:
    document = any_document(random.Random(1))
    carried = carry(OLD, OLD_VALIDATOR, document)
    assert merge(EMPTY, lay(OLD_VALIDATOR, carried, EMPTY).save) == merge(EMPTY, document)


ASKED = AnswerValidator(
    questionnaire(
        section(
            "A",
            question("AAA-01"),
            question("AAA-02", {"proof": KINDS["proof"]}),
            question("AAA-03", {"item": KINDS["item"]}),
            question("AAA-04", {"lines": TABLE}),
        ),
        section("B", question("PRD-01", per="product"), question("BUY-01", per="deployment")),
    )
)
WHOLE: dict[str, Any] = {
    "company": {
        "AAA-01": answered(said="yes"),
        "AAA-02": answered(proof=["sha256:" + "0" * 64]),
        "AAA-03": answered(item="p1"),
        "AAA-04": answered(lines=[{"item": "p1"}]),
    },
    "product": {"p1": {"name": "Dome", "answers": {"PRD-01": answered(said="no")}}},
    "deployment": {"d1": {"name": "Harsk", "product": "p1", "answers": {"BUY-01": answered(said="no")}}},
}


def laid_on(draft: Any, **more: Any) -> Laid:
    carried = carry(ASKED.questionnaire, ASKED, WHOLE)
    assert not carried.lost
    return lay(ASKED, carried, draft, **more)


def reasons(judged: Any) -> dict[str, tuple[str, ...]]:
    return {one.key.question: one.reasons for one in judged}


def test_evidence_and_doubts_of_where_it_comes_from_are_to_be_confirmed() -> None:
    laid = laid_on(EMPTY, unconfirmed={AnswerKey("AAA-01", "")})
    assert reasons(laid.to_confirm) == {"AAA-01": (WAS_OPEN,), "AAA-02": (NO_EVIDENCE,)}
    assert not laid.lost


def test_what_stands_for_something_else_in_the_draft_takes_nothing_in() -> None:
    draft = {**EMPTY, "product": {"p1": {"name": "Cube", "answers": {}}}}
    found = reasons(laid_on(draft, overwrite=True).lost)
    assert found == {
        "AAA-03": (OTHER_PRODUCT,), "AAA-04": (OTHER_PRODUCT,), "PRD-01": (OTHER_ROW,), "BUY-01": (OTHER_ROW,),
    }  # fmt: skip


def test_the_same_row_is_filled_up() -> None:
    draft = {**EMPTY, "product": {"p1": {"name": "Dome", "answers": {}}}}
    laid = laid_on(draft)
    assert laid.save["product"] == {"p1": {"answers": {"PRD-01": answered(said="no")}}}
    assert not laid.lost


def test_a_save_that_cannot_be_is_refused_as_a_whole() -> None:
    draft = {**EMPTY, "product": {f"x{n}": {"name": "X", "answers": {}} for n in range(100)}}
    assert [problem.code for problem in laid_on(draft).problems] == ["too_many"]
