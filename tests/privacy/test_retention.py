"""Retention: exactly what is past its time goes, in batches that may be interrupted, and what is sealed stays."""

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from api import clock
from api.db.session import unit_of_work
from api.evidence.files import open_files
from api.jobs.registry import HANDLERS, PERIODIC
from api.jobs.worker import open_app
from api.privacy import removal, retention
from api.quotas.service import keep_file
from api.settings import Settings
from tests.privacy.conftest import Kept, draft
from tests.service import Party, attach

OLD, NEW = (hashlib.sha256(content).hexdigest() for content in (b"of the old draft", b"of the new draft"))
TABLES = ("submission", "submission_revision", "evidence", "access_record")
EMPTY = {"company": {}, "product": {}, "deployment": {}}


def answers(party: Party, request: str) -> Any:
    """Return a draft's answers."""
    return party.get(f"/v1/disclosure-requests/{request}/submission").json()["answers"]


def told(party: Party) -> list[tuple[str, int]]:
    """Return what the audit log tells of retention: action and count."""
    items = party.get("/v1/audit-entries?limit=100").json()["items"]
    entries = [item["entry"] for item in items]
    return [(e["action"], e["count"]) for e in entries if e["action"].startswith("retention.")]


def test_exactly_what_is_past_its_time_goes(kept: Kept) -> None:
    kept.age(kept.old, 366)
    kept.age(kept.new, 364)
    kept.age(kept.sealed_request, 3651)
    sealed = kept.investor.get(f"/v1/submissions/{kept.sealed}").json()
    before = kept.count("submission_revision"), kept.count("evidence")
    kept.tend(kept.vendor)
    assert answers(kept.vendor, kept.old) == EMPTY
    assert answers(kept.vendor, kept.new)["company"] != {}
    assert (kept.count("submission_revision"), kept.count("evidence")) == (before[0] - 1, before[1] - 1)
    assert kept.files(kept.vendor) == {NEW}
    assert kept.investor.get(f"/v1/submissions/{kept.sealed}").json() == sealed
    (evidence,) = kept.investor.get(f"/v1/submissions/{kept.sealed}/evidence").json()
    assert evidence["file_erased_at"] is not None
    path = f"/v1/submissions/{kept.sealed}/evidence/{evidence['id']}/file"
    assert kept.investor.get(path).status_code == 404
    assert kept.investor.post("/v1/attestations", {"submission": kept.sealed}).status_code == 201
    assert told(kept.vendor) == [("retention.drafts", 1), ("retention.evidence", 1)]


def test_doing_it_again_changes_nothing(kept: Kept) -> None:
    kept.age(kept.old, 366)
    kept.tend(kept.vendor)
    before = told(kept.vendor), answers(kept.vendor, kept.old), kept.count("audit_entry")
    kept.tend(kept.vendor)
    assert (told(kept.vendor), answers(kept.vendor, kept.old), kept.count("audit_entry")) == before


def test_an_emptied_draft_can_be_filled_again(kept: Kept) -> None:
    kept.age(kept.old, 366)
    kept.tend(kept.vendor)
    path = f"/v1/disclosure-requests/{kept.old}/submission"
    assert kept.vendor.patch(path, {"company": {"TRA-02": {"state": "not_known"}}}).status_code == 200
    kept.tend(kept.vendor)
    assert answers(kept.vendor, kept.old)["company"].keys() == {"TRA-02"}  # it is worked on


def test_readings_go_after_their_time_and_others_stay(kept: Kept) -> None:
    kept.investor.get(f"/v1/submissions/{kept.sealed}/evidence")
    kept.turn_back("update access_record set at = %s where what = 'answers'", clock.now() - timedelta(days=1096))
    kept.tend(kept.investor)
    assert kept.count("access_record") == 2  # the reader does not decide
    kept.tend(kept.vendor)
    assert kept.count("access_record", "what = 'evidence'") == kept.count("access_record") == 1


def test_what_has_expired_of_credentials_goes(kept: Kept) -> None:
    for digest, at in (("0" * 64, "now() - interval '1 second'"), ("1" * 64, "now() + interval '1 hour'")):
        kept.turn_back(f"insert into used_assertion values (%s, '{digest}', {at})", kept.vendor.id)
        kept.turn_back(f"insert into revoked_token values (%s, '{digest}', {at})", kept.vendor.id)
    kept.tend(kept.vendor)
    for table in ("used_assertion", "revoked_token"):
        assert kept.count(table, f"digest = '{'1' * 64}'") == kept.count(table) == 1
    assert told(kept.vendor) == [("retention.credentials", 1)] * 2


def test_an_organisation_chooses_within_bounds(kept: Kept) -> None:
    before = kept.vendor.get("/v1/retention").json()
    assert before["drafts"] == {"days": 365, "chosen": False, "least": 30, "most": 1825}
    refused = kept.vendor.send("PUT", "/v1/retention", json={"drafts": 29, "exports": 31, "evidence": 2000})
    assert [flaw["pointer"] for flaw in refused.json()["errors"]] == ["/drafts", "/exports"]
    assert kept.vendor.get("/v1/retention").json() == before
    chosen = kept.vendor.send("PUT", "/v1/retention", json={"drafts": 30}).json()
    assert chosen["drafts"] == {"days": 30, "chosen": True, "least": 30, "most": 1825}
    assert kept.investor.get("/v1/retention").json() == before
    kept.age(kept.old, 31)
    kept.age(kept.new, 29)
    kept.tend(kept.vendor)
    assert answers(kept.vendor, kept.old) == EMPTY
    assert answers(kept.vendor, kept.new) != EMPTY
    assert kept.vendor.send("PUT", "/v1/retention", json={}).json() == before


