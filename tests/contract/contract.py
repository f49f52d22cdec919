"""Holds answers against the OpenAPI document: status, media type and body must be the documented ones."""

import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from api.app import describe_app
from api.openapi import describe
from api.settings import Settings

# What the framework answers before an operation is found.
EVERYWHERE = {404, 405}
PROBLEM = "application/problem+json"


@cache
def document() -> dict[str, Any]:
    """Return the document of this code (that the committed file equals it is checked elsewhere)."""
    return describe(describe_app(Settings()))


def check(response: httpx.Response) -> None:
    """Raise AssertionError where an answer is not as documented."""
    request = response.request
    operation = find_operation(request.method, request.url.path)
    here = f"{request.method} {request.url.path}: {response.status_code}"
    if operation is None or (str(response.status_code) not in operation["responses"]):
        assert response.status_code in EVERYWHERE, f"{here} is not documented"
        _check_body(here, response, {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}})
        return
    _check_body(here, response, operation["responses"][str(response.status_code)].get("content", {}))


def _check_body(here: str, response: httpx.Response, content: dict[str, Any]) -> None:
    if not content:
        assert not response.content, f"{here} has a body that is not documented"
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in content, f"{here} has media type {media_type}"
    schema = content[media_type].get("schema")
    if schema is not None:
        problems = [str(error) for error in _validator(repr(schema)).iter_errors(response.json())]
        assert not problems, f"{here}: {problems}"


def find_operation(method: str, path: str) -> dict[str, Any] | None:
    """Return the operation that serves a path; where two fit, the one with fewer parameters."""
    found = [
        (template.count("{"), operations[method.lower()])
        for template, operations in document()["paths"].items()
        if method.lower() in operations and _pattern(template).fullmatch(path)
    ]
    return min(found, key=lambda item: item[0])[1] if found else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(
        "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", template))
    )


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    import ast

    return jsonschema_rs.Draft202012Validator({**ast.literal_eval(schema), "components": document()["components"]})
