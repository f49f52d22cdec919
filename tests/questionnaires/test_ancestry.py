"""Questionnaires built on others keep what they promise, or every breach is named at its place."""

import random
from typing import Any

import pytest
from pydantic import ValidationError

from questionnaires.ancestry import check_derivation
from questionnaires.answers import AnswerValidator
from questionnaires.carrying import carry
from questionnaires.definition import Questionnaire
from questionnaires.revisions import revision_digest
from tests.questionnaires.generating import draw, fits
from tests.questionnaires.revising import base, questions, revise
from tests.questionnaires.small import answered, question, section

BASE = Questionnaire.model_validate(base())
DIGEST = revision_digest(BASE)


def derive(data: dict[str, Any], relation: str, digest: str = DIGEST) -> Questionnaire:
    """Return data as a questionnaire of our own, built on the base."""
    return Questionnaire.model_validate(
        {**data, "id": "ours", "derived_from": {"digest": digest, "relation": relation}}
    )


def breaches(data: dict[str, Any], relation: str) -> list[tuple[str, str]]:
    """Return place and code of every breach."""
    return sorted((found.pointer, found.code) for found in check_derivation(derive(data, relation), BASE))


def with_field(id_: str, name: str, **changes: Any) -> dict[str, Any]:
    """Return the base's data with one field changed."""
    data = base()
    asked = next(q for q in questions(data) if q["id"] == id_)
    asked["fields"][name] |= changes
    return data


@pytest.mark.parametrize("relation", ["extends", "complies_with"])
def test_the_base_with_more_questions_keeps_both_promises(relation: str) -> None:
    data = base()
    data["sections"].reverse()
    data["sections"].append(section("X", question("OUR-01"), asked_when={"answer": "AAA-01.said", "is": ["no"]}))
    data["sections"][0]["questions"].insert(0, question("OUR-02", per="product"))
    assert breaches(data, relation) == []


def test_a_condition_may_move_to_the_section() -> None:
    data = base()
    asked = data["sections"][0]["questions"].pop(2)
    gate = asked.pop("asked_when")
    data["sections"].append(section("E", asked, asked_when=gate))
    assert breaches(data, "extends") == []
    data["sections"][-1].pop("asked_when")
    expected = [("/sections/4/questions/0/asked_when", "condition")]
    assert breaches(data, "extends") == breaches(data, "complies_with") == expected


def test_new_words_break_an_extension_and_do_not_break_compliance() -> None:
    data = with_field("AAA-01", "said", choices={"yes": "Yes", "no": "Not at all"})
    data["sections"][1]["questions"][0]["text"] = "What do you make?"
    places = [("/sections/0/questions/0/fields/said", "changed"), ("/sections/1/questions/0/text", "changed")]
    assert breaches(data, "extends") == places
    assert breaches(data, "complies_with") == []


@pytest.mark.parametrize(
    ("data", "place", "code"),
    [
        (with_field("AAA-02", "one", choices={"red": "Red", "pink": "Pink"}), "1/fields/one/choices/pink", "choice"),
        (with_field("AAA-02", "whole", minimum=1), "1/fields/whole/minimum", "wider"),
        (with_field("AAA-02", "whole", maximum=901), "1/fields/whole/maximum", "wider"),
        (with_field("AAA-02", "figure", minimum="-11"), "1/fields/figure/minimum", "wider"),
        (with_field("AAA-02", "figure", places=3), "1/fields/figure/places", "wider"),
        (with_field("AAA-03", "prose", max_length=61), "2/fields/prose/max_length", "wider"),
        (with_field("AAA-03", "t", max_rows=5), "2/fields/t/max_rows", "wider"),
        (with_field("AAA-03", "grid", columns={"some": "S", "all": "A"}), "2/fields/grid/columns/all", "choice"),
        (
            with_field("AAA-03", "t", columns={"one": {"kind": "text", "label": "x"}}),
            "2/fields/t/columns/one/kind",
            "kind",
        ),
        (with_field("AAA-02", "day", kind="text"), "1/fields/day/kind", "kind"),
    ],
)
def test_an_answer_that_the_base_could_not_read_breaks_compliance(data: dict[str, Any], place: str, code: str) -> None:
    assert (f"/sections/0/questions/{place}", code) in breaches(data, "complies_with")
    assert breaches(data, "extends") != []


def test_missing_questions_fields_and_groups_are_named() -> None:
    data = base()
    del data["sections"][3]
    data["sections"][2]["questions"][1] |= {"per": "product", "required": False}
    data["sections"][2]["questions"][0]["fields"] = {"more": {"kind": "percent", "label": "More"}}
    assert breaches(data, "complies_with") == [
        ("/sections", "missing_question"),
        ("/sections/2/questions/0/fields", "missing_field"),
        ("/sections/2/questions/0/fields/more", "added_field"),
        ("/sections/2/questions/1/per", "group"),
        ("/sections/2/questions/1/required", "required"),
    ]


def test_a_promise_about_another_base_is_no_promise_about_this_one() -> None:
    other = derive(base(), "extends", "sha256:" + "0" * 64)
    assert [found.code for found in check_derivation(other, BASE)] == ["other_base"]
    assert check_derivation(BASE, BASE) == ()
    for said in ({"digest": "sha256:0", "relation": "extends"}, {"digest": DIGEST, "relation": "resembles"}):
        with pytest.raises(ValidationError):
            Questionnaire.model_validate({**base(), "derived_from": said})


def test_every_answer_to_what_complies_is_read_as_an_answer_to_the_base() -> None:
    order, complying, validator = random.Random(9), 0, AnswerValidator(BASE)
    for _ in range(400):
        try:
            ours = derive(revise(order, order.choice((1, 2, 3))), "complies_with")
        except ValidationError:
            continue
        if check_derivation(ours, BASE):
            continue
        complying += 1
        company: dict[str, Any] = {}
        for asked in ours.by_group["company"].values():
            value = {}
            for name, field in asked.fields.items():
                found = next((v for v in (draw(field, order) for _ in range(8)) if fits(field, v)), None)
                if found is not None:
                    value[name] = found
            company[asked.id] = answered(**value) if value else {"state": "not_known"}
        document = {
            "company": company,
            "product": {r: {"name": r, "answers": {}} for r in ("p1", "p2")},
            "deployment": {},
        }
        if AnswerValidator(ours).check_document(document):
            continue  # an answer that is not asked
        carried = carry(ours, validator, document)
        assert {one.key.question for one in carried.lost} <= ours.questions.keys() - BASE.questions.keys()
    assert complying > 40
