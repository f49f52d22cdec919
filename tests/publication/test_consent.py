"""An attestation is public while both of its parties want it to be, and at no other time."""

from typing import Any

import pytest

from api.jobs.registry import HANDLERS, load_handler
from tests.publication.conftest import Published
from tests.service import Party

PARTS = ("", "/pdf", "/bundle", "/record")


def state(party: Party, id_: str) -> str:
    found: str = party.get(f"/v1/publications/{id_}").json()["state"]
    return found


def codes(published: Published, id_: str) -> list[int]:
    return [published.look(f"/{id_}{part}").status_code for part in PARTS]


@pytest.mark.parametrize("first", ["vendor", "investor"])
def test_it_is_public_once_both_agreed(published: Published, first: str) -> None:
    parties = {"vendor": published.vendor, "investor": published.investor}
    proposer = parties.pop(first)
    (other,) = parties.values()
    id_ = published.propose(proposer).json()["id"]
    published.service.render()
    assert (codes(published, id_), published.listed()) == ([404] * 4, [])
    assert {state(party, id_) for party in (proposer, other)} == {"proposed"}
    agreed = other.post(f"/v1/publications/{id_}:agree")
    assert (agreed.status_code, agreed.json()["state"]) == (200, "agreed")
    published.service.render()
    assert (codes(published, id_), published.listed()) == ([200] * 4, [id_])
    assert {state(party, id_) for party in (proposer, other)} == {"published"}
    assert other.get(f"/v1/publications/{id_}").json()["address"] == f"/v1/registry/{id_}"


def test_nobody_agrees_with_oneself(published: Published) -> None:
    id_ = published.proposed()
    assert published.vendor.post(f"/v1/publications/{id_}:agree").status_code == 409
    published.service.render()
    assert published.listed() == []


