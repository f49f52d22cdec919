"""Drafts of overlays: written, replaced, linted, deleted, published."""

import json
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from questionnaires.overlays import apply, read_overlay
from questionnaires.revisions import revision_digest
from tests.definitions.test_database import attempt
from tests.overlays.own import DRAFTS, STRICT, YAML_TYPE, draft_overlay, publish_overlay
from tests.questionnaires.engine_2.overlays.own import WHOLE, load_standard, overlay_json
from tests.service import Party, Service

BROKEN = overlay_json(bands={"severe": 81}, tables={}, weights={"ceilings": {"cause": 16}})


@pytest.fixture
def investor(service: Service) -> Party:
    return service.organisation("Aster", "investor")


def test_a_draft_is_returned_as_it_was_written_and_listed(investor: Party) -> None:
    path = draft_overlay(investor)
    answer = investor.get(path)
    assert (answer.json(), answer.headers["etag"]) == (overlay_json(**STRICT), '"1"')
    assert [item["title"] for item in investor.get(DRAFTS).json()["items"]] == ["Our view"]


def test_replacing_names_the_version_that_is_replaced(investor: Party) -> None:
    path, other = draft_overlay(investor), overlay_json(bands={"severe": 60, "high": 50})
    blind = investor.send("PUT", path, json=other)
    assert (blind.status_code, blind.json()["type"]) == (428, "urn:enduse:problem:unconditional")
    replaced = investor.send("PUT", path, json=other, headers={"If-Match": '"1"'})
    assert (replaced.status_code, replaced.headers["etag"]) == (200, '"2"')
    assert investor.send("PUT", path, json=other, headers={"If-Match": '"1"'}).status_code == 412
    assert investor.get(path).json() == other
    assert investor.send("DELETE", path).status_code == 204
    assert investor.get(path).status_code == investor.send("DELETE", path).status_code == 404


def test_every_finding_has_its_place_and_what_mends_it(investor: Party) -> None:
    answer = investor.post(f"{draft_overlay(investor, **{k: BROKEN[k] for k in ('bands', 'tables', 'weights')})}:lint")
    told = [(one["code"], one["pointer"]) for one in answer.json()["findings"]]
    assert sorted(told) == [
        ("band-raised", "/bands/severe"), ("ceiling-raised", "/weights/ceilings/cause"), ("standard-stays", "/tables"),
    ]  # fmt: skip
    assert answer.json()["errors"] == 3
    assert all(one["mend"] for one in answer.json()["findings"])
    assert investor.post(f"{draft_overlay(investor)}:lint").json()["errors"] == 0


def test_yaml_findings_have_lines(investor: Party) -> None:
    base = load_standard().digest
    text = (
        "id: our-view\nrevision: 1\ntitle: Our view\nreason: Policy\n"
        f"base: {{revision: surveillance-hrdd-criteria@2, digest: {base!r}}}\nbands:\n  severe: 90\n"
    )
    made = investor.send("POST", DRAFTS, content=text.encode(), headers=YAML_TYPE)
    (found,) = investor.post(f"{DRAFTS}/{made.json()['id']}:lint").json()["findings"]
    assert (found["code"], found["line"]) == ("band-raised", 7)


def test_a_broken_draft_is_refused_with_all_that_is_wrong(investor: Party) -> None:
    path = draft_overlay(investor, **{name: BROKEN[name] for name in ("bands", "tables", "weights")})
    answer = investor.post(f"{path}:publish")
    assert answer.status_code == 422
    assert {flaw["pointer"] for flaw in answer.json()["errors"]} == {
        "/bands/severe", "/tables", "/weights/ceilings/cause",
    }  # fmt: skip
    assert investor.get("/v1/overlays").json()["items"] == []


