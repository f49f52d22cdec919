"""Erasing persons from the audit log: the only edit that the chain bears, and the only one that the database allows."""

import json
import random
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from api.audit.erasing import erase_persons
from api.audit.service import line_of, list_entries, record
from api.db.session import Sessions, unit_of_work
from api.identity.service import create_organisation
from api.ids import ClientId, TenantId, uuid7
from api.tenancy import Principal, Role
from attestations.audit_log import verify_chain
from tests.audit.test_audit import EDITS, edited
from tests.databases import TestDatabase

ADA, IDA = 'Ada "Verrin" \\ Øst', "Ida Marr"


@pytest.fixture
def tenants(sessions: Sessions) -> Sequence[TenantId]:
    """Return two organisations on a fresh database."""
    with unit_of_work(sessions, None) as session:
        made = [create_organisation(session, name, None, [Role.INVESTOR]) for name in ("Aster", "Basil")]
        session.commit()
    return [TenantId(one.id) for one in made]


def write(sessions: Sessions, tenant: TenantId, *persons: str | None) -> None:
    """Lengthen a chain by an entry for each acting person."""
    for person in persons:
        actor = Principal(organisation=tenant, client=ClientId(uuid7()), roles=frozenset(), scopes=frozenset(),
                          person=person)  # fmt: skip
        with unit_of_work(sessions, tenant) as session:
            record(session, actor, "answers.save", uuid7())
            session.commit()


def write_old(sessions: Sessions, tenant: TenantId, *persons: str) -> None:
    """Lengthen a chain as releases before version 2 did: the person stands in the entry's text."""
    for person in persons:
        entry = {"action": "answers.save", "actor": {"client": None, "organisation": str(tenant), "person": person},
                 "after": None, "at": "2026-11-01T00:00:00Z", "before": None, "object": str(uuid7()),
                 "request": str(uuid7())}  # fmt: skip
        payload = json.dumps(entry, separators=(",", ":"), ensure_ascii=False)
        with unit_of_work(sessions, tenant) as session:
            old = text("insert into audit_entry (tenant_id, seq, payload, digest) values (:tenant, 0, :payload, '')")
            session.execute(old, {"tenant": tenant, "payload": payload})
            session.commit()


def erase(sessions: Sessions, tenant: TenantId, person: str | None) -> int:
    """Erase a person, or all, and return how many entries named them."""
    with unit_of_work(sessions, tenant) as session:
        count = erase_persons(session, None, uuid7(), person)
        session.commit()
    return count


def chain(sessions: Sessions, tenant: TenantId) -> list[bytes]:
    """Return the lines of the chain, as they are exported."""
    with unit_of_work(sessions, tenant) as session:
        return [line_of(entry) for entry in list_entries(session, tenant, 1000, 0)]


def digests(lines: list[bytes]) -> list[str]:
    """Return the digests of lines."""
    return [json.loads(line)["digest"] for line in lines]


def told(lines: list[bytes]) -> list[Any]:
    """Return what lines say, however it is written."""
    return [json.loads(line) for line in lines]


def test_a_person_stands_beside_the_text_and_is_committed_to(sessions: Sessions, tenants: Sequence[TenantId]) -> None:
    write(sessions, tenants[0], ADA, ADA, None)
    lines = [json.loads(line) for line in chain(sessions, tenants[0])]
    assert [line.get("person", {}).get("name") for line in lines] == [ADA, ADA, None]
    assert "Verrin" not in "".join(line["entry"] for line in lines)
    first, second = (json.loads(line["entry"])["actor"]["person"] for line in lines[:2])
    assert first != second  # salted anew: who acted twice is not seen once the names are gone
    assert verify_chain(chain(sessions, tenants[0])).findings == []


def test_an_erased_person_is_gone_and_the_chain_verifies(sessions: Sessions, tenants: Sequence[TenantId]) -> None:
    write_old(sessions, tenants[0], ADA, IDA)
    write(sessions, tenants[0], ADA, IDA, None, ADA)
    before = chain(sessions, tenants[0])
    assert erase(sessions, tenants[0], ADA) == 3
    after = chain(sessions, tenants[0])
    assert digests(after)[:-1] == digests(before)
    assert b"Verrin" not in b"".join(after)
    assert b"".join(after).count(IDA.encode()) == 2
    assert [json.loads(line).get("erased_by") for line in after] == [7, None, 7, None, None, 7, None]
    assert verify_chain(after).findings == []


def test_erasing_again_changes_nothing(sessions: Sessions, tenants: Sequence[TenantId]) -> None:
    write(sessions, tenants[0], ADA)
    assert erase(sessions, tenants[0], ADA) == 1
    before = chain(sessions, tenants[0])
    assert erase(sessions, tenants[0], ADA) == 0
    assert chain(sessions, tenants[0]) == before


