"""The outermost layer: what holds for every answer, whichever layer below gave it.

Invariants: an answer stays out of caches unless its endpoint says otherwise, and no browser guesses at its type; a body
that is too large, or does not come, is told as a problem, not in the framework's own words; an exception that was
answered goes no further, as its text, which may hold what was sent, would end in the server's log.
"""

import asyncio
import time
from typing import NamedTuple
from uuid import UUID

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import ids
from api.http.connections import SLOW
from api.http.errors import MEDIA_TYPE, log_failure, problem_response
from api.http.requests import HEADER, begin_request
from api.problems import CATALOGUE, Refusal

TOO_LARGE, FAILED = CATALOGUE["too_large"][0], CATALOGUE["internal"][0]


NUL = b"%00"
"""How a NUL stands in a query, before it is read."""
UPLOADS = ("multipart/", "application/pdf")
"""Media types of bodies that may be large."""


class Patience(NamedTuple):
    """How long a body may take: so many seconds of waiting in all, and for an upload more with what it brings."""

    seconds: float
    upload_bytes_per_second: int


class Outermost:
    """Wraps the whole application, its error handling included."""

    def __init__(self, app: ASGIApp, patience: Patience) -> None:
        """Wrap an application that waits so long for bodies."""
        self._app, self._patience = app, patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = ids.uuid7()
        begin_request(request)
        answer = _Answer(scope, receive, send, request)
        if "\0" in scope["path"] or NUL in scope["query_string"]:  # no database keeps one: it would fail on it
            refused = problem_response(Refusal("malformed", "The address holds a NUL: remove it."))
            await refused(scope, receive, answer.send)
            return
        body = _Body(scope, receive, answer, self._patience)
        try:
            await self._app(scope, body.receive, answer.send)
        except Exception as error:
            if not answer.status:
                raise
            if answer.status != FAILED:  # it broke off in the middle of an answer, so nobody has told of it yet
                log_failure(scope["method"], scope["path"], error)


class _Body:
    """One body on its way in. What counts is the time that we wait for the sender, not the time that we take."""

    def __init__(self, scope: Scope, receive: Receive, answer: "_Answer", patience: Patience) -> None:
        self._receive, self._answer, self._whole = receive, answer, False
        self._left = patience.seconds
        upload = Headers(scope=scope).get("Content-Type", "").lower().startswith(UPLOADS)
        self._per_byte = 1 / patience.upload_bytes_per_second if upload else 0.0

    async def receive(self) -> Message:
        """Return the next part; raise Refusal for a sender that does not send."""
        if self._whole:
            return await self._receive()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._left):
                message = await self._receive()
        except TimeoutError:
            self._whole = True
            if self._answer.status:  # nobody reads the body any more: whoever waits here waits for the sender to go
                return {"type": "http.disconnect"}
            raise SLOW from None
        self._left += len(message.get("body", b"")) * self._per_byte - (time.monotonic() - began)
        self._whole = not message.get("more_body", False)
        return message


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, request: UUID) -> None:
        self.status = 0
        self._scope, self._receive, self._send, self._request = scope, receive, send, request
        self._replaced = False

    async def send(self, message: Message) -> None:
        """Send a part on, unless the framework's own words about a large body are replaced by ours."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status == TOO_LARGE and Headers(scope=message).get("Content-Type") != MEDIA_TYPE:
                self._replaced = True
                await problem_response(Refusal("too_large"))(self._scope, self._receive, self._send_cautiously)
        if not self._replaced:
            await self._send_cautiously(message)

    async def _send_cautiously(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cache-Control", "no-store")
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers[HEADER] = str(self._request)
        await self._send(message)
