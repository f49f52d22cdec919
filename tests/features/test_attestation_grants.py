"""Grants of attestations: whom the vendor lets read one, until when, and that it sees every reading."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import text

from api import clock
from api.db.session import unit_of_work
from tests.databases import TestDatabase
from tests.prepared import Worlds
from tests.service import Party, Service, grade_all, serving, submit_case

PARTS = ("", ".pdf", "/bundle")


class Attested(NamedTuple):
    """Two attestations of one submission, rendered, with their parties and somebody who has no part in them."""

    service: Service
    investor: Party
    vendor: Party
    auditor: Party
    submission: str
    id: str
    other: str

    def grant(self, **asked: Any) -> Any:
        """Grant the first attestation to the auditor and return the answer."""
        body = {"grantee": self.auditor.id, "purpose": "Assurance", **asked}
        return self.vendor.post(f"/v1/attestations/{self.id}/grants", body)

    def reads(self, id_: str, who: Party | None = None) -> set[int]:
        """Return the codes with which the parts of an attestation are answered."""
        return {(who or self.auditor).get(f"/v1/attestations/{id_}{part}").status_code for part in PARTS}


@pytest.fixture
def attested(worlds: Worlds, tmp_path: Path) -> Iterator[Attested]:
    with worlds.copied(attest_twice, tmp_path / "data") as found:
        yield found


def attest_twice(service: Service) -> Attested:
    """Return two attestations of one submission."""
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
    submission = submit_case(investor, vendor, "f5")["submission"]
    made = []
    for grade in ("V1", "V2"):
        grade_all(investor, submission, grade)
        made.append(investor.post("/v1/attestations", {"submission": submission}).json()["id"])
        service.render()
    return Attested(service, investor, vendor, service.organisation("Sorrel", "auditor"), submission, *made)


def test_a_granted_attestation_is_read_whole_and_no_other_of_the_submission(attested: Attested) -> None:
    assert attested.reads(attested.id) == {404}
    made = attested.grant()
    assert made.status_code == 201
    grant = made.json()
    assert (grant["level"], grant["attestation"], grant["made_by"]) == ("published", attested.id, "vendor")
    assert attested.reads(attested.id) == {200}
    path = f"/v1/attestations/{attested.id}"
    for part in PARTS[1:]:
        assert attested.auditor.get(f"{path}{part}").content == attested.investor.get(f"{path}{part}").content
    seen, whole = attested.auditor.get(path).json(), attested.investor.get(path).json()
    assert (whole["status"]["value"], seen["status"].pop("since")) == ("superseded", None)  # the newer one is not shown
    assert whole["status"].pop("since") is not None
    assert seen == whole
    assert attested.reads(attested.other) == {404}
    for path in ("", "/scorecard", "/evidence", "/readings"):
        assert attested.auditor.get(f"/v1/submissions/{attested.submission}{path}").status_code in {403, 404}
    listed = {side: attested.auditor.get(f"/v1/attestations?side={side}") for side in ("granted", "issued", "received")}
    assert {side: [item["id"] for item in page.json()["items"]] for side, page in listed.items()} == {
        "granted": [attested.id], "issued": [], "received": []
    }  # fmt: skip
    assert [item["id"] for item in attested.auditor.get("/v1/grants").json()["items"]] == [grant["id"]]
    assert attested.auditor.get(f"/v1/grants/{grant['id']}").json()["shown"] is None


def test_a_grantee_is_told_of_a_revocation_and_revokes_nothing(attested: Attested) -> None:
    other = attested.service.organisation("Basil", "investor")
    attested.grant(grantee=other.id)
    path = f"/v1/attestations/{attested.id}"
    assert other.post(f"{path}:revoke", {"reason": "issued_in_error"}).status_code == 403
    assert other.get(path).json()["revoked_at"] is None
    revoked = attested.investor.post(f"{path}:revoke", {"reason": "issued_in_error"}).json()
    assert other.get(path).json() == revoked
    assert other.get("/v1/attestations?side=granted").json()["items"] == [revoked]


def test_a_grant_taken_back_is_gone_on_the_very_next_request(attested: Attested) -> None:
    grant = attested.grant().json()["id"]
    assert attested.reads(attested.id) == {200}
    assert attested.vendor.post(f"/v1/grants/{grant}:revoke").json()["revoked_at"] is not None
    assert attested.reads(attested.id) == {404}
    assert attested.auditor.get("/v1/attestations?side=granted").json()["items"] == []
    assert attested.auditor.get(f"/v1/grants/{grant}").status_code == 404


def test_a_grant_ends_by_itself(attested: Attested) -> None:
    grant = attested.grant(expires_at=(clock.now() + timedelta(hours=1)).isoformat()).json()["id"]
    assert attested.reads(attested.id) == {200}
    with psycopg.connect(attested.service.superuser_url) as connection:
        connection.execute("update access_grant set expires_at = now() - interval '1 second' where id = %s", (grant,))
    assert attested.reads(attested.id) == {404}


def test_two_processes_refuse_at_the_next_request(database: TestDatabase, tmp_path: Path) -> None:
    with serving(database.app_url, tmp_path / "data") as first:
        attested = attest_twice(first)
        grant = attested.grant().json()["id"]
        with serving(database.app_url, tmp_path / "data", first.settings.base_url) as second:
            head = {"Authorization": f"Bearer {attested.auditor.token}"}
            path = f"/v1/attestations/{attested.id}.pdf"
            assert [served.client.get(path, headers=head).status_code for served in (first, second)] == [200, 200]
            revoked = second.client.post(
                f"/v1/grants/{grant}:revoke", headers={"Authorization": f"Bearer {attested.vendor.token}"}
            )
            assert revoked.status_code == 200
            assert [served.client.get(path, headers=head).status_code for served in (first, second)] == [404, 404]


def test_only_the_vendor_grants(attested: Attested) -> None:
    body = {"grantee": attested.service.organisation("Basil", "investor").id, "purpose": "Comparison"}
    path = f"/v1/attestations/{attested.id}/grants"
    both = attested.service.organisation("Omnis", "investor", "vendor")
    assert both.post(path, body).status_code == 404
    attested.grant(grantee=both.id)
    passed_on = both.post(path, body)
    assert (passed_on.status_code, both.get(f"/v1/attestations/{attested.id}").status_code) == (403, 200)
    assert attested.investor.post(path, body).status_code == 403  # the scope is the vendor's
    assert attested.investor.get("/v1/grants?side=made").json()["items"] == []


def test_an_investor_that_is_a_vendor_too_does_not_pass_on_what_it_asked_for(service: Service) -> None:
    investor = service.organisation("Aster", "investor", "vendor")
    vendor, friend = service.organisation("Lindisvale", "vendor"), service.organisation("Basil", "investor")
    submission = submit_case(investor, vendor, "f5")["submission"]
    attestation = investor.post("/v1/attestations", {"submission": submission}).json()["id"]
    refused = investor.post(f"/v1/attestations/{attestation}/grants", {"grantee": friend.id, "purpose": "X"})
    assert (refused.status_code, refused.json()["detail"]) == (403, "Only the vendor of whom it speaks grants access.")


def test_the_vendor_sees_who_read_what(attested: Attested) -> None:
    attested.grant()
    attested.auditor.get(f"/v1/attestations/{attested.id}.pdf", headers={"Enduse-Acting-Person": "Ida%20Marr"})
    attested.auditor.get(f"/v1/attestations/{attested.id}/bundle")
    attested.vendor.get(f"/v1/attestations/{attested.id}.pdf")
    attested.investor.get(f"/v1/attestations/{attested.id}.pdf")
    readings = attested.vendor.get(f"/v1/attestations/{attested.id}/readings").json()["items"]
    assert [(item["reader"], item["what"], item["person"], item["attestation"]) for item in readings] == [
        (attested.auditor.id, "bundle", None, attested.id), (attested.auditor.id, "pdf", "Ida Marr", attested.id)
    ]  # fmt: skip
    assert attested.vendor.get(f"/v1/attestations/{attested.other}/readings").json()["items"] == []
    of_submission = attested.vendor.get(f"/v1/submissions/{attested.submission}/readings").json()["items"]
    assert [item for item in of_submission if item["reader"] == attested.auditor.id] == readings
    for stranger in (attested.auditor, attested.investor):
        assert stranger.get(f"/v1/attestations/{attested.id}/readings").status_code == 403


UNCLEAR: tuple[tuple[dict[str, str], tuple[str, str]], ...] = (
    ({"expires_at": "2020-01-01T00:00:00Z"}, ("/expires_at", "past")),
    ({"purpose": " "}, ("/purpose", "string_too_short")),
    ({"level": "band"}, ("/level", "extra_forbidden")),
    ({"grantee": "01900000-0000-7000-8000-000000000000"}, ("/grantee", "unknown_organisation")),
    ({"grantee": "vendor"}, ("/grantee", "oneself")),
    ({"grantee": "investor"}, ("/grantee", "has_it")),
    ({"grantee": "rival"}, ("/grantee", "role")),
)


def test_a_grant_that_says_nothing_clear_is_refused(attested: Attested, subtests: pytest.Subtests) -> None:
    ids = {"vendor": attested.vendor.id, "investor": attested.investor.id}
    ids["rival"] = attested.service.organisation("Tarnbrook", "vendor").id
    for asked, flaw in UNCLEAR:
        with subtests.test(asked=asked):
            refused = attested.grant(**{name: ids.get(value, value) for name, value in asked.items()})
            assert refused.status_code == 422
            assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [flaw]


def test_the_database_shows_a_grantee_that_attestation_alone(attested: Attested) -> None:
    attested.grant()
    with unit_of_work(attested.service.sessions, attested.auditor.tenant) as session:
        assert [str(id_) for id_ in session.scalars(text("select id from attestation"))] == [attested.id]
        for table in ("submission", "evidence", "evidence_about", "grading", "submission_revision"):
            assert session.scalar(text(f"select count(*) from {table}")) == 0
