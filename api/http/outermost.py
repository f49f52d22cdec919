"""The outermost layer: what holds for every answer, whichever layer below gave it.

Invariants: an answer stays out of caches unless its endpoint says otherwise, and no browser guesses at its type; a body
that is too large is told as a problem, not in the framework's own words; an exception that was answered goes no
further, as its text, which may hold what was sent, would end in the server's log.
"""

from uuid import UUID

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import ids
from api.http.errors import MEDIA_TYPE, log_failure, problem_response
from api.http.requests import HEADER, begin_request
from api.problems import CATALOGUE, Refusal

TOO_LARGE, FAILED = CATALOGUE["too_large"][0], CATALOGUE["internal"][0]


class Outermost:
    """Wraps the whole application, its error handling included."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = ids.uuid7()
        begin_request(request)
        answer = _Answer(scope, receive, send, request)
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            if not answer.status:
                raise
            if answer.status != FAILED:  # it broke off in the middle of an answer, so nobody has told of it yet
                log_failure(scope["method"], scope["path"], error)


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
