"""What suspends an attestation, who learns why, and that nothing worse is ever undone."""

from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.orm import Session

from api import clock
from api.contexts.loading import store
from api.db.engine import open_engine
from api.db.session import unit_of_work
from api.standing import service as standing
from attestations.record import statement_digest
from attestations.report import Outcome
from attestations.trust import parse
from attestations.verification import verify
from questionnaires import library
from questionnaires.context import Context
from questionnaires.revisions import revision_digest
from tests.databases import TestDatabase
from tests.prepared import Worlds
from tests.quotas.test_order import wait_for_waiting
from tests.reviews.conftest import Reviewing, make_reviewing
from tests.reviews.test_rescoring import run
from tests.service import Party, Service, grade_all, submit_case

VALID = {"value": "valid", "reason": None, "since": None}
CRITERIA = "surveillance-hrdd-criteria@1"


def attest(service: Service, investor: Party, submission: str) -> str:
    """Attest a submission, have the document made, and return the attestation's id."""
    made = investor.post("/v1/attestations", {"submission": submission})
    assert made.status_code == 201, made.text
    service.render()
    id_: str = made.json()["id"]
    return id_


class Attested(NamedTuple):
    """A submission that nobody has reviewed, and its attestation with the document."""

    service: Service
    reviewing: Reviewing
    id: str


def make_attested(service: Service) -> Attested:
    """Attest a submission that nobody has reviewed."""
    reviewing = make_reviewing(service)
    return Attested(service, reviewing, attest(service, reviewing.investor, reviewing.submission))


@pytest.fixture
def sealed(worlds: Worlds, tmp_path: Path) -> Iterator[Attested]:
    with worlds.copied(make_attested, tmp_path / "data") as found:
        yield found


