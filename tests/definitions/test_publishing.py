"""Publishing one's own questionnaires: ids, numbers, refusals, and who reads them."""

from typing import Any

import pytest

from questionnaires import library
from tests.definitions.own import YAML, YAML_TYPE, ask, draft, extension, publish
from tests.service import Party, Service

HTTP_NOT_FOUND = 404


@pytest.fixture
def investor(service: Service) -> Party:
    return service.organisation("Aster", "investor")


def test_a_revision_is_known_by_its_digest_and_by_an_id_of_its_own(investor: Party) -> None:
    made = publish(investor, YAML)
    assert (made["id"], made["revision"]) == (f"own-{investor.id.replace('-', '')[-12:]}-staff-policy", "1")
    for name in (made["digest"], made["id"], f"{made['id']}@1"):
        read = investor.get(f"/v1/questionnaires/{name}")
        assert (read.json()["id"], read.json()["title"]) == (made["id"], "Staff and policy")
        again = investor.get(f"/v1/questionnaires/{name}", headers={"If-None-Match": read.headers["etag"]})
        assert again.status_code == 304
    assert investor.get(f"/v1/questionnaires/{made['id']}@2").status_code == HTTP_NOT_FOUND
    assert [one["digest"] for one in investor.get("/v1/questionnaires?side=own").json()["items"]] == [made["digest"]]


def test_the_next_revision_of_an_id_has_the_next_number(investor: Party) -> None:
    path = draft(investor, YAML)
    first, again = investor.post(f"{path}:publish"), investor.post(f"{path}:publish")
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    changed = YAML.replace("human rights policy", "policy on human rights").encode()
    investor.send("PUT", path, content=changed, headers=YAML_TYPE | {"If-Match": '"1"'})
    second = investor.post(f"{path}:publish")
    assert (second.status_code, second.json()["revision"]) == (201, "2")
    assert investor.get(f"/v1/questionnaires/{first.json()['id']}").json()["revision"] == "2"
    old = investor.get(f"/v1/questionnaires/{first.json()['digest']}").json()
    assert "human rights policy" in old["sections"][0]["questions"][0]["text"]
    # What was read can be the beginning of the next one: its id is its own already.
    third = publish(investor, {**old, "title": "Anew"})
    assert (third["id"], third["revision"]) == (first.json()["id"], "3")


def test_only_the_version_that_was_read_is_published(investor: Party) -> None:
    path = draft(investor, YAML)
    assert investor.post(f"{path}:publish", headers={"If-Match": '"2"'}).status_code == 412
    assert investor.post(f"{path}:publish", headers={"If-Match": '"1"'}).status_code == 201


def test_a_draft_with_errors_is_refused_with_all_of_them(investor: Party) -> None:
    broken = YAML.replace("per: company", "per: planet").replace("    title: Policy\n", "")
    answer = investor.post(f"{draft(investor, broken)}:publish")
    assert answer.status_code == 422
    told = {flaw["pointer"]: flaw["detail"] for flaw in answer.json()["errors"]}
    assert told.keys() == {"/sections/0/title", "/sections/0/questions/0/per"}
    assert told["/sections/0/title"].startswith("Line 7: ")
    assert investor.get("/v1/questionnaires?side=own").json()["items"] == []


def test_a_promise_that_is_not_kept_is_refused(investor: Party) -> None:
    whole = extension()
    whole["sections"][0]["questions"][0]["help"] = "Whatever."
    answer = investor.post(f"{draft(investor, whole)}:publish")
    assert [flaw["code"] for flaw in answer.json()["errors"]] == ["derivation-changed"]
    assert publish(investor, extension(relation="complies_with"))["revision"] == "1"


@pytest.mark.parametrize("id_", ["own-000000000000-x", "a" * 50])
def test_an_id_that_cannot_be_ones_own_is_refused(investor: Party, id_: str) -> None:
    answer = investor.post(f"{draft(investor, YAML.replace('staff-policy', id_))}:publish")
    assert [flaw["code"] for flaw in answer.json()["errors"]] == ["id-not-own"]


def test_a_shipped_id_is_shadowed_by_nobody(investor: Party) -> None:
    made = publish(investor, YAML.replace("staff-policy", "surveillance-hrdd"))
    assert made["id"].startswith("own-")
    newest = max(one.revision for one in library.questionnaires().values())
    assert investor.get("/v1/questionnaires/surveillance-hrdd").json()["revision"] == newest
    assert not any(one.id.startswith("own-") for one in library.questionnaires().values())


def test_the_order_of_choices_is_the_authors(service: Service, investor: Party) -> None:
    choices = {"zebra": "Zebra", "ant": "Ant", "other": "Other"}
    whole = extension()
    whole["sections"][-1]["questions"][0]["fields"]["office"]["choices"] = choices
    made, vendor = publish(investor, whole), service.organisation("Quillmere", "vendor")
    asked = vendor.get(f"/v1/disclosure-requests/{ask(investor, vendor, made['digest'])['id']}").json()
    assert list(asked["definition"]["sections"][-1]["questions"][0]["fields"]["office"]["choices"]) == list(choices)


