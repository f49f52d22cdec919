"""The register of personal data names every column; what is exported, and what names files, is told of every table."""

from pathlib import Path
from typing import Any

import psycopg

from api.privacy.contents import EXPORTED, LEFT_OUT
from api.privacy.free import FREE
from api.privacy.printing import list_free_text, print_register
from api.privacy.register import ANSWERS, ELSEWHERE, FILES, PERSONAL
from tests.databases import TestDatabase

DOCUMENT = Path(__file__).parents[2] / "docs" / "privacy.md"
COLUMNS = """select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
    and a.atttypid::regtype::text = any(%s)"""
HOLDING = ["text", "character varying", "json", "jsonb", "bytea", "text[]", "character varying[]", "xml", "inet"]
TENANTS = """select c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'tenant_id'"""


def columns_of(database: TestDatabase) -> set[str]:
    """Return every column that can hold a text, as `table.column`; the queue's as `table.*`."""
    with psycopg.connect(database.superuser_url) as connection:
        found = connection.execute(COLUMNS, [HOLDING]).fetchall()
    return {f"{table}.{'*' if table.startswith('procrastinate_') else column}" for table, column in found}


def unclassed(database: TestDatabase) -> set[str]:
    """Return the columns that are not classed, or classed twice, and what is classed and not there."""
    return (columns_of(database) ^ (PERSONAL.keys() | FREE.keys())) | (PERSONAL.keys() & FREE.keys())


def test_every_column_is_classed_once(database: TestDatabase) -> None:
    assert unclassed(database) == set()


def test_a_new_column_is_found(database: TestDatabase) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("alter table grading add column remark text")
    assert unclassed(database) == {"grading.remark"}


def test_every_free_text_field_of_the_shipped_questionnaires_is_named() -> None:
    listed = list_free_text()
    assert {"SCP-01.entities", "BUY-01.end_user", "OWN-06.deals.business", "INC-01.account"} <= listed.keys()
    assert "BUY-01.area" not in listed
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [name for name, label in listed.items() if f"- `{name}`: {label}" not in text] == []


def test_every_free_text_of_an_answer_is_named() -> None:
    from api.submissions.schemas import AnswerOut, RowOut

    texts = {name for model in (AnswerOut, RowOut) for name in model.model_fields} - {
        "state",
        "value",
        "answers",
        "product",
    }
    assert set(ANSWERS) == texts


def test_every_table_of_a_tenant_is_exported_or_left_out_with_a_reason(database: TestDatabase) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        tables = {table for (table,) in connection.execute(TENANTS)}
    assert EXPORTED.keys() | LEFT_OUT.keys() == tables
    assert not EXPORTED.keys() & LEFT_OUT.keys()
    assert all(reason for reason in LEFT_OUT.values())


def test_every_column_that_names_a_file_keeps_it_from_being_removed() -> None:
    named = {name for name, reason in FREE.items() if reason.startswith("a digest of a file")}
    assert {f"{table}.{column}" for table, column in FILES} == named


def test_the_document_prints_the_register() -> None:
    assert print_register() in DOCUMENT.read_text(encoding="utf-8"), "run `python -m api.privacy.printing` and paste"


def test_every_entry_is_told_in_full() -> None:
    entries: dict[str, Any] = {**PERSONAL, **ELSEWHERE}
    assert [name for name, entry in entries.items() if not all(entry)] == []