def test_a_third_party_sees_proposes_and_agrees_to_nothing(published: Published) -> None:
    third = published.service.organisation("Omnis", "investor", "vendor", "auditor")
    id_ = published.proposed()
    assert published.propose(third).status_code == 404
    for answer in (
        third.get(f"/v1/publications/{id_}"), third.get(f"/v1/publications/{id_}/bundle"),
        third.post(f"/v1/publications/{id_}:agree"), third.post(f"/v1/publications/{id_}:withdraw"),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert third.get("/v1/publications").json()["items"] == []
    assert third.get("/v1/publications?side=proposed").json()["items"] == []
    assert state(published.vendor, id_) == "proposed"


def test_whoever_was_granted_an_attestation_does_not_publish_it(published: Published) -> None:
    third = published.service.organisation("Basil", "investor")
    grant = {"grantee": third.id, "purpose": "Look"}
    assert published.vendor.post(f"/v1/attestations/{published.attestation}/grants", grant).status_code == 201
    assert published.propose(third).status_code == 403
    assert published.propose().status_code == 201


@pytest.mark.parametrize("who", ["vendor", "investor"])
def test_either_party_withdraws_alone_and_nothing_is_left_but_the_day(published: Published, who: str) -> None:
    id_ = published.publish(level="all")
    shown = published.look(f"/{id_}").json()
    party = {"vendor": published.vendor, "investor": published.investor}[who]
    withdrawn = party.post(f"/v1/publications/{id_}:withdraw").json()
    assert (withdrawn["state"], withdrawn["withdrawn_by"]) == ("withdrawn", party.id)
    tombstone = published.look(f"/{id_}")
    assert tombstone.json() == {"id": id_, "withdrawn_on": withdrawn["withdrawn_at"][:10]}
    assert "Lindisvale" in shown["respondent"]["name"]
    assert "Lindisvale" not in tombstone.text
    assert (codes(published, id_), published.listed("?archived=true")) == ([200, 404, 404, 404], [])
    assert id_ not in published.look("/feed").text
    assert party.post(f"/v1/publications/{id_}:withdraw").json() == withdrawn


def test_it_is_published_anew_under_another_address(published: Published) -> None:
    first = published.publish()
    assert published.propose().status_code == 409
    published.investor.post(f"/v1/publications/{first}:withdraw")
    second = published.publish(level="sections", sections=["C"])
    assert published.listed() == [second] != [first]
    assert published.look(f"/{second}").json()["level"] == "sections"


def test_a_declined_proposal_is_over(published: Published) -> None:
    id_ = published.proposed()
    declined = published.investor.post(f"/v1/publications/{id_}:withdraw").json()
    assert (declined["state"], declined["withdrawn_by"], declined["agreed_at"]) == (
        "withdrawn", published.investor.id, None
    )  # fmt: skip
    assert published.investor.post(f"/v1/publications/{id_}:agree").status_code == 409
    published.service.render()
    assert (codes(published, id_), published.propose().status_code) == ([404] * 4, 201)


def test_what_is_withdrawn_before_it_is_shown_is_never_shown(published: Published) -> None:
    id_ = published.proposed()
    published.investor.post(f"/v1/publications/{id_}:agree")
    assert published.vendor.post(f"/v1/publications/{id_}:withdraw").json()["state"] == "withdrawn"
    published.service.render()
    assert (codes(published, id_), published.listed()) == ([404] * 4, [])


def test_the_job_shows_it_once(published: Published) -> None:
    id_ = published.publish()
    before = published.look(f"/{id_}").json(), published.look(f"/{id_}/pdf").content
    arguments: dict[str, Any] = {"tenant": published.investor.id, "publication": id_}
    load_handler(HANDLERS["publication.publish"])(published.service.sessions, published.service.settings, **arguments)
    published.service.render()
    assert (published.look(f"/{id_}").json(), published.look(f"/{id_}/pdf").content) == before
    assert len(published.look(f"/{id_}/record").json()["events"]) == 2
    assert published.investor.post(f"/v1/publications/{id_}:agree").json()["state"] == "published"


def test_each_side_lists_its_own(published: Published) -> None:
    id_ = published.proposed(level="unwithheld", withheld=[{"question": "SCP-01"}])
    (sent,) = published.vendor.get("/v1/publications?side=proposed").json()["items"]
    (received,) = published.investor.get("/v1/publications").json()["items"]
    assert sent == received
    assert (sent["id"], sent["withheld"], sent["names"]) == (id_, [{"question": "SCP-01", "row": None}], False)
    assert published.vendor.get("/v1/publications").json()["items"] == []


def test_a_revoked_attestation_is_not_published(published: Published) -> None:
    id_ = published.proposed()
    reason = {"reason": "declaration_withdrawn"}
    assert published.vendor.post(f"/v1/attestations/{published.attestation}:revoke", reason).status_code == 200
    assert published.investor.post(f"/v1/publications/{id_}:agree").status_code == 409
    published.vendor.post(f"/v1/publications/{id_}:withdraw")
    assert published.propose().status_code == 409


def test_one_without_its_document_waits(published: Published) -> None:
    submission = published.investor.get(f"/v1/attestations/{published.attestation}").json()["submission"]
    made = published.investor.post("/v1/attestations", {"submission": submission}).json()["id"]
    early = published._replace(attestation=made)
    assert early.propose().status_code == 409
    published.service.render()
    assert early.propose().status_code == 201


@pytest.mark.parametrize(
    ("asked", "flaws"),
    [
        ({"level": "sections"}, [("/sections", "level")]),
        ({"level": "sections", "sections": ["C", "Z"]}, [("/sections/1", "unknown_section")]),
        ({"level": "band", "sections": ["C"]}, [("/sections", "level")]),
        ({"level": "unwithheld"}, [("/withheld", "level")]),
        (
            {"level": "unwithheld", "withheld": [{"question": "SCP-01", "row": "d1"}]},
            [("/withheld/0", "not_answered")],
        ),
        ({"level": "all", "names": False}, [("/names", "level")]),
        ({"level": "band", "names": True}, [("/names", "level")]),
        ({"level": "everything"}, [("/level", "literal_error")]),
    ],
)
def test_a_proposal_that_says_nothing_clear_is_refused(published: Published, asked: Any, flaws: Any) -> None:
    refused = published.propose(**asked)
    assert refused.status_code == 422
    assert [(flaw["pointer"], flaw["code"]) for flaw in refused.json()["errors"]] == flaws
    assert published.vendor.get("/v1/publications?side=proposed").json()["items"] == []
