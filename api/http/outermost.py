"""The outermost layer: what holds for every answer, whichever layer below gave it.

Invariants: an answer stays out of caches unless its endpoint says otherwise, and no browser guesses at its type; a body
that is too large is told as a problem, not in the framework's own words; an exception that was answered goes no
further, as its text, which may hold what was sent, would end in the server's log.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import ids
from api.http.errors import MEDIA_TYPE, problem_response
from api.http.requests import HEADER, begin_request
from api.problems import CATALOGUE, Refusal

TOO_LARGE, _ = CATALOGUE["too_large"]


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
        replaced = started = False
        request = ids.uuid7()
        begin_request(request)

        async def send_on(message: Message) -> None:
            nonlocal replaced, started
            if message["type"] == "http.response.start":
                started = True
                if message["status"] == TOO_LARGE and Headers(scope=message).get("Content-Type") != MEDIA_TYPE:
                    replaced = True
                    await problem_response(Refusal("too_large"))(scope, receive, send_cautiously)
            if not replaced:
                await send_cautiously(message)

        async def send_cautiously(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers[HEADER] = str(request)
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception:
            if not started:
                raise