def test_schemas_are_of_a_whole_document_or_of_a_save(investor: Party) -> None:
    made = publish(investor, YAML)
    whole = investor.get(f"/v1/questionnaires/{made['digest']}/schema").json()
    partial = investor.get(f"/v1/questionnaires/{made['digest']}/schema?partial=true").json()
    kinds = [schema["$defs"]["answer"]["type"] for schema in (whole, partial)]
    assert kinds == [["object"], ["object", "null"]]


def test_nobody_else_reads_it_but_the_vendor_that_is_asked_and_whom_it_shows_the_answers(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    others = [service.organisation("Basil", "investor"), service.organisation("Sorrel", "auditor")]
    made = publish(investor, extension())
    path = f"/v1/questionnaires/{made['digest']}"
    assert {party.get(path).status_code for party in (vendor, *others)} == {HTTP_NOT_FOUND}
    request = ask(investor, vendor, made["digest"])
    assert vendor.get(path).json()["id"] == made["id"]
    assert vendor.get(f"{path}/schema").status_code == 200
    assert vendor.get(f"/v1/questionnaires/{made['id']}").status_code == HTTP_NOT_FOUND
    assert vendor.get("/v1/questionnaires?side=own").json()["items"] == []
    assert {party.get(path).status_code for party in others} == {HTTP_NOT_FOUND}
    sealed = vendor.post(f"/v1/disclosure-requests/{request['id']}/submission:submit", {"name": "Ada", "role": "Head"})
    granted = {"grantee": others[1].id, "purpose": "Audit"}
    grant = vendor.post(f"/v1/submissions/{sealed.json()['submission']}/grants", granted).json()
    assert [party.get(path).status_code for party in others] == [HTTP_NOT_FOUND, 200]
    assert others[1].get(f"/v1/submissions/{sealed.json()['submission']}/scorecard").status_code == 200
    vendor.post(f"/v1/grants/{grant['id']}:revoke")
    assert others[1].get(path).status_code == HTTP_NOT_FOUND


def test_publishing_is_told_in_the_audit_log_by_digest(investor: Party) -> None:
    made = publish(investor, YAML)
    entries = [one["entry"] for one in investor.get("/v1/audit-entries").json()["items"]]
    published = [one for one in entries if one["action"] == "questionnaire.publish"]
    assert [one["after"] for one in published] == [made["digest"]]


def diff(party: Party, old: str, new: str) -> Any:
    return party.get("/v1/questionnaires:diff", params={"old": old, "new": new})


def test_any_two_revisions_that_one_reads_are_compared(service: Service, investor: Party) -> None:
    made = publish(investor, extension())
    told = diff(investor, "surveillance-hrdd@1", made["id"]).json()
    assert (told["old"]["revision"], told["new"]["digest"]) == ("1", made["digest"])
    added = [change for change in told["changes"] if change["kind"] == "added"]
    assert [change["question"] for change in added] == ["XTR-01"]
    assert added[0]["words"] == 'XTR-01: question added, "Which office of yours answers our letters?".'
    assert diff(investor, made["id"], made["digest"]).json()["changes"] == []
    stranger = service.organisation("Basil", "investor")
    assert diff(stranger, "surveillance-hrdd", made["digest"]).status_code == HTTP_NOT_FOUND
    assert diff(stranger, "surveillance-hrdd@1", "surveillance-hrdd@2").status_code == 200


def test_every_kind_of_change_has_a_code_on_the_wire() -> None:
    from typing import get_args

    from api.definitions.schemas import ChangeKind
    from questionnaires.comparison import Kind

    assert set(get_args(ChangeKind)) == {kind.name.lower() for kind in Kind}


def test_a_revision_is_translated_for_display_by_its_owner_alone(service: Service, investor: Party) -> None:
    made, vendor = publish(investor, extension()), service.organisation("Quillmere", "vendor")
    path = f"/v1/questionnaires/{made['digest']}/translations"
    texts = {"/title": {"source": "Our questions", "text": "Unsere Fragen"}}
    stale = {"/title": {"source": "Your questions", "text": "Eure Fragen"}, "/none": texts["/title"]}
    refused = investor.send("PUT", f"{path}/de", json={"texts": stale})
    assert {flaw["pointer"]: flaw["code"] for flaw in refused.json()["errors"]} == {
        "/texts/~1title": "stale",
        "/texts/~1none": "unknown",
    }
    put = investor.send("PUT", f"{path}/de", json={"texts": texts})
    assert (put.status_code, put.json()["definition"]["title"], put.json()["present"]) == (200, "Unsere Fragen", 1)
    assert vendor.get(path).status_code == HTTP_NOT_FOUND
    ask(investor, vendor, made["digest"])
    assert [one["language"] for one in vendor.get(path).json()] == ["de"]
    read = vendor.get(f"{path}/de").json()
    assert (read["questionnaire"], read["direction"], len(read["missing"])) == (
        made["digest"],
        "ltr",
        read["total"] - 1,
    )
    assert vendor.send("PUT", f"{path}/de", json={"texts": texts}).status_code == 403
    assert (
        investor.send("PUT", "/v1/questionnaires/surveillance-hrdd/translations/de", json={"texts": {}}).status_code
        == 403
    )
    assert investor.send("DELETE", f"{path}/de").status_code == 204
    assert vendor.get(f"{path}/de").status_code == HTTP_NOT_FOUND
    assert vendor.get("/v1/questionnaires/surveillance-hrdd/translations").json() == []
