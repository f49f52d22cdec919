"""What the database itself promises of own questionnaires and of carried answers, whatever the service believes."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.db.session import unit_of_work
from tests.definitions.own import YAML, draft, publish
from tests.service import Service, issue, submit_case


def attempt(service: Service, tenant: Any, statement: str, **values: Any) -> int:
    """Return how many rows a statement touches in a tenant's name; nothing is committed."""
    with unit_of_work(service.sessions, tenant) as session:
        result: Any = session.execute(text(statement), values)
        count: int = result.rowcount
        return count


@pytest.mark.parametrize("change", ["delete from", "update"])
def test_a_published_revision_never_changes(service: Service, change: str) -> None:
    investor = service.organisation("Aster", "investor")
    publish(investor, YAML)
    rest = " set title = 'X'" if change == "update" else ""
    with pytest.raises(DBAPIError, match="permission denied"):
        attempt(service, investor.tenant, f"{change} published_questionnaire{rest}")
    assert attempt(service, investor.tenant, "select from published_questionnaire") == 1


def test_a_stranger_sees_and_changes_no_draft(service: Service) -> None:
    investor, stranger = service.organisation("Aster", "investor"), service.organisation("Basil", "investor")
    draft(investor, YAML)
    for statement in (
        "select from questionnaire_draft", "delete from questionnaire_draft",
        "update questionnaire_draft set source = 'x'",
    ):  # fmt: skip
        assert attempt(service, stranger.tenant, statement) == 0
        assert attempt(service, investor.tenant, statement) == 1


def test_nobody_publishes_in_anothers_name_or_under_a_shipped_id(service: Service) -> None:
    investor, stranger = service.organisation("Aster", "investor"), service.organisation("Basil", "investor")
    publish(investor, YAML)
    copy = """insert into published_questionnaire
        (tenant_id, digest, id, questionnaire_id, revision, title, definition, published_at)
        values (:owner, 'sha256:' || repeat('0', 64), gen_random_uuid(), :name, 1, 'X', '{}', now())"""
    assert attempt(service, investor.tenant, copy, owner=investor.id, name="own-x") == 1
    with pytest.raises(DBAPIError, match="row-level security"):
        attempt(service, stranger.tenant, copy, owner=investor.id, name="own-x")
    with pytest.raises(DBAPIError, match="own_id"):
        attempt(service, investor.tenant, copy, owner=investor.id, name="surveillance-hrdd")


def test_an_issuer_leaves_no_mark_in_a_vendors_draft_and_nothing_waits_in_what_is_sealed(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    request, sealed = issue(investor, vendor), submit_case(investor, vendor, "f1")
    mark = """update submission set to_confirm = '{"GOV-01": [""]}'::jsonb where id = :id"""
    assert attempt(service, investor.tenant, mark, id=request["submission"]) == 0
    assert attempt(service, vendor.tenant, mark, id=request["submission"]) == 1
    assert attempt(service, vendor.tenant, mark, id=sealed["submission"]) == 0
    seal = """update submission set sealed_at = now(), sealed = '{}', leaves = '[]',
        to_confirm = '{"GOV-01": [""]}'::jsonb where id = :id"""
    with pytest.raises(DBAPIError, match="sealed_confirmed"):
        attempt(service, vendor.tenant, seal, id=request["submission"])
