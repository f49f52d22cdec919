"""Two parties with a draft that is overdue, one that is not, and a sealed submission; and a way to turn back time."""

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from api import clock
from api.privacy.retention import tend
from tests.service import Party, Service, attach, issue, submit_case

ANSWER = {"SCP-01": {"state": "answered", "value": {"entities": "Ada Verrin and sons"}}}


class Kept(NamedTuple):
    """What is kept."""

    service: Service
    investor: Party
    vendor: Party
    old: str
    """The overdue draft's request."""
    new: str
    sealed: str
    """The sealed submission."""
    sealed_request: str

    def turn_back(self, statement: str, *values: Any) -> None:
        """Change rows as no role of the service could."""
        with psycopg.connect(self.service.superuser_url) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(statement.encode(), values)

    def age(self, request: str, days: int) -> None:
        """Make a request due, and its draft last saved, so many days ago."""
        past = clock.now() - timedelta(days=days)
        self.turn_back("update disclosure_request set due_on = %s where id = %s", past.date(), request)
        self.turn_back("update submission set saved_at = %s where request_id = %s", past, request)

    def count(self, table: str, where: str = "true") -> int:
        """Return how many rows there are, whoever's."""
        with psycopg.connect(self.service.superuser_url) as connection:
            row = connection.execute(f"select count(*) from {table} where {where}".encode()).fetchone()
        assert row is not None
        return int(row[0])

    def files(self, party: Party) -> set[str]:
        """Return the names of a tenant's stored files."""
        folder: Path = self.service.settings.data_folder / "files" / party.id
        return {file.name for file in folder.rglob("*") if file.is_file()}

    def tend(self, party: Party) -> None:
        """Do the nightly job of one organisation."""
        tend(self.service.sessions, self.service.settings, tenant=party.tenant)


def draft(investor: Party, vendor: Party, content: bytes) -> str:
    """Issue a request, save an answer in its draft and attach a file; return the request's id."""
    request: str = issue(investor, vendor)["id"]
    person = {"Enduse-Acting-Person": "Ada%20Verrin"}
    saved = vendor.patch(f"/v1/disclosure-requests/{request}/submission", {"company": ANSWER}, headers=person)
    assert saved.status_code == 200
    assert attach(vendor, request, [{"question": "SCP-01"}], content).status_code == 201
    return request


@pytest.fixture
def kept(service: Service) -> Kept:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    old, new = draft(investor, vendor, b"of the old draft"), draft(investor, vendor, b"of the new draft")
    submitted = submit_case(investor, vendor, "f5")
    investor.get(f"/v1/submissions/{submitted['submission']}", headers={"Enduse-Acting-Person": "Ida%20Marr"})
    return Kept(service, investor, vendor, old, new, submitted["submission"], submitted["request"])
