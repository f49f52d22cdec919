"""Tables of tenants: every one of them is made here, so that none lacks its policies.

Invariants: a tenant table has row-level security enabled and forced; each command that is granted has exactly one
policy (permissive policies are OR-ed); the serving role gets no command that is not named.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic import op

from api.db.roles import APP, SYSTEM

ME = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
"""The tenant of the transaction, evaluated once per statement; null where none is named."""

OWN = f"tenant_id = {ME}"
"""The row is mine: how rows are written, and read where nobody else may."""


def both_parties(counterparty: str) -> str:
    """Return the read form of a row that its owner shares with one other party.

    Opaque to the planner on purpose: with a plain `or` it takes a bitmap over both indexes and sorts a whole tenant.
    """
    return f"coalesce({ME} in (tenant_id, {counterparty}), false)"


def own_or(condition: str) -> str:
    """Return the read form of a row that others may see under a condition; opaque like `both_parties`."""
    return f"coalesce({OWN} or ({condition}), false)"


@dataclass(frozen=True, kw_only=True)
class Update:
    """Which columns the serving role may change, on which rows, and what must hold afterwards."""

    columns: Sequence[str]
    using: str = OWN
    check: str = OWN


def tenant_table(  # noqa: PLR0913  # a table is declared in one place, each part by its name
    name: str,
    *parts: sa.schema.SchemaItem,
    reads: str = OWN,
    inserts: str = OWN,
    updates: Update | None = None,
    deletes: str | None = None,
    key: Sequence[str] = ("tenant_id", "id"),
) -> None:
    """Create a table owned row by row, with its policies and grants; `tenant_id` and the uuids of `key` are added."""
    ids = [sa.Column(column, sa.Uuid(), nullable=False) for column in ("tenant_id", "id") if column in key]
    op.create_table(name, *ids, *parts, sa.PrimaryKeyConstraint(*key))
    op.execute(f"alter table {name} enable row level security")
    op.execute(f"alter table {name} force row level security")
    _allow(name, "select", f"using ({reads})")
    _allow(name, "insert", f"with check ({inserts})")
    if updates:
        columns = f"update ({', '.join(updates.columns)})"
        _allow(name, "update", f"using ({updates.using}) with check ({updates.check})", columns)
    if deletes:
        _allow(name, "delete", f"using ({deletes})")


def _allow(table: str, command: str, rule: str, privilege: str | None = None) -> None:
    op.execute(f"create policy {table}_{command} on {table} for {command} to {APP} {rule}")
    op.execute(f"grant {privilege or command} on {table} to {APP}")


def lookup_function(name: str, argument: str, returns: str, query: str, reads: Mapping[str, Sequence[str]]) -> None:
    """Create a function that finds rows of any tenant by an unguessable key; the serving role may only call it.

    `reads` names, for each table, the columns that the function may see. It runs as a role that can see nothing else.
    """
    op.execute("set local check_function_bodies = off")  # the check would read past the policies as the owner
    op.execute(
        f"create function {name}({argument}) returns table ({returns}) language sql stable security definer "
        f"set search_path = pg_catalog, public, pg_temp as $query$ {query} $query$"
    )
    op.execute("set local check_function_bodies = on")
    hand_to_system(name)
    for table, columns in reads.items():
        op.execute(f"grant select ({', '.join(columns)}) on {table} to {SYSTEM}")
        show_to_system(table)


def hand_to_system(function: str) -> None:
    """Let a function run as the system role, which may do what is granted to it; the serving role may call it."""
    op.execute(f"revoke all on function {function} from public")
    op.execute(f"grant execute on function {function} to {APP}")
    op.execute(f"grant create on schema public to {SYSTEM}")  # a new owner needs it for the moment of the change
    op.execute(f"alter function {function} owner to {SYSTEM}")
    op.execute(f"revoke create on schema public from {SYSTEM}")


def show_to_system(table: str) -> None:
    """Let the system role past the policies of a tenant table; its grants still name the columns."""
    found = op.get_bind().execute(
        sa.text(
            "select relrowsecurity and not exists"
            " (select from pg_policy where polrelid = pg_class.oid and polname = :policy)"
            " from pg_class where oid = cast(:table as regclass)"
        ),
        {"table": table, "policy": f"{table}_system"},
    )
    if found.scalar_one():
        op.execute(f"create policy {table}_system on {table} for select to {SYSTEM} using (true)")


@contextmanager
def unforced(*tables: str) -> Iterator[None]:
    """Let the owner past the policies of tables for the length of a block: a data step, or a check of all rows."""
    for table in tables:
        op.execute(f"alter table {table} no force row level security")
    yield  # where the block fails, the whole migration is rolled back
    for table in tables:
        op.execute(f"alter table {table} force row level security")


def moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """Return a column for a moment, kept in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[Any]:
    """Return a column for text of any length."""
    return sa.Column(name, sa.Text(), nullable=nullable, server_default=default)


def uuid(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """Return a column for an id."""
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def digest(column: str) -> sa.CheckConstraint:
    """Return the check that a column holds a digest in its text form."""
    return sa.CheckConstraint(f"{column} ~ '^sha256:[0-9a-f]{{64}}$'", name=f"{column}_form")
