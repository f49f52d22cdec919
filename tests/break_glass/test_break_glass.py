"""Break-glass: two people, one named thing, hours at most; the owner sees all of it and can end it at once."""

from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api import clock
from api.db.session import unit_of_work
from tests.service import Party, Service, attach, issue, submit_case

REASON = "The vendor reports, in ticket 4711, that its sealed answers show another company's text."
ASKER, APPROVER = {"Enduse-Acting-Person": "Ines%20Okoro"}, {"Enduse-Acting-Person": "Tomas%20Vrba"}
NOWHERE = "01900000-0000-7000-8000-000000000000"


class Case(NamedTuple):
    """A sealed submission, its vendor and investor, and the two clients of the operator."""

    service: Service
    investor: Party
    vendor: Party
    first: Party
    second: Party
    submission: str
    evidence: str

    def ask(self, headers: dict[str, str] = ASKER, **asked: Any) -> httpx.Response:
        """Ask for an access."""
        body = {"organisation": self.vendor.id, "submission": self.submission, "reason": REASON, "minutes": 60}
        return self.first.post("/v1/break-glass-accesses", body | asked, headers=headers)

    def approve(self, access: str, who: Party | None = None, headers: dict[str, str] = APPROVER) -> httpx.Response:
        """Approve an access."""
        return (who or self.second).post(f"/v1/break-glass-accesses/{access}:approve", headers=headers)

    def open(self, **asked: Any) -> str:
        """Ask and approve; return the access."""
        access: str = self.ask(**asked).json()["id"]
        assert self.approve(access).status_code == 200
        return access

    def read(self, access: str, part: str = "submission", headers: dict[str, str] = ASKER) -> httpx.Response:
        """Read under an access."""
        return self.first.get(f"/v1/break-glass-accesses/{access}/{part}", headers=headers)

    def actions(self, who: Party) -> list[str]:
        """Return what a chain tells of break-glass, oldest first."""
        items = who.get("/v1/audit-entries?limit=100").json()["items"]
        return [found for item in items if (found := item["entry"]["action"]).startswith("break_glass")]


@pytest.fixture
def case(service: Service) -> Case:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
    submission = submit_case(investor, vendor, "f5")["submission"]
    evidence = investor.get(f"/v1/submissions/{submission}/evidence").json()[0]["id"]
    first, second = colleague(service, "first"), colleague(service, "second")
    return Case(service, investor, vendor, first, second, submission, evidence)


def colleague(service: Service, name: str) -> Party:
    """Return another client of the operator, made by its first one."""
    made = service.operator.post(f"/v1/organisations/{service.operator.id}/clients", {"name": name}).json()
    return Party(service.client, service.operator.tenant, name, (made["id"], made["secret"]))


def test_two_people_open_what_one_asked_for_and_the_owner_sees_every_step(case: Case) -> None:
    asked = case.ask().json()
    assert (asked["state"], asked["closes_at"]) == ("requested", None)
    assert case.read(asked["id"]).status_code == 409
    approved = case.approve(asked["id"]).json()
    assert (approved["state"], approved["approved_person"]) == ("open", "Tomas Vrba")
    assert (
        case.read(asked["id"]).json()["answers"]
        == case.vendor.get(f"/v1/submissions/{case.submission}").json()["answers"]
    )
    assert case.read(asked["id"], f"evidence/{case.evidence}/file").content == b"evidence"
    (seen,) = case.vendor.get("/v1/break-glass-accesses").json()["items"]
    assert (seen["reason"], seen["requested_person"], seen["operator"]) == (REASON, "Ines Okoro", case.first.id)
    assert [(part["what"], part["times"]) for part in seen["read"]] == [("answers", 1), ("file", 1)]
    steps = ["request", "approve", "read", "read"]
    assert case.actions(case.vendor) == case.actions(case.first) == [f"break_glass.{step}" for step in steps]
    readings = case.vendor.get(f"/v1/submissions/{case.submission}/readings").json()["items"]
    assert {(r["what"], r["person"]) for r in readings if r["reader"] == case.first.id} == {
        ("file", "Ines Okoro"), ("answers", "Ines Okoro"),
    }  # fmt: skip


def test_the_owner_ends_it_and_the_very_next_request_reads_nothing(case: Case) -> None:
    access = case.open()
    assert case.read(access).status_code == 200
    ended = case.vendor.post(f"/v1/break-glass-accesses/{access}:end").json()
    assert (ended["state"], ended["ended_by"]) == ("ended", case.vendor.id)
    assert case.read(access).status_code == 409
    assert case.approve(access).status_code == 409
    assert case.vendor.post(f"/v1/break-glass-accesses/{access}:end").json() == ended
    assert case.actions(case.vendor)[-1] == case.actions(case.first)[-1] == "break_glass.end"


