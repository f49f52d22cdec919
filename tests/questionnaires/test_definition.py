"""The model of a questionnaire: what holds together, what is refused, and that nothing new moves an old digest."""

import time
from typing import Any

import pytest
from pydantic import ValidationError

from questionnaires.definition import Questionnaire
from questionnaires.revisions import revision_digest, revision_json
from tests.questionnaires.small import KINDS, TABLE, body, question, questionnaire, section

READ = {"said": {"answer": "AAA-01.said", "is": ["yes"]}}
ALL_KINDS = section("A", question("AAA-01", dict(list(KINDS.items())[:8])), question("AAA-02", {"t": TABLE}))


def refused(*sections: dict[str, Any]) -> str:
    """Return why a questionnaire is refused."""
    with pytest.raises(ValidationError) as caught:
        questionnaire(*sections)
    return str(caught.value)


def asked(condition: object, per: str = "company") -> tuple[dict[str, Any], ...]:
    """Return sections where question ZZZ-01 has a condition, over questions of every kind and group."""
    fields = dict(list(KINDS.items())[8:]) | {"t": TABLE, "whole": KINDS["whole"]}
    return (
        section(
            "A", question("AAA-01"), question("AAA-02", dict(list(KINDS.items())[:10])), question("AAA-03", fields)
        ),
        section("B", question("PRD-01", per="product"), question("BUY-01", per="deployment")),
        section("C", question("ZZZ-01", per=per, asked_when=condition)),
    )


