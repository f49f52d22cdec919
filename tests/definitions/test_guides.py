"""What the guides show of own questionnaires and of carrying over is what the service does."""

import json
import re
from pathlib import Path

from questionnaires import library
from tests.contract.contract import find_operation
from tests.definitions.own import draft, publish
from tests.service import Service, issue, submit_case

DOCS = Path(__file__).parents[2] / "docs"
WRITING = (DOCS / "questionnaires.md").read_text(encoding="utf-8")
INTEGRATING = (DOCS / "integrators.md").read_text(encoding="utf-8")


def test_the_draft_that_it_shows_can_be_published(service: Service) -> None:
    (shown,) = re.findall(
        r"```http\nPOST /v1/questionnaire-drafts\nContent-Type: application/yaml\n\n(.*?)```", WRITING, re.DOTALL
    )
    investor = service.organisation("Aster", "investor")
    assert investor.post(f"{draft(investor, shown)}:lint").json()["errors"] == 0
    assert publish(investor, shown)["id"].endswith("-fund-questions")


def test_the_base_that_it_shows_is_the_one_that_it_names() -> None:
    ((digest, name),) = re.findall(r"^  digest: (sha256:[0-9a-f]{64}) +# (\S+)$", WRITING, re.MULTILINE)
    assert library.released()["questionnaires"][name] == digest


def test_the_calls_that_it_names_exist() -> None:
    calls = re.findall(r"`(GET|PUT|POST) (/v1/questionnaire[^`?]*)", WRITING)
    assert len(calls) == 7
    for method, path in calls:
        assert find_operation(method, re.sub(r"\{[^}]+\}", "x", path)), (method, path)


def test_the_carrying_over_that_it_shows_is_done(service: Service) -> None:
    head = r"```http\nPOST (/v1/disclosure-requests/\{id\}/submission:carry)\n\n"
    ((path, body),) = re.findall(head + "(.*?)```", INTEGRATING, re.DOTALL)
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    sealed, request = submit_case(investor, vendor, "f1"), issue(investor, vendor)
    said = json.loads(body.replace("SUBMISSION", sealed["submission"]))
    report = vendor.post(path.replace("{id}", request["id"]), said)
    assert report.status_code == 200
    named = set(re.findall(r"`(survives|to_confirm|present|lost)`", INTEGRATING))
    assert named <= report.json().keys()
    assert len(named) == 4
