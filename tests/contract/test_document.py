"""The committed OpenAPI document: the one of this code, complete and free of the framework's own errors."""

import json
from pathlib import Path

import jsonschema_rs

from api.app import describe_app
from api.openapi import write, write_answer_schemas
from api.settings import Settings
from tests.contract.contract import document

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
ANSWERS = COMMITTED.parent / "answers"


def test_the_committed_document_is_that_of_the_code() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == write(describe_app(Settings()))


def test_the_committed_schemas_of_answers_are_those_of_the_shipped_questionnaires() -> None:
    committed = {f"answers/{file.name}": file.read_text(encoding="utf-8") for file in ANSWERS.iterdir()}
    assert committed == write_answer_schemas()
    for text in committed.values():
        jsonschema_rs.meta.validate(json.loads(text))


def test_it_does_not_depend_on_settings() -> None:
    settings = Settings(base_url="https://enduse.example", pool_size=1)
    assert write(describe_app(settings)) == write(describe_app(Settings()))


def test_no_error_is_the_frameworks_own() -> None:
    assert "HTTPValidationError" not in json.dumps(document())


def test_every_reference_leads_to_a_component() -> None:
    text = json.dumps(document())
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= set(document()["components"]["schemas"])


def test_every_component_is_a_valid_schema() -> None:
    for schema in document()["components"]["schemas"].values():
        jsonschema_rs.Draft202012Validator({**schema, "components": document()["components"]})


def test_every_operation_says_what_it_does_and_what_can_go_wrong() -> None:
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            if "x-scope" in operation:
                assert {"401", "403"} <= set(operation["responses"]), path
