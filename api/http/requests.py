"""The id of the request that is being served, for whoever tells of it: answers, the log, the audit trail."""

from contextvars import ContextVar
from uuid import UUID

HEADER = "Request-Id"
_request: ContextVar[UUID | None] = ContextVar("request", default=None)


def begin_request(id_: UUID) -> None:
    """Name the request that this task, and the threads it calls, serve from now on."""
    _request.set(id_)


def current_request() -> UUID | None:
    """Return the id of the request that is being served; None in a job."""
    return _request.get()
