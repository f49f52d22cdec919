"""Enqueue a job, at its tenant's fair place.

Invariants: the job is a row of the caller's transaction: it exists exactly if the change that calls for it does. The
queue serves tenants in turns, whoever asked for how much: a job's priority is the negative of its round, and a worker
takes the lowest round first. A job comes into the round after its tenant's last one, or into the round that the queue
has reached, if that is later: so many jobs of one tenant lie in as many rounds, and one of another goes before all but
the first. As a tenant's rounds are remembered when its jobs are done, none is overtaken for ever by others that ask
for one at a time.
"""

from uuid import UUID

import procrastinate
from sqlalchemy import text
from sqlalchemy.orm import Session

# Never opened: it only writes on a connection that it is given. A worker's own app cannot serve here, as it turns
# asynchronous once it is open.
_enqueuer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=""))

# Two that enqueue for one tenant at the same moment may take the same round; connections bound how many do. A lock
# would cost more: it would have to be taken in one order with that of the audit chain.
_ROUND = text("""
    select greatest(
        0,
        (select -min(priority) from procrastinate_jobs where status <> 'todo'),
        (select 1 - min(priority) from procrastinate_jobs where args ->> 'tenant' = :tenant))
""")


def enqueue(session: Session, task: str, **ids: UUID | str) -> int:
    """Have a task done after the session's transaction commits, in the turn of `tenant`; return the job's number.

    Raises ValueError for an argument that is not an id: the job table is readable across tenants.
    """
    arguments = {name: str(value if isinstance(value, UUID) else UUID(value)) for name, value in ids.items()}
    round_ = session.execute(_ROUND, {"tenant": arguments.get("tenant")}).scalar_one()
    connection = session.connection().connection.driver_connection
    return _enqueuer.configure_task(task, priority=-round_, connection=connection).defer(**arguments)
