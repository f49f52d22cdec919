"""LEIs that no entity has, records, and what the tests of the directory ask again and again."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from tests.contract.contract import check
from tests.service import Party, Service

NAMED = "/v1/vendor-records"
SEARCH = "/v1/organisations:search"


def make_lei(text: str) -> str:
    """Return a LEI that begins so, with right check digits."""
    body = text.ljust(18, "0")
    number = int("".join(str(int(character, 36)) for character in body + "00"))
    return f"{body}{98 - number % 97:02d}"


def name_vendor(investor: Party, name: str = "Quillmere", status: int = 201, **more: Any) -> dict[str, Any]:
    """Name a vendor and return its entry."""
    answer = investor.post(NAMED, {"name": name, "country": "XA", **more})
    assert answer.status_code == status, answer.text
    entry: dict[str, Any] = answer.json()
    return entry


def found(party: Party, **wanted: str) -> list[str]:
    """Return the names that a search finds."""
    answer = party.get(SEARCH, params=wanted)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


def ask(investor: Party, respondent: str) -> dict[str, Any]:
    """Issue a request of the exercise and return it."""
    body = {"respondent": respondent, "context": "exercise", "due_on": "2099-01-01"}
    answer = investor.post("/v1/disclosure-requests", body)
    assert answer.status_code == 201, answer.text
    request: dict[str, Any] = answer.json()
    return request


def start(service: Service, organisation: str, **body: str) -> dict[str, Any]:
    """Start a claim, as somebody without a token."""
    answer = send(service, f"/v1/organisations/{organisation}/claims", body)
    assert answer.status_code == 202, answer.text
    claim: dict[str, Any] = answer.json()
    return claim


def complete(service: Service, organisation: str, claim: str, token: str | None) -> httpx.Response:
    """Try to complete a claim, as somebody without a token."""
    return send(service, f"/v1/organisations/{organisation}/claims/{claim}:complete", {"token": token})


def send(service: Service, path: str, body: Any) -> httpx.Response:
    """Send a POST without a token and hold the answer against the contract."""
    answer: httpx.Response = service.client.post(path, json=body)
    check(answer)
    return answer


def taken_over(service: Service, answer: httpx.Response) -> Party:
    """Return the party that an answer with a first client makes of whoever got it."""
    assert answer.status_code == 201, answer.text
    made, client = answer.json()["organisation"], answer.json()["client"]
    return Party(service.client, UUID(made["id"]), made["name"], (client["id"], client["secret"]))


def flaws(answer: Any) -> dict[str, str]:
    """Return pointer and code of every problem of a 422, each of which says what to do."""
    assert answer.status_code == 422, answer.text
    errors: list[Mapping[str, str]] = answer.json()["errors"]
    assert all(len(error["detail"]) > 20 for error in errors)
    return {error["pointer"]: error["code"] for error in errors}


def actions(party: Party) -> list[str]:
    """Return what the party's audit log tells, in order."""
    return [item["entry"]["action"] for item in party.get("/v1/audit-entries?limit=100").json()["items"]]