@pytest.mark.parametrize("died_at", [1, 2, 3])
def test_a_crash_between_batches_loses_nothing_and_repeats_cleanly(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, died_at: int
) -> None:
    monkeypatch.setattr(retention, "DRAFTS_AT_ONCE", 1)
    requests = [kept.old, *(draft(kept.investor, kept.vendor, bytes([n])) for n in range(2))]
    for request in requests:
        kept.age(request, 400)
    calls, real = [0], removal.remove_unnamed

    def die(*arguments: Any) -> int:
        calls[0] += 1
        if calls[0] == died_at:
            raise KeyboardInterrupt  # after the row, before the file
        return real(*arguments)

    monkeypatch.setattr(retention, "remove_unnamed", die)
    with pytest.raises(KeyboardInterrupt):
        kept.tend(kept.vendor)
    emptied = [request for request in requests if answers(kept.vendor, request) == EMPTY]
    assert len(emptied) == died_at
    assert told(kept.vendor) == [("retention.drafts", 1)] * died_at
    kept.tend(kept.vendor)
    assert [answers(kept.vendor, request) for request in requests] == [EMPTY] * 3
    assert told(kept.vendor) == [("retention.drafts", 1)] * 3
    assert len(kept.files(kept.vendor)) == 2  # those that are named: the one whose remover died was still counted


def test_a_file_that_another_row_names_stays(kept: Kept) -> None:
    attach(kept.vendor, kept.new, [{"question": "SCP-01"}], b"of the old draft")
    kept.age(kept.old, 366)
    kept.tend(kept.vendor)
    assert OLD in kept.files(kept.vendor)


def test_the_sweep_takes_what_nothing_names_once_it_is_old(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    files = open_files(kept.service.settings)
    orphan = files.put(kept.vendor.tenant, b"orphan").removeprefix("sha256:")
    stored = kept.files(kept.vendor)
    kept.tend(kept.vendor)
    assert kept.files(kept.vendor) == stored  # its row may be on its way
    monkeypatch.setattr(removal, "GRACE", timedelta(days=-1))
    kept.tend(kept.investor)
    assert kept.files(kept.vendor) == stored
    kept.tend(kept.vendor)
    assert kept.files(kept.vendor) == stored - {orphan}


def test_a_file_that_is_attached_at_this_moment_is_not_removed(kept: Kept) -> None:
    """Attach what an orphan holds already: the remover waits until the row is there."""
    files, sessions = open_files(kept.service.settings), kept.service.sessions
    removed: list[int] = []
    with unit_of_work(sessions, kept.vendor.tenant) as session:
        orphan = keep_file(session, files, kept.vendor.tenant, b"orphan", document=False)
        remover = threading.Thread(
            target=lambda: removed.append(removal.remove_unnamed(sessions, files, kept.vendor.tenant, [orphan]))
        )
        remover.start()
        waiting = text(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        with unit_of_work(sessions, None) as other:
            while not other.scalar(waiting):
                other.rollback()
        kept.turn_back("update evidence set file_digest = %s where file_digest like %s", orphan, f"%{NEW}")
        session.commit()
    remover.join()
    assert removed == [0]
    assert files.get(kept.vendor.tenant, orphan) == b"orphan"


def test_the_nightly_task_gives_each_organisation_a_job(kept: Kept) -> None:
    kept.service.render()
    retention.tend_all(kept.service.sessions, kept.service.settings)
    assert kept.count("procrastinate_jobs", "task_name = 'privacy.tend' and status = 'todo'") == 3
    assert kept.service.render() == 3


def test_the_worker_does_it_every_night(kept: Kept) -> None:
    app = open_app("", Settings(), kept.service.sessions, HANDLERS, PERIODIC)
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["privacy.tend_all"] == "41 2 * * *"
    task: Callable[..., Any] = app.tasks["privacy.tend_all"].func
    task(0)
    assert kept.count("procrastinate_jobs", "task_name = 'privacy.tend'") == 3


@pytest.mark.parametrize(
    "attack",
    [
        "delete from submission",
        "delete from submission_revision where submission_id = '{sealed}'",
        "delete from evidence where submission_id = '{sealed}'",
        "delete from attestation",
        "delete from erasure",
        "update submission set answers = '{{}}' where id = '{sealed}'",
        "update evidence set file_name = 'better.pdf'",
        "update evidence set file_digest = file_digest",
        "update submission_revision set person = 'Eve'",
        "update submission_revision set delta = '{{}}'",
        "update access_record set person = 'Eve'",
        "update grading set grade = 'V4'",
    ],
)
def test_the_serving_role_can_neither_remove_nor_change_what_is_sealed(kept: Kept, attack: str) -> None:
    before = [kept.count(table) for table in TABLES]
    sealed = kept.vendor.get(f"/v1/submissions/{kept.sealed}").json()
    for party in (kept.vendor, kept.investor):
        with unit_of_work(kept.service.sessions, party.tenant) as session:
            with suppress(ProgrammingError, IntegrityError):  # refused by a right, a policy or a trigger
                changed: Any = session.execute(text(attack.format(sealed=kept.sealed)))
                assert changed.rowcount == 0
            session.rollback()
    assert [kept.count(table) for table in TABLES] == before
    assert kept.vendor.get(f"/v1/submissions/{kept.sealed}").json() == sealed
