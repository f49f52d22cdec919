"""What the database itself promises: every table of a tenant is guarded, and what is not is on a closed list."""

import pytest

from api.db.roles import APP, SYSTEM

TENANTLESS = {
    "organisation", "alembic_version", "rate_limit", "log_pending", "log_entry", "log_node", "log_head",
    "status_place", "context_snapshot", "screening_list", "screening_entry",
    "registry_entry",
}  # fmt: skip
JOBS = "procrastinate_"
DEFINERS = {
    "find_client", "find_public_attestation", "merge_record", "erase_audit_persons", "erase_break_glass_persons",
}  # fmt: skip
GRANTS = {
    "select": "has_any_column_privilege",
    "insert": "has_any_column_privilege",
    "update": "has_any_column_privilege",
    "delete": "has_table_privilege",
}
TABLES = """select c.oid, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p')"""


def tenant_tables(catalogue) -> dict[str, int]:
    found = {name: oid for oid, name in catalogue.execute(TABLES) if not name.startswith(JOBS)}
    return {name: oid for name, oid in found.items() if name not in TENANTLESS}


def test_every_other_table_belongs_to_tenants_and_forces_row_level_security(catalogue) -> None:
    tables = tenant_tables(catalogue)
    assert len(tables) >= 9
    for name, oid in tables.items():
        query = "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s"
        assert catalogue.execute(query, [oid]).fetchone() == (True, True), name
        columns = "select attname from pg_attribute where attrelid = %s and attnum > 0"
        assert "tenant_id" in {column for (column,) in catalogue.execute(columns, [oid])}, name


def test_each_granted_command_has_exactly_one_policy_for_the_serving_role(catalogue) -> None:
    commands = {"r": "select", "a": "insert", "w": "update", "d": "delete"}
    for name, oid in tenant_tables(catalogue).items():
        query = """select polcmd::text from pg_policy p where polrelid = %s
            and (polroles = '{0}' or (select oid from pg_roles where rolname = %s) = any(polroles))"""
        policies = [commands.get(kind, "all") for (kind,) in catalogue.execute(query, [oid, APP])]
        granted = {
            command
            for command, function in GRANTS.items()
            if catalogue.execute(f"select {function}(%s, %s::oid, %s)", [APP, oid, command]).fetchone() == (True,)
        }
        assert sorted(policies) == sorted(granted), name


def test_the_serving_role_owns_nothing_and_bypasses_nothing(catalogue) -> None:
    owned = "select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = %s"
    assert catalogue.execute(owned, [APP]).fetchone() == (0,)
    rights = "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = %s"
    assert catalogue.execute(rights, [APP]).fetchone() == (False, False, False, False)
    assert catalogue.execute("select pg_has_role(%s, %s, 'MEMBER')", [APP, SYSTEM]).fetchone() == (False,)
    for name, oid in tenant_tables(catalogue).items():
        truncate = catalogue.execute("select has_table_privilege(%s, %s, 'truncate')", [APP, oid]).fetchone()
        assert truncate == (False,), name


def test_no_unique_key_tells_of_another_tenant(catalogue) -> None:
    query = """select i.indexrelid::regclass::text, array(select a.attname from pg_attribute a
        where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) from pg_index i
        where i.indisunique and i.indrelid = %s"""
    for name, oid in tenant_tables(catalogue).items():
        keys = catalogue.execute(query, [oid]).fetchall()
        assert keys, name
        assert all("tenant_id" in columns for _, columns in keys), (name, keys)


def test_nothing_cascades_across_tenants(catalogue) -> None:
    query = """select conname from pg_constraint where contype = 'f' and confdeltype <> 'a' and confdeltype <> 'r'
        and conrelid = any(%s)"""
    assert catalogue.execute(query, [list(tenant_tables(catalogue).values())]).fetchall() == []


def test_only_the_listed_functions_read_with_the_rights_of_their_owner(catalogue) -> None:
    query = """select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'public' and p.prosecdef"""
    assert {name for (name,) in catalogue.execute(query)} == DEFINERS


@pytest.mark.parametrize("right", ["insert", "update", "delete"])
def test_the_serving_role_cannot_write_the_schema_version(catalogue, right: str) -> None:
    assert catalogue.execute("select has_table_privilege(%s, 'alembic_version', %s)", [APP, right]).fetchone() == (
        False,
    )