def test_a_revision_is_known_by_its_digest_and_its_criteria_bind_both(investor: Party) -> None:
    made = publish_overlay(investor, **{name: WHOLE[name] for name in ("weights", "bands", "red_lines", "caps")})
    assert made["id"] == f"own-{investor.id.replace('-', '')[-12:]}-our-view"
    for name in (made["digest"], made["id"], f"{made['id']}@1"):
        read = investor.get(f"/v1/overlays/{name}").json()
        assert {key: read[key] for key in made} == made
    overlay, found = read_overlay(read["definition"])
    assert overlay is not None
    assert (found, revision_digest(overlay)) == ((), made["digest"])
    assert revision_digest(apply(overlay, load_standard().criteria)) == made["criteria"]
    assert made["base"] == load_standard().digest
    assert investor.get(f"/v1/overlays/{made['id']}@2").status_code == 404
    assert [one["digest"] for one in investor.get("/v1/overlays").json()["items"]] == [made["digest"]]


def test_the_same_again_is_the_same_revision_and_a_change_is_the_next(investor: Party) -> None:
    path = draft_overlay(investor)
    first, again = investor.post(f"{path}:publish"), investor.post(f"{path}:publish")
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    other = overlay_json(bands={"severe": 75})
    investor.send("PUT", path, json=other, headers={"If-Match": '"1"'})
    assert investor.post(f"{path}:publish", headers={"If-Match": '"1"'}).status_code == 412
    assert investor.post(f"{path}:publish", headers={"If-Match": '"2"'}).json()["revision"] == "2"


def test_nobody_else_sees_an_overlay_or_its_draft(service: Service, investor: Party) -> None:
    made, path = publish_overlay(investor), draft_overlay(investor)
    other = service.organisation("Basil", "investor")
    assert other.get(path).status_code == other.get(f"/v1/overlays/{made['digest']}").status_code == 404
    assert other.get("/v1/overlays").json()["items"] == other.get(DRAFTS).json()["items"] == []
    for party in (service.organisation("Quillmere", "vendor"), service.organisation("Sorrel", "auditor")):
        assert party.get(DRAFTS).status_code == party.get("/v1/overlays").status_code == 403


@pytest.mark.parametrize("table", ["overlay_draft", "published_overlay"])
def test_the_database_shows_overlays_to_their_owner_alone(service: Service, investor: Party, table: str) -> None:
    publish_overlay(investor)
    stranger = service.organisation("Basil", "investor")
    assert attempt(service, investor.tenant, f"select from {table}") == 1
    assert attempt(service, stranger.tenant, f"select from {table}") == 0


@pytest.mark.parametrize("change", ["delete from published_overlay", "update published_overlay set title = 'X'"])
def test_a_published_overlay_never_changes(service: Service, investor: Party, change: str) -> None:
    publish_overlay(investor)
    with pytest.raises(DBAPIError, match="permission denied"):
        attempt(service, investor.tenant, change)


def test_acts_are_told_in_the_audit_log_without_a_word_of_the_text(investor: Party) -> None:
    path = draft_overlay(investor)
    investor.send("PUT", path, json=overlay_json(**STRICT), headers={"If-Match": "*"})
    made = investor.post(f"{path}:publish").json()
    investor.send("DELETE", path)
    entries: list[dict[str, Any]] = [one["entry"] for one in investor.get("/v1/audit-entries").json()["items"]]
    acts = [one for one in entries if one["action"].startswith("overlay.")]
    assert [one["action"] for one in acts] == [
        "overlay.draft", "overlay.replace", "overlay.publish", "overlay.delete",
    ]  # fmt: skip
    assert acts[2]["after"] == made["digest"]
    assert "Our view" not in json.dumps(entries)


def test_an_organisation_that_leaves_takes_its_drafts_along_and_not_what_it_published(
    service: Service, investor: Party
) -> None:
    draft_overlay(investor)
    publish_overlay(investor)
    asked = {"what": "organisation", "organisation": investor.id, "reason": "We leave."}
    report = {one["place"]: one for one in investor.post("/v1/erasures", asked).json()["report"]}
    assert (report["overlay_draft"]["went"], report["overlay_draft"]["stays"]) == (2, 1)
    assert attempt(service, investor.tenant, "select from overlay_draft") == 0
    assert attempt(service, investor.tenant, "select from published_overlay") == 1
