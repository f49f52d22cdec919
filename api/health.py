"""HTTP of health: whether the process lives, and whether it can serve.

Invariant: neither answer tells a stranger more than yes or no and, of what is missing, its kind.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.db.migrate import newest
from api.db.session import Sessions, unit_of_work
from api.http.schemas import Wire
from api.identity.access import sessions_of

router = APIRouter(tags=["health"])


class AliveOut(Wire):
    """The process answers."""

    status: Literal["alive"] = "alive"


class ReadyOut(Wire):
    """Whether requests can be served; `missing` says what is not there yet."""

    status: Literal["ready", "not_ready"]
    missing: list[Literal["database", "revision"]]


@router.get("/healthz")
async def tell_alive() -> AliveOut:
    """Tell that the process lives; nothing else is looked at, and no thread is waited for."""
    return AliveOut()


@router.get("/readyz", responses={503: {"model": ReadyOut, "description": "Not ready"}})
def tell_ready(sessions: Annotated[Sessions, Depends(sessions_of)], response: Response) -> ReadyOut:
    """Tell whether the database answers and is at this release's revision."""
    missing = _missing(sessions)
    if missing is not None:
        response.status_code = 503
        return ReadyOut(status="not_ready", missing=[missing])
    return ReadyOut(status="ready", missing=[])


def _missing(sessions: Sessions) -> Literal["database", "revision"] | None:
    try:
        with unit_of_work(sessions, None) as session:
            revision = session.scalar(text("select version_num from alembic_version"))
    except SQLAlchemyError:
        return "database"
    return None if revision == newest() else "revision"
