"""Models and migrations describe the same tables, and migrating again changes nothing."""

import psycopg

from api.db.migrate import current, drift, migrate, newest


def test_models_and_migrations_agree(database) -> None:
    assert drift(database.owner_url) == []


def test_a_difference_is_found(database) -> None:
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("alter table grading drop column note")
    assert any("note" in difference for difference in drift(database.owner_url))


def test_migrating_again_changes_nothing(database) -> None:
    assert current(database.app_url) == newest()
    migrate(database.owner_url)
    assert current(database.app_url) == newest()
