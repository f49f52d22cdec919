"""What the guide for integrators shows is what the service does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.contract.contract import document, find_operation
from tests.service import Party, Service, issue

GUIDE = (Path(__file__).parents[2] / "docs" / "integrators.md").read_text(encoding="utf-8")
SAVE, PROBLEM = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL))


@pytest.fixture
def draft(service: Service) -> tuple[Party, str]:
    """Return a vendor and the path of its draft."""
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Tarnbrook", "vendor")
    return vendor, f"/v1/disclosure-requests/{issue(investor, vendor)['id']}/submission"


def test_the_save_that_it_shows_is_accepted(draft: tuple[Party, str]) -> None:
    vendor, path = draft
    assert vendor.patch(path, SAVE).status_code == 200
    stored = vendor.get(path).json()["answers"]
    assert stored["deployment"]["d1"]["answers"].keys() == SAVE["deployment"]["d1"]["answers"].keys()


def test_the_problem_that_it_shows_is_the_one_told(draft: tuple[Party, str]) -> None:
    vendor, path = draft
    wrong: dict[str, Any] = {
        "GOV-01": {"state": "answered", "value": {"policy": "no"}},
        "GOV-02": {"state": "answered", "value": {"end_use": "yes"}},
        "GOV-06": {"state": "answered", "value": {"stop": "perhaps"}},
    }
    told = vendor.patch(path, {"company": wrong}).json()
    assert {**told, "errors": sorted(told["errors"], key=lambda flaw: flaw["code"])} == PROBLEM


def test_the_calls_that_it_names_exist() -> None:
    calls = re.findall(r"`(GET|POST|PATCH) (/v1/[^`?]*|…[^`]*)", GUIDE)
    assert len(calls) == 32
    for method, path in calls:
        whole = path.replace("…", "/v1/disclosure-requests/{id}")
        assert find_operation(method, re.sub(r"\{[^}]+\}", "x", whole)), (method, path)


def test_the_statuses_that_it_explains_are_the_documented_ones() -> None:
    explained = set(re.findall(r"^\| ([0-9, ]+) \|", GUIDE, re.MULTILINE))
    named = {status for row in explained for status in row.split(", ")}
    documented = {
        s for item in document()["paths"].values() for o in item.values() for s in o["responses"] if s >= "400"
    }
    assert documented - {"503"} <= named
