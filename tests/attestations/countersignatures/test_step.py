"""Step 10: what is genuine is told, what is wrong fails, and nothing of it makes an attestation better."""

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from attestations import bundle as bundles
from attestations import copies
from attestations.countersignatures.contents import content_bytes
from attestations.countersignatures.verifying import Attested, attested_by, verify_file
from attestations.envelope import Envelope as OurEnvelope
from attestations.reasons import Reason, RefusedError
from attestations.report import Outcome, Report, Status
from attestations.signing import ROOT_KEY, Signer, create_development_keys, issue_signer
from attestations.trust import Trust, Window
from attestations.verification import verify
from questionnaires.canonical import canonical_bytes
from tests.attestations.conftest import KEYS_FROM, Keys
from tests.attestations.countersignatures.making import ACTED, AUDITOR, Maker, Organisation
from tests.attestations.exercise import UUID, Exercise


def last(report: Report) -> tuple[Status, Reason]:
    return report.steps[9].status, report.steps[9].reason


def test_a_declaration_and_an_assurance_are_told(whole: bytes, maker: Maker, trust: Trust, forge: Any) -> None:
    file = maker.file(maker.entry(maker.declaration()), maker.entry(maker.assurance(), at=ACTED + timedelta(minutes=9)))
    report = verify(whole, trust, forge.at, countersignatures=file)
    assert (report.outcome, last(report)) == (Outcome.PASSED, (Status.PASSED, Reason.OK))
    told: Any = report.to_json()["countersignatures"]
    declared, assured = told["entries"]
    assert declared["content"]["officer"] == {"name": "Ada Verrin", "role": "Head of compliance"}
    assert (declared["at"], declared["own_signature"]) == ("2026-11-27T10:00:00Z", None)
    assert assured["content"]["organisation"] == AUDITOR
    assert told["as_of"] == "2026-11-27T11:00:00Z"


def test_without_a_file_nothing_is_said(whole: bytes, trust: Trust, forge: Any) -> None:
    report = verify(whole, trust, forge.at)
    assert last(report) == (Status.NOT_APPLICABLE, Reason.NO_COUNTERSIGNATURES)
    assert report.to_json()["countersignatures"] is None


def test_a_copy_in_part_has_the_same_subject(whole: bytes, maker: Maker, trust: Trust, forge: Any) -> None:
    leaf = bundles.parse(whole).disclosures[0].digest
    item = {"leaf": leaf, "done": "Read the contract.", "finding": None}
    file = maker.file(maker.entry(maker.assurance(items=[item])))
    report = verify(copies.copy(whole, copies.show_band), trust, forge.at, countersignatures=file)
    assert (report.outcome, report.steps[9].status) == (Outcome.INDETERMINATE, Status.PASSED)


def test_a_bundle_of_version_1_has_no_subject(bundle: bytes, maker: Maker, trust: Trust, forge: Any) -> None:
    report = verify(bundle, trust, forge.at, countersignatures=maker.file(maker.entry(maker.declaration())))
    assert last(report) == (Status.FAILED, Reason.COUNTERSIGNATURE_SUBJECT)


def test_a_stranger_that_is_trusted_for_others_witnesses_nothing_here(
    whole: bytes, maker: Maker, keys: Keys, trust: Trust, forge: Any
) -> None:
    """A second issuer on the reader's list cannot speak beside the first one's attestations."""
    both = Trust(
        (*trust.roots, keys.lookalike.root), {**trust.signers, keys.lookalike.keyid: (keys.lookalike.certificate,)}
    )
    good = maker.entry(maker.declaration())
    for file in (
        maker.file(maker.entry(maker.declaration(), signer=keys.lookalike)), maker.file(good, signer=keys.lookalike),
    ):  # fmt: skip
        failed = verify(whole, both, forge.at, countersignatures=file)
        assert forge.failure(failed) == (10, Reason.COUNTERSIGNATURE_SIGNER)
    assert verify(whole, both, forge.at, countersignatures=maker.file(good)).outcome is Outcome.PASSED


def test_a_text_of_later_releases_is_told_and_does_not_count(
    whole: bytes, maker: Maker, trust: Trust, forge: Any
) -> None:
    file = maker.file(maker.entry(maker.declaration(text={**maker.declaration().text.model_dump(), "version": "99"})))
    report = verify(whole, trust, forge.at, countersignatures=file)
    assert (report.outcome, last(report)) == (Outcome.PASSED, (Status.INDETERMINATE, Reason.TEXT_NOT_RELEASED))
    assert report.countersignatures is not None
    assert not report.countersignatures.is_declared()


def test_what_is_withdrawn_counts_until_then(whole: bytes, maker: Maker, trust: Trust, forge: Any) -> None:
    said = maker.entry(maker.declaration())
    taken_back = maker.entry(maker.withdrawal(said), at=ACTED + timedelta(minutes=30))
    for at, counts in ((ACTED + timedelta(minutes=20), True), (forge.at, False)):
        report = verify(whole, trust, at, countersignatures=maker.file(said, taken_back))
        assert report.countersignatures is not None
        assert (report.outcome, report.countersignatures.is_declared()) == (Outcome.PASSED, counts)
    twice = maker.file(said, taken_back, maker.entry(maker.withdrawal(said), at=ACTED + timedelta(minutes=31)))
    failed = verify(whole, trust, forge.at, countersignatures=twice)
    assert forge.failure(failed) == (10, Reason.COUNTERSIGNATURE_SUBJECT)


