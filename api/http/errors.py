"""Every error leaves as an RFC 9457 problem.

Invariant: the text of an exception never leaves; an unexpected one is logged by its type and place and answered with
the same words whatever it was.
"""

import logging
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.http.schemas import FlawOut, ProblemOut
from api.problems import CATALOGUE, TYPE_PREFIX, Flaw, Refusal

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_FRAMES = 6
_BY_STATUS = {400: "malformed", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
              406: "not_acceptable", 413: "too_large", 415: "unsupported_media_type", 422: "invalid"}  # fmt: skip


def problem_response(refusal: Refusal) -> Response:
    """Return the response that tells a refusal."""
    return JSONResponse(
        ProblemOut(
            type=TYPE_PREFIX + refusal.code,
            title=refusal.title,
            status=refusal.status,
            detail=refusal.detail or refusal.title + ".",
            errors=[FlawOut(pointer=p, code=c, detail=d) for p, c, d in refusal.errors],
        ).model_dump(mode="json"),
        status_code=refusal.status,
        headers=dict(refusal.headers),
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


def problem_docs(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the documented problem responses of an endpoint."""
    statuses = sorted({CATALOGUE[code][0] for code in (*codes, "unauthenticated", "forbidden")})
    names = {status: "; ".join(CATALOGUE[c][1] for c in CATALOGUE if CATALOGUE[c][0] == status) for status in statuses}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {status: {"description": names[status], "content": content} for status in statuses}


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem_response(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(Refusal("invalid", "Correct every problem named in errors.", _flaws(error)))


def _flaws(error: RequestValidationError) -> Sequence[Flaw]:
    return [
        Flaw(
            "/" + "/".join(str(part) for part in item["loc"][1:]),
            str(item["type"]),
            "See the schema for what fits here.",
        )
        for item in error.errors()
    ]


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(error.status_code, "malformed" if error.status_code < 500 else "internal")  # noqa: PLR2004
    return problem_response(Refusal(code, headers=dict(error.headers or {})))


async def _gone(_request: Request, _error: Exception) -> Response:
    """Answer nobody: the client went while its body was read, and that is no failure of ours."""
    return problem_response(Refusal("malformed"))


async def _unexpected(request: Request, error: Exception) -> Response:
    log_failure(request.method, getattr(request.scope.get("route"), "path", "?"), error)
    return problem_response(Refusal("internal"))


def log_failure(method: str, path: str, error: BaseException) -> None:
    """Log an unexpected exception by its type and place."""
    log.error("unexpected %s at %s %s, %s", type(error).__name__, method, path, _places(error))


def _places(error: BaseException) -> str:
    """Return where an exception came from, innermost first, without its text, which may repeat what was sent."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
