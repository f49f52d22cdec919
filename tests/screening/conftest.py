"""The service with lists loaded, and a sealed submission whose names they hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.databases import TestDatabase
from tests.screening.loading import HEAD, load
from tests.service import DECLARATION, Party, Service, issue, read_case, serving

LISTED = (
    "Shanghai Public Security Bureau,上海市公安局,XX_TEST,2026-11-20,R-1\nTarn Optics Holding,,XX_TEST,2026-11-20,R-2\n"
)
PERSON = {"Enduse-Acting-Person": "Ines%20Okoro"}
REASON = {"reason": "Same place, same body, same address."}


class Sealed(NamedTuple):
    """A service, two parties and a sealed submission."""

    service: Service
    investor: Party
    vendor: Party
    submission: str


def seal(investor: Party, vendor: Party, end_user: str, entities: str = "All of the group") -> str:
    """Seal an exercise in which the first deployment's end user, and the entities, have the given names."""
    case, request = read_case("f5"), issue(investor, vendor)
    document: dict[str, Any] = case["document"]
    first = min(document["deployment"])
    document["deployment"][first]["answers"]["BUY-01"]["value"]["end_user"] = end_user
    document["company"]["SCP-01"]["value"]["entities"] = entities
    path = f"/v1/disclosure-requests/{request['id']}/submission"
    assert vendor.patch(path, document).status_code == 200
    submitted = vendor.post(f"{path}:submit", DECLARATION)
    assert submitted.status_code == 200, submitted.text
    return str(submitted.json()["submission"])


@pytest.fixture
def sealed(database: TestDatabase, tmp_path: Path) -> Iterator[Sealed]:
    """Give a sealed submission that names a listed bureau, misspelled, and a listed company."""
    load(database, HEAD + LISTED)
    with serving(database.app_url, tmp_path / "data") as service:
        service.superuser_url = database.superuser_url
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        names = "Quillmere Ltd; Tarn Optics Holding Ltd"
        yield Sealed(service, investor, vendor, seal(investor, vendor, "Shangai Public Securty Bureau", names))


def screen(party: Party, sealed: Sealed, *, outside: bool = False) -> dict[str, Any]:
    """Ask for a screening, have it done, and return it."""
    asked = party.post(f"/v1/submissions/{sealed.submission}/screenings", {"outside": outside})
    assert asked.status_code == 202, asked.text
    sealed.service.render()
    done: dict[str, Any] = party.get(f"/v1/screenings/{asked.json()['id']}").json()
    return done


def candidates(party: Party, screening: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the candidates of a screening."""
    found: list[dict[str, Any]] = party.get(f"/v1/screenings/{screening['id']}/candidates").json()["items"]
    return found
