"""Connections of the serving process: how long a sender may take over a request's head, and how many there may be.

Uvicorn bounds none of it in time: a connection that sends nothing, or a byte now and then, stays open for ever.

Invariants: whoever holds a connection open without a request in progress has `head_seconds` to send the head of one, at
the end of a request that was answered before its body had come too; a head has a largest size; a process with too many
connections says so and when to come again. Bodies are timed where they are read (`api.http.outermost`).
"""

import asyncio
from typing import Any, cast

from starlette.types import Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import service_unavailable
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from api.http.errors import problem_response
from api.problems import Refusal
from api.settings import Settings

LARGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers, and what may come with them before they are read."""
CLOSE = {"Connection": "close"}
BUSY = Refusal("busy", "Come again after the seconds of Retry-After.", headers={"Retry-After": "2", **CLOSE})
SLOW = Refusal("too_slow", "Send the whole request without pauses, on a new connection.", headers=CLOSE)
LARGE = Refusal("head_too_large", "Send fewer and shorter headers.", headers=CLOSE)


class Connection(HttpToolsProtocol):
    """Uvicorn's connection with a clock and a measure for heads."""

    head_seconds: float
    _clock: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock with the connection."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock with the connection."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Start the clock at the first byte after an answer; refuse a head that does not end."""
        if self._clock is None and self._is_idle():
            self._await_head()
        if self._clock is not None:
            self._head += len(data)
        super().data_received(data)
        if self._clock is not None and self._head > LARGEST_HEAD:
            self._refuse(LARGE)

    def on_headers_complete(self) -> None:
        """Stop the clock: the head is here, and what follows is timed as it is read."""
        self._stop_clock()
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        super()._start_asgi_task(cycle, tell_busy if app is service_unavailable else app)  # type: ignore[arg-type]

    def _is_idle(self) -> bool:
        """Tell whether no request waits for its answer."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first
        return cycle is None or cycle.response_complete

    def _await_head(self) -> None:
        self._head = 0
        self._clock = self.loop.call_later(self.head_seconds, self._refuse, SLOW)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _refuse(self, refusal: Refusal) -> None:
        """Tell, where a request has begun and is not answered; close in any case."""
        self._stop_clock()
        if self.transport.is_closing():
            return
        if self._head and self._is_idle():
            answer = problem_response(refusal)
            lines = [name + b": " + value + b"\r\n" for name, value in answer.raw_headers]
            self.transport.write(b"".join([STATUS_LINE[answer.status_code], *lines, b"\r\n", bytes(answer.body)]))
        self.transport.close()


async def tell_busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that came while there were too many connections."""
    await problem_response(BUSY)(scope, receive, send)


def server_options(settings: Settings) -> dict[str, Any]:
    """Return how uvicorn is to treat connections."""

    class Timed(Connection):
        head_seconds = settings.head_seconds

    return {"http": Timed, "limit_concurrency": settings.connections, "timeout_keep_alive": settings.keep_alive_seconds}
