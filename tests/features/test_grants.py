"""Grants: what each level shows, when it ends, and that the vendor sees every reading."""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from api import clock
from api.db.session import unit_of_work
from tests.service import Party, Service, issue, submit_case


class Sealed(NamedTuple):
    """A sealed submission with its vendor and somebody who has no part in it."""

    service: Service
    investor: Party
    vendor: Party
    friend: Party
    id: str

    def grant(self, **asked: Any) -> Any:
        """Grant and return the answer's JSON."""
        body = {"grantee": self.friend.id, "purpose": "Comparison", **asked}
        return self.vendor.post(f"/v1/submissions/{self.id}/grants", body).json()


@pytest.fixture
def sealed(service: Service) -> Sealed:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
    submission = submit_case(investor, vendor, "f5")["submission"]
    return Sealed(service, investor, vendor, service.organisation("Basil", "investor"), submission)


def shown(sealed: Sealed, grant: str) -> Any:
    """Return what a grant shows to its grantee."""
    return sealed.friend.get(f"/v1/grants/{grant}").json()["shown"]


def test_a_band_shows_the_result_and_no_answer(sealed: Sealed) -> None:
    grant = sealed.grant(level="band")["id"]
    copy = shown(sealed, grant)
    assert copy["result"]["band"] == "low"
    assert copy["answers"] is None
    assert sealed.friend.get(f"/v1/submissions/{sealed.id}").status_code == 404
    assert sealed.friend.get(f"/v1/submissions/{sealed.id}/scorecard").status_code == 404


def test_sections_show_their_answers_and_no_other(sealed: Sealed) -> None:
    answers = shown(sealed, sealed.grant(level="sections", sections=["C", "H"])["id"])["answers"]
    assert {id_[:3] for id_ in answers["company"]} == {"GOV"}
    assert {id_[:3] for id_ in answers["deployment"]["d1"]["answers"]} == {"USE"}
    assert answers["product"]["p1"]["answers"] == {}


def test_what_is_withheld_is_left_out(sealed: Sealed) -> None:
    withheld = [{"question": "BUY-01", "row": "d1"}, {"question": "GOV-01"}]
    answers = shown(sealed, sealed.grant(level="unwithheld", withheld=withheld)["id"])["answers"]
    assert "GOV-01" not in answers["company"]
    assert "GOV-02" in answers["company"]
    assert "BUY-01" not in answers["deployment"]["d1"]["answers"]
    assert sealed.friend.get(f"/v1/submissions/{sealed.id}/evidence").status_code == 404


def test_all_shows_the_submission_itself(sealed: Sealed) -> None:
    grant = sealed.grant()
    assert grant["level"] == "all"
    assert shown(sealed, grant["id"]) is None
    assert sealed.friend.get(f"/v1/submissions/{sealed.id}").status_code == 200
    assert [item["id"] for item in sealed.friend.get("/v1/submissions?side=granted").json()["items"]] == [sealed.id]


@pytest.mark.parametrize("level", ["band", "all"])
def test_a_grant_taken_back_is_gone_on_the_very_next_request(sealed: Sealed, level: str) -> None:
    grant = sealed.grant(level=level)["id"]
    assert sealed.friend.get(f"/v1/grants/{grant}").status_code == 200
    revoked = sealed.vendor.post(f"/v1/grants/{grant}:revoke").json()
    assert revoked["revoked_at"] is not None
    assert sealed.friend.get(f"/v1/grants/{grant}").status_code == 404
    assert sealed.friend.get("/v1/grants").json()["items"] == []
    assert sealed.friend.get(f"/v1/submissions/{sealed.id}").status_code == 404
    assert sealed.vendor.post(f"/v1/grants/{grant}:revoke").json() == revoked
    made = sealed.vendor.get("/v1/grants?side=made").json()["items"]
    assert [item["id"] for item in made if item["made_by"] == "vendor"] == [grant]


@pytest.mark.parametrize("level", ["band", "all"])
def test_a_grant_ends_by_itself(sealed: Sealed, level: str) -> None:
    ends = (clock.now() + timedelta(hours=1)).isoformat()
    grant = sealed.grant(level=level, expires_at=ends)["id"]
    assert sealed.friend.get(f"/v1/grants/{grant}").status_code == 200
    expire(sealed, grant)
    assert sealed.friend.get(f"/v1/grants/{grant}").status_code == 404
    assert sealed.friend.get(f"/v1/submissions/{sealed.id}").status_code == 404


def expire(sealed: Sealed, grant: str) -> None:
    """Move the end of a grant into the past, as the database's superuser could."""
    import psycopg

    with psycopg.connect(sealed.service.superuser_url) as connection:
        connection.execute("update access_grant set expires_at = now() - interval '1 second' where id = %s", (grant,))


