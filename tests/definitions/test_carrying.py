"""Carrying answers over HTTP: from any own submission into the draft of another request."""

from typing import Any, NamedTuple

import pytest

from tests.definitions.own import ask, extension, publish
from tests.service import DECLARATION, Party, Service, issue, read_case, submit_case


class Parties(NamedTuple):
    investor: Party
    vendor: Party


@pytest.fixture
def parties(service: Service) -> Parties:
    return Parties(service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor"))


def path_of(request: Any) -> str:
    return f"/v1/disclosure-requests/{request['id']}/submission"


def carry(vendor: Party, request: Any, submission: str, **more: Any) -> Any:
    return vendor.post(f"{path_of(request)}:carry", {"submission": submission, **more})


def counted(report: dict[str, Any], *parts: str) -> list[int]:
    return [sum(len(one["rows"]) or 1 for one in report[part]) for part in parts]


def count(document: dict[str, Any]) -> int:
    rows = [row for group in ("product", "deployment") for row in document[group].values()]
    return len(document["company"]) + sum(len(row["answers"]) for row in rows)


def test_answers_to_the_same_revision_survive_as_they_are(parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    request, whole = issue(parties.investor, parties.vendor), read_case("f1")["document"]
    answer = carry(parties.vendor, request, sealed["submission"])
    assert (answer.status_code, answer.headers["etag"], answer.json()["version"]) == (200, '"1"', 1)
    report = answer.json()
    assert counted(report, "survives", "to_confirm", "present", "lost") == [count(whole), 0, 0, 0]
    stored = parties.vendor.get(path_of(request)).json()
    source = parties.vendor.get(f"/v1/submissions/{sealed['submission']}").json()
    assert stored["answers"] == source["answers"]
    assert parties.vendor.post(f"{path_of(request)}:submit", DECLARATION).status_code == 200


def test_what_the_draft_says_stays_unless_it_is_asked_for(parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    request, said = issue(parties.investor, parties.vendor), {"GOV-01": {"state": "not_known"}}
    parties.vendor.patch(path_of(request), {"company": said})
    report = carry(parties.vendor, request, sealed["submission"]).json()
    assert [one["question"] for one in report["present"]] == ["GOV-01"]
    stored = parties.vendor.get(path_of(request)).json()["answers"]["company"]
    assert stored["GOV-01"]["state"] == "not_known"
    again = carry(parties.vendor, request, sealed["submission"], overwrite=True).json()
    assert again["present"] == []
    stored = parties.vendor.get(path_of(request)).json()["answers"]["company"]
    assert stored["GOV-01"]["state"] == "answered"


def test_the_rows_of_the_draft_are_nobody_elses(parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    request = issue(parties.investor, parties.vendor)
    whole = read_case("f1")["document"]
    other = {"name": f"not {whole['product']['p1']['name']}", "answers": {}}
    parties.vendor.patch(path_of(request), {"product": {"p1": other}})
    report = carry(parties.vendor, request, sealed["submission"], overwrite=True).json()
    lost = {one["group"]: one["question"] for one in report["lost"]}
    assert lost.keys() == {"company", "product", "deployment"}
    assert lost["company"] == "OWN-05", "it counts units of a product that is another one here"
    stored = parties.vendor.get(path_of(request)).json()["answers"]
    assert stored["product"]["p1"] == other
    assert stored["product"].keys() == whole["product"].keys()
    kept = {row for row, content in whole["deployment"].items() if content["product"] != "p1"}
    assert stored["deployment"].keys() == kept


def test_a_changed_question_waits_for_the_vendors_word(parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    request = ask(parties.investor, parties.vendor, "surveillance-hrdd@2")
    report = carry(parties.vendor, request, sealed["submission"]).json()
    assert counted(report, "survives", "to_confirm", "present", "lost") == [8, 127, 0, 0]
    assert all(one["reasons"] for one in report["to_confirm"])
    path = path_of(request)
    waiting = parties.vendor.get(path).json()["to_confirm"]
    assert sum(len(one["rows"]) or 1 for one in waiting) == 127
    refused = parties.vendor.post(f"{path}:submit", DECLARATION)
    assert {flaw["code"] for flaw in refused.json()["errors"]} == {"unconfirmed"}
    assert len(refused.json()["errors"]) == 127
    assert "/company/GOV-01" in {flaw["pointer"] for flaw in refused.json()["errors"]}
    answers = parties.vendor.get(path).json()["answers"]
    assert parties.vendor.patch(path, {"company": {"GOV-01": answers["company"]["GOV-01"]}}).status_code == 200
    assert "GOV-01" not in {one["question"] for one in parties.vendor.get(path).json()["to_confirm"]}
    parties.vendor.patch(path, answers)
    assert parties.vendor.get(path).json()["to_confirm"] == []
    assert parties.vendor.post(f"{path}:submit", DECLARATION).status_code == 200


def test_taking_an_answer_or_a_row_back_settles_it_too(parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    request = ask(parties.investor, parties.vendor, "surveillance-hrdd@2")
    carry(parties.vendor, request, sealed["submission"])
    rows = parties.vendor.get(path_of(request)).json()["answers"]
    gone = {"company": {"GOV-01": None}, "deployment": dict.fromkeys(rows["deployment"])}
    assert parties.vendor.patch(path_of(request), gone).status_code == 200
    waiting = parties.vendor.get(path_of(request)).json()["to_confirm"]
    assert "GOV-01" not in {one["question"] for one in waiting}
    assert not {row for one in waiting for row in one["rows"]} & rows["deployment"].keys()


def test_what_waits_in_one_draft_waits_in_the_next(parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    first, second = (ask(parties.investor, parties.vendor, "surveillance-hrdd@2") for _ in range(2))
    carry(parties.vendor, first, sealed["submission"])
    report = carry(parties.vendor, second, first["submission"]).json()
    assert counted(report, "survives", "to_confirm") == [8, 127]


def test_answers_to_an_own_questionnaire_are_lost_where_it_is_not_asked(parties: Parties) -> None:
    own = publish(parties.investor, extension())["digest"]
    asked = ask(parties.investor, parties.vendor, own)
    extra = {"XTR-01": {"state": "answered", "value": {"office": "legal"}}}
    parties.vendor.patch(path_of(asked), {"company": {"SCP-01": {"state": "not_known"}, **extra}})
    plain = issue(parties.investor, parties.vendor)
    report = carry(parties.vendor, plain, asked["submission"]).json()
    assert counted(report, "survives", "lost") == [1, 1]
    assert report["lost"][0] == {
        "group": "company",
        "question": "XTR-01",
        "rows": [],
        "reasons": ["The question is gone."],
    }


def test_what_the_draft_rules_out_is_lost_and_the_rest_put(parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    request = issue(parties.investor, parties.vendor)
    no_policy = {"GOV-01": {"state": "answered", "value": {"policy": "no", "public": "no"}}}
    saved = parties.vendor.patch(path_of(request), {"company": no_policy})
    assert saved.status_code == 200, saved.text
    report = carry(parties.vendor, request, sealed["submission"]).json()
    lost = {one["question"]: one["reasons"] for one in report["lost"]}
    assert list(lost) == ["GOV-02"]
    assert "not asked" in lost["GOV-02"][0]


def test_what_cannot_be_carried_from_is_refused_and_nothing_changes(service: Service, parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    stranger = service.organisation("Tarnbrook", "vendor")
    request, foreign = issue(parties.investor, parties.vendor), issue(parties.investor, stranger)
    for vendor, into, source in (
        (parties.vendor, request, foreign["submission"]),
        (parties.vendor, request, request["submission"]),
        (stranger, foreign, sealed["submission"]),
    ):
        answer = carry(vendor, into, source)
        assert [flaw["code"] for flaw in answer.json()["errors"]] == ["unknown_submission"]
        assert vendor.get(path_of(into)).json()["version"] == 0
    body = {"submission": sealed["submission"]}
    late = parties.vendor.post(f"{path_of(request)}:carry", body, headers={"If-Match": '"7"'})
    assert late.status_code == 412
    assert carry(parties.vendor, {"id": sealed["request"]}, request["submission"]).status_code == 409
    assert carry(parties.investor, request, sealed["submission"]).status_code == 403


def test_it_is_one_save_told_in_the_audit_log(parties: Parties) -> None:
    sealed = submit_case(parties.investor, parties.vendor, "f1")
    request = issue(parties.investor, parties.vendor)
    carry(parties.vendor, request, sealed["submission"])
    again = carry(parties.vendor, request, sealed["submission"]).json()
    assert again["version"] == 1, "nothing was left to put"
    items = parties.vendor.get("/v1/audit-entries").json()["items"]
    told = [one["entry"] for one in items if one["entry"]["action"] == "answers.carry"]
    assert [one["object"] for one in told] == [request["submission"]]
