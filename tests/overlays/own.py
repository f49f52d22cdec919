"""An investor's overlays over HTTP: drafted, published, laid on submissions."""

from typing import Any

from tests.questionnaires.engine_2.overlays.own import line, overlay_json
from tests.service import Party

DRAFTS = "/v1/overlay-drafts"
YAML_TYPE = {"Content-Type": "application/yaml"}
STRICT = {"bands": {"severe": 70}}
BORDER = {"XL-01": line({"criterion": "B3", "at_least": 1}, effect="severe")}
"""A red line that every exercise with a place that is not free meets."""


def draft_overlay(investor: Party, **parts: Any) -> str:
    """Return the path of a new draft."""
    answer = investor.post(DRAFTS, overlay_json(**(parts or STRICT)))
    assert answer.status_code == 201, answer.text
    return f"{DRAFTS}/{answer.json()['id']}"


def publish_overlay(investor: Party, **parts: Any) -> dict[str, Any]:
    """Return a revision just published."""
    answer = investor.post(f"{draft_overlay(investor, **parts)}:publish")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def results(party: Party, submission: str, overlay: str) -> Any:
    """Return the answer to both results of a submission."""
    return party.get(f"/v1/submissions/{submission}/overlay-results?overlay={overlay}")
