"""Operators approve claims, correct entries and merge records, each with a reason; all chains concerned tell of it."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.db.session import unit_of_work
from api.directory import operating
from api.ids import ClientId
from api.tenancy import Principal, Role
from questionnaires.canonical import digest
from tests.directory.parties import actions, ask, flaws, found, make_lei, name_vendor, taken_over
from tests.service import Party, Service

WHY = "Company register, extract of today"


def merge(service: Service, gone: str, into: str) -> Any:
    """Merge as the operator."""
    return service.operator.post(f"/v1/organisations/{gone}:merge", {"into": into, "reason": WHY})


def chain_of(service: Service, organisation: str) -> list[str]:
    """Return the actions on a chain that nobody can read yet."""
    with psycopg.connect(service.superuser_url) as connection:
        query = "select payload::json ->> 'action' from audit_entry where tenant_id = %s order by seq"
        return [action for (action,) in connection.execute(query, (organisation,))]


def test_an_approved_claim_gives_an_admin_client_once(service: Service, investor: Party) -> None:
    entry = name_vendor(investor)
    path, body = f"/v1/organisations/{entry['id']}:approve", {"reason": WHY}
    vendor = taken_over(service, service.operator.post(path, body))
    assert vendor.get(f"/v1/organisations/{entry['id']}").json()["proof"] == "operator"
    assert actions(vendor) == ["client.create", "organisation.claim"]
    assert actions(service.operator)[-1] == "organisation.approve"
    assert service.operator.post(path, body).status_code == 409
    assert service.operator.post(f"/v1/organisations/{vendor.id}:approve", {}).status_code == 422


def test_the_reason_is_kept_and_its_digest_told(service: Service, investor: Party) -> None:
    entry = name_vendor(investor)
    service.operator.post(f"/v1/organisations/{entry['id']}:approve", {"reason": WHY})
    (act,) = service.operator.get("/v1/directory-acts").json()["items"]
    assert (act["act"], act["organisation"], act["reason"]) == ("approve", entry["id"], WHY)
    told = service.operator.get("/v1/audit-entries").json()["items"][-1]["entry"]
    assert told["after"] == digest({"reason": WHY, "act": act["id"]})
    assert WHY not in str(told)


def test_a_record_gets_no_client_without_a_claim(service: Service, investor: Party) -> None:
    entry = name_vendor(investor)
    refused = service.operator.post(f"/v1/organisations/{entry['id']}/clients", {"name": "more"})
    assert (refused.status_code, "approve" in refused.json()["detail"]) == (409, True)


def test_merging_moves_what_waits_and_leaves_an_alias(service: Service, investor: Party, other: Party) -> None:
    gone = name_vendor(investor, "Quillmere Ltd", lei=make_lei("QUILL"))
    vendor = service.organisation("Quillmere", "vendor")
    first, second = ask(investor, gone["id"]), ask(other, gone["id"])
    merged = merge(service, gone["id"], vendor.id)
    assert (merged.status_code, merged.json()["moved"]) == (200, 2)
    received = {item["id"] for item in vendor.get("/v1/disclosure-requests/received").json()["items"]}
    assert received == {first["id"], second["id"]}
    for party, request in ((investor, first), (other, second)):
        shown = party.get(f"/v1/disclosure-requests/{request['id']}").json()
        assert shown["respondent"] == {"id": vendor.id, "name": "Quillmere"}
        assert actions(party)[-2:] == ["request.issue", "request.move"]
    path = f"/v1/disclosure-requests/{first['id']}/submission"
    assert vendor.patch(path, {"company": {"TRA-02": {"state": "not_known"}}}).status_code == 200
    assert chain_of(service, gone["id"]) == ["organisation.merge"]
    assert actions(vendor)[-2:] == ["organisation.merge", "answers.save"]
    assert actions(service.operator)[-1] == "organisation.merge"


def test_an_alias_is_the_survivor_wherever_it_is_named(service: Service, investor: Party, other: Party) -> None:
    gone = name_vendor(investor, "Quillmere Ltd", lei=make_lei("QUILL"))
    vendor = service.organisation("Quillmere", "vendor")
    merge(service, gone["id"], vendor.id)
    assert ask(other, gone["id"])["respondent"]["id"] == vendor.id
    assert other.get(f"/v1/organisations/{gone['id']}").json()["id"] == vendor.id
    assert name_vendor(other, "Quillmere", 200, lei=gone["lei"])["id"] == vendor.id
    assert found(other, name="quillmere") == ["Quillmere"]
    assert merge(service, gone["id"], vendor.id).status_code == 409


def test_nobody_asks_themselves_by_an_alias(service: Service, investor: Party) -> None:
    gone, both = name_vendor(investor), service.organisation("Omnis", "investor", "vendor")
    assert merge(service, gone["id"], both.id).status_code == 200
    asked = {"respondent": gone["id"], "due_on": "2099-01-01"}
    assert flaws(both.post("/v1/disclosure-requests", asked)) == {"/respondent": "oneself"}


def test_aliases_of_an_alias_follow_it(service: Service, investor: Party) -> None:
    first, second = (name_vendor(investor, name) for name in ("Quillmere Ltd", "Quillmere AG"))
    vendor = service.organisation("Quillmere", "vendor")
    child = name_vendor(investor, "Quillmere Sub", parent=first["id"])
    request = ask(investor, first["id"])
    assert merge(service, first["id"], second["id"]).json()["moved"] == 1
    assert merge(service, second["id"], vendor.id).json()["moved"] == 1
    for id_ in (first["id"], second["id"]):
        assert investor.get(f"/v1/organisations/{id_}").json()["id"] == vendor.id
    assert vendor.get("/v1/disclosure-requests/received").json()["items"][0]["id"] == request["id"]
    assert investor.get(f"/v1/organisations/{child['id']}").json()["parent"] == vendor.id


@pytest.mark.parametrize(
    ("case", "word"),
    [
        ("acted", "never acted"), ("other LEI", "different LEIs"), ("other number", "different LEIs"),
        ("no vendor", "every role"), ("itself", "by themselves"), ("asked by the survivor", "answer themselves"),
        ("circle", "parents"),
    ],
)  # fmt: skip
def test_what_is_not_merged(service: Service, investor: Party, case: str, word: str) -> None:
    gone = name_vendor(investor, "Quillmere Ltd", lei=make_lei("A"), register={"country": "XA", "number": "1"})["id"]
    into = name_vendor(investor, "Quillmere")["id"]
    waits = ask(investor, gone)
    if case == "acted":
        gone, into = service.organisation("Tarnbrook", "vendor").id, gone
    elif case == "other LEI":
        into = name_vendor(investor, "Quillmere AG", lei=make_lei("B"))["id"]
    elif case == "other number":
        into = name_vendor(investor, "Quillmere AG", register={"country": "XB", "number": "1"})["id"]
    elif case == "no vendor":
        into = investor.id
    elif case == "itself":
        into = gone
    elif case == "asked by the survivor":
        both = service.organisation("Omnis", "investor", "vendor")
        ask(both, gone)
        into = both.id
    else:
        between = name_vendor(investor, "Between", parent=gone)["id"]
        into = name_vendor(investor, "Below", parent=between)["id"]
    refused = merge(service, gone, into)
    assert (refused.status_code, word in refused.json()["detail"]) == (409, True), refused.text
    assert investor.get(f"/v1/organisations/{gone}").json()["id"] == gone
    shown = investor.get(f"/v1/disclosure-requests/{waits['id']}").json()
    assert shown["respondent"]["name"] == "Quillmere Ltd"
    assert service.operator.get("/v1/directory-acts").json()["items"] == []


def test_what_is_to_be_merged_must_be_there(service: Service, investor: Party) -> None:
    nowhere, entry = "01900000-0000-7000-8000-000000000000", name_vendor(investor)["id"]
    assert merge(service, nowhere, entry).status_code == 404
    assert merge(service, entry, nowhere).status_code == 404


def test_an_entry_is_corrected_and_what_is_left_out_stays(service: Service, investor: Party) -> None:
    entry = name_vendor(investor, "Quilmere", lei=make_lei("Q"), domain="quilmere.example")
    path = f"/v1/organisations/{entry['id']}"
    changed = {"name": "Quillmere", "domain": None, "register": {"country": "XA", "number": "7"}, "reason": WHY}
    corrected = service.operator.patch(path, changed)
    assert corrected.status_code == 200
    assert corrected.json() == {
        **entry, "name": "Quillmere", "domain": None, "register": {"country": "XA", "number": "7"},
    }  # fmt: skip
    assert found(investor, name="quillm") == ["Quillmere"]
    assert actions(service.operator)[-1] == "organisation.correct"


def test_a_correction_that_cannot_be_is_told_and_changes_nothing(service: Service, investor: Party) -> None:
    above = name_vendor(investor, "Above", lei=make_lei("A"))
    middle = name_vendor(investor, "Middle", parent=above["id"])
    below = name_vendor(investor, "Below", parent=middle["id"])

    def correct(id_: str, **change: Any) -> dict[str, str]:
        return flaws(service.operator.patch(f"/v1/organisations/{id_}", {**change, "reason": WHY}))

    assert correct(above["id"], parent=below["id"]) == {"/parent": "circle"}
    assert correct(above["id"], parent=above["id"]) == {"/parent": "circle"}
    assert correct(below["id"], lei=above["lei"]) == {"/lei": "taken"}
    assert correct(below["id"], name=None) == {"/name": "needed"}
    for entry in (above, middle, below):
        assert service.operator.get(f"/v1/organisations/{entry['id']}").json() == entry
    assert service.operator.patch(f"/v1/organisations/{below['id']}", {"name": "X"}).status_code == 422


@pytest.mark.parametrize("who", ["investor", "vendor", "auditor"])
def test_only_operators_do_such_things(service: Service, investor: Party, who: str) -> None:
    entry, party = name_vendor(investor), service.organisation("Sorrel", who)
    path = f"/v1/organisations/{entry['id']}"
    assert party.post(f"{path}:approve", {"reason": WHY}).status_code == 403
    assert party.post(f"{path}:merge", {"into": party.id, "reason": WHY}).status_code == 403
    assert party.patch(path, {"name": "X", "reason": WHY}).status_code == 403
    assert party.get("/v1/directory-acts").status_code == 403


def test_another_operator_reads_its_own_acts_only(service: Service, investor: Party) -> None:
    second = service.organisation("Second", "operator")
    service.operator.post(f"/v1/organisations/{name_vendor(investor)['id']}:approve", {"reason": WHY})
    assert second.get("/v1/directory-acts").json()["items"] == []


def test_a_request_issued_while_two_merge_reaches_the_survivor(service: Service, investor: Party) -> None:
    gone, vendor = name_vendor(investor), service.organisation("Tarnbrook", "vendor")
    with unit_of_work(service.sessions, service.operator.tenant) as session:
        principal = Principal(
            organisation=service.operator.tenant, client=ClientId(UUID(service.operator.credentials[0])),
            roles=frozenset({Role.OPERATOR}), scopes=frozenset(),
        )  # fmt: skip
        operating.merge(session, principal, UUID(gone["id"]), vendor.tenant)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask, investor, gone["id"])
            _await_lock(service)
            session.commit()
            assert asked.result()["respondent"]["id"] == vendor.id
    assert len(vendor.get("/v1/disclosure-requests/received").json()["items"]) == 1


def _await_lock(service: Service) -> None:
    """Return once somebody waits for a lock."""
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with psycopg.connect(service.superuser_url, autocommit=True) as connection:
        until = time.monotonic() + 30
        while connection.execute(waiting).fetchone() == (0,):
            assert time.monotonic() < until, "nobody waits"
