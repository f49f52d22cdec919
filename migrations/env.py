"""Runs the migrations on the connection that `api.db.migrate` hands over.

Invariants: all steps and the version are one transaction; a statement that row-level security would silently narrow
fails instead.
"""

from alembic import context
from sqlalchemy import Connection

from api.db.base import Base


def run() -> None:
    """Bring the database of the given connection to the wanted revision."""
    connection: Connection = context.config.attributes["connection"]
    connection.exec_driver_sql("set local row_security = off")
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


run()
