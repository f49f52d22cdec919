"""Defects of other programs that must never be ours. Each test fails on a program that behaves like them.

A new revision never rewrites the questions under answers that were given, nor drops answers; a wrong answer is refused
and the stored one stays; an unanswered question is never "no"; a released revision cannot be edited.
"""

import copy
import json
import random
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from questionnaires import library
from questionnaires.answers import AnswerValidator, merge
from questionnaires.carrying import carry
from questionnaires.definition import Questionnaire
from questionnaires.revisions import revision_digest, revision_json
from questionnaires.scoring import result_of
from tests.questionnaires.conftest import Revisions, evidence_of, read_case
from tests.questionnaires.revising import base, questions
from tests.questionnaires.small import answered

DOCUMENT: dict[str, Any] = {
    "company": {"AAA-01": answered(said="yes"), "AAA-02": answered(one="red", percent=4)},
    "product": {"p1": {"name": "P", "answers": {"PRD-01": answered(whole=7)}}},
    "deployment": {},
}


@pytest.fixture
def submitted() -> Questionnaire:
    """Return the revision that the document answers."""
    return Questionnaire.model_validate(base())


def test_a_new_text_makes_a_new_revision_and_the_old_question_stays_under_its_answer(submitted: Questionnaire) -> None:
    digest, text = revision_digest(submitted), submitted.questions["AAA-01"].text
    data = base()
    questions(data)[0]["text"] = "Is everything well?"
    rewritten = Questionnaire.model_validate(data)
    assert revision_digest(rewritten) != digest
    carried = carry(submitted, AnswerValidator(rewritten), DOCUMENT)
    assert (revision_digest(submitted), submitted.questions["AAA-01"].text) == (digest, text)
    assert [one.key.question for one in carried.to_confirm] == ["AAA-01"]  # said of it, never silently taken over


def test_a_new_revision_drops_no_answer_silently(submitted: Questionnaire) -> None:
    data = base()
    data["sections"][0]["questions"].pop(1)
    del questions(data)[2]["fields"]["whole"]
    before = copy.deepcopy(DOCUMENT)
    carried = carry(submitted, AnswerValidator(Questionnaire.model_validate(data)), DOCUMENT)
    assert before == DOCUMENT
    assert {(one.key, str(one.answer)) for one in carried.lost} == {
        (("AAA-02", ""), str(DOCUMENT["company"]["AAA-02"])),
        (("PRD-01", "p1"), str(DOCUMENT["product"]["p1"]["answers"]["PRD-01"])),
    }
    assert all(one.reasons for one in carried.lost)


@pytest.mark.parametrize(
    "save",
    [
        {"company": {"AAA-01": answered(said="perhaps")}},
        {"company": {"AAA-99": answered(said="yes")}},
        {"company": {"AAA-01": {"state": "answered"}}},
        {"company": {"AAA-01": answered(other="yes")}},
        {"company": {"AAA-02": answered(one=["red"])}},
        {"product": {"p1": {"answers": {"PRD-01": answered(whole=901)}}}},
    ],
    ids=str,
)
def test_a_wrong_save_is_refused_and_erases_nothing(save: dict[str, Any], submitted: Questionnaire) -> None:
    validator, stored = AnswerValidator(submitted), copy.deepcopy(DOCUMENT)
    assert validator.check_save(stored, save) != []
    assert stored == DOCUMENT
    right = {"company": {"AAA-02": answered(one="blue")}}
    assert validator.check_save(stored, right) == []
    merged = merge(stored, right)
    assert merged["company"] == {**DOCUMENT["company"], **right["company"]}
    assert (merged["product"], stored) == (DOCUMENT["product"], DOCUMENT)


def test_an_outcome_cannot_be_stated_only_answers_can(submitted: Questionnaire) -> None:
    save = {"company": {"AAA-01": {"state": "not_known", "result": "compliant"}}, "band": "low"}
    assert sorted((p.pointer, p.code) for p in AnswerValidator(submitted).check_save({}, save)) == [
        ("/band", "unknown_field"),
        ("/company/AAA-01/result", "unknown_field"),
    ]


def test_an_unanswered_question_is_never_no_risk(revisions: Revisions) -> None:
    """Leaving any one answer out never gives a better figure, whether its question must be answered or may be left."""
    document = read_case("f1")["document"]
    evidence = evidence_of(document, "V2")
    before = float(result_of(revisions.assess(document, evidence))["company"]["residual"])
    data = revision_json(revisions.questionnaire)
    for asked in questions(data):
        asked["required"] = False
    optional = revisions._replace(questionnaire=Questionnaire.model_validate(data))
    for row in document["deployment"]:
        for id_ in document["deployment"][row]["answers"]:
            left = copy.deepcopy(document)
            del left["deployment"][row]["answers"][id_]
            assert float(result_of(revisions.assess(left, evidence))["company"]["residual"]) >= before, id_
    assert float(result_of(optional.assess(document, evidence))["company"]["residual"]) == before


def test_a_published_revision_cannot_be_edited(submitted: Questionnaire) -> None:
    def parts(value: Any) -> list[BaseModel]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
        found = [value] if isinstance(value, BaseModel) else []
        if isinstance(value, BaseModel):
            inner = [getattr(value, name) for name in type(value).model_fields]
        return found + [part for one in inner for part in parts(one)]

    for part in parts(submitted):
        for name in type(part).model_fields:
            with pytest.raises(ValidationError, match="frozen"):
                setattr(part, name, None)


def shuffled(value: Any, order: random.Random) -> Any:
    """Return JSON with every object's keys in another order, where the order of keys means nothing to the author."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], order) for key in order.sample(list(value), len(value))}
    return [shuffled(part, order) for part in value] if isinstance(value, list) else value


def test_the_digest_is_stable_under_key_order_whitespace_and_yaml_style(submitted: Questionnaire) -> None:
    order = random.Random(3)
    shipped = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert shipped is not None
    for revision in (submitted, shipped):
        form, digest = revision_json(revision), revision_digest(revision)
        for indent in (None, 1, 7):
            text = json.dumps(shuffled(form, order), indent=indent, ensure_ascii=bool(indent))
            assert revision_digest(Questionnaire.model_validate_json(text)) == digest
        words = json.loads(json.dumps(form), parse_int=str)  # the library reads every scalar as text
        bare = _without_nulls(words)
        for style in ({"default_flow_style": True}, {"width": 30}, {"default_style": '"'}, {"indent": 7}):
            text = "# a comment\n" + yaml.safe_dump(shuffled(bare, order), allow_unicode=True, **style)
            assert revision_digest(Questionnaire.model_validate(library.read_yaml(text))) == digest
    data = base()
    data["sections"].reverse()  # the reading order is the author's, and does count
    assert revision_digest(Questionnaire.model_validate(data)) != revision_digest(submitted)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_nulls(part) for part in value]
    return str(value).lower() if isinstance(value, bool) else value