def test_all_persons_go_in_batches_and_only_ones_own(
    sessions: Sessions, tenants: Sequence[TenantId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.audit.erasing.BATCH", 2)
    for tenant in tenants:
        write_old(sessions, tenant, ADA)
        write(sessions, tenant, ADA, IDA, ADA, IDA)
    other = chain(sessions, tenants[1])
    assert erase(sessions, tenants[0], None) == 5
    assert chain(sessions, tenants[1]) == other
    lines = chain(sessions, tenants[0])
    assert not [line for line in lines if b"Marr" in line or b"Verrin" in line]
    assert len(lines) == 5 + 3
    assert verify_chain(lines).findings == []


def test_an_erasure_that_leaves_no_entry_is_found(
    sessions: Sessions, tenants: Sequence[TenantId], database: TestDatabase
) -> None:
    write(sessions, tenants[0], ADA, IDA)
    with unit_of_work(sessions, tenants[0]) as session:
        session.execute(text("select * from erase_audit_persons('Ida Marr', 10)"))
        session.commit()
    write(sessions, tenants[0], None)  # takes the number that the erasure's entry should have
    assert verify_chain(chain(sessions, tenants[0])).findings == [
        "entry 3 does not cover what is erased in its name"
    ]  # fmt: skip
    with psycopg.connect(database.superuser_url) as superuser:
        superuser.execute("update audit_entry set person = null, salt = null where seq = 1")
    assert "line 1 (entry 1) lacks its person" in verify_chain(chain(sessions, tenants[0])).findings


@pytest.mark.parametrize(
    "attack",
    [
        "update audit_entry set person = null, salt = null",
        "update audit_entry set person = 'Eve'",
        "update audit_entry set erased_by = 1",
        "update audit_entry set payload = replace(payload, 'save', 'x')",
        "set local role enduse_system",
        "alter function erase_audit_persons(text, integer) owner to enduse_app",
        (
            "create or replace function erase_audit_persons(wanted text, most integer)"
            " returns table (entries bigint, cover text) language sql as 'select 1, null'"
        ),
        "alter table audit_entry disable trigger link_audit_entry",
        "drop policy audit_entry_system_update on audit_entry",
    ],
)
def test_the_serving_role_has_no_other_way(sessions: Sessions, tenants: Sequence[TenantId], attack: str) -> None:
    write(sessions, tenants[0], ADA)
    before = chain(sessions, tenants[0])
    with (
        unit_of_work(sessions, tenants[0]) as session,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner|must be able to SET ROLE"),
    ):
        session.execute(text(attack))
    assert chain(sessions, tenants[0]) == before


def test_the_function_reaches_no_other_tenant_whatever_is_passed(
    sessions: Sessions, tenants: Sequence[TenantId], database: TestDatabase
) -> None:
    write(sessions, tenants[1], ADA)
    before = chain(sessions, tenants[1])
    for tenant in (tenants[0], None):
        with unit_of_work(sessions, tenant) as session:
            for wanted in (None, ADA, "' or true --"):
                statement = text("select entries from erase_audit_persons(:wanted, 100)")
                assert session.execute(statement, {"wanted": wanted}).scalar_one() == 0
            session.commit()
    # A table of the attacker's own stands in nobody's way: the function names its schema first.
    with psycopg.connect(database.app_url) as raw:
        raw.execute("create temporary table audit_entry (tenant_id uuid, seq bigint)")
        raw.execute("select set_config('app.tenant', %s, false)", [str(tenants[0])])
        assert raw.execute("select entries from erase_audit_persons(null, 100)").fetchone() == (0,)
    assert chain(sessions, tenants[1]) == before


@pytest.mark.parametrize(
    ("person", "salt", "committed"),
    [
        ("Eve", "0" * 32, "sha256:" + "0" * 64),
        ("Eve", "0" * 32, None),
        (None, None, "sha256:" + "0" * 64),
    ],
)
def test_an_entry_that_does_not_commit_to_its_person_is_not_taken(
    sessions: Sessions, tenants: Sequence[TenantId], person: str | None, salt: str | None, committed: str | None
) -> None:
    values: dict[str, Any] = {
        "tenant": tenants[0], "person": person, "salt": salt,
        "payload": json.dumps({"version": 2, "actor": {"person": committed}}),
    }  # fmt: skip
    forged = text("insert into audit_entry (tenant_id, seq, payload, digest, person, salt)"
                  " values (:tenant, 0, :payload, '', :person, :salt)")  # fmt: skip
    with unit_of_work(sessions, tenants[0]) as session, pytest.raises(IntegrityError, match="does not commit"):
        session.execute(forged, values)


def test_erasure_is_the_only_edit_that_passes(sessions: Sessions, tenants: Sequence[TenantId]) -> None:
    write_old(sessions, tenants[0], ADA, IDA)
    write(sessions, tenants[0], ADA, IDA, ADA, None)
    erase(sessions, tenants[0], ADA)
    write(sessions, tenants[0], IDA, None)
    lines, order = chain(sessions, tenants[0]), random.Random(13)
    report = verify_chain(lines)
    assert report.findings == []
    changed = [edited(lines, order) for _ in range(EDITS)]
    missed = [one for one in changed if verify_chain(one, report.head).findings == []]
    assert [one for one in missed if told(one) != told(lines)] == []
    assert len(missed) < EDITS / 10  # a few write the same in other words: nothing was edited
    assert erase(sessions, tenants[0], IDA) == 3
    assert verify_chain(chain(sessions, tenants[0]), report.head).findings == []


@pytest.mark.parametrize("change", ["name", "salt", "both", "drop", "add", "unerase", "old text", "old mark"])
def test_a_substituted_person_is_found(sessions: Sessions, tenants: Sequence[TenantId], change: str) -> None:
    write_old(sessions, tenants[0], ADA, IDA)
    write(sessions, tenants[0], ADA, IDA, None)
    erase(sessions, tenants[0], ADA)
    values = [json.loads(line) for line in chain(sessions, tenants[0])]
    if change in {"name", "salt", "both"}:
        other = {"name": "Eve", "salt": "0" * 32}
        values[3]["person"] |= other if change == "both" else {change: other[change]}
    elif change == "drop":
        del values[3]["person"]
    elif change == "add":
        values[4]["person"] = values[3]["person"]
    elif change == "unerase":
        del values[2]["erased_by"]
        values[2]["person"] = {"name": "Eve", "salt": "0" * 32}
    elif change == "old text":
        values[0]["entry"] = values[0]["entry"].replace("answers.save", "answers.take")
    else:
        values[1]["erased_by"] = values[0]["erased_by"]
    lines = [json.dumps(value).encode() for value in values]
    assert verify_chain(lines).findings != []
