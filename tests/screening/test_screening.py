"""A screening gives candidates; a person decides; the vendor sees what was confirmed about it, and nothing else."""

import json
from typing import Any

import psycopg
import pytest

from api.screening.running import run
from tests.databases import TestDatabase
from tests.screening.conftest import LISTED, PERSON, REASON, Sealed, candidates, screen, seal
from tests.screening.loading import HEAD, load

NOWHERE = "01900000-0000-7000-8000-000000000000"


def decide(sealed: Sealed, candidate: dict[str, Any], verb: str, **options: Any) -> Any:
    path = f"/v1/screenings/{candidate['screening']}/candidates/{candidate['id']}:{verb}"
    return sealed.investor.post(path, REASON, **options)


def test_the_candidates_name_score_list_date_record_and_answer(sealed: Sealed) -> None:
    done = screen(sealed.investor, sealed)
    assert (done["state"], done["failure"], done["matcher"], done["names"]) == ("done", None, "enduse-names/1", 3)
    (used,) = done["lists"]
    assert (used["code"], used["dated"], used["source"]) == ("XX_TEST", "2026-11-20", "loaded")
    first, second = candidates(sealed.investor, done)
    assert (first["record"], first["score"], first["question"], first["row"]) == ("R-2", 10000, "SCP-01", None)
    told = second.items()
    assert told >= {
        "record": "R-1", "matched": "Shanghai Public Security Bureau", "name": "Shangai Public Securty Bureau",
        "question": "BUY-01", "field": "end_user", "list": "XX_TEST", "list_dated": "2026-11-20", "state": "open",
    }.items()  # fmt: skip
    assert second["score"] == 9285
    assert second["row"]


def test_another_script_is_found_and_a_neighbour_is_not(sealed: Sealed) -> None:
    for end_user, found in (("上海市公安局", 1), ("Shanghai Public Transport Bureau", 0), ("上海市交通局", 0)):
        other = sealed._replace(submission=seal(sealed.investor, sealed.vendor, end_user))
        assert len(candidates(sealed.investor, screen(sealed.investor, other))) == found


def test_it_is_the_same_each_time_and_belongs_to_who_asked(sealed: Sealed) -> None:
    seen = []
    for party in (sealed.investor, sealed.investor, sealed.vendor):
        found = candidates(party, screen(party, sealed))
        seen.append([{key: one[key] for key in one.keys() - {"id", "screening"}} for one in found])
    assert seen[0] == seen[1] == seen[2]
    path = f"/v1/submissions/{sealed.submission}/screenings"
    listed = [party.get(path).json()["items"] for party in (sealed.investor, sealed.vendor)]
    assert [len(items) for items in listed] == [2, 1]
    theirs = listed[0][0]["id"]
    assert sealed.vendor.get(f"/v1/screenings/{theirs}").status_code == 404
    assert sealed.vendor.get(f"/v1/screenings/{theirs}/candidates").status_code == 404


def test_a_person_decides_once_with_a_reason(sealed: Sealed) -> None:
    first, second = candidates(sealed.investor, screen(sealed.investor, sealed))
    nobody = decide(sealed, first, "confirm")
    assert (nobody.status_code, nobody.json()["detail"]) == (
        422, "A person decides: name them in the header Enduse-Acting-Person."
    )  # fmt: skip
    path = f"/v1/screenings/{first['screening']}/candidates/{first['id']}:confirm"
    assert sealed.investor.post(path, {"reason": "short"}, headers=PERSON).status_code == 422
    assert [one["state"] for one in candidates(sealed.investor, {"id": first["screening"]})] == ["open", "open"]
    confirmed = decide(sealed, first, "confirm", headers=PERSON).json()
    assert (confirmed["state"], confirmed["reason"]) == ("confirmed", REASON["reason"])
    assert decide(sealed, second, "dismiss", headers=PERSON).json()["state"] == "dismissed"
    for verb in ("confirm", "dismiss"):
        assert decide(sealed, first, verb, headers=PERSON).status_code == 409
    assert decide(sealed, {**first, "id": NOWHERE}, "confirm", headers=PERSON).status_code == 404