def status(party: Party, id_: str) -> dict[str, Any]:
    """Return how an attestation stands, as one of its readers reads it; the list of them says the same."""
    answer = party.get(f"/v1/attestations/{id_}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["status"]
    return found


def value(party: Party, id_: str) -> str:
    """Return what the status list says, as one of the readers sees it."""
    said: str = status(party, id_)["value"]
    return said


def record_of_attestation(service: Service, party: Party, id_: str) -> bytes:
    """Return the record of an attestation, which is open to everybody, as one of its readers finds it."""
    bundle = party.get(f"/v1/attestations/{id_}/bundle").json()
    statement = statement_digest(b64decode(bundle["envelope"]["payload"]))
    answer = service.client.get(f"/log/records/{statement}")
    assert answer.status_code == 200, answer.text
    return answer.content


def verdict(service: Service, party: Party, id_: str) -> tuple[Outcome, str]:
    """Return the outcome and the code of step 7 for anybody who verifies the document with its record."""
    pdf = party.get(f"/v1/attestations/{id_}.pdf").content
    record = record_of_attestation(service, party, id_)
    trust = parse(service.client.get("/v1/trust.json").content)
    report = verify(pdf, trust, clock.now(), record=record)
    return report.outcome, report.steps[6].reason


def told(party: Party) -> list[str]:
    """Return what the audit log of a party says about its attestations, in order."""
    entries = party.get("/v1/audit-entries?limit=100").json()["items"]
    actions = [entry["entry"]["action"] for entry in entries]
    return [action for action in actions if action.startswith("attestation.")]


def test_an_open_review_suspends_until_it_is_decided(sealed: Attested) -> None:
    reviewing, id_ = sealed.reviewing, sealed.id
    service, investor, vendor = reviewing.service, reviewing.investor, reviewing.vendor
    auditor, stranger = service.organisation("Sorrel", "auditor"), service.organisation("Basil", "investor")
    vendor.post(f"/v1/attestations/{id_}/grants", {"grantee": auditor.id, "purpose": "Audit"})
    assert status(investor, id_) == VALID
    assert verdict(service, investor, id_)[1] == "OK"
    review = reviewing.opened()
    opened = investor.get(f"/v1/reviews/{review}").json()
    for reader in (investor, vendor, auditor):
        seen = status(reader, id_)
        assert (seen["value"], seen["reason"]) == ("suspended", "under_review")
        assert seen["since"] == opened["steps"][0]["decided_at"]
    assert auditor.get("/v1/attestations?side=granted").json()["items"][0]["status"]["reason"] == "under_review"
    assert stranger.get(f"/v1/attestations/{id_}").status_code == 404
    assert verdict(service, investor, id_) == (Outcome.INDETERMINATE, "SUSPENDED")
    reviewing.reply(review)
    assert value(vendor, id_) == "suspended"
    reviewing.decide(review, "dismissed")
    assert status(vendor, id_) == status(auditor, id_) == VALID
    assert verdict(service, investor, id_)[1] == "OK"
    assert told(investor)[-2:] == ["attestation.suspend", "attestation.resume"]


def test_a_reopened_review_suspends_again_and_each_of_two_is_enough(sealed: Attested) -> None:
    reviewing, id_ = sealed.reviewing, sealed.id
    first, second = reviewing.opened(), reviewing.open(red_line="RL-01").json()["id"]
    for review in (first, second):
        reviewing.reply(review)
    reviewing.decide(first, "confirmed")
    assert value(reviewing.vendor, id_) == "suspended"
    reviewing.decide(second, "dismissed")
    assert value(reviewing.vendor, id_) == "valid"
    reviewing.decide(second, "reopened")
    assert value(reviewing.vendor, id_) == "suspended"


def test_settlements_and_refused_acts_suspend_nothing(sealed: Attested) -> None:
    reviewing, id_ = sealed.reviewing, sealed.id
    assert reviewing.open(row="no-such-row").status_code == 422
    reviewing.settle(not_applicable={"question": "GOV-01", "row": None})
    assert value(reviewing.vendor, id_) == "valid"


def test_what_is_attested_under_review_is_suspended_from_its_issue(sealed: Attested) -> None:
    reviewing, before = sealed.reviewing, sealed.id
    investor, service = reviewing.investor, reviewing.service
    review = reviewing.opened()
    after = attest(service, investor, reviewing.submission)
    assert (value(investor, before), value(investor, after)) == ("superseded", "suspended")
    reviewing.reply(review)
    reviewing.decide(review, "dismissed")
    assert (value(investor, before), value(investor, after)) == ("superseded", "valid")


def test_revoked_beats_suspended_whichever_came_first(sealed: Attested) -> None:
    reviewing, id_ = sealed.reviewing, sealed.id
    investor, service = reviewing.investor, reviewing.service
    review = reviewing.opened()
    revoked = investor.post(f"/v1/attestations/{id_}:revoke", {"reason": "issued_in_error"}).json()["status"]
    service.render()
    assert (revoked["value"], revoked["reason"]) == ("revoked", "issued_in_error")
    reviewing.reply(review)
    reviewing.decide(review, "dismissed")
    assert status(investor, id_) == revoked
    reviewing.decide(review, "reopened")
    assert status(investor, id_) == revoked
    assert verdict(service, investor, id_) == (Outcome.FAILED, "REVOKED")


def test_who_attests_while_a_review_is_opened_waits_for_it(reviewing: Reviewing) -> None:
    """A review that is opened at the same moment is not overlooked: both hold the submission."""
    investor, service = reviewing.investor, reviewing.service
    with ThreadPoolExecutor(1) as pool, unit_of_work(service.sessions, investor.tenant) as session:
        standing.hold(session, UUID(reviewing.submission))
        attesting = pool.submit(investor.post, "/v1/attestations", {"submission": reviewing.submission})
        wait_for_waiting(service)
        session.commit()
        made = attesting.result().json()["id"]
    assert value(investor, made) == "valid"
    with ThreadPoolExecutor(2) as pool, unit_of_work(service.sessions, investor.tenant) as session:
        standing.hold(session, UUID(reviewing.submission))
        opening = pool.submit(reviewing.opened)
        wait_for_waiting(service)
        again = pool.submit(investor.post, "/v1/attestations", {"submission": reviewing.submission})
        session.commit()
        assert (opening.result(), again.result().status_code)[1] == 201
    assert {row["status"]["value"] for row in investor.get("/v1/attestations").json()["items"]} == {"suspended"}


def load(database: TestDatabase, revision: str, **area: int) -> str:
    """Load a later exercise snapshot in which every place is as given, as the operator does; return its name."""
    shipped = library.find(library.contexts(), "exercise@2026-11")
    assert isinstance(shipped, Context)
    areas = {code: one.model_copy(update=area) for code, one in shipped.areas.items()}
    made = shipped.model_copy(update={"revision": revision, "areas": areas})
    engine = open_engine(database.owner_url, pool_size=1)
    try:
        with Session(engine) as session:
            store(session, made)
            session.commit()
    finally:
        engine.dispose()
    assert revision_digest(made) != revision_digest(shipped)
    return made.name


@pytest.fixture
def attested(service: Service) -> tuple[Party, Party, str]:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    submission = submit_case(investor, vendor, "f1")["submission"]
    grade_all(investor, submission, "V2")
    return investor, vendor, submission


def test_newer_revisions_that_give_another_band_suspend(
    service: Service, database: TestDatabase, attested: tuple[Party, Party, str]
) -> None:
    investor, vendor, submission = attested
    id_ = attest(service, investor, submission)
    worse, older = (load(database, revision, rank=0, territory=4) for revision in ("2026-12", "2026-10"))
    for context in ("exercise@2026-11", older):
        assert run(service, investor, {"criteria": CRITERIA, "context": context})["scored"] == 1
        assert status(investor, id_) == VALID
    run(service, investor, {"criteria": CRITERIA, "context": worse})
    kept = investor.get("/v1/assessments").json()["items"][0]
    seen = status(vendor, id_)
    assert (seen["value"], seen["reason"]) == ("suspended", "context_changed")
    assert seen["since"] == kept["made_at"]
    assert verdict(service, investor, id_) == (Outcome.INDETERMINATE, "SUSPENDED")
    run(service, investor, {"criteria": CRITERIA, "context": worse})
    assert status(vendor, id_) == seen
    again = attest(service, investor, submission)
    assert (value(investor, id_), status(investor, again)["reason"]) == ("superseded", "context_changed")
    run(service, investor, {"criteria": CRITERIA, "context": load(database, "2027-01", memberships=())})
    assert status(vendor, again) == VALID
    assert told(investor).count("attestation.suspend") == 2
    assert told(investor).count("attestation.resume") == 1


def test_the_database_keeps_a_suspension_as_it_was(sealed: Attested) -> None:
    reviewing = sealed.reviewing
    reviewing.opened()
    table = "attestation_suspension"
    for party, seen in ((reviewing.investor, 1), (reviewing.vendor, 1), (reviewing.service.operator, 0)):
        with unit_of_work(reviewing.service.sessions, party.tenant) as session:
            connection = session.connection()
            assert connection.exec_driver_sql(f"select count(*) from {table}").scalar() == seen
            ended = connection.exec_driver_sql(f"update {table} set ended_at = now()")
            assert ended.rowcount == (1 if party is reviewing.investor else 0)
            assert connection.exec_driver_sql(f"update {table} set ended_at = null").rowcount == 0
    for change in (f"update {table} set reason = 'context_changed'", f"delete from {table}"):
        with (
            unit_of_work(reviewing.service.sessions, reviewing.investor.tenant) as session,
            pytest.raises(Exception, match="permission denied") as refused,
        ):
            session.connection().exec_driver_sql(change)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
