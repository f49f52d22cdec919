"""Reading bodies: strict, whole, and never repeated in an error.

Invariant: JSON is validated from its bytes in strict mode, where `0` is no date and `"1"` no number; lax mode is for
nobody who signs.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar, get_args

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from api.problems import Flaw, Refusal

Body = TypeVar("Body", bound=BaseModel)

DOCUMENTED: set[type[BaseModel]] = set()
"""The models of all bodies: the description of the service holds each."""
MOST_FLAWS = 200
MOST_PARTS = 250_000
"""Commas and opening brackets of a body: twice what the largest submission needs, and little to count."""
JSON_TYPES = ("application/json", "application/merge-patch+json")
_SENTENCES = {
    "missing": "This is needed here.",
    "extra_forbidden": "There is no such field here; see the schema.",
    "json_invalid": "This is not JSON.",
    "uuid_parsing": "This is not a UUID.",
}
_PYDANTIC = frozenset(get_args(ErrorType))
"""Kinds of errors whose words may repeat what was sent; the words of all others are ours (see `refuse_value`)."""


def json_body(model: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    """Return a dependency that reads the JSON body as the model, or refuses it with every problem."""

    async def read(request: Request) -> Body:
        return validate(model, await _read_bytes(request))

    return read


def validate(model: type[Body], body: bytes) -> Body:
    """Return the model that JSON makes, or refuse it with every problem."""
    sent = _parse(body)
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise _refusal_of(error, sent) from None


async def read_json(request: Request) -> Any:
    """Return the body as plain JSON; refuse what says it is none, cannot be read, or could be read in two ways."""
    return _parse(await _read_bytes(request))


async def _read_bytes(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in JSON_TYPES:
        raise Refusal("unsupported_media_type", "Send application/json.")
    return await request.body()


def _parse(body: bytes) -> Any:
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_PARTS:
        raise Refusal("malformed", "The body has more parts than any request needs.")
    try:
        return json.loads(body, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise Refusal("malformed", "The body is not JSON with each name once.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a body that names a key twice: two readers would take two different answers from it."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refusal_of(error: ValidationError, sent: Any) -> Refusal:
    """Return the refusal that names every problem of what was sent, without its values."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    if len(details) == 1 and details[0]["type"] == "json_invalid":
        return Refusal("malformed", "The body is not JSON.")
    flaws = [_flaw(item, sent) for item in details[:MOST_FLAWS]]
    return Refusal("invalid", "Correct every problem named in errors.", flaws)


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """Return the `openapi_extra` of an endpoint whose body is read by `json_body`, and have its model described."""
    DOCUMENTED.add(model)
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _flaw(item: ErrorDetails, sent: Any) -> Flaw:
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in _path(item, sent))
    said = "This does not have the form that the schema asks for." if item["type"] in _PYDANTIC else item["msg"]
    detail = _SENTENCES.get(item["type"], said)
    return Flaw(pointer, item["type"], detail)


def _path(item: ErrorDetails, sent: Any) -> Iterator[int | str]:
    """Yield where a problem stands in what was sent, and what is missing there.

    The rest of pydantic's location is not of the body: which of several models was tried, or that a key is meant.
    """
    last = len(item["loc"]) - 1
    for number, part in enumerate(item["loc"]):
        if part in sent if isinstance(sent, dict) else isinstance(sent, list) and part in range(len(sent)):
            yield part
            sent = sent[part]
        elif item["type"] == "missing" and number == last:
            yield part