def test_a_request_that_the_owner_ended_is_never_approved(case: Case) -> None:
    access = case.ask().json()["id"]
    case.vendor.post(f"/v1/break-glass-accesses/{access}:end")
    assert case.approve(access).status_code == 409
    assert case.read(access).status_code == 409


def test_it_ends_by_itself(case: Case) -> None:
    access = case.open(minutes=1)
    assert case.read(access).status_code == 200
    with psycopg.connect(case.service.superuser_url) as connection:
        connection.execute("alter table break_glass_access disable trigger guard_break_glass")
        connection.execute("update break_glass_access set approved_at = approved_at - interval '1 minute'")
    assert case.read(access).status_code == 409
    assert visible(case, "submission") == visible(case, "evidence") == 0


def test_a_request_older_than_a_day_is_not_approved(case: Case) -> None:
    access = case.ask().json()["id"]
    with psycopg.connect(case.service.superuser_url) as connection:
        connection.execute("update break_glass_access set requested_at = now() - interval '25 hours'")
    assert case.approve(access).status_code == 409
    assert case.first.get("/v1/break-glass-accesses?side=asked").json()["items"][0]["state"] == "ended"


@pytest.mark.parametrize(
    ("who", "headers"),
    [("first", APPROVER), ("second", ASKER), ("second", {"Enduse-Acting-Person": "INES%20okoro"}), ("made", APPROVER)],
)
def test_nobody_is_two_people(case: Case, who: str, headers: dict[str, str]) -> None:
    access = case.ask().json()["id"]
    assert case.approve(access, by(case, who), headers).status_code == 403
    assert visible(case, "submission") == 0
    assert case.approve(access).status_code == 200


def by(case: Case, who: str) -> Party:
    """Return a client of the operator: the first, the second, or one that the first has made for itself."""
    if who != "made":
        return {"first": case.first, "second": case.second}[who]
    made = case.first.post("/v1/clients", {"name": "made", "scopes": ["break-glass:approve"]}).json()
    return Party(case.service.client, case.first.tenant, "made", (made["id"], made["secret"]))


def test_every_step_of_the_operator_names_a_person(case: Case) -> None:
    assert case.ask(headers={}).status_code == 422
    access = case.ask().json()["id"]
    assert case.approve(access, headers={}).status_code == 422
    assert case.approve(access).status_code == 200
    assert case.read(access, headers={}).status_code == 422
    assert case.first.post(f"/v1/break-glass-accesses/{access}:end").status_code == 422
    assert case.first.post(f"/v1/break-glass-accesses/{access}:end", headers=ASKER).json()["ended_by"] == case.first.id


def test_only_who_asked_reads(case: Case) -> None:
    access = case.open()
    assert case.read(access, headers=APPROVER).status_code == 403
    path = f"/v1/break-glass-accesses/{access}/submission"
    assert case.second.get(path, headers=ASKER).status_code == 403
    assert case.read(access).status_code == 200


def test_a_draft_is_reached_by_nobody_also_once_it_is_sealed(case: Case) -> None:
    request = issue(case.investor, case.vendor)
    assert case.ask(submission=request["submission"]).status_code == 404
    path = f"/v1/disclosure-requests/{request['id']}/submission"
    case.vendor.patch(path, {"company": {"TRA-02": {"state": "not_known"}}})
    evidence = attach(case.vendor, request["id"], [{"question": "TRA-02"}]).json()["id"]
    assert case.ask(submission=request["submission"], evidence=evidence).status_code == 404
    with (
        unit_of_work(case.service.sessions, case.vendor.tenant) as session,
        pytest.raises(IntegrityError, match="not sealed"),
    ):
        session.execute(text(INSERT), {"me": case.vendor.id, "op": case.first.id, "submission": request["submission"]})
    assert case.vendor.get("/v1/break-glass-accesses").json()["items"] == []
    assert case.actions(case.vendor) == case.actions(case.first) == []


INSERT = """insert into break_glass_access (tenant_id, id, operator_id, submission_id, reason, minutes, requested_at,
    requested_by, requested_person)
    values (:me, gen_random_uuid(), :op, :submission, repeat('x', 20), 5, now(), :op, 'x')"""


@pytest.mark.parametrize("named", ["organisation", "submission", "evidence"])
def test_what_is_not_there_is_not_opened(case: Case, named: str) -> None:
    assert case.ask(**{named: NOWHERE}).status_code == 404
    assert case.ask(organisation=case.investor.id).status_code == 404  # it asked, but the submission is not its own


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [({"reason": "x" * 19}, "/reason"), ({"reason": "x" * 2001}, "/reason"), ({"minutes": 241}, "/minutes"),
     ({"minutes": 0}, "/minutes"), ({"reason": " " * 30}, "/reason")],
)  # fmt: skip
def test_an_access_without_a_reason_or_an_end_is_refused(case: Case, asked: dict[str, Any], pointer: str) -> None:
    assert [flaw["pointer"] for flaw in case.ask(**asked).json()["errors"]] == [pointer]


