"""Validation: every problem of a save at once, each at its pointer, none repeating what was stated."""

import copy
import json
from typing import Any

import jsonschema_rs
import pytest

from questionnaires.answers import AnswerValidator, merge
from questionnaires.bodies import DEEPEST
from questionnaires.shape import MOST_PROBLEMS
from tests.questionnaires.conftest import CASES, Revisions, read_case

Problems = list[tuple[str, str]]


@pytest.fixture(scope="session")
def validator(revisions: Revisions) -> AnswerValidator:
    """Return the checks of the shipped questionnaire."""
    return AnswerValidator(revisions.questionnaire)


@pytest.fixture
def stored() -> dict[str, Any]:
    """Return a valid document: company, two products, two deployments."""
    document: dict[str, Any] = read_case("f1")["document"]
    return document


def stated(value: dict[str, Any]) -> dict[str, Any]:
    return {"state": "answered", "value": value}


def refused(validator: AnswerValidator, stored: dict[str, Any], save: object) -> Problems:
    """Return pointer and code of every problem of a save, sorted."""
    return sorted((problem.pointer, problem.code) for problem in validator.check_save(stored, save))


def test_one_save_with_five_mistakes_names_five_places(validator: AnswerValidator, stored: dict[str, Any]) -> None:
    save = {
        "company": {
            "GOV-99": stated({"policy": "marigold"}),
            "GOV-01": stated({"policy": "tangerine"}),
            "GOV-07": stated({"reviewed": "seventeen", "refused": 1}),
            "REM-03": stated({"criteria_met": 7}),
            "USE-08": stated({"assemblies": "yes"}),
        }
    }
    before = copy.deepcopy(stored)
    assert refused(validator, stored, save) == [
        ("/company/GOV-01/value/policy", "choice"),
        ("/company/GOV-07/value/reviewed", "type"),
        ("/company/GOV-99", "unknown_question"),
        ("/company/REM-03", "hidden_question"),
        ("/company/USE-08", "wrong_row"),
    ]
    said = " ".join(problem.detail for problem in validator.check_save(stored, save))
    assert [word for word in ("marigold", "tangerine", "seventeen", "assemblies", "yes") if word in said.split()] == []
    assert stored == before


def test_null_removes_an_answer_and_a_row(validator: AnswerValidator, stored: dict[str, Any]) -> None:
    before = copy.deepcopy(stored)
    save = {"company": {"GOV-02": None}, "deployment": {"d2": None, "d1": {"answers": {"BUY-16": None}}}}
    assert refused(validator, stored, save) == []
    merged = merge(stored, save)
    del before["company"]["GOV-02"], before["deployment"]["d2"], before["deployment"]["d1"]["answers"]["BUY-16"]
    assert merged == before
    assert refused(validator, stored, {"company": {"GOV-03": None}}) == [("/company/GOV-03", "unknown_question")]
    assert refused(validator, stored, {"product": {"P 9": None}}) == [("/product", "row_id")]
    assert merge(stored, {"product": {"p9": None}}) == stored


def test_a_removed_product_leaves_its_deployments_nowhere(validator: AnswerValidator, stored: dict[str, Any]) -> None:
    assert refused(validator, stored, {"product": {"p1": None}}) == [("/deployment/d1/product", "unknown_row")]
    assert refused(validator, stored, {"product": {"p1": None}, "deployment": {"d1": None}}) == []


def test_a_row_that_does_not_exist_is_named_at_its_reference(
    validator: AnswerValidator, stored: dict[str, Any]
) -> None:
    lines = [{"product": "p1", "units": 1}, {"product": "p7", "units": 2}]
    save = {
        "company": {"OWN-05": stated({"areas": lines})},
        "deployment": {"d3": {"name": "Nowhere", "product": "p8", "answers": {}}, "d9": {"product": "p1"}},
    }
    assert refused(validator, stored, save) == [
        ("/company/OWN-05/value/areas/1/product", "unknown_row"),
        ("/deployment/d3/product", "unknown_row"),
        ("/deployment/d9/name", "required"),
    ]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"state": "not_known"}, None),
        ({"state": "not_answered"}, None),
        ({"state": "answered"}, ("/value", "required")),
        ({"state": "answered", "value": {}}, ("/value", "empty")),
        ({"state": "answered", "value": {"share": 101}}, ("/value/share", "too_large")),
        ({"state": "answered", "value": {"share": 85.0}}, ("/value/share", "type")),
        ({"state": "answered", "value": {"part": 85}}, ("/value/part", "unknown_field")),
        ({"state": "not_known", "value": {"share": 85}}, ("/value", "value")),
        ({"state": "not_applicable"}, ("/reason", "required")),
        ({"state": "not_applicable", "reason": "We sell no such thing."}, None),
        ({"state": "declined_confidential"}, ("/reason", "required")),
        ({"state": "declined_confidential", "reason": ""}, ("/reason", "empty")),
        ({"state": "declined_legal", "reason": "The law."}, ("/legal_basis", "required")),
        ({"state": "declined_legal", "legal_basis": "Act 7, section 2"}, None),
        ({"state": "disputed", "value": {"share": 85}}, ("/reply", "required")),
        ({"state": "disputed", "reply": "It is more."}, ("/value", "required")),
        ({"state": "disputed", "value": {"share": 85}, "reply": "It is more."}, None),
        ({"state": "perhaps"}, ("/state", "choice")),
        ({}, ("/state", "required")),
        (["answered"], ("", "type")),
    ],
    ids=json.dumps,
)
def test_every_state_has_the_companions_it_needs(
    answer: object, problem: tuple[str, str] | None, validator: AnswerValidator, stored: dict[str, Any]
) -> None:
    found = refused(validator, stored, {"company": {"CON-06": answer}})
    expected = [(f"/company/CON-06{problem[0]}", problem[1])] if problem else []
    assert found == expected


