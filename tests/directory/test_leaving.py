"""An organisation that leaves keeps its entry, which nobody can claim; operators' acts lose their persons and stay."""

from typing import Any

from tests.directory.parties import ask, complete, found, make_lei, name_vendor, start, taken_over
from tests.directory.servers import NameServer
from tests.service import Party, Service

DOMAIN = "quillmere.example"
WHY = {"reason": "Company register, extract of today"}


def leave(party: Party) -> dict[str, tuple[int, int]]:
    """Erase an organisation; return what went and what stays, by place."""
    answer = party.post("/v1/erasures", {"what": "organisation", "organisation": party.id, "reason": "We leave"})
    assert answer.status_code == 201, answer.text
    return {line["place"]: (line["went"], line["stays"]) for line in answer.json()["report"]}


def test_who_left_keeps_an_entry_that_nobody_can_claim(equipped: Service, issuer: Party, names: NameServer) -> None:
    entry = name_vendor(issuer, lei=make_lei("QUILL"), domain=DOMAIN)
    rival = start(equipped, entry["id"], method="dns")
    vendor = taken_over(equipped, equipped.operator.post(f"/v1/organisations/{entry['id']}:approve", WHY))
    late = start(equipped, entry["id"], method="dns")
    names.texts[f"_enduse-claim.{DOMAIN}"] = [rival["record_value"], late["record_value"]]
    report = leave(vendor)
    assert report["claim"] == (0, 2)
    assert report["organisation"] == (0, 1)
    for claim in (rival, late):
        assert complete(equipped, entry["id"], claim["id"], claim["token"]).status_code == 409
    assert found(issuer, lei=make_lei("QUILL")) == ["Quillmere"]
    assert name_vendor(issuer, lei=make_lei("QUILL"), status=200)["id"] == entry["id"]
    again = equipped.operator.post(f"/v1/organisations/{entry['id']}/clients", {"name": "back again"})
    assert again.status_code == 201


def test_the_records_of_who_left_stay_for_others(service: Service, investor: Party, other: Party) -> None:
    entry: dict[str, Any] = name_vendor(investor)
    ask(other, entry["id"])
    assert leave(investor)["records named"] == (0, 1)
    assert found(other, name="Quillmere") == ["Quillmere"]
    assert ask(other, entry["id"])["respondent"]["id"] == entry["id"]


def test_the_person_of_an_act_is_erased_and_the_act_stays(service: Service, investor: Party) -> None:
    entry = name_vendor(investor)
    headers = {"Enduse-Acting-Person": "Ines%20Okoro"}
    service.operator.post(f"/v1/organisations/{entry['id']}:approve", WHY, headers=headers)
    (before,) = service.operator.get("/v1/directory-acts").json()["items"]
    asked = {"what": "person", "person": "Ines Okoro", "reason": "Left us"}
    for went in (1, 0):
        report = service.operator.post("/v1/erasures", asked).json()["report"]
        assert [line["went"] for line in report if line["place"] == "directory_act.person"] == [went]
    assert service.operator.get("/v1/directory-acts").json()["items"] == [{**before, "person": None}]
