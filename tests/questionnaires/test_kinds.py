"""Every kind of field: the server accepts what is right and nothing else, and the published schema agrees with it."""

import random
from typing import Any

import jsonschema_rs
import pytest

from questionnaires.answers import AnswerValidator
from tests.questionnaires.generating import PRODUCTS, draw, fits
from tests.questionnaires.small import KINDS, TABLE, answered, question, questionnaire, section

DOCUMENTS = 2000
BEYOND_SCHEMA = {"unknown_row", "format", "order", "too_small", "too_large"}
"""Codes of what no schema says: rows that exist, days, periods, bounds of decimals, check digits."""
ROWS = {row: {"name": row, "answers": {}} for row in PRODUCTS}


def document(value: Any) -> dict[str, Any]:
    """Return a document whose one answer states a value of the field."""
    return {"company": {"AAA-01": answered(field=value)}, "product": ROWS, "deployment": {}}


@pytest.mark.parametrize("kind", [*KINDS, "table"])
def test_server_and_schema_accept_what_is_right_and_nothing_else(kind: str) -> None:
    asked = questionnaire(section("A", question("AAA-01", {"field": {**KINDS, "table": TABLE}[kind]})))
    validator, field = AnswerValidator(asked), asked.field("AAA-01.field")
    schema = jsonschema_rs.Draft202012Validator(validator.schema)
    order, verdicts = random.Random(kind), {True: 0, False: 0}
    for _ in range(DOCUMENTS):
        value = draw(field, order)
        tried, right = document(value), fits(field, value)
        problems = validator.check_document(tried)
        assert (problems == []) is right, (value, problems)
        accepted = schema.is_valid(tried)
        assert accepted or problems, value
        if accepted and problems:
            assert {problem.code for problem in problems} <= BEYOND_SCHEMA, value
        assert {p.pointer.split("/")[1:5] == ["company", "AAA-01", "value", "field"] for p in problems} <= {True}
        verdicts[right] += 1
    assert min(verdicts.values()) > DOCUMENTS // 50, verdicts


def test_the_schema_says_in_words_what_is_asked() -> None:
    asked = questionnaire(section("A", question("AAA-01", dict(list(KINDS.items())[:4]))))
    schema = AnswerValidator(asked).schema
    jsonschema_rs.meta.validate(schema)
    said = schema["properties"]["company"]["properties"]["AAA-01"]
    assert (said["title"], said["description"]) == ("What about AAA-01?", "Say it.")
    agree = said["properties"]["value"]["properties"]["agree"]
    assert agree["title"] == "Agreed"
    assert agree["enum"] == ["yes", "partial", "no"]
    assert agree["x-labels"] == {"yes": "Yes", "partial": "Only in part", "no": "No"}


def test_no_problem_repeats_what_was_stated() -> None:
    asked = questionnaire(section("A", question("AAA-01", {"body": KINDS["body"], "day": KINDS["day"]})))
    value = {"body": {"name": "Marigold", "lei": "MARIGOLD0000000000" + "11"}, "day": "2026-02-30"}
    problems = AnswerValidator(asked).check_document(
        {"company": {"AAA-01": answered(**value)}, "product": {}, "deployment": {}}
    )
    assert [(problem.pointer.rpartition("/")[2], problem.code) for problem in problems] == [
        ("lei", "format"),
        ("day", "format"),
    ]
    assert not any(word in problem.detail for problem in problems for word in ("Marigold", "MARIGOLD", "02-30"))
