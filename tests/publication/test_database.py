"""The database itself holds what the service promises: no copy without both parties, none after one withdrew."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.db.session import unit_of_work
from api.ids import TenantId, uuid7
from tests.publication.conftest import Published

CONSENT = """insert into publication_consent
    (tenant_id, id, attestation_id, other_id, proposed, level, terms, agreed_at, withdrawn_at)
    values (:me, :id, :attestation, :other, :proposed, :level, :terms, now(), null)"""
COPIED = """insert into registry_entry select (e).* from (select
    jsonb_populate_record(e, jsonb_build_object('id', cast(:id as text), 'level', cast(:level as text),
        'attestation_id', cast(:attestation as text))) as e from registry_entry e limit 1) x"""


def run(published: Published, who: TenantId | None, sql: str, **values: Any) -> int:
    """Run one statement as the serving role in the name of somebody; return how many rows it changed."""
    with unit_of_work(published.service.sessions, who) as session:
        result: Any = session.execute(text(sql), values)
        session.commit()
    return int(result.rowcount)


def consent(published: Published, who: Any, id_: Any, **more: Any) -> int:
    other = published.investor if who is published.vendor else published.vendor
    said = {
        "me": who.id, "id": id_, "attestation": published.attestation, "other": other.id, "proposed": True,
        "level": "band", "terms": '{"names": false, "sections": [], "withheld": []}', **more,
    }  # fmt: skip
    return run(published, who.tenant, CONSENT, **said)


def test_a_party_says_nothing_in_the_name_of_the_other(published: Published) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        consent(published, published.vendor, uuid7(), me=published.investor.id, other=published.vendor.id)
    stranger = published.service.organisation("Basil", "investor", "vendor")
    with pytest.raises(DBAPIError, match="row-level security"):
        consent(published, stranger, uuid7())
    assert consent(published, published.vendor, uuid7()) == 1


def test_an_answer_is_to_what_was_proposed(published: Published) -> None:
    id_ = published.proposed()
    for wrong in (
        {"level": "all"}, {"terms": '{"names": true, "sections": [], "withheld": []}'}, {"attestation": uuid7()},
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match=r"an answer is to a proposal|row-level security"):
            consent(published, published.investor, id_, proposed=False, **wrong)
    with pytest.raises(DBAPIError, match="an answer is to a proposal"):
        consent(published, published.investor, uuid7(), proposed=False)
    assert consent(published, published.investor, id_, proposed=False) == 1


def test_terms_never_change(published: Published) -> None:
    id_ = published.proposed()
    with pytest.raises(DBAPIError, match="permission denied"):
        run(published, published.vendor.tenant, "update publication_consent set level = 'all'")
    with pytest.raises(DBAPIError, match="permission denied"):
        run(published, published.vendor.tenant, "delete from publication_consent")
    foreign = "update publication_consent set withdrawn_at = now() where id = :id"
    assert run(published, published.investor.tenant, foreign, id=id_) == 0
    assert run(published, published.vendor.tenant, foreign, id=id_) == 1


def test_nothing_is_shown_without_both(published: Published) -> None:
    shown = published.publish()
    id_ = str(uuid7())
    consent(published, published.vendor, id_)
    for who in (published.vendor.tenant, published.investor.tenant, None):
        with pytest.raises(DBAPIError, match="both parties agree"):
            run(published, who, COPIED, id=id_, level="band", attestation=published.attestation)
    assert published.listed() == [shown]


def test_nobody_but_a_party_that_withdrew_empties_an_entry_and_nobody_changes_it(published: Published) -> None:
    id_ = published.publish()
    stranger = published.service.organisation("Basil", "investor")
    for who in (stranger.tenant, published.vendor.tenant, None):
        with pytest.raises(DBAPIError, match=r"an entry changes once|whole_or_nothing"):
            run(published, who, "update registry_entry set withdrawn_at = now()")
        with pytest.raises(DBAPIError, match="an entry changes once"):
            run(published, who, "update registry_entry set respondent = 'Another'")
        with pytest.raises(DBAPIError, match="permission denied"):
            run(published, who, "delete from registry_entry")
    assert published.look(f"/{id_}").json()["respondent"]["name"] == "Lindisvale"