def test_the_vendor_sees_who_read_what(sealed: Sealed) -> None:
    grant = sealed.grant(level="band")["id"]
    shown(sealed, grant)
    sealed.grant()
    evidence = sealed.friend.get(f"/v1/submissions/{sealed.id}/evidence").json()[0]["id"]
    sealed.friend.get(f"/v1/submissions/{sealed.id}")
    sealed.friend.get(f"/v1/submissions/{sealed.id}/evidence/{evidence}/file")
    sealed.friend.get(f"/v1/submissions/{sealed.id}/scorecard")
    sealed.vendor.get(f"/v1/submissions/{sealed.id}")
    readings = sealed.vendor.get(f"/v1/submissions/{sealed.id}/readings").json()["items"]
    by_friend = [item["what"] for item in readings if item["reader"] == sealed.friend.id]
    assert by_friend == ["scorecard", "file", "answers", "evidence", "copy"]
    assert sealed.vendor.id not in {item["reader"] for item in readings}


def test_only_the_vendor_sees_the_readings(sealed: Sealed) -> None:
    sealed.grant()
    assert sealed.friend.get(f"/v1/submissions/{sealed.id}/readings").status_code == 403


@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        ({"level": "sections"}, ["/sections"]),
        ({"level": "band", "sections": ["C"]}, ["/sections"]),
        ({"level": "sections", "sections": ["C", "Z"]}, ["/sections/1"]),
        ({"level": "unwithheld", "withheld": [{"question": "ZZZ-01"}]}, ["/withheld/0"]),
        ({"level": "everything"}, ["/level"]),
        ({"expires_at": "2020-01-01T00:00:00Z"}, ["/expires_at"]),
        ({"expires_at": "2099-01-01T00:00:00"}, ["/expires_at"]),
        ({"grantee": "01900000-0000-7000-8000-000000000000"}, ["/grantee"]),
    ],
)
def test_a_grant_that_says_nothing_clear_is_refused(sealed: Sealed, asked: Any, pointers: list[str]) -> None:
    assert [flaw["pointer"] for flaw in sealed.grant(**asked)["errors"]] == pointers


def test_the_database_shows_a_partial_grantee_no_row_of_the_submission(sealed: Sealed) -> None:
    sealed.grant(level="unwithheld", withheld=[{"question": "GOV-01"}])
    with unit_of_work(sealed.service.sessions, sealed.friend.tenant) as session:
        for table in ("submission", "evidence", "evidence_about", "submission_revision"):
            assert session.scalar(text(f"select count(*) from {table}")) == 0
        assert session.scalar(text("select count(*) from access_grant")) == 1


def test_sealing_is_a_grant_to_the_issuer_that_both_see(sealed: Sealed) -> None:
    (made,) = sealed.vendor.get("/v1/grants?side=made").json()["items"]
    request = sealed.investor.get(f"/v1/submissions/{sealed.id}").json()["request"]
    sealed_at = sealed.investor.get(f"/v1/submissions/{sealed.id}").json()["sealed_at"]
    told = {
        "submission": sealed.id, "respondent": sealed.vendor.id, "grantee": sealed.investor.id, "level": "all",
        "granted_at": sealed_at, "expires_at": None, "revoked_at": None, "made_by": "sealing", "attestation": None,
    }  # fmt: skip
    assert made == {"id": made["id"], "purpose": f"Answer to the disclosure request {request}", **told}
    assert sealed.investor.get("/v1/grants").json()["items"] == [made]
    assert sealed.friend.get("/v1/grants").json()["items"] == []
    assert sealed.investor.get("/v1/submissions?side=granted").json()["items"] == []
    assert [item["id"] for item in sealed.investor.get("/v1/submissions").json()["items"]] == [sealed.id]
    entries = sealed.vendor.get("/v1/audit-entries").json()["items"]
    assert made["id"] in {item["entry"]["object"] for item in entries if item["entry"]["action"] == "grant.make"}


def test_a_draft_grants_nothing(service: Service) -> None:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
    issue(investor, vendor)
    assert vendor.get("/v1/grants?side=made").json()["items"] == []
    assert investor.get("/v1/grants").json()["items"] == []


def test_what_sealing_granted_is_not_taken_back(sealed: Sealed) -> None:
    (made,) = sealed.vendor.get("/v1/grants?side=made").json()["items"]
    refused = sealed.vendor.post(f"/v1/grants/{made['id']}:revoke")
    assert refused.status_code == 409
    assert refused.json()["detail"] == "You answered the request by sealing; its issuer keeps seeing what it asked for."
    assert sealed.investor.post(f"/v1/grants/{made['id']}:revoke").status_code == 403
    assert sealed.vendor.get(f"/v1/grants/{made['id']}").json() == {**made, "shown": None}
    assert sealed.investor.get(f"/v1/submissions/{sealed.id}").status_code == 200
