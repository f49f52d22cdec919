"""Locks are taken in one order: who waits for the count of an organisation's use holds nothing that others need."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from api.audit.service import record
from api.db.session import unit_of_work
from api.evidence.files import open_files
from api.quotas.service import keep_file
from tests.service import Party, Service, due, issue, submit_case

WAITING = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")


def wait_for_waiting(service: Service) -> None:
    """Return as soon as somebody waits for a lock."""
    with unit_of_work(service.sessions, None) as session:
        while not session.scalar(WAITING):
            session.rollback()


def test_who_issues_waits_for_a_document_that_is_being_kept_and_it_not_for_them(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    asked = {"respondent": vendor.id, "context": "exercise", "due_on": due()}
    files = open_files(service.settings)
    with ThreadPoolExecutor(1) as pool, unit_of_work(service.sessions, investor.tenant) as session:
        keep_file(session, files, investor.tenant, b"document", document=True)
        issuing = pool.submit(investor.post, "/v1/disclosure-requests", asked)
        wait_for_waiting(service)
        record(session, None, "attestation.render", investor.tenant)
        session.commit()
        assert issuing.result().status_code == 201


def test_sealing_attaching_and_leaving_at_once_all_end(service: Service) -> None:
    investors = [service.organisation(name, "investor") for name in ("Aster", "Basil")]
    vendors = [service.organisation(name, "vendor") for name in ("Quillmere", "Tarnbrook", "Lindisvale")]
    for vendor in vendors:
        for investor in investors:
            issue(investor, vendor)

    def act(number: int) -> int:
        vendor = vendors[number % 3]
        if number < 3:
            submit_case(investors[number % 2], vendor, "f5")
            return 201
        return leave(vendor)

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(act, range(3))) == [201] * 3
        assert list(pool.map(act, range(3, 6))) == [201] * 3
    for investor in investors:
        assert investor.get("/v1/usage").json()["open_requests"]["used"] == 0


def leave(party: Party) -> int:
    """Erase an organisation; return the status."""
    asked = {"what": "organisation", "organisation": party.id, "reason": "We leave"}
    return party.post("/v1/erasures", asked).status_code
