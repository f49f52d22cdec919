"""Claims by DNS: who publishes the token's digest below the record's domain runs the organisation, and nobody else.

The DNS server and the service are real; the claimer has no token of ours.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.databases import TestDatabase
from tests.directory.parties import (
    actions,
    ask,
    complete,
    flaws,
    make_lei,
    name_vendor,
    send,
    start,
    taken_over,
)
from tests.directory.servers import NameServer
from tests.service import Party, Service, serving

DOMAIN = "quillmere.example"
TXT = f"_enduse-claim.{DOMAIN}"
NOWHERE = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def entry(issuer: Party) -> dict[str, Any]:
    """Return a record with a domain, named by an investor."""
    return name_vendor(issuer, lei=make_lei("QUILL"), domain=DOMAIN)


def age(service: Service, by: timedelta) -> None:
    """Let time pass for all claims."""
    with psycopg.connect(service.superuser_url) as connection:
        connection.execute("update claim set expires_at = expires_at - %s", (by,))


def test_the_vendor_proves_it_and_finds_the_requests_that_waited(
    equipped: Service, issuer: Party, entry: dict[str, Any], names: NameServer
) -> None:
    request = ask(issuer, entry["id"])
    claim = start(equipped, entry["id"], method="dns")
    assert complete(equipped, entry["id"], claim["id"], claim["token"]).status_code == 409
    names.texts[TXT] = ["v=spf1 -all", claim["record_value"]]
    vendor = taken_over(equipped, complete(equipped, entry["id"], claim["id"], claim["token"]))
    assert names.asked == [(TXT, "TXT")] * 2
    (received,) = vendor.get("/v1/disclosure-requests/received").json()["items"]
    assert received["id"] == request["id"]
    saved = vendor.patch(
        f"/v1/disclosure-requests/{request['id']}/submission", {"company": {"TRA-02": {"state": "not_known"}}}
    )
    assert saved.status_code == 200
    assert actions(vendor) == ["client.create", "organisation.claim", "answers.save"]
    shown = issuer.get(f"/v1/organisations/{entry['id']}").json()
    assert (shown["claimed"], shown["proof"]) == (True, "dns")


def test_the_first_client_is_an_admin(equipped: Service, entry: dict[str, Any], names: NameServer) -> None:
    claim = start(equipped, entry["id"], method="dns")
    names.texts[TXT] = [claim["record_value"]]
    vendor = taken_over(equipped, complete(equipped, entry["id"], claim["id"], claim["token"]))
    assert vendor.post("/v1/clients", {"name": "more", "scopes": ["answers:write"]}).status_code == 201
    assert vendor.get("/v1/organisations?role=vendor").json()["items"][0]["id"] == entry["id"]


def test_what_is_published_is_not_what_completes_the_claim(
    equipped: Service, entry: dict[str, Any], names: NameServer
) -> None:
    claim = start(equipped, entry["id"], method="dns")
    names.texts[TXT] = [claim["record_value"]]
    assert claim["token"] not in claim["record_value"]
    seen = claim["record_value"].partition("=")[2]
    assert complete(equipped, entry["id"], claim["id"], seen[:43]).status_code == 404
    assert flaws(complete(equipped, entry["id"], claim["id"], seen)) == {"/token": "string_pattern_mismatch"}


@pytest.mark.parametrize("wrong", ["another claim's digest", "another's token", "elsewhere", "an alias", "a part"])
def test_a_proof_wrong_in_one_respect_is_none(
    equipped: Service, entry: dict[str, Any], names: NameServer, wrong: str
) -> None:
    claim, other = (start(equipped, entry["id"], method="dns") for _ in range(2))
    value, token = claim["record_value"], claim["token"]
    if wrong == "another claim's digest":
        names.texts[TXT] = [other["record_value"]]
    elif wrong == "another's token":
        names.texts[TXT], token = [value], other["token"]
    elif wrong == "elsewhere":
        names.texts |= {DOMAIN: [value], f"_enduse-claim.www.{DOMAIN}": [value], "_enduse-claim.example": [value]}
    elif wrong == "an alias":
        names.aliases[TXT], names.texts["_enduse-claim.attacker.example"] = "_enduse-claim.attacker.example", [value]
    else:
        names.texts[TXT] = [value[:-1]]
    expected = 404 if wrong == "another's token" else 409
    assert complete(equipped, entry["id"], claim["id"], token).status_code == expected
    assert all(name == TXT for name, _ in names.asked)
    names.aliases.clear()
    names.texts[TXT] = [value]
    taken_over(equipped, complete(equipped, entry["id"], claim["id"], claim["token"]))


def test_starting_tells_nothing_of_the_organisation(
    equipped: Service, issuer: Party, entry: dict[str, Any], names: NameServer
) -> None:
    acting = equipped.organisation("Tarnbrook", "vendor")
    bare = name_vendor(issuer, "No domain")
    start(equipped, entry["id"], method="dns")
    told = [start(equipped, id_, method="dns") for id_ in (entry["id"], acting.id, bare["id"], NOWHERE)]
    told += [start(equipped, id_, method="email", mailbox="admin") for id_ in (entry["id"], acting.id, NOWHERE)]
    shapes = [{name: len(value) if value else None for name, value in claim.items()} for claim in told]
    assert shapes[0] == shapes[1] == shapes[2] == shapes[3]
    assert shapes[4] == shapes[5] == shapes[6]
    assert names.asked == []


def test_completing_tells_the_same_of_whatever_cannot_be_proved(equipped: Service, issuer: Party) -> None:
    acting = equipped.organisation("Tarnbrook", "vendor")
    ids = [name_vendor(issuer, "No domain")["id"], acting.id, NOWHERE, name_vendor(issuer, domain=DOMAIN)["id"]]
    answers = []
    for id_ in ids:
        claim = start(equipped, id_, method="dns")
        answers.append(complete(equipped, id_, claim["id"], claim["token"]))
    assert {answer.status_code for answer in answers} == {409}
    assert len({answer.text for answer in answers}) == 1
    claim = start(equipped, ids[0], method="dns")
    unknown = [
        complete(equipped, ids[1], claim["id"], claim["token"]), complete(equipped, ids[0], NOWHERE, claim["token"]),
        complete(equipped, NOWHERE, NOWHERE, "A" * 43),
    ]  # fmt: skip
    assert {(answer.status_code, answer.text) for answer in unknown} == {(404, unknown[0].text)}


def test_who_proves_it_second_comes_too_late(equipped: Service, entry: dict[str, Any], names: NameServer) -> None:
    first, second = (start(equipped, entry["id"], method="dns") for _ in range(2))
    names.texts[TXT] = [first["record_value"], second["record_value"]]
    taken_over(equipped, complete(equipped, entry["id"], first["id"], first["token"]))
    for claim in (first, second):
        assert complete(equipped, entry["id"], claim["id"], claim["token"]).status_code == 409


def test_a_claim_ends_after_seven_days_and_is_forgotten(
    equipped: Service, entry: dict[str, Any], names: NameServer
) -> None:
    claim = start(equipped, entry["id"], method="dns")
    names.texts[TXT] = [claim["record_value"]]
    age(equipped, timedelta(days=7))
    assert complete(equipped, entry["id"], claim["id"], claim["token"]).status_code == 404
    fresh = start(equipped, NOWHERE, method="dns")
    with psycopg.connect(equipped.superuser_url) as connection:
        assert [str(id_) for (id_,) in connection.execute("select id from claim")] == [fresh["id"]]


def test_until_then_it_lives(equipped: Service, entry: dict[str, Any], names: NameServer) -> None:
    claim = start(equipped, entry["id"], method="dns")
    names.texts[TXT] = [claim["record_value"]]
    age(equipped, timedelta(days=7, minutes=-1))
    taken_over(equipped, complete(equipped, entry["id"], claim["id"], claim["token"]))


def test_a_token_is_kept_as_a_digest(equipped: Service, entry: dict[str, Any]) -> None:
    claim = start(equipped, entry["id"], method="dns")
    with psycopg.connect(equipped.superuser_url) as connection:
        (row,) = connection.execute("select c::text from claim c").fetchone() or ("",)
    assert claim["token"] not in row
    assert claim["record_value"].partition("=")[2] in row


def test_a_contested_domain_is_no_proof_until_the_operator_decides(
    equipped: Service, entry: dict[str, Any], names: NameServer
) -> None:
    other = equipped.organisation("Basil", "investor")
    assert name_vendor(other, status=200, lei=entry["lei"], domain="quillmere-group.example")["domain"] == DOMAIN
    assert actions(other)[-1] == "organisation.name"
    claim = start(equipped, entry["id"], method="dns")
    names.texts[TXT] = [claim["record_value"]]
    assert complete(equipped, entry["id"], claim["id"], claim["token"]).status_code == 409
    decided = {"domain": DOMAIN, "reason": "Company register, extract of today"}
    assert equipped.operator.patch(f"/v1/organisations/{entry['id']}", decided).status_code == 200
    name_vendor(other, status=200, lei=entry["lei"], domain="quillmere-group.example")  # the operator's word stands
    taken_over(equipped, complete(equipped, entry["id"], claim["id"], claim["token"]))


def test_a_second_investor_adds_no_domain(equipped: Service, issuer: Party, names: NameServer) -> None:
    bare = name_vendor(issuer, lei=make_lei("BARE"))
    attacker = equipped.organisation("Basil", "investor")
    assert name_vendor(attacker, status=200, lei=bare["lei"], domain="attacker.example")["domain"] is None
    claim = start(equipped, bare["id"], method="dns")
    names.texts["_enduse-claim.attacker.example"] = [claim["record_value"]]
    assert complete(equipped, bare["id"], claim["id"], claim["token"]).status_code == 409
    assert names.asked == []


def test_a_vendor_that_acts_already_joins_the_record_to_itself(
    equipped: Service, issuer: Party, entry: dict[str, Any], names: NameServer
) -> None:
    request, vendor = ask(issuer, entry["id"]), equipped.organisation("Quillmere Group", "vendor")
    claim = start(equipped, entry["id"], method="dns")
    path, proof = f"/v1/organisations/{entry['id']}/claims/{claim['id']}:join", {"token": claim["token"]}
    assert vendor.post(path, proof).status_code == 409
    names.texts[TXT] = [claim["record_value"]]
    assert vendor.post(path, {"token": "A" * 43}).status_code == 404
    assert issuer.post(path, proof).status_code == 403
    assert send(equipped, path, proof).status_code == 401
    joined = vendor.post(path, proof)
    assert (joined.status_code, joined.json()["moved"]) == (200, 1)
    assert joined.json()["organisation"]["id"] == vendor.id
    assert joined.json()["organisation"]["lei"] == entry["lei"]
    (received,) = vendor.get("/v1/disclosure-requests/received").json()["items"]
    assert received["id"] == request["id"]
    assert issuer.get(f"/v1/organisations/{entry['id']}").json()["id"] == vendor.id
    assert actions(vendor)[-1] == "organisation.merge"
    assert actions(issuer)[-1] == "request.move"


def test_who_sends_no_questions_offers_no_claim_by_dns(service: Service) -> None:
    body = {"method": "dns"}
    assert flaws(send(service, f"/v1/organisations/{NOWHERE}/claims", body)) == {"/method": "not_offered"}


def test_a_claim_of_an_alias_is_one_of_the_survivor(
    equipped: Service, issuer: Party, entry: dict[str, Any], names: NameServer
) -> None:
    double = name_vendor(issuer, "Quillmere Limited")
    merged = {"into": entry["id"], "reason": "Same company"}
    assert equipped.operator.post(f"/v1/organisations/{double['id']}:merge", merged).status_code == 200
    claim = start(equipped, double["id"], method="dns")
    names.texts[TXT] = [claim["record_value"]]
    assert taken_over(equipped, complete(equipped, double["id"], claim["id"], claim["token"])).id == entry["id"]


def test_guessing_is_slowed_by_address(database: TestDatabase, tmp_path: Path) -> None:
    limits: dict[str, Any] = {"claims_per_hour": 3, "dns_resolver": "127.0.0.1"}
    with serving(database.app_url, tmp_path / "data", **limits) as service:
        codes = [complete(service, NOWHERE, NOWHERE, "A" * 43).status_code for _ in range(2)]
        start(service, NOWHERE, method="dns")
        waiting = complete(service, NOWHERE, NOWHERE, "A" * 43)
    assert codes == [404, 404]
    assert waiting.status_code == 429
    assert 1000 <= int(waiting.headers["retry-after"]) <= 1201
