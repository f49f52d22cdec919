"""The calls that the guide for investors shows work, one after the other, and it names no other than there are."""

import json
import re
from pathlib import Path
from typing import Any

from tests.contract.contract import document, find_operation
from tests.service import DECLARATION, Party, Service, attach, due, submit_case

GUIDE = (Path(__file__).parents[2] / "docs" / "investors.md").read_text(encoding="utf-8")
CALLS = re.findall(r"```http\n(GET|POST) (\S+)\n(.*?)```", GUIDE, re.DOTALL)
TABLE = GUIDE.partition("| you read |")[2].partition("\n\n")[0]


def answer(vendor: Party, request: str) -> None:
    """Answer one question with a file behind it, and submit."""
    path = f"/v1/disclosure-requests/{request}/submission"
    said = {"company": {"GOV-01": {"state": "answered", "value": {"policy": "yes"}}}}
    saved = vendor.patch(path, said)
    assert saved.status_code == 200, saved.text
    attached = attach(vendor, request, [{"question": "GOV-01"}])
    assert attached.status_code == 201, attached.text
    submitted = vendor.post(f"{path}:submit", DECLARATION)
    assert submitted.status_code == 200, submitted.text


class Walk:
    """An investor that goes through the guide, call by call, and fills in the ids that it has learnt."""

    def __init__(self, investor: Party, **known: str) -> None:
        """Start at the first call."""
        self.investor, self.known, self.left = investor, dict(known), iter(CALLS)

    def go_on(self) -> Any:
        """Send the next call; return what came back, as JSON where it is."""
        method, path, body = next(self.left)
        for name, value in self.known.items():
            path, body = path.replace(f"{{{name}}}", value), body.replace(f"{{{name}}}", value)
        told = self.investor.send(method, path, **({"json": json.loads(body)} if body.strip() else {}))
        assert told.is_success, (path, told.text)
        return told.json() if told.headers["Content-Type"].startswith("application/json") else told.content


def test_the_guide_leads_from_a_name_to_a_sealed_pdf(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Tarnbrook", "vendor")
    walk = Walk(
        investor, organisation=vendor.id, due=due(), earlier=str(submit_case(investor, vendor, "f4")["submission"])
    )
    assert walk.go_on()["items"] == []
    assert walk.go_on()["name"] == "Quillmere Optics"
    request = walk.go_on()
    walk.known["submission"] = request["submission"]
    answer(vendor, request["id"])
    assert walk.go_on()["items"][0]["id"] == request["submission"]
    card = walk.go_on()
    assert card["reasons"]
    assert card["sensitivity"]
    assert walk.go_on()
    (evidence,) = investor.get(f"/v1/submissions/{request['submission']}/evidence").json()
    walk.known["evidence"] = evidence["id"]
    walk.go_on()
    assert walk.go_on()
    attested = walk.go_on()
    assert attested["pdf"] is None
    walk.known["attestation"] = attested["id"]
    service.render()
    assert walk.go_on().startswith(b"%PDF-")
    assert walk.go_on()["status"]["value"] == "revoked"
    assert next(walk.left, None) is None, "every call was made"


def test_the_fields_that_it_explains_are_those_of_a_scorecard() -> None:
    parts = document()["components"]["schemas"]
    company, card = parts["CompanyOut"]["properties"], parts["ScorecardOut"]["properties"]
    named = {name.split(":")[0].rpartition(".")[2] for cell in re.findall(r"^\| (.*?) \|", TABLE, re.MULTILINE)
             for name in re.findall(r"`([^`]+)`", cell)}  # fmt: skip
    assert len(named) == 10
    assert named <= {*company, *card}


def test_the_calls_that_it_names_exist() -> None:
    calls = re.findall(r"`(GET|POST|PUT) (/v1/[^`?]*)", GUIDE)
    assert len(calls) == 16
    for method, path in calls:
        assert find_operation(method, re.sub(r"\{[^}]+\}", "x", path)), (method, path)
