"""Records: a vendor that many know is one entry, requests to it wait, and the directory tells nothing of who asks."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.directory.parties import NAMED, SEARCH, actions, ask, flaws, found, make_lei, name_vendor
from tests.service import Party, Service, submit_case

LEI = make_lei("QUILL")
REGISTER = {"country": "XA", "number": "HRB 12-345"}


def test_an_investor_names_a_vendor_and_issues_to_it(investor: Party) -> None:
    entry = name_vendor(investor, lei=LEI, register=REGISTER, domain="quillmere.example")
    assert (entry["claimed"], entry["proof"], entry["roles"]) == (False, None, ["vendor"])
    assert (entry["lei"], entry["register"], entry["domain"]) == (LEI, REGISTER, "quillmere.example")
    assert ask(investor, entry["id"])["respondent"] == {"id": entry["id"], "name": "Quillmere"}
    assert actions(investor) == ["client.create", "organisation.name", "request.issue"]


@pytest.mark.parametrize(
    "known",
    [{"lei": LEI}, {"register": {"country": "XA", "number": "hrb12345"}}, {"lei": LEI, "register": REGISTER}],
)
def test_whoever_names_it_again_gets_the_same_entry(investor: Party, other: Party, known: dict[str, Any]) -> None:
    first = name_vendor(investor, lei=LEI, register=REGISTER)
    assert name_vendor(other, "Quillmere Holding", 200, **known)["id"] == first["id"]
    assert "organisation.name" not in actions(other)


def test_ten_investors_at_once_make_one_entry(service: Service) -> None:
    investors = [service.organisation(f"Investor {number}", "investor") for number in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda one: one.post(NAMED, {"name": one.name, "lei": LEI}), investors))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_an_organisation_that_acts_is_found_by_its_lei_too(service: Service, investor: Party) -> None:
    made = service.operator.post("/v1/organisations", {"name": "Tarnbrook", "roles": ["vendor"], "lei": LEI}).json()
    assert name_vendor(investor, "Anything", 200, lei=LEI)["id"] == made["id"]
    assert made["claimed"]
    assert "organisation.create" in actions(service.operator)


def test_identifiers_that_belong_to_others_are_told(service: Service, investor: Party) -> None:
    name_vendor(investor, "Tarnbrook", lei=make_lei("TARN"), register={"country": "XA", "number": "1"})
    name_vendor(investor, "Quillmere", lei=LEI)
    mixed = {"name": "X", "lei": LEI, "register": {"country": "XA", "number": "1"}}
    assert flaws(investor.post(NAMED, mixed)) == {"/register": "other_entry"}
    other_lei = {"name": "X", "lei": make_lei("NEW"), "register": {"country": "XA", "number": "1"}}
    assert flaws(investor.post(NAMED, other_lei)) == {"/lei": "other_entry"}
    taken = {"name": "X", "roles": ["vendor"], "lei": LEI}
    assert flaws(service.operator.post("/v1/organisations", taken)) == {"/lei": "taken"}


def test_a_namesake_is_looked_at_first(investor: Party, other: Party) -> None:
    first = name_vendor(investor, "Quillmere Ltd.")
    refused = other.post(NAMED, {"name": "QUILLMERE  Ltd", "country": "XA"})
    assert (refused.status_code, "search" in refused.json()["detail"]) == (409, True)
    assert name_vendor(other, "Quillmere Ltd", another=True)["id"] != first["id"]
    assert name_vendor(other, "Quillmere Ltd", country="XB")["id"] != first["id"]


def test_every_wrong_identifier_is_named_at_once_with_a_remedy(service: Service, investor: Party) -> None:
    wrong = {
        "name": "Q", "country": "XA", "lei": LEI[:-1] + "x", "register": {"country": "x", "number": "-"},
        "domain": "secret.internal",
    }  # fmt: skip
    expected = {
        "/lei": "lei", "/register/country": "string_pattern_mismatch", "/register/number": "register_number",
        "/domain": "domain",
    }  # fmt: skip
    answer = investor.post(NAMED, wrong)
    assert flaws(answer) == expected
    assert "secret" not in answer.text
    assert flaws(service.operator.post("/v1/organisations", {**wrong, "roles": ["vendor"]})) == expected
    nowhere = {"name": "Q", "parent": "01900000-0000-7000-8000-000000000000"}
    assert flaws(investor.post(NAMED, nowhere)) == {"/parent": "unknown_organisation"}


@pytest.mark.parametrize("role", ["vendor", "auditor"])
def test_only_an_investor_names_vendors(service: Service, role: str) -> None:
    assert service.organisation("Sorrel", role).post(NAMED, {"name": "Quillmere"}).status_code == 403


def test_the_search_is_exact_on_identifiers_and_forgiving_on_names(investor: Party, other: Party) -> None:
    name_vendor(investor, "Žofia Works Ltd.", lei=LEI, register=REGISTER)
    name_vendor(investor, "Zofia Trading", country="XB")
    assert found(other, lei=LEI) == ["Žofia Works Ltd."]
    assert found(other, lei=make_lei("NOBODY")) == []
    assert found(other, register_country="XA", register_number="HRB12345") == ["Žofia Works Ltd."]
    assert found(other, register_country="XB", register_number="HRB12345") == []
    assert found(other, name="ZOFIA") == ["Zofia Trading", "Žofia Works Ltd."]
    assert found(other, name="žofia w") == ["Žofia Works Ltd."]
    assert found(other, name="zofia", country="XB") == ["Zofia Trading"]
    assert found(other, name="works") == []


def test_the_search_is_paged(investor: Party) -> None:
    for number in range(3):
        name_vendor(investor, f"Quillmere {number}")
    first = investor.get(SEARCH, params={"name": "quillmere", "limit": 2}).json()
    second = investor.get(SEARCH, params={"name": "quillmere", "limit": 2, "after": first["next"]}).json()
    assert [item["name"][-1] for page in (first, second) for item in page["items"]] == ["2", "1", "0"]
    assert second["next"] is None


def test_a_search_for_nothing_or_for_half_is_told_what_to_do(investor: Party) -> None:
    assert flaws(investor.get(SEARCH)) == {"/name": "nothing_wanted"}
    assert flaws(investor.get(SEARCH, params={"country": "XA"})) == {"/name": "nothing_wanted"}
    assert flaws(investor.get(SEARCH, params={"name": "q.-"})) == {"/name": "too_short"}
    assert flaws(investor.get(SEARCH, params={"register_number": "1"})) == {"/register_number": "half"}
    assert flaws(investor.get(SEARCH, params={"lei": "\x01" * 20})) == {"/lei": "string_pattern_mismatch"}
    assert found(investor, register_country="XA", register_number="\x01 1") == found(investor, name="a\x01bc%_") == []


def test_records_are_shown_to_investors_and_operators_alone(service: Service, investor: Party, other: Party) -> None:
    entry = name_vendor(investor, lei=LEI)
    path = f"/v1/organisations/{entry['id']}"
    everybody = [service.organisation(f"Is {role}", role) for role in ("vendor", "auditor")]
    for party in everybody:
        assert found(party, lei=LEI) == found(party, name="quillmere") == []
        assert party.get(path).status_code == 404
    for party in (other, service.operator):
        assert found(party, lei=LEI) == ["Quillmere"]
        assert party.get(path).json() == entry
    for party in (*everybody, investor, other):  # a list, newest first, would tell of fresh interest
        assert entry["id"] not in party.get("/v1/organisations").text
    assert entry["id"] in service.operator.get("/v1/organisations").text


def test_the_directory_tells_neither_who_named_nor_who_asks(investor: Party, other: Party) -> None:
    entry = name_vendor(investor, lei=LEI, domain="quillmere.example")
    before = other.get(f"/v1/organisations/{entry['id']}").text
    ask(investor, entry["id"])
    assert other.get(f"/v1/organisations/{entry['id']}").text == before
    assert investor.id not in before
    assert other.get("/v1/disclosure-requests/issued").json()["items"] == []
    assert name_vendor(other, "Quillmere", 200, lei=LEI) == entry


def test_a_record_is_granted_nothing(service: Service, investor: Party) -> None:
    vendor, entry = service.organisation("Tarnbrook", "vendor"), name_vendor(investor)
    grants = f"/v1/submissions/{submit_case(investor, vendor, 'f5')['submission']}/grants"
    assert flaws(vendor.post(grants, {"grantee": entry["id"], "purpose": "X"})) == {"/grantee": "unknown_organisation"}