def test_the_published_schema_is_one_and_accepts_what_is_accepted(validator: AnswerValidator) -> None:
    jsonschema_rs.meta.validate(validator.schema)
    published = jsonschema_rs.Draft202012Validator(json.loads(json.dumps(validator.schema)))
    for name in CASES:
        document = read_case(name)["document"]
        assert validator.check_document(document) == []
        assert published.is_valid(document)
        document["company"]["GOV-01"] = stated({"policy": "maybe"})
        assert validator.check_document(document) != []
        assert not published.is_valid(document)


def test_a_hidden_answer_is_refused_in_a_whole_document(validator: AnswerValidator, stored: dict[str, Any]) -> None:
    stored["company"]["REM-03"] = stated({"criteria_met": 7})
    assert [(p.pointer, p.code) for p in validator.check_document(stored)] == [("/company/REM-03", "hidden_question")]
    stored["company"]["REM-01"] = {"state": "not_known"}  # what decides is open: the question is asked again
    assert validator.check_document(stored) == []


def nested(levels: int, wrap: bool) -> object:  # which of the two shapes
    value: object = "end"
    for _ in range(levels):
        value = {"a": value} if wrap else [value]
    return value


HOSTILE = {
    "a list": [],
    "text": "company",
    "a number": 7,
    "nothing": None,
    "deep lists": nested(50_000, wrap=False),
    "deep objects": nested(50_000, wrap=True),
    "a deep value": {"company": {"GOV-01": stated({"policy": nested(DEEPEST + 1, wrap=False)})}},
    "lists for objects": {"company": [], "product": {"p1": []}, "deployment": {"d1": {"answers": []}}},
    "huge numbers": {"company": {"GOV-07": stated({"reviewed": 10**400, "refused": -(10**400)})}},
    "no numbers": {"company": {"GOV-07": stated({"reviewed": float("nan"), "refused": float("inf")})}},
    "long text": {"company": {"SCP-01": stated({"entities": "x" * 10**5})}},
    "a long name": {"company": {"x" * 10**5: {}}},
    "a NUL": {"company": {"SCP-01": stated({"entities": "a\0b"})}},
    "half a pair": {"company": {"SCP-01": stated({"entities": "a\ud800"})}},
    "half a pair as a name": {"product": {"\udfff": {"name": "x"}}},
    "a NUL as a name": {"company": {"\0": {}}},
    "a list as a state": {"company": {"GOV-01": {"state": ["answered"], "value": {}}}},
    "a list as a row id": {"deployment": {"d1": {"product": ["p1"]}}},
    "lists in a table": {"company": {"OWN-05": stated({"areas": [["p1"], 3, {"product": ["p1"]}]})}},
    "a line end in a row id": {"product": {"p9\n": {"name": "x"}}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_are_refused_and_raise_nothing(
    name: str, validator: AnswerValidator, stored: dict[str, Any]
) -> None:
    for problems in (validator.check_document(HOSTILE[name]), validator.check_save(stored, HOSTILE[name])):
        assert problems
        json.dumps([problem._asdict() for problem in problems], ensure_ascii=False).encode()


def test_names_with_slashes_are_escaped_in_pointers(validator: AnswerValidator, stored: dict[str, Any]) -> None:
    save: dict[str, Any] = {"company": {"a/b~c": {}, "": {}}}
    assert refused(validator, stored, save) == [
        ("/company/", "unknown_question"),
        ("/company/a~1b~0c", "unknown_question"),
    ]


def test_very_many_problems_are_cut(validator: AnswerValidator, stored: dict[str, Any]) -> None:
    save: dict[str, Any] = {"company": {f"XXX-{number}": {} for number in range(1_500)}}
    assert len(validator.check_save(stored, save)) == MOST_PROBLEMS
    assert len(validator.check_document(save)) == MOST_PROBLEMS
