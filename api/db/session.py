"""Transactions in the name of a tenant.

Invariants: every transaction, also one begun after a commit in mid-request, carries the tenant of its unit of work as a
transaction-local setting, on which the row-level security policies stand; what is not visibly committed is rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from api.ids import TenantId

_NAME = "select set_config('app.tenant', %s, true)"


class TenantSession(Session):
    """A session that names its tenant (`info["tenant"]`) at the start of each transaction."""


Sessions: TypeAlias = "sessionmaker[TenantSession]"
"""What opens sessions: hand this around, not the engine."""


@event.listens_for(TenantSession, "after_begin")
def _name_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:  # a savepoint inherits the setting
        _set_tenant(connection, session.info.get("tenant"))


def _set_tenant(connection: Connection, tenant: TenantId | None) -> None:
    value = "" if tenant is None else str(tenant)
    connection.exec_driver_sql(_NAME, (value,))


def sessions_on(engine: Engine) -> Sessions:
    """Return the session factory of an engine; loaded objects stay readable after a commit."""
    return sessionmaker(engine, class_=TenantSession, expire_on_commit=False)


@contextmanager
def unit_of_work(sessions: Sessions, tenant: TenantId | None) -> Iterator[TenantSession]:
    """Open a session in the name of `tenant` (None sees no tenant's row); rolled back unless `commit()` is called.

    Open it inside an endpoint, never in a dependency that outlives one: waiting requests would hold the whole pool.
    """
    session = sessions(info={"tenant": tenant})
    try:
        yield session
    finally:
        session.close()  # rolls back what is open


@contextmanager
def in_the_name_of(session: TenantSession, tenant: TenantId) -> Iterator[None]:
    """Let a transaction read and write in another tenant's name for the length of a block, then in its own again.

    For the few acts that belong to several tenants, and are one transaction: told on that tenant's audit chain, or done
    where no client of the tenant exists. What was loaded inside the block stays inside. After an exception the
    transaction can only be rolled back, which ends the name too.
    """
    session.flush()
    own, connection, known = session.info.get("tenant"), session.connection(), {id(loaded) for loaded in session}
    session.info["tenant"] = tenant
    _set_tenant(connection, tenant)
    try:
        yield
        session.flush()
        for loaded in list(session):
            if id(loaded) not in known:
                session.expunge(loaded)
        _set_tenant(connection, own)
    finally:
        session.info["tenant"] = own