@pytest.mark.parametrize(
    ("per", "condition"),
    [
        ("company", {"answer": "AAA-02.one", "is": ["red"]}),
        ("company", {"answer": "AAA-02.agree", "is": ["partial"]}),
        ("company", {"answer": "AAA-02.multi", "has": ["red", "blue"]}),
        ("company", {"number": "AAA-02.whole", "at_least": "3"}),
        ("company", {"size": "AAA-02.multi", "at_least": 1}),
        ("company", {"size": "AAA-03.t", "at_least": 1}),
        ("company", {"size": "AAA-03.proof", "at_most": 1}),
        ("company", {"ratio": ["AAA-02.whole", "AAA-03.whole"], "at_most": 10}),
        ("company", {"answered": "AAA-02.money"}),
        ("company", {"state": "AAA-02", "is": ["declined_legal", "not_known"]}),
        ("company", {"rows": "deployment", "at_least": 2}),
        ("product", {"rows": "deployment", "at_least": 1, "where": {"answer": "BUY-01.said", "is": ["yes"]}}),
        ("company", {"date": "AAA-02.day", "before": "2026-01-31"}),
        ("company", {"column": "AAA-03.t.one", "is": ["red"]}),
        (
            "incident",
            {"all": [{"answer": "BUY-01.said", "is": ["no"]}, {"not": {"answer": "PRD-01.said", "is": ["no"]}}]},
        ),
        ("incident", {"rows": "incident", "at_least": 2}),
    ],
)
def test_every_operator_reads_the_kinds_that_fit_it(per: str, condition: dict[str, Any]) -> None:
    read = questionnaire(*asked(condition, per))
    again = Questionnaire.model_validate_json(read.model_dump_json(by_alias=True))
    assert again == read
    assert revision_digest(again) == revision_digest(read)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"answer": "AAA-09.said", "is": ["yes"]}, "does not exist"),
        ({"answer": "AAA-01.other", "is": ["yes"]}, "does not exist"),
        ({"state": "AAA-09", "is": ["not_known"]}, "does not exist"),
        ({"answer": "ZZZ-01.said", "is": ["yes"]}, "depends on itself"),
        ({"answer": "PRD-01.said", "is": ["yes"]}, "asked per product"),
        ({"answer": "AAA-01.said", "is": ["maybe"]}, "does not offer"),
        ({"answer": "AAA-02.multi", "is": ["red"]}, "cannot read"),
        ({"number": "AAA-02.figure", "at_least": 1}, "cannot read"),
        ({"size": "AAA-02.one", "at_least": 1}, "cannot read"),
        ({"date": "AAA-02.period", "before": "2026-01-31"}, "cannot read"),
        ({"column": "AAA-03.t.gone", "is": ["red"]}, "missing"),
        ({"column": "AAA-03.t.whole", "is": ["red"]}, "cannot read"),
        ({"column": "AAA-03.t.one", "is": ["pink"]}, "does not offer"),
        ({"rows": "incident", "at_least": 1}, "nothing is asked"),
        ({"rows": "company", "at_least": 1}, "rows"),
        ({"criterion": "B4", "at_least": 1}, "answers only"),
        ({"state": "AAA-01", "is": ["not_answered"]}, "state"),
        ({"date": "AAA-02.day", "before": "2026-01-31", "after": "2026-01-01"}, "exactly one"),
        ({"date": "AAA-02.day"}, "exactly one"),
        ({"date": "AAA-02.day", "before": "31.1.2026"}, "pattern"),
        ({"answer": "AAA-01.said"}, "is"),
        ({"sometimes": True}, "name one of the operators"),
        ("always", "name one of the operators"),
        ({"all": []}, "at least 1"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(condition: object, reason: str) -> None:
    assert reason in refused(*asked(condition))


def test_questions_in_a_circle_are_refused_and_a_chain_is_not() -> None:
    def chain(length: int, first: object) -> dict[str, Any]:
        later = [
            question(f"AAA-{n:02}", asked_when={"answer": f"AAA-{n - 1:02}.said", "is": ["yes"]})
            for n in range(2, length + 1)
        ]
        return section("A", question("AAA-01", asked_when=first), *later)

    assert len(questionnaire(chain(40, None)).questions) == 40
    assert "circle" in refused(chain(3, {"answer": "AAA-03.said", "is": ["no"]}))
    assert "chain of more than 40" in refused(chain(41, None))
    counted = {"rows": "deployment", "at_least": 1, "where": {"answer": "BUY-01.said", "is": ["yes"]}}
    seen = {"answer": "AAA-01.said", "is": ["yes"]}
    circle = [question("AAA-01", asked_when=counted), question("BUY-01", per="deployment", asked_when=seen)]
    assert "circle" in refused(section("A", *circle))


def test_a_deep_or_large_condition_is_refused_at_once() -> None:
    condition: dict[str, Any] = READ["said"]
    for _ in range(150):
        condition = {"not": condition}
    wide = {"any": [{"all": [READ["said"]] * 11}] * 11}
    begun = time.thread_time()
    for hostile in (condition, wide):
        assert "operators on 8 levels at most" in refused(*asked(hostile))
    assert time.thread_time() - begun < 5  # exponential reading would take hours


@pytest.mark.parametrize(
    "fields",
    [
        {"f": {**KINDS["one"], "choices": {f"c{n}": "C" for n in range(61)}}},
        {"f": {**KINDS["whole"], "minimum": 9, "maximum": 8}},
        {"f": {**KINDS["figure"], "minimum": "9.5", "maximum": "9.4"}},
        {"f": {**KINDS["figure"], "places": 7}},
        {"f": {**KINDS["figure"], "minimum": 1.5}},
        {"f": {**KINDS["prose"], "max_length": 20001}},
        {"f": {**KINDS["agree"], "labels": {"perhaps": "Perhaps"}}},
        {"f": {**KINDS["grid"], "rows": {f"r{n}": "R" for n in range(41)}}},
        {"f": {**KINDS["grid"], "columns": {f"c{n}": "C" for n in range(13)}}},
        {"f": {**TABLE, "max_rows": 2001}},
        {"f": {**TABLE, "columns": {"deep": TABLE}}},
        {"f": {**TABLE, "columns": {f"c{n}": KINDS["day"] for n in range(14)}}},
        {f"f{n}": KINDS["day"] for n in range(13)},
        {"f": {**KINDS["day"], "colour": "red"}},
        {},
    ],
    ids=str,
)
def test_a_field_beyond_its_limits_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Questionnaire.model_validate(body(section("A", {**question("AAA-01"), "fields": fields})))


def test_what_is_not_given_is_not_in_the_form_that_is_digested() -> None:
    plain = questionnaire(section("A", question("AAA-01", {"a": {"kind": "yes_partial_no", "label": "A"}})))
    form = revision_json(plain)
    assert "derived_from" not in form
    assert not {"note", "asked_when"} & form["sections"][0].keys()
    assert not {"confidential", "required"} & form["sections"][0]["questions"][0].keys()
    assert "labels" not in form["sections"][0]["questions"][0]["fields"]["a"]
    told = questionnaire(
        section("A", question("AAA-01", confidential="true", required="no"), note="Read this.")
    )  # as text, the way YAML is read
    first = told.questions["AAA-01"]
    assert (first.confidential, first.required, told.sections[0].note) == (True, False, "Read this.")
    assert revision_digest(told) != revision_digest(plain)


def test_all_kinds_stand_in_one_questionnaire() -> None:
    read = questionnaire(ALL_KINDS)
    assert read.field("AAA-01.agree").choices == {"yes": "Yes", "partial": "Only in part", "no": "No"}  # type: ignore[union-attr]  # it is one