def test_the_vendor_sees_what_was_confirmed_and_nothing_else(sealed: Sealed) -> None:
    first, second = candidates(sealed.investor, screen(sealed.investor, sealed))
    path = f"/v1/submissions/{sealed.submission}/confirmed-candidates"
    assert sealed.vendor.get(path).json()["items"] == []
    decide(sealed, first, "confirm", headers=PERSON)
    decide(sealed, second, "dismiss", headers=PERSON)
    (seen,) = sealed.vendor.get(path).json()["items"]
    assert (seen["id"], seen["state"], seen["reason"]) == (first["id"], "confirmed", REASON["reason"])
    assert sealed.investor.get(path).status_code == 404
    with psycopg.connect(sealed.service.superuser_url) as connection:
        connection.execute("set role enduse_app")
        connection.execute("select set_config('app.tenant', %s, true)", (sealed.vendor.id,))
        assert connection.execute("select state from screening_candidate").fetchall() == [("confirmed",)]
        assert connection.execute("select id from screening").fetchall() == []
        changed = connection.execute("update screening_candidate set reason = 'x' returning id").fetchall()
    assert changed == []


def test_the_database_keeps_a_decision(sealed: Sealed) -> None:
    first, _ = candidates(sealed.investor, screen(sealed.investor, sealed))
    decide(sealed, first, "confirm", headers=PERSON)
    with psycopg.connect(sealed.service.superuser_url) as connection:
        connection.execute("set role enduse_app")
        connection.execute("select set_config('app.tenant', %s, true)", (sealed.investor.id,))
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("update screening_candidate set state = 'dismissed' where id = %s", (first["id"],))


def test_a_draft_and_a_stranger_are_not_screened(sealed: Sealed) -> None:
    from tests.service import issue

    draft = issue(sealed.investor, sealed.vendor)["submission"]
    other = sealed.service.organisation("Basil", "investor", "vendor")
    for party, submission in ((sealed.investor, draft), (sealed.vendor, draft), (other, sealed.submission)):
        assert party.post(f"/v1/submissions/{submission}/screenings", {}).status_code == 404


def test_without_any_list_it_is_told_and_nothing_found(sealed: Sealed, database: TestDatabase) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("delete from screening_list")
    done = screen(sealed.investor, sealed)
    assert (done["state"], done["failure"], done["lists"]) == ("failed", "no_lists", [])
    assert candidates(sealed.investor, done) == []


def test_a_second_run_changes_nothing(sealed: Sealed) -> None:
    from uuid import UUID

    done = screen(sealed.investor, sealed)
    before = candidates(sealed.investor, done)
    ids = {"tenant": sealed.investor.tenant, "screening": UUID(done["id"])}
    run(sealed.service.sessions, sealed.service.settings, **ids)
    assert candidates(sealed.investor, done) == before
    assert sealed.investor.get(f"/v1/screenings/{done['id']}").json() == done


def test_a_newer_list_takes_the_place_of_the_older_and_candidates_keep_their_date(
    sealed: Sealed, database: TestDatabase
) -> None:
    old = screen(sealed.investor, sealed)
    load(database, HEAD + LISTED.splitlines(keepends=True)[1].replace("11-20", "11-24"))
    (listed,) = sealed.vendor.get("/v1/screening-lists").json()
    assert (listed["dated"], listed["records"], listed["licence"]) == ("2026-11-24", 1, "CC0")
    assert [one["record"] for one in candidates(sealed.investor, screen(sealed.investor, sealed))] == ["R-2"]
    assert {one["list_dated"] for one in candidates(sealed.investor, old)} == {"2026-11-20"}
    from api.screening.reading import ListError

    with pytest.raises(ListError) as caught:
        load(database, HEAD + LISTED)
    assert caught.value.mistakes == ["XX_TEST: the loaded list is of 2026-11-24, which is newer"]
    assert sealed.vendor.get("/v1/screening-lists").json() == [listed]


def test_the_audit_chain_tells_every_step_and_no_name(sealed: Sealed) -> None:
    first, _ = candidates(sealed.investor, screen(sealed.investor, sealed))
    decide(sealed, first, "confirm", headers=PERSON)
    entries = sealed.investor.get("/v1/audit-entries").json()["items"]
    told = [json.loads(entry["entry"])["action"] if isinstance(entry.get("entry"), str) else entry for entry in entries]
    text = json.dumps(entries)
    for action in ("screening.ask", "screening.done", "screening.confirm"):
        assert action in text
    assert told
    assert "Bureau" not in text
    assert "Tarn" not in text


def test_an_erased_person_goes_and_the_decision_stays(sealed: Sealed) -> None:
    first, _ = candidates(sealed.investor, screen(sealed.investor, sealed))
    decide(sealed, first, "confirm", headers=PERSON)
    erased = sealed.investor.post("/v1/erasures", {"what": "person", "person": "Ines Okoro", "reason": "Left"})
    assert erased.status_code == 201
    with psycopg.connect(sealed.service.superuser_url) as connection:
        row = connection.execute("select state, decided_by from screening_candidate where decided_at is not null")
        assert row.fetchall() == [("confirmed", None)]
