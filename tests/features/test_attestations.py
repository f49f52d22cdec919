"""Attestations over HTTP: previewed, issued, received by both sides, rendered once, verified by anyone."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from api import clock
from api.db.session import unit_of_work
from api.jobs.registry import HANDLERS, load_handler
from attestations.pdf import extract_bundle
from attestations.report import Outcome
from attestations.trust import Trust, parse
from attestations.verification import verify
from tests.prepared import Worlds
from tests.service import Party, Service, grade_all, submit_case


class Attested(NamedTuple):
    """An attestation with its two sides."""

    service: Service
    investor: Party
    vendor: Party
    submission: str
    id: str

    @property
    def trust(self) -> Trust:
        """What a verifier would be given."""
        return parse(self.service.client.get("/v1/trust.json").content)


def attest(service: Service) -> Attested:
    """Return an attestation that is signed, and whose document is still to be made."""
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    submission = submit_case(investor, vendor, "f1")["submission"]
    grade_all(investor, submission, "V2")
    made = investor.post("/v1/attestations", {"submission": submission})
    assert made.status_code == 201, made.text
    return Attested(service, investor, vendor, submission, made.json()["id"])


def attest_with_document(service: Service) -> Attested:
    """Return an attestation with its document, in the log."""
    made = attest(service)
    service.render()
    return made


@pytest.fixture
def attested(service: Service) -> Attested:
    return attest(service)


@pytest.fixture
def rendered(worlds: Worlds, tmp_path: Path) -> Iterator[Attested]:
    with worlds.copied(attest_with_document, tmp_path / "data") as found:
        yield found


def test_a_preview_stores_nothing(attested: Attested) -> None:
    before = attested.investor.get("/v1/attestations").json()
    statement = attested.investor.post("/v1/attestations:preview", {"submission": attested.submission}).json()[
        "statement"
    ]
    assert statement["result"]["company"]["residual"] == "72.0799"
    assert attested.investor.get("/v1/attestations").json() == before


def test_both_sides_receive_it_at_the_same_moment(attested: Attested) -> None:
    issued = attested.investor.get("/v1/attestations").json()["items"]
    received = attested.vendor.get("/v1/attestations?side=received").json()["items"]
    assert issued == received
    assert attested.vendor.get("/v1/attestations").json()["items"] == []
    path = f"/v1/attestations/{attested.id}/bundle"
    assert attested.vendor.get(path).content == attested.investor.get(path).content


def test_only_the_investor_that_asked_attests(attested: Attested) -> None:
    other = attested.service.organisation("Basil", "investor")
    attested.vendor.post(f"/v1/submissions/{attested.submission}/grants", {"grantee": other.id, "purpose": "Look"})
    assert other.get(f"/v1/submissions/{attested.submission}").status_code == 200
    assert other.post("/v1/attestations", {"submission": attested.submission}).status_code == 403
    assert attested.vendor.post("/v1/attestations", {"submission": attested.submission}).status_code == 403


def test_the_document_follows(attested: Attested) -> None:
    path = f"/v1/attestations/{attested.id}.pdf"
    waiting = attested.investor.get(path)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "1")
    attested.service.render()
    document = attested.investor.get(path)
    assert document.status_code == 200
    assert document.headers["content-type"] == "application/pdf"
    assert document.content == attested.vendor.get(path).content
    assert extract_bundle(document.content) == attested.investor.get(f"/v1/attestations/{attested.id}/bundle").content


def test_anyone_verifies_it_and_recomputes_the_score(rendered: Attested) -> None:
    document = rendered.investor.get(f"/v1/attestations/{rendered.id}.pdf").content
    report = verify(document, rendered.trust, clock.now())
    assert report.outcome is Outcome.PASSED, report.to_json()
    assert len(report.steps) == 10


def test_rendering_again_changes_nothing(rendered: Attested) -> None:
    path = f"/v1/attestations/{rendered.id}"
    before, document = rendered.investor.get(path).json(), rendered.investor.get(f"{path}.pdf").content
    arguments: dict[str, Any] = {"tenant": rendered.investor.id, "attestation": rendered.id}
    load_handler(HANDLERS["attesting.render"])(rendered.service.sessions, rendered.service.settings, **arguments)
    assert rendered.investor.get(path).json() == before
    assert rendered.investor.get(f"{path}.pdf").content == document


def test_what_was_signed_is_never_changed_in_the_database(rendered: Attested) -> None:
    with unit_of_work(rendered.service.sessions, None) as session:
        session.info["tenant"] = rendered.investor.id
        for column in ("statement = ''::bytea", "bundle = ''::bytea", "respondent_id = tenant_id"):
            with pytest.raises(Exception, match="permission denied"):
                session.execute(text(f"update attestation set {column}"))
            session.rollback()
        again = session.execute(text("update attestation set pdf_size = 1, pdf_digest = pdf_digest"))
        assert again.rowcount == 0  # type: ignore[attr-defined]  # a DML result has it


def test_asking_again_while_it_is_rendered_gives_the_same(attested: Attested) -> None:
    again = attested.investor.post("/v1/attestations", {"submission": attested.submission}).json()
    assert again["id"] == attested.id
    attested.service.render()
    items = attested.investor.get("/v1/attestations").json()["items"]
    assert [item["id"] for item in items if item["pdf"] is not None] == [attested.id]


def test_what_was_graded_meanwhile_is_attested_anew(attested: Attested) -> None:
    grade_all(attested.investor, attested.submission, "V0")
    again = attested.investor.post("/v1/attestations", {"submission": attested.submission}).json()
    assert again["id"] != attested.id


def test_a_document_that_was_given_up_is_asked_for_again(attested: Attested) -> None:
    with unit_of_work(attested.service.sessions, None) as session:
        session.execute(text("update procrastinate_jobs set status = 'failed'"))
        session.commit()
    assert attested.service.render() == 0
    attested.investor.post("/v1/attestations", {"submission": attested.submission})
    assert attested.service.render() == 1
    assert attested.investor.get(f"/v1/attestations/{attested.id}.pdf").status_code == 200


def test_two_attestations_of_one_submission_are_two(rendered: Attested) -> None:
    second = rendered.investor.post("/v1/attestations", {"submission": rendered.submission}).json()
    assert second["id"] != rendered.id
    bundles = [rendered.investor.get(f"/v1/attestations/{id_}/bundle").json() for id_ in (rendered.id, second["id"])]
    salts = [{item["salt"] for item in bundle["disclosures"]} for bundle in bundles]
    assert not salts[0] & salts[1]


def test_the_signed_bytes_are_what_the_bundle_carries(attested: Attested) -> None:
    bundle = attested.investor.get(f"/v1/attestations/{attested.id}/bundle").json()
    statement = json.loads(base64.b64decode(bundle["envelope"]["payload"]))["predicate"]
    assert statement["issuer"] == {"id": attested.investor.id, "name": "Aster"}
    assert statement["respondent"] == {"id": attested.vendor.id, "name": "Quillmere"}
    assert statement["leaves"]["count"] == len(bundle["disclosures"])
    assert statement["supersedes"] is None
