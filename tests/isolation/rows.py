"""All rows of a database, as a digest of each table."""

from uuid import UUID

import psycopg
from psycopg import sql


def snapshot_at(superuser_url: str, *but: UUID) -> dict[str, str]:
    """Return a digest of all rows of every table (but some tenants' own), as the database's superuser sees them."""
    left_out = ["rate_limit", *(["procrastinate_events"] if but else [])]  # events of jobs, which are compared
    own = "coalesce(to_jsonb(t) ->> 'tenant_id', to_jsonb(t) -> 'args' ->> 'tenant', '') = any(%(but)s::text[])"
    rows = "md5(string_agg(t::text, '|' order by t::text))"
    each = f"select {{}}, {rows} from {{}} t where cardinality(%(but)s::text[]) = 0 or not {own}"
    with psycopg.connect(superuser_url) as connection:
        query = b"select tablename from pg_tables where schemaname = 'public' and tablename <> all(%s)"
        tables = [table for (table,) in connection.execute(query, [left_out])]
        parts = [sql.SQL(each).format(sql.Literal(table), sql.Identifier(table)) for table in tables]  # one round trip
        found = connection.execute(
            sql.SQL(" union all ").join(parts), {"but": [str(tenant) for tenant in but]}
        ).fetchall()
    return {table: str(digest) for table, digest in found}
