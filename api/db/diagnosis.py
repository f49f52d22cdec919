"""What is wrong with a database, seen by the serving role."""

from typing import Any

import psycopg

from api.db.migrate import current, newest

OLDEST_SERVER = 15

_CHECKS = {
    "the serving role is a superuser or bypasses row-level security": (
        "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
    ),
    "the serving role owns tables, so their policies are all that holds it": (
        "select exists (select from pg_class where relnamespace = 'public'::regnamespace and relowner = (select oid "
        "from pg_roles where rolname = current_user))"
    ),
    "the serving role inherits from the role that sees every tenant": (
        "select exists (select from pg_roles where rolname = 'enduse_system' "
        "and pg_has_role(current_user, oid, 'MEMBER'))"
    ),
    "a tenant table is without forced row-level security": (
        "select exists (select from pg_attribute a join pg_class c on c.oid = a.attrelid where a.attname = 'tenant_id' "
        "and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not c.relforcerowsecurity)"
    ),
}


def examine(app_url: str) -> list[str]:
    """Return a sentence for each thing that is wrong; raises OperationalError where no connection can be made."""
    found = []
    if current(app_url) != newest():
        found.append("the database is not at this release's revision: run `enduse migrate`")
    with psycopg.connect(app_url) as connection:
        major = connection.info.server_version // 10_000
        if major < OLDEST_SERVER:
            found.append(f"the server is PostgreSQL {major}; {OLDEST_SERVER} or newer is needed")
        found.extend(sentence for sentence, query in _CHECKS.items() if _is_true(connection, query))
    return found


def _is_true(connection: psycopg.Connection[Any], query: str) -> bool:
    row = connection.execute(query.encode()).fetchone()
    return bool(row and row[0])