def test_what_is_later_than_the_moment_does_not_count(whole: bytes, maker: Maker, trust: Trust) -> None:
    file = maker.file(maker.entry(maker.declaration()))
    report = verify(whole, trust, ACTED - timedelta(days=1), countersignatures=file)
    assert report.countersignatures is not None
    assert (report.outcome, report.countersignatures.standing) == (Outcome.PASSED, [])


def attested(bundle: bytes, maker: Maker) -> Attested:
    return attested_by(bundles.parse(bundle), maker.statement)


@pytest.mark.parametrize(("days", "status"), [(1, Status.INDETERMINATE), (30, Status.PASSED)])
def test_a_key_revoked_later_vouches_for_nothing_any_more(
    days: int, status: Status, whole: bytes, maker: Maker, keys: Keys, trust: Trust, forge: Any
) -> None:
    known = Trust(trust.roots, trust.signers, windows={keys.signer.keyid: Window(revoked_at=ACTED + timedelta(days))})
    report = verify(whole, known, forge.at, countersignatures=maker.file(maker.entry(maker.declaration())))
    assert report.countersignatures is not None
    assert (report.steps[9].status, report.countersignatures.is_declared()) == (status, status is Status.PASSED)


def test_a_key_revoked_before_signs_nothing(whole: bytes, maker: Maker, keys: Keys, trust: Trust, forge: Any) -> None:
    known = Trust(trust.roots, trust.signers, windows={keys.signer.keyid: Window(revoked_at=ACTED)})
    with pytest.raises(RefusedError) as refused:
        verify_file(maker.file(maker.entry(maker.declaration())), attested(whole, maker), known, forge.at)
    assert refused.value.reason is Reason.COUNTERSIGNATURE_SIGNER


def test_a_renewed_key_vouches_for_entries_of_the_old_one(tmp_path: Path, forge: Any) -> None:
    old = create_development_keys(tmp_path, "Test Org", KEYS_FROM)
    root_key: Any = load_pem_private_key((tmp_path / ROOT_KEY).read_bytes(), password=None)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue_signer(key.public_key(), "Renewed", "Test Org", KEYS_FROM, issuer=(root_key, old.root))
    new = Signer(key, certificate, old.root)
    both = Trust(
        (old.root,), {old.keyid: (old.certificate,), new.keyid: (certificate,)},
        windows={old.keyid: Window(revoked_at=ACTED + timedelta(minutes=30))},
    )  # fmt: skip
    bundle = Exercise("f4").signed_2(old)
    maker = Maker(bundle, old)
    entry = maker.entry(maker.declaration())
    for signer, counts in ((new, True), (old, False)):
        file = maker.file(entry, as_of=ACTED + timedelta(minutes=10), signer=signer)
        assert verify_file(file, attested(bundle, maker), both, forge.at).is_declared() is counts


def test_no_byte_of_a_file_can_be_changed(
    whole: bytes, maker: Maker, trust: Trust, knowing: Trust, organisation: Organisation, forge: Any
) -> None:
    said, assured = maker.declaration(), maker.assurance()
    file = maker.file(maker.entry(said, organisation.jws(said)), maker.entry(assured))
    about = attested(whole, maker)
    assert verify_file(file, about, knowing, forge.at).is_declared(proven=True)
    choice = random.Random(20261125)
    for place in choice.sample(range(len(file)), 400):
        changed = bytearray(file)
        changed[place] ^= 1 << choice.randrange(8)
        with pytest.raises(RefusedError):
            verify_file(bytes(changed), about, knowing, forge.at)
    for place in choice.sample(range(len(file)), 50):
        with pytest.raises(RefusedError):
            verify_file(file[:place] + file[place + 1 :], about, knowing, forge.at)


def test_a_damaged_attestation_is_not_saved_by_what_stands_beside_it(
    whole: bytes, maker: Maker, trust: Trust, forge: Any
) -> None:
    file = maker.file(maker.entry(maker.declaration()))
    damaged = whole.replace(b'"state":"answered"', b'"state":"not_known"', 1)
    report = verify(damaged, trust, forge.at, countersignatures=file)
    assert report.outcome is Outcome.FAILED
    assert last(report) == (Status.NOT_RUN, Reason.EARLIER_STEP_FAILED)


def test_securesystemslib_verifies_the_envelopes(maker: Maker, keys: Keys) -> None:
    value = json.loads(maker.file(maker.entry(maker.declaration()), maker.entry(maker.assurance())))
    good, stranger = (
        SSlibKey.from_crypto(one.certificate.public_key(), keyid=keys.signer.keyid)
        for one in (keys.signer, keys.lookalike)
    )
    for envelope in (value["index"], *(one["envelope"] for one in value["entries"])):
        assert list(Envelope.from_dict(json.loads(json.dumps(envelope))).verify([good], 1)) == [keys.signer.keyid]
        with pytest.raises(VerificationError):
            Envelope.from_dict(json.loads(json.dumps(envelope))).verify([stranger], 1)


def test_the_content_bytes_are_those_of_the_payload(maker: Maker) -> None:
    """An organisation signs exactly what stands in the envelope."""
    for content in (maker.declaration(), maker.assurance(scope={"kind": "sections", "sections": ["A"], "leaves": []})):
        payload = OurEnvelope.model_validate(maker.entry(content)["envelope"]).payload_bytes
        assert content_bytes(content) in payload
        assert canonical_bytes({"id": UUID.format(9)})[1:-1] in payload
