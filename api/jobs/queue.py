"""Enqueue a job.

Invariant: the job is a row of the caller's transaction: it exists exactly if the change that calls for it does.
"""

from uuid import UUID

import procrastinate
from sqlalchemy.orm import Session

# Never opened: it only writes on a connection that it is given. A worker's own app cannot serve here, as it turns
# asynchronous once it is open.
_enqueuer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=""))


def enqueue(session: Session, task: str, **ids: UUID | str) -> int:
    """Have a task done after the session's transaction commits, and return the job's number.

    Raises ValueError for an argument that is not an id: the job table is readable across tenants.
    """
    arguments = {name: str(value if isinstance(value, UUID) else UUID(value)) for name, value in ids.items()}
    connection = session.connection().connection.driver_connection
    return _enqueuer.configure_task(task, connection=connection).defer(**arguments)
