"""Raw SQL as the serving role, over every tenant table of the catalogue: whoever asks sees no row of another.

Invariants: tables and their pairs come from the catalogue, so that a new one is tested; that they hold rows to be seen
is shown by the superuser first, or nothing would be proven.
"""

from collections.abc import Iterator
from itertools import product
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, text

from api.db.engine import open_engine
from api.db.session import TenantSession, sessions_on, unit_of_work
from api.ids import TenantId, uuid7
from tests.isolation.test_routes import World, world

__all__ = ["world"]  # the fixture

TABLES = """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped order by 1"""
SHARED = {"disclosure_request", "submission", "evidence", "evidence_about", "attestation", "access_grant",
          "access_record", "audit_entry", "submission_revision", "oauth_client", "break_glass_access",
          "publication_consent"}  # fmt: skip


@pytest.fixture(scope="module")
def tables(world: World) -> list[str]:
    """Return the tenant tables, of which the shared ones hold rows of the two parties."""
    parties = [party.tenant for party in world.parties.values()]
    with psycopg.connect(world.superuser_url) as superuser:
        found = [name for (name,) in superuser.execute(TABLES)]
        held = "select exists (select from {} where tenant_id = any(%s))"
        filled = {name for name in found if superuser.execute(held.format(name).encode(), (parties,)).fetchone()[0]}
    assert filled >= SHARED
    return found


@pytest.fixture
def narrow(world: World) -> Iterator[Engine]:
    """Give an engine of the serving role with a single connection: whoever comes next gets the same one."""
    serving = world.service.sessions.kw["bind"]
    with serving.connect() as connection:
        address = connection.connection.driver_connection.info
        url = f"host={address.host} port={address.port} dbname={address.dbname} user={address.user}"
        engine = open_engine(f"{url} password={address.password}", pool_size=1)
    yield engine
    engine.dispose()


def foreign(session: TenantSession, tables: list[str], me: UUID | None) -> dict[str, int]:
    """Return how many rows of others the transaction sees, by table, where it sees any."""
    query = "select count(*) from {} where tenant_id is distinct from :me"
    counts = {table: session.scalar(text(query.format(table)), {"me": me}) for table in tables}
    return {table: count for table, count in counts.items() if count}


def strangers(world: World) -> list[TenantId | None]:
    """Return nobody, somebody unknown, and everybody who has no live part in what the two parties share."""
    return [None, TenantId(uuid7()), *(party.tenant for party in world.strangers.values())]


def test_the_serving_role_is_the_one_that_is_bound(narrow: Engine, tables: list[str]) -> None:
    with unit_of_work(sessions_on(narrow), None) as session:
        assert session.scalar(text("select current_user")) == "enduse_app"
        assert {table for (table,) in session.execute(text(TABLES))} == set(tables)


def test_no_tenant_and_no_other_tenant_sees_a_row(world: World, narrow: Engine, tables: list[str]) -> None:
    for who in strangers(world):
        with unit_of_work(sessions_on(narrow), who) as session:
            assert foreign(session, tables, who) == {}, who


def test_the_parties_see_rows_of_each_other_so_that_the_others_could(world: World, narrow: Engine, tables) -> None:
    vendor = world.parties["vendor"].tenant
    with unit_of_work(sessions_on(narrow), vendor) as session:
        assert {"disclosure_request", "attestation"} <= foreign(session, tables, vendor).keys()


def test_a_reused_connection_of_the_pool_shows_nothing_of_the_user_before(
    world: World, narrow: Engine, tables: list[str]
) -> None:
    sessions, pid = sessions_on(narrow), text("select pg_backend_pid()")
    for ends in ("commit", "rollback", "failure"):
        with unit_of_work(sessions, world.parties["vendor"].tenant) as session:
            first = session.scalar(pid)
            assert session.scalar(text("select count(*) from submission")) > 0
            if ends == "failure":
                with pytest.raises(Exception, match="division by zero"):
                    session.execute(text("select 1 / 0"))
            else:
                getattr(session, ends)()
        for who in (None, world.strangers["other investor"].tenant):
            with unit_of_work(sessions, who) as session:
                assert session.scalar(pid) == first
                assert foreign(session, tables, who) == {}


def test_a_commit_in_mid_request_changes_nothing_of_who_asks(world: World, narrow: Engine, tables: list[str]) -> None:
    for who in strangers(world):
        with unit_of_work(sessions_on(narrow), who) as session:
            for end in (session.commit, session.rollback):
                session.execute(text("select 1"))
                end()
                assert foreign(session, tables, who) == {}, who
    vendor = world.parties["vendor"].tenant
    with unit_of_work(sessions_on(narrow), vendor) as session:
        before = foreign(session, tables, vendor)
        session.commit()
        assert foreign(session, tables, vendor) == before


def test_no_join_of_any_two_tables_shows_a_row(world: World, narrow: Engine, tables: list[str]) -> None:
    query = """select count(*) from {} a full join {} b on a.tenant_id = b.tenant_id
        where a.tenant_id is distinct from :me and b.tenant_id is distinct from :me"""
    for who in (None, world.strangers["everything"].tenant, world.strangers["auditor whose grant ended"].tenant):
        with unit_of_work(sessions_on(narrow), who) as session:
            for first, second in product(tables, tables):
                assert session.scalar(text(query.format(first, second)), {"me": who}) == 0, (first, second, who)