def test_an_access_to_evidence_shows_that_piece_and_no_answer(case: Case) -> None:
    access = case.open(evidence=case.evidence)
    assert case.read(access).status_code == 404
    assert [item["id"] for item in case.read(access, "evidence").json()] == [case.evidence]
    assert case.read(access, f"evidence/{case.evidence}/file").status_code == 200
    assert visible(case, "submission") == 0
    assert visible(case, "evidence") == 1


def visible(case: Case, table: str) -> int:
    """Return how many rows of a table the database shows the operator."""
    with unit_of_work(case.service.sessions, case.first.tenant) as session:
        return int(session.scalar(text(f"select count(*) from {table}")) or 0)


def test_the_database_shows_what_is_opened_nothing_else_and_lets_nothing_be_written(case: Case) -> None:
    submit_case(case.investor, case.vendor, "f5")
    assert visible(case, "submission") == 0
    case.ask()
    assert visible(case, "submission") == 0
    access = case.open()
    assert visible(case, "submission") == visible(case, "evidence") == 1
    assert [visible(case, table) for table in ("submission_revision", "attestation", "disclosure_request")] == [0] * 3
    for change in (
        "update submission set version = version + 1",
        "update submission set answers = '{}'",
        "delete from evidence",
        "update break_glass_access set approved_person = 'Another'",
        "update break_glass_access set approved_at = now() + interval '9 hours'",
        f"""insert into grading select '{case.first.id}', gen_random_uuid(), tenant_id, submission_id, evidence_id,
            question, row_id, 'V2', null, '', now(), null from evidence_about limit 1""",
    ):
        assert changed(case, change) == 0, change
    case.vendor.post(f"/v1/break-glass-accesses/{access}:end")
    assert visible(case, "submission") == visible(case, "evidence") == 0
    assert changed(case, "update break_glass_access set ended_at = null where ended_at is not null") == 0


def changed(case: Case, sql: str) -> int:
    """Return how many rows a statement changes in the operator's name; none where it is refused."""
    with unit_of_work(case.service.sessions, case.first.tenant) as session:
        try:
            found: int = session.execute(text(sql)).rowcount
        except DBAPIError:
            return 0
    return found


def test_the_database_alone_asks_for_two_people(case: Case) -> None:
    case.ask()
    one = "update break_glass_access set approved_at = now(), approved_by = {}, approved_person = {}"
    other = f"'{case.second.credentials[0]}'"
    assert changed(case, one.format("requested_by", "'Tomas Vrba'")) == 0
    assert changed(case, one.format(other, "upper(requested_person)")) == 0
    assert changed(case, one.format(other, "'Tomas Vrba'")) == 1


def test_the_owner_cannot_approve_and_others_see_nothing(case: Case) -> None:
    access = case.ask().json()["id"]
    with (
        unit_of_work(case.service.sessions, case.vendor.tenant) as session,
        pytest.raises(IntegrityError, match="cannot be approved"),
    ):
        session.execute(
            text("update break_glass_access set approved_at = now(), approved_by = :one, approved_person = 'V'"),
            {"one": case.vendor.credentials[0]},
        )
    assert case.investor.get("/v1/break-glass-accesses").status_code == 403
    stranger = case.service.organisation("Tarnbrook", "vendor")
    assert stranger.get("/v1/break-glass-accesses").json()["items"] == []
    assert stranger.post(f"/v1/break-glass-accesses/{access}:end").status_code == 404


def test_an_access_opens_nothing_to_another_operator(case: Case) -> None:
    access = case.open()
    with unit_of_work(case.service.sessions, case.investor.tenant) as session:
        assert session.scalar(text("select count(*) from break_glass_access")) == 0
    assert case.second.get("/v1/break-glass-accesses?side=asked").json()["items"][0]["id"] == access


def test_the_owner_is_told_of_what_is_new_alone(case: Case) -> None:
    access = case.open()
    with psycopg.connect(case.service.superuser_url) as connection:
        connection.execute("alter table break_glass_access disable trigger guard_break_glass")
        earlier = "requested_at = now() - interval '2 hours', approved_at = now() - interval '1 hour', minutes = 90"
        connection.execute(f"update break_glass_access set {earlier}".encode())
    moment = (clock.now() - timedelta(minutes=5)).isoformat()
    path = "/v1/break-glass-accesses"
    assert case.vendor.get(path, params={"since": moment}).json()["items"] == []
    assert case.read(access).status_code == 200
    (news,) = case.vendor.get(path, params={"since": moment}).json()["items"]
    assert case.vendor.get(path, params={"since": news["changed_at"]}).json()["items"] == [news]
