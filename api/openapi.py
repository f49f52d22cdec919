"""The OpenAPI document of the service: committed, checked for drift, and what every tested answer is held against.

Invariants: it does not depend on settings or on the machine; a body that an endpoint reads itself stands in it like any
other; every protected operation names the scope it needs.
"""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.assessments import schemas as assessments
from api.evidence import schemas as evidence
from api.http.bodies import DOCUMENTED
from api.http.errors import problem_docs
from api.http.schemas import ProblemOut
from api.identity.access import ACTING_PERSON, LONGEST_ENCODED
from api.identity.scopes import SCOPES
from api.reviews import schemas as reviews
from api.submissions import schemas as submissions
from questionnaires import library
from questionnaires.schema import published_schema

TITLE = "Enduse"
VERSION = "1"
DESCRIPTION = (
    "End-use due diligence for surveillance technology. Investors issue questionnaires, vendors answer, auditors "
    "grade; the result is scored by a published method and attested in a document that anyone can verify. Every error "
    "is an RFC 9457 problem that names all problems of the request at once, by JSON pointer."
)
_BESIDE: tuple[type[BaseModel], ...] = (
    submissions.SaveIn, evidence.EvidenceIn, assessments.ScorecardOut, reviews.CalendarOut, ProblemOut,
)  # fmt: skip
"""Models that are described beside those of the bodies."""

_PERSON = {
    "name": ACTING_PERSON,
    "in": "header",
    "required": False,
    "description": "The person on whose behalf your system acts, as you name them, in percent-encoded UTF-8.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_ENCODED},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application."""
    if app.openapi_schema is None:
        document = get_openapi(title=TITLE, version=VERSION, description=DESCRIPTION, routes=app.routes)
        components: dict[str, Any] = document.setdefault("components", {})
        described = sorted({*DOCUMENTED, *_BESIDE}, key=lambda model: model.__name__)
        _, definitions = models_json_schema(
            [(model, "validation") for model in described], ref_template="#/components/schemas/{model}"
        )
        components["schemas"] = dict(sorted({**definitions["$defs"], **components.get("schemas", {})}.items()))
        components["securitySchemes"] = {
            "access_token": {"type": "http", "scheme": "bearer", "bearerFormat": "RFC 9068"},
            "client_secret_basic": {"type": "http", "scheme": "basic"},
        }
        for route in routes_of(app):
            _name_scope(document, route)
        for operations in document["paths"].values():
            for operation in operations.values():
                _add_common_answers(operation)
        app.openapi_schema = document
    return app.openapi_schema


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Return every operation's route, those of included routers too."""
    originals = (context.original_route for context in iter_route_contexts(app.routes))
    return [route for route in originals if isinstance(route, APIRoute)]


def write(app: FastAPI) -> str:
    """Return the text of the committed file."""
    return _text(describe(app))


def write_answer_schemas() -> dict[str, str]:
    """Return the texts of the committed schemas of answers, one per shipped questionnaire, by file name."""
    return {
        f"answers/{found.id}-{found.revision}.schema.json": _text(published_schema(found))
        for found in library.questionnaires().values()
    }


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def scope_of(route: APIRoute) -> str | None:
    """Return the scope that a route asks for; None where it is open to everybody."""
    calls = (dependency.call for dependency in route.dependant.dependencies)
    found: str | None = next((call.scope for call in calls if call is not None and hasattr(call, "scope")), None)
    return found


def _add_common_answers(operation: dict[str, Any]) -> None:
    """Add what the layers around an operation may answer: a body too large or unreadable, a failure of ours."""
    codes = ["internal", "too_large", "too_many", "busy"]
    codes += ["malformed", "too_slow"] if "requestBody" in operation else []
    for status, answer in problem_docs(*codes).items():
        if status not in {401, 403}:
            known = operation["responses"].setdefault(str(status), answer)
            known.setdefault("content", {}).update(answer["content"])
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _name_scope(document: dict[str, Any], route: APIRoute) -> None:
    scope = scope_of(route)
    for method in route.methods or ():
        operation = document["paths"][route.path_format][method.lower()]
        if scope is not None:
            operation["description"] = f"{operation['description']}\n\nScope `{scope}`: {SCOPES[scope].does}."
            operation["x-scope"] = scope
            operation.setdefault("parameters", []).append(_PERSON)
            operation["responses"].setdefault("400", problem_docs("malformed")[400])
