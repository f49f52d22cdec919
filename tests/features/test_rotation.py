"""Keys are put in the place of others, and what the old ones signed verifies on, until they are revoked."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api import clock, keys, rotation, trust_file
from api.rotation import RotationError
from api.settings import Settings
from attestations.reasons import Reason
from attestations.report import Outcome, Report
from attestations.trust import Trust, TrustError, parse
from attestations.trust_list import succeed
from attestations.verification import verify
from tests.databases import TestDatabase
from tests.reviews.test_suspensions import record_of_attestation
from tests.service import Party, Service, serving, submit_case

SIGNED = ("signer", "log", "status")


class Issued(NamedTuple):
    """A document as its holder kept it, and where its record is found."""

    id: str
    pdf: bytes
    record: bytes


class House(NamedTuple):
    """An installation that is started and stopped, with two organisations that stay."""

    start: Callable[[], AbstractContextManager[Service]]
    settings: Settings
    credentials: list[tuple[str, str, tuple[str, str]]]

    def parties(self, service: Service) -> list[Party]:
        return [Party(service.client, id_, name, secret) for id_, name, secret in self.credentials]  # type: ignore[arg-type]

    def trust(self) -> Trust:
        """Return the list that the installation hands out now."""
        return parse(keys.load(self.settings).trust)

    def attest(self, service: Service) -> Issued:
        investor, vendor = self.parties(service)
        submission = submit_case(investor, vendor, "f5")["submission"]
        made = investor.post("/v1/attestations", {"submission": submission}).json()["id"]
        service.render()
        pdf = investor.get(f"/v1/attestations/{made}.pdf")
        assert pdf.status_code == 200
        return Issued(made, pdf.content, record_of_attestation(service, investor, made))


@pytest.fixture
def house(database: TestDatabase, tmp_path: Path) -> House:
    base, data = "https://enduse.test", tmp_path / "data"
    with serving(database.app_url, data, base) as service:
        parties = [service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")]
    settings = Settings(data_folder=data, base_url=base)
    credentials = [(party.id, party.name, party.credentials) for party in parties]
    return House(lambda: serving(database.app_url, data, base), settings, credentials)


def judged(issued: Issued, trust: Trust, record: bytes | None = None, **at: Any) -> Report:
    return verify(issued.pdf, trust, clock.now() + timedelta(**at), record=record or issued.record)


def codes(report: Report) -> dict[int, Reason]:
    return {step.number: step.reason for step in report.steps if step.reason is not Reason.OK and step.number < 8}


def test_old_and_new_verify_with_the_new_list_until_the_old_key_is_revoked(house: House) -> None:
    with house.start() as service:
        first = house.attest(service)
    pinned = house.trust()
    for what in SIGNED:
        rotation.rotate(house.settings, what)
    with house.start() as service:
        second = house.attest(service)
        newer = record_of_attestation(service, house.parties(service)[0], first.id)
        served = parse(service.client.get("/v1/trust.json").content)
    assert served == house.trust()
    assert (len(served.signers), len(served.logs), len(served.status_keys)) == (2, 2, 2)
    for report in (judged(first, served), judged(first, served, newer), judged(second, served)):
        assert report.outcome is Outcome.PASSED, report.to_json()
    assert judged(second, pinned).outcome is Outcome.FAILED
    old = next(keyid for keyid, window in served.windows.items() if window.until is not None)
    since = {keyid: window.since for keyid, window in served.windows.items()}
    assert [since[keyid] is None for keyid in served.signers] == [keyid == old for keyid in served.signers]

    rotation.revoke(house.settings, old, "The token was lost.", clock.now() + timedelta(seconds=2))
    revoked = house.trust()
    assert codes(judged(first, revoked, days=0.1)) == {3: Reason.KEY_REVOKED}
    assert judged(first, revoked, days=0.1).outcome is Outcome.INDETERMINATE
    assert judged(second, revoked, days=0.1).outcome is Outcome.PASSED


def test_a_key_that_was_revoked_before_it_signed_fails(house: House) -> None:
    with house.start() as service:
        first = house.attest(service)
    old = keys.load(house.settings).signer.keyid
    rotation.rotate(house.settings, "signer")
    rotation.revoke(house.settings, old, "The token was lost.", clock.now() - timedelta(days=1))
    report = judged(first, house.trust())
    assert report.outcome is Outcome.FAILED
    assert report.steps[2].reason is Reason.KEY_REVOKED


def test_revoked_keys_of_log_and_status_list_are_named_no_more(house: House) -> None:
    with house.start() as service:
        first = house.attest(service)
    before = keys.load(house.settings)
    for what in ("log", "status"):
        rotation.rotate(house.settings, what)
    for name in (before.log.public.text(), before.status.keyid):
        rotation.revoke(house.settings, name, "The disk was lost.", None)
    trust = house.trust()
    assert before.log.public not in trust.logs
    assert before.status.keyid not in trust.status_keys
    assert judged(first, trust).steps[5].reason is Reason.LOG_PROOF
    with house.start() as service:  # nothing was entered since: the head is the old one, signed anew
        newer = record_of_attestation(service, house.parties(service)[0], first.id)
    assert judged(first, trust, newer).outcome is Outcome.PASSED


def test_what_waits_for_its_document_when_the_signer_changes_is_attested_anew(house: House) -> None:
    with house.start() as service:
        investor, vendor = house.parties(service)
        asked = {"submission": submit_case(investor, vendor, "f5")["submission"]}
        waiting = investor.post("/v1/attestations", asked).json()["id"]
    rotation.rotate(house.settings, "signer")
    with house.start() as service:
        service.render()
        investor, _ = house.parties(service)
        assert investor.get(f"/v1/attestations/{waiting}.pdf").status_code == 202
        again = investor.post("/v1/attestations", asked).json()["id"]
        service.render()
        assert again != waiting
        pdf = investor.get(f"/v1/attestations/{again}.pdf").content
        record = record_of_attestation(service, investor, again)
    assert judged(Issued(again, pdf, record), house.trust()).outcome is Outcome.PASSED


def test_keys_in_use_strangers_and_twice_revoked_ones_are_not_revoked(house: House) -> None:
    found = keys.load(house.settings)
    for name in (found.signer.keyid, found.log.public.text(), found.status.keyid):
        with pytest.raises(RotationError, match="in use"):
            rotation.revoke(house.settings, name, "Why not.", None)
    rotation.rotate(house.settings, "signer")
    rotation.revoke(house.settings, found.signer.keyid, "Lost.", None)
    before = keys.load(house.settings).trust
    for name in (found.signer.keyid, "sha256:" + "0" * 64):
        with pytest.raises(RotationError, match="no old key"):
            rotation.revoke(house.settings, name, "Again.", None)
    assert keys.load(house.settings).trust == before


def test_a_revoked_signer_cannot_be_put_back(house: House) -> None:
    folder = keys.folder_of(house.settings)
    kept = {name: (folder / name).read_bytes() for name in ("signer-key.pem", "signer.pem")}
    old = keys.load(house.settings).signer.keyid
    rotation.rotate(house.settings, "signer")
    rotation.revoke(house.settings, old, "Lost.", None)
    for name, data in kept.items():
        (folder / name).write_bytes(data)
    with pytest.raises(ValueError, match="was revoked"):
        keys.load(house.settings)


def test_auditors_follow_while_the_key_of_lists_changes(house: House) -> None:
    lists = [keys.load(house.settings).trust]
    for _ in range(2):
        rotation.rotate(house.settings, "list")
        lists.append(keys.load(house.settings).trust)
    assert keys.load(house.settings).trust == lists[-1]
    announced = succeed(parse(lists[0]), lists[1])
    assert len(announced.list_keys) == 2
    last = succeed(announced, lists[2])
    assert set(last.list_keys) == set(announced.list_keys) - set(parse(lists[0]).list_keys)
    with pytest.raises(TrustError):
        succeed(parse(lists[0]), lists[2])  # who missed the announcement gets the list anew by another way


def test_nobody_makes_signers_of_a_root_that_is_elsewhere(house: House) -> None:
    (keys.folder_of(house.settings) / "root-key.pem").unlink()
    with pytest.raises(RotationError, match="put the new signer"):
        rotation.rotate(house.settings, "signer")


def test_the_list_stays_as_it_was_while_nothing_changes(house: House) -> None:
    before = keys.load(house.settings).trust
    rotation.rotate(house.settings, "token")
    assert keys.load(house.settings).trust == before
    assert trust_file.read_issued(keys.folder_of(house.settings)) is not None
