"""Drafts of an investor's own questionnaires: written, replaced, linted, deleted."""

import json
from typing import Any

import pytest

from api.drafts.written import LARGEST_DRAFT
from tests.definitions.own import DRAFTS, YAML, YAML_TYPE, draft, extension
from tests.service import Party, Service


@pytest.fixture
def investor(service: Service) -> Party:
    return service.organisation("Aster", "investor")


def test_a_draft_is_returned_as_it_was_written(investor: Party) -> None:
    path = draft(investor, YAML)
    answer = investor.get(path)
    assert (answer.text, answer.headers["content-type"], answer.headers["etag"]) == (YAML, "application/yaml", '"1"')
    whole = extension()
    assert investor.get(draft(investor, whole)).json() == whole


def test_drafts_are_listed_by_their_titles_newest_first(investor: Party) -> None:
    draft(investor, YAML)
    draft(investor, {"id": "unfinished"})
    assert [item["title"] for item in investor.get(DRAFTS).json()["items"]] == ["", "Staff and policy"]
    page = investor.get(f"{DRAFTS}?limit=1").json()
    rest = investor.get(f"{DRAFTS}?limit=1&after={page['next']}").json()
    assert (page["items"][0]["title"], rest["items"][0]["title"], rest["next"]) == ("", "Staff and policy", None)


def test_replacing_names_the_version_that_is_replaced(investor: Party) -> None:
    path, text = draft(investor, YAML), YAML.replace("Staff and policy", "Policy").encode()
    blind = investor.send("PUT", path, content=text, headers=YAML_TYPE)
    assert (blind.status_code, blind.json()["type"]) == (428, "urn:enduse:problem:unconditional")
    replaced = investor.send("PUT", path, content=text, headers=YAML_TYPE | {"If-Match": '"1"'})
    assert (replaced.status_code, replaced.headers["etag"]) == (200, '"2"')
    late = investor.send("PUT", path, content=YAML.encode(), headers=YAML_TYPE | {"If-Match": '"1"'})
    assert late.status_code == 412
    assert investor.get(path).content == text


def test_a_deleted_draft_is_gone(investor: Party) -> None:
    path = draft(investor, YAML)
    assert investor.send("DELETE", path).status_code == 204
    assert investor.get(path).status_code == investor.send("DELETE", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"a: [", "application/yaml", 422),
        (b'a: "\\0"', "application/yaml", 422),
        (b'a: "\\ud800"', "application/yaml", 422),
        (b"", "application/yaml", 422),
        (b"\xff", "application/yaml", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b'{"a": "\\u0000"}', "application/json", 422),
        (b'{"a": "\\ud800"}', "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "application/json", 422),
        (b"a: b", "text/plain", 415),
        (b"#" * (LARGEST_DRAFT + 1), "application/yaml", 413),
    ],
    ids=["yaml", "nul", "surrogate", "empty", "utf-8", "twice", "json-nul", "json-surrogate", "null", "deep", "type",
         "large"],
)  # fmt: skip
def test_what_cannot_be_read_or_kept_is_refused(investor: Party, body: bytes, media_type: str, status: int) -> None:
    answer = investor.send("POST", DRAFTS, content=body, headers={"Content-Type": media_type})
    assert answer.status_code == status
    assert investor.get(DRAFTS).json()["items"] == []


def codes(answer: Any) -> dict[str, Any]:
    return {found["code"]: found for found in answer.json()["findings"]}


def test_findings_have_their_places(investor: Party) -> None:
    path = draft(investor, YAML.replace("per: company", "per: planet").replace("    title: Policy\n", ""))
    answer = investor.post(f"{path}:lint")
    found = codes(answer)
    assert (answer.json()["errors"], answer.json()["version"]) == (2, 1)
    assert (found["missing-key"]["pointer"], found["missing-key"]["line"]) == ("/sections/0/title", 7)
    assert found["wrong-form"]["pointer"] == "/sections/0/questions/0/per"
    assert investor.post(f"{draft(investor, YAML)}:lint").json()["errors"] == 0


def test_an_extension_is_linted_with_the_criteria_that_score_it(investor: Party) -> None:
    whole = extension()
    assert investor.post(f"{draft(investor, whole)}:lint").json()["errors"] == 0
    whole["sections"][0]["questions"][0]["text"] = "Who answers?"
    del whole["sections"][3]
    found = codes(investor.post(f"{draft(investor, whole)}:lint"))
    assert {"derivation-changed", "derivation-missing-question", "rule-reads-nothing"} <= found.keys()
    assert found["derivation-changed"]["pointer"] == "/sections/0/questions/0/text"


def test_a_base_that_nobody_knows_is_found(investor: Party) -> None:
    whole = extension(derived_from={"digest": "sha256:" + "0" * 64, "relation": "extends"})
    assert codes(investor.post(f"{draft(investor, whole)}:lint"))["unknown-base"]["pointer"] == "/derived_from/digest"


def test_a_key_that_stands_twice_is_found(investor: Party) -> None:
    found = codes(investor.post(f"{draft(investor, YAML + 'title: Another' + chr(10))}:lint"))
    assert (found["duplicate-key"]["severity"], found["duplicate-key"]["line"]) == ("error", 21)


def test_writing_is_told_in_the_audit_log_without_a_word_of_the_text(investor: Party) -> None:
    path = draft(investor, YAML)
    investor.send("PUT", path, content=YAML.encode(), headers=YAML_TYPE | {"If-Match": "*"})
    investor.send("DELETE", path)
    entries = investor.get("/v1/audit-entries").json()["items"]
    acts = [one["entry"]["action"] for one in entries if one["entry"]["action"].startswith("questionnaire.")]
    assert acts == ["questionnaire.draft", "questionnaire.replace", "questionnaire.delete"]
    assert "Staff" not in json.dumps(entries)
