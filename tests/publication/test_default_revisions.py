"""The revisions that are asked if none is named, from the answers to the registry: one exports, one is silent."""

from collections.abc import Mapping
from typing import Any

import pytest

from api import clock
from attestations.report import Outcome, Status
from attestations.trust import parse
from attestations.verification import verify
from questionnaires.documents import Document
from tests.publication.conftest import Published
from tests.questionnaires.vendors import export_maker
from tests.service import DECLARATION, Service, due

SILENT: Document = {"company": {}, "product": {}, "deployment": {}}
VENDORS: Mapping[str, Document] = {"export": export_maker(), "silent": SILENT}


def walk(service: Service, document: Document) -> tuple[Published, str]:
    """Have a vendor answer, and the investor attest; return both sides with the submission."""
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Tarnbrook", "vendor")
    asked = {"respondent": vendor.id, "context": "exercise", "due_on": due()}
    request = investor.post("/v1/disclosure-requests", asked)
    assert request.status_code == 201, request.text
    path = f"/v1/disclosure-requests/{request.json()['id']}/submission"
    saved = vendor.patch(path, document)
    assert saved.status_code == 200, saved.text
    submitted = vendor.post(f"{path}:submit", DECLARATION)
    assert submitted.status_code == 200, submitted.text
    submission = submitted.json()["submission"]
    made = investor.post("/v1/attestations", {"submission": submission})
    assert made.status_code == 201, made.text
    service.render()
    return Published(service, investor, vendor, made.json()["id"]), submission


@pytest.mark.parametrize("name", VENDORS)
def test_from_the_answers_to_the_registry(name: str, service: Service) -> None:
    published, submission = walk(service, VENDORS[name])
    investor = published.investor
    card = investor.get(f"/v1/submissions/{submission}/scorecard?reasons=tree&actions=true&sensitivity=true")
    assert card.status_code == 200, card.text
    company = card.json()["company"]
    pdf = investor.get(f"/v1/attestations/{published.attestation}.pdf").content
    record = service.client.get(f"/a/{published.attestation}", headers={"Accept": "application/json"}).json()
    trust = parse(service.client.get("/v1/trust.json").content)

    def check(data: bytes) -> Any:
        return verify(data, trust, clock.now(), record=lambda digest: _record(service, digest))

    whole = check(pdf)
    assert whole.outcome is Outcome.PASSED, whole.to_json()["steps"]
    assert whole.result is not None
    assert whole.result["company"]["band"] == company["band"]
    assert record["status"]["value"] == "valid"
    id_ = published.publish(level="sections", sections=["C"])
    result = published.look(f"/{id_}").json()["result"]
    assert result["band"] == (company["band"] if company["rated"] else None)
    copy = check(published.look(f"/{id_}/pdf").content)
    assert copy.outcome is not Outcome.FAILED, copy.to_json()["steps"]
    assert copy.steps[6].status is Status.PASSED
    assert investor.post("/v1/rescorings", {"criteria": card.json()["criteria"], "context": "exercise"}).is_success
    service.render()
    kept = investor.get("/v1/assessments").json()["items"]
    assert [one["submission"] for one in kept] == [submission]


def _record(service: Service, digest: str) -> bytes | None:
    found = service.client.get(f"/log/records/{digest}")
    return found.content if found.is_success else None
