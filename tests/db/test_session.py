"""A unit of work carries its tenant through commits and savepoints, and leaves nothing on the pooled connection."""

import pytest
from sqlalchemy import Engine, text

from api.db.engine import open_engine
from api.db.session import in_the_name_of, sessions_on, unit_of_work
from api.ids import TenantId, uuid7

TENANT = "select current_setting('app.tenant', true)"
ME = TenantId(uuid7())


@pytest.fixture
def narrow(database):
    """Give an engine of a single connection: whoever comes next gets the same one."""
    engine = open_engine(database.app_url, pool_size=1)
    yield engine
    engine.dispose()


def test_the_tenant_outlives_a_commit_and_a_savepoint(engine: Engine) -> None:
    with unit_of_work(sessions_on(engine), ME) as session:
        assert session.scalar(text(TENANT)) == str(ME)
        session.commit()
        assert session.scalar(text(TENANT)) == str(ME)
        with session.begin_nested() as savepoint:
            savepoint.rollback()
        assert session.scalar(text(TENANT)) == str(ME)
        session.rollback()
        assert session.scalar(text(TENANT)) == str(ME)


def test_a_savepoint_as_the_first_step_has_the_tenant(engine: Engine) -> None:
    with unit_of_work(sessions_on(engine), ME) as session, session.begin_nested():
        assert session.scalar(text(TENANT)) == str(ME)


def test_the_next_user_of_the_connection_does_not_inherit_the_tenant(narrow: Engine) -> None:
    sessions = sessions_on(narrow)
    with unit_of_work(sessions, ME) as session:
        first = session.scalar(text("select pg_backend_pid()"))
        session.commit()
    with unit_of_work(sessions, None) as session:
        assert session.scalar(text("select pg_backend_pid()")) == first
        assert session.scalar(text(TENANT)) == ""
    with narrow.connect() as bare:
        assert not bare.scalar(text(TENANT))


def test_what_is_not_committed_is_rolled_back(engine: Engine) -> None:
    sessions = sessions_on(engine)
    insert = text("insert into organisation (id, name, roles, created_at) values (:id, 'x', array['vendor'], now())")
    with unit_of_work(sessions, None) as session:
        session.execute(insert, {"id": ME})
    with unit_of_work(sessions, None) as session:
        assert session.scalar(text("select count(*) from organisation")) == 0
        session.execute(insert, {"id": ME})
        session.commit()
    with pytest.raises(RuntimeError, match="fails"), unit_of_work(sessions, None) as session:  # noqa: PT012  # the block is what fails
        session.execute(text("delete from procrastinate_jobs"))
        session.execute(insert, {"id": uuid7()})
        raise RuntimeError("the endpoint fails")
    with unit_of_work(sessions, None) as session:
        assert session.scalar(text("select count(*) from organisation")) == 1


def test_the_pool_does_not_grow_and_a_lost_connection_is_noticed(narrow: Engine, database, cluster) -> None:
    assert narrow.pool.size() == 1
    sessions = sessions_on(narrow)
    with unit_of_work(sessions, None) as session:
        lost = session.scalar(text("select pg_backend_pid()"))
    killer = open_engine(database.superuser_url, pool_size=1)
    with killer.begin() as connection:
        connection.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": lost})
    killer.dispose()
    with unit_of_work(sessions, None) as session:
        assert session.scalar(text("select pg_backend_pid()")) != lost


def test_no_text_form_shows_the_password(database) -> None:
    engine = open_engine(database.app_url)
    password = database.app_url.split("password=")[1].split()[0]
    assert password not in repr(engine)
    assert password not in str(engine.url)
    engine.dispose()


def test_a_block_in_another_name_ends_with_the_own_again_and_a_failed_one_leaves_nothing(sessions) -> None:
    mine, other = TenantId(uuid7()), TenantId(uuid7())
    name = text("select current_setting('app.tenant', true)")
    with unit_of_work(sessions, mine) as session:
        with in_the_name_of(session, other):
            assert session.scalar(name) == str(other)
        assert session.scalar(name) == str(mine)
        with pytest.raises(ZeroDivisionError), in_the_name_of(session, other):
            raise ZeroDivisionError
        session.rollback()
        assert session.scalar(name) == str(mine)


def test_a_plan_depends_on_no_tenants_size(engine: Engine) -> None:
    with engine.connect() as connection:
        settings = {name: connection.scalar(text(f"show {name}")) for name in ("plan_cache_mode", "enable_bitmapscan")}
    assert settings == {"plan_cache_mode": "force_generic_plan", "enable_bitmapscan": "off"}
