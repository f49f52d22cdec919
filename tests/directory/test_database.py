"""What the database itself refuses in the directory, whatever the service believes."""

import threading
from typing import Any

import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from api import clock
from api.db.session import Sessions, in_the_name_of, unit_of_work
from api.ids import TenantId, uuid7

NOW = clock.now()


class World:
    """Organisations as plain rows; every statement runs as the serving role in the name of one of them."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.operator = self.make("operator")
        self.investor = self.make("investor")
        self.vendor = self.make("vendor")
        self.record = self.make("vendor", claimed=False)

    def make(self, role: str, *, claimed: bool = True) -> TenantId:
        id_ = TenantId(uuid7())
        self.run(
            None,
            """insert into organisation (id, name, roles, created_at, claimed_at, proof)
               values (:id, 'X', array[:role], :now, :at, :proof)""",
            id=id_, role=role, now=NOW, at=NOW if claimed else None, proof="operator" if claimed else None,
        )  # fmt: skip
        return id_

    def run(self, who: TenantId | None, sql: str, **values: Any) -> list[Any]:
        """Run one statement and commit; return its rows, or the number of rows it changed."""
        with unit_of_work(self.sessions, who) as session:
            result = session.execute(text(sql), values)
            rows = list(result) if result.returns_rows else [result.rowcount]  # type: ignore[attr-defined]
            session.commit()
        return rows

    def claim(self, tenant: TenantId, days: int = 7) -> None:
        self.run(
            tenant,
            f"""insert into claim (tenant_id, id, method, token_digest, started_at, expires_at)
                values (:me, :id, 'dns', repeat('0', 64), now(), now() + interval '{days} days')""",
            me=tenant, id=uuid7(),
        )  # fmt: skip


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


RENAME = "update organisation set name = 'Y' where id = :id"


@pytest.mark.parametrize("who", ["investor", "vendor", "record", None])
def test_nobody_but_an_operator_changes_an_entry_that_acts(world: World, who: str | None) -> None:
    with pytest.raises(ProgrammingError) as refused:
        world.run(getattr(world, who) if who else None, RENAME, id=world.vendor)
    assert isinstance(refused.value.orig, InsufficientPrivilege)
    assert world.run(world.operator, RENAME, id=world.vendor) == [1]


def test_a_record_is_changed_in_its_own_name_or_by_an_operator(world: World) -> None:
    for who in (world.record, world.operator):
        assert world.run(who, RENAME, id=world.record) == [1]
    for who in (world.investor, world.vendor, None):
        with pytest.raises(ProgrammingError):
            world.run(who, RENAME, id=world.record)


def test_what_is_claimed_is_not_claimed_again_by_an_operator_either(world: World) -> None:
    take = "update organisation set claimed_at = now(), proof = 'dns' where id = :id"
    assert world.run(world.record, take, id=world.record) == [1]
    for who in (world.record, world.operator):
        with pytest.raises(ProgrammingError):
            world.run(who, take, id=world.record)


def test_only_the_function_merges_and_only_for_an_operator_or_the_record(world: World) -> None:
    merge = "select * from merge_record(:gone, :kept)"
    with pytest.raises(ProgrammingError):
        world.run(world.operator, "update organisation set merged_into = :kept where id = :gone",
                  gone=world.record, kept=world.vendor)  # fmt: skip
    for who in (world.investor, world.vendor, None):
        with pytest.raises(ProgrammingError) as refused:
            world.run(who, merge, gone=world.record, kept=world.vendor)
        assert isinstance(refused.value.orig, InsufficientPrivilege)
    assert world.run(world.record, merge, gone=world.record, kept=world.vendor) == []
    with pytest.raises(ProgrammingError):  # an alias is changed no more
        world.run(world.operator, RENAME, id=world.record)


def test_the_function_merges_nothing_that_has_clients(world: World) -> None:
    world.run(
        world.record,
        """insert into oauth_client (tenant_id, id, name, scopes, created_at, secret_digest)
           values (:me, :me, 'X', array['clients:read'], now(), repeat('0', 64))""",
        me=world.record,
    )
    with pytest.raises(IntegrityError) as refused:
        world.run(world.operator, "select * from merge_record(:gone, :kept)", gone=world.record, kept=world.vendor)
    assert isinstance(refused.value.orig, CheckViolation)
    assert refused.value.orig.diag.constraint_name == "merge_acted"


def test_two_that_become_each_others_parent_at_once_do_not_both(world: World) -> None:
    set_parent = text("update organisation set parent_id = :above where id = :below")
    with unit_of_work(world.sessions, world.operator) as first:
        first.execute(set_parent, {"above": world.vendor, "below": world.record})
        failed: list[BaseException] = []

        def second() -> None:
            try:
                world.run(world.operator, str(set_parent), above=world.record, below=world.vendor)
            except IntegrityError as error:
                failed.append(error)

        thread = threading.Thread(target=second)
        thread.start()
        first.commit()
        thread.join()
    assert len(failed) == 1


def test_claims_are_seen_by_whom_they_concern_and_only_old_ones_go(world: World) -> None:
    world.claim(world.record)
    world.claim(world.vendor, days=-1)
    for who in (world.investor, world.operator, None):
        assert world.run(who, "select * from claim") == []
    assert len(world.run(world.record, "select * from claim")) == 1
    with pytest.raises(ProgrammingError):
        world.run(world.investor, "insert into claim (tenant_id, id, method, token_digest, started_at, expires_at) "
                  "values (:id, :id, 'dns', repeat('0', 64), now(), now())", id=world.record)  # fmt: skip
    assert world.run(None, "delete from claim") == [1]
    assert len(world.run(world.record, "select * from claim")) == 1
    assert world.run(world.investor, "update claim set token_digest = repeat('1', 64)") == [0]
    assert world.run(world.record, "update claim set token_digest = repeat('1', 64)") == [1]


def test_an_operators_acts_are_its_own_and_never_change(world: World) -> None:
    act = """insert into directory_act (tenant_id, id, act, organisation_id, reason, at, client_id)
        values (:me, :me, 'approve', :me, 'X', now(), :me)"""
    assert world.run(world.operator, act, me=world.operator) == [1]
    assert world.run(world.investor, "select * from directory_act") == []
    for change in ("update directory_act set reason = 'Y'", "delete from directory_act"):
        with pytest.raises(ProgrammingError):
            world.run(world.operator, change)
    with pytest.raises(ProgrammingError):
        world.run(world.investor, act, me=world.operator)


def test_acting_for_another_ends_with_the_block_also_after_an_error(world: World) -> None:
    def tenant(session: Any) -> str:
        return str(session.execute(text("select current_setting('app.tenant')")).scalar_one())

    with unit_of_work(world.sessions, world.operator) as session:
        with in_the_name_of(session, world.record):
            assert tenant(session) == str(world.record)
        assert tenant(session) == str(world.operator)
        with pytest.raises(ProgrammingError), in_the_name_of(session, world.record):
            session.execute(text("select nothing"))
        session.rollback()
        assert tenant(session) == str(world.operator)
