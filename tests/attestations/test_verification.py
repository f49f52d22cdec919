"""What passes, and every attack that must not."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attestations import bundle as bundles
from attestations import trust as trusts
from attestations.byte_range import MAX_PDF, find_signed_bytes
from attestations.pdf import seal
from attestations.reasons import Reason
from attestations.report import Outcome, Status
from attestations.verification import verify
from tests.attestations.attacks import sign_again
from tests.attestations.conftest import failure

CPU_BUDGET = 0.25
"""Seconds of CPU in which a hostile file is refused (design budget)."""


def test_genuine_pdf_holds_up_to_what_is_disclosed(sealed: bytes, trust: Any, forge: Any, no_network: None) -> None:
    report = verify(sealed, trust, forge.at)
    expected = [Status.PASSED] * 4 + [Status.INDETERMINATE] + [Status.NOT_APPLICABLE] * 5
    assert [step.status for step in report.steps] == expected
    assert report.steps[4].reason is Reason.PARTLY_DISCLOSED
    assert "2 of 3" in report.steps[4].sentence
    assert report.outcome is Outcome.INDETERMINATE
    assert report.statement is not None
    assert report.statement.issuer.name == "Fjordfund"


def test_bare_bundle_is_judged_from_its_envelope_on(bundle: bytes, trust: Any, forge: Any) -> None:
    report = verify(bundle, trust, forge.at)
    assert [step.status for step in report.steps[:4]] == [Status.NOT_APPLICABLE] * 2 + [Status.PASSED] * 2
    assert report.outcome is Outcome.INDETERMINATE


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_bit_outside_the_signature_fails(data: Any, sealed: bytes, trust: Any, forge: Any) -> None:
    _, first, second, _ = find_signed_bytes(sealed).byte_range
    covered = [*range(first), *range(second, len(sealed))]
    at, bit = data.draw(st.sampled_from(covered)), data.draw(st.integers(0, 7))
    flipped = bytearray(sealed)
    flipped[at] ^= 1 << bit
    assert verify(bytes(flipped), trust, forge.at).outcome is Outcome.FAILED


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_bit_of_the_signature_fails_too(data: Any, sealed: bytes, trust: Any, forge: Any) -> None:
    """Padding, certificate and the unsigned parts of the CMS leave no room either."""
    signed = find_signed_bytes(sealed)
    start = signed.byte_range[1]
    at = data.draw(st.integers(start, start + 2 * len(signed.cms) + 40))
    flipped = bytearray(sealed)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    assert verify(bytes(flipped), trust, forge.at).outcome is Outcome.FAILED


def test_the_unsigned_parts_of_the_signature_have_one_form(sealed: bytes, trust: Any, forge: Any) -> None:
    """Lengths, algorithm identifiers and the signer's name stand outside what is signed, yet no bit of them is free."""
    signed = find_signed_bytes(sealed)
    info = signed.cms.rindex(bytes.fromhex("020101"))  # the version of the signer info; its identifier follows
    for byte in (*range(45), *range(info, info + 100)):
        flipped = bytearray(sealed)
        flipped[signed.byte_range[1] + 2 + 2 * byte] ^= 1
        assert verify(bytes(flipped), trust, forge.at).outcome is Outcome.FAILED, byte


def test_appended_byte_and_appended_update(sealed: bytes, trust: Any, forge: Any) -> None:
    assert failure(verify(sealed + b"\n", trust, forge.at)) == (1, Reason.NOT_ENTIRE_FILE)
    assert failure(verify(updated(sealed), trust, forge.at)) == (1, Reason.NOT_ENTIRE_FILE)


def updated(pdf: bytes) -> bytes:
    """Return the PDF with an incremental update that changes the document's language."""
    from io import BytesIO

    from pyhanko.pdf_utils.generic import TextStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer: Any = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/Lang"] = TextStringObject("fr")
    writer.update_root()
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def test_second_signature_by_the_same_signer(sealed: bytes, keys: Any, trust: Any, forge: Any) -> None:
    assert failure(verify(sign_again(sealed, keys.signer), trust, forge.at)) == (1, Reason.SEVERAL_SIGNATURES)


def test_signature_stripped_or_never_made(plain: bytes, sealed: bytes, trust: Any, forge: Any) -> None:
    assert failure(verify(plain, trust, forge.at)) == (1, Reason.NO_SIGNATURE)
    stripped = sealed.replace(b"/ByteRange", b"/BiteRange")
    assert failure(verify(stripped, trust, forge.at)) == (1, Reason.NO_SIGNATURE)


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ("0 0 0 0", Reason.BYTE_RANGE),
        ("0 10 20 0", Reason.BYTE_RANGE),
        ("5 {first} {second} {rest}", Reason.BYTE_RANGE),
        ("0 {first} {second} 999999999", Reason.BYTE_RANGE),
        ("0 {second} {first} {rest}", Reason.BYTE_RANGE),
        ("0 {first} {second} 10", Reason.NOT_ENTIRE_FILE),
        ("0 100 {second} {rest}", Reason.BYTE_RANGE),
        ("0 {first} {second} -1", Reason.BYTE_RANGE),
    ],
)
def test_forged_byte_range(sealed: bytes, trust: Any, forge: Any, numbers: str, reason: Reason) -> None:
    _, first, second, rest = find_signed_bytes(sealed).byte_range
    start = sealed.index(b"/ByteRange") + len(b"/ByteRange ")
    end = sealed.index(b"]", start) + 1
    forged = f"[{numbers.format(first=first, second=second, rest=rest)}]".encode().ljust(end - start)
    changed = sealed[:start] + forged + sealed[start + len(forged) :]
    assert failure(verify(changed, trust, forge.at)) == (1, reason)


def test_null_contents(sealed: bytes, trust: Any, forge: Any) -> None:
    _, first, second, _ = find_signed_bytes(sealed).byte_range
    for hole in (b"<" + b"0" * (second - first - 2) + b">", b"null".ljust(second - first)):
        assert failure(verify(sealed[:first] + hole + sealed[second:], trust, forge.at))[0] == 1


def test_lookalike_root_with_the_same_names(plain: bytes, bundle: bytes, keys: Any, trust: Any, forge: Any) -> None:
    assert keys.lookalike.root.subject == keys.signer.root.subject
    forged = seal(plain, keys.lookalike, forge.issued)
    assert failure(verify(forged, trust, forge.at)) == (2, Reason.CHAIN_NOT_TRUSTED)
    own = trusts.parse(trusts.build([keys.lookalike.root], [keys.signer.certificate]))
    assert failure(verify(forged, own, forge.at)) == (2, Reason.UNKNOWN_SIGNER)
    assert failure(verify(bundle, own, forge.at)) == (3, Reason.CHAIN_NOT_TRUSTED)


def test_changed_result_signed_again_with_a_foreign_key(keys: Any, trust: Any, forge: Any) -> None:
    forged = forge.bundle(keys.lookalike, result={"company": {"band": "low"}})
    for data in (forged, seal(forge.pdf(forged), keys.signer, forge.issued)):
        assert failure(verify(data, trust, forge.at)) == (3, Reason.UNKNOWN_SIGNER)
    claimed = json.loads(forged)
    claimed["envelope"]["signatures"][0]["keyid"] = keys.signer.keyid
    assert failure(verify(json.dumps(claimed).encode(), trust, forge.at)) == (3, Reason.ENVELOPE_SIGNATURE)


def test_changed_payload_and_envelope_of_another_attestation(bundle: bytes, keys: Any, trust: Any, forge: Any) -> None:
    other = json.loads(forge.bundle(keys.signer, questionnaire={**forge.content()["questionnaire"], "digest": DIGEST}))
    swapped = json.loads(bundle)
    swapped["envelope"]["payload"] = other["envelope"]["payload"]
    assert failure(verify(json.dumps(swapped).encode(), trust, forge.at)) == (3, Reason.ENVELOPE_SIGNATURE)
    swapped["envelope"] = other["envelope"]
    assert failure(verify(json.dumps(swapped).encode(), trust, forge.at)) == (4, Reason.QUESTIONNAIRE_DIGEST)


DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("questionnaire", Reason.QUESTIONNAIRE_DIGEST),
        ("criteria", Reason.CRITERIA_DIGEST),
        ("context", Reason.CONTEXT_DIGEST),
    ],
)
def test_changed_part(bundle: bytes, trust: Any, forge: Any, part: str, reason: Reason) -> None:
    changed = json.loads(bundle)
    changed[part]["id"] = "other"
    assert failure(verify(json.dumps(changed).encode(), trust, forge.at)) == (4, reason)


def test_changed_answer_salt_and_repeated_leaf(bundle: bytes, trust: Any, forge: Any) -> None:
    answer, salt, twice = (json.loads(bundle) for _ in range(3))
    answer["disclosures"][0]["leaf"]["answer"]["value"]["policy"] = "no"
    salt["disclosures"][0]["salt"] = base64.urlsafe_b64encode(forge.salt(99)).rstrip(b"=").decode()
    twice["disclosures"][1] = twice["disclosures"][0]
    reasons = [failure(verify(json.dumps(one).encode(), trust, forge.at))[1] for one in (answer, salt, twice)]
    assert reasons == [Reason.LEAF_UNKNOWN, Reason.LEAF_UNKNOWN, Reason.LEAF_TWICE]


def test_times(sealed: bytes, plain: bytes, bundle: bytes, keys: Any, trust: Any, forge: Any) -> None:
    late = seal(plain, keys.signer, datetime(2029, 1, 1, tzinfo=UTC))
    assert failure(verify(late, trust, datetime(2030, 1, 1, tzinfo=UTC))) == (2, Reason.SIGNED_OUTSIDE_VALIDITY)
    assert failure(verify(sealed, trust, forge.issued - timedelta(days=1))) == (2, Reason.SIGNED_IN_FUTURE)
    assert failure(verify(bundle, trust, forge.issued - timedelta(days=1))) == (3, Reason.SIGNED_IN_FUTURE)
    early = forge.bundle(keys.signer, issued_at="2026-10-01T00:00:00Z")
    assert failure(verify(early, trust, forge.at)) == (3, Reason.SIGNED_OUTSIDE_VALIDITY)


def test_expired_signer_is_a_finding_and_no_failure(sealed: bytes, bundle: bytes, trust: Any) -> None:
    after = datetime(2029, 1, 1, tzinfo=UTC)
    steps = verify(sealed, trust, after).steps
    assert [(step.status, step.reason) for step in steps[1:3]] == [(Status.INDETERMINATE, Reason.SIGNER_EXPIRED)] * 2
    assert verify(bundle, trust, after).steps[2].reason is Reason.SIGNER_EXPIRED
    assert verify(bundle, trust, after).outcome is Outcome.INDETERMINATE


def test_other_and_missing_files_in_the_pdf(bundle: bytes, keys: Any, trust: Any, forge: Any) -> None:
    wrong = seal(forge.pdf(bundle, name="payload.json"), keys.signer, forge.issued)
    more = seal(forge.pdf(bundle, more=(b"{}",)), keys.signer, forge.issued)
    broken = seal(forge.pdf(bundle[:-1]), keys.signer, forge.issued)
    reasons = [failure(verify(data, trust, forge.at)) for data in (wrong, more, broken)]
    assert reasons == [(3, Reason.NO_BUNDLE), (3, Reason.SEVERAL_FILES), (3, Reason.BUNDLE_FORMAT)]


def test_decompression_bomb_even_under_a_trusted_signature(keys: Any, trust: Any, forge: Any) -> None:
    bomb = seal(forge.pdf(b"{" + b" " * (bundles.MAX_BUNDLE + 1)), keys.signer, forge.issued)
    assert len(bomb) < 64 * 1024
    assert failure(verify(bomb, trust, forge.at)) == (3, Reason.BUNDLE_TOO_LARGE)


HOSTILE = {
    "empty": b"",
    "no pdf": b"hello",
    "head only": b"%PDF-1.7\n",
    "garbage": b"%PDF-1.7\n" + bytes(range(256)) * 4096,
    "garbage signature": b"%PDF-1.7 /ByteRange [0 49 1073 1]/Contents".ljust(49) + b"<30820010" + b"A" * 1014 + b">%",
    "huge": b"%PDF-1.7\n" + b"0" * (MAX_PDF + 1),
    "many signatures": b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3]" * 100_000,
    "digits": b"%PDF-1.7 /ByteRange [" + b"1" * 1_000_000 + b"]",
    "deep json": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "two meanings": b'{"format":"enduse-attestation/1","format":"x"}',
    "fractions": b'{"format":1.5}',
    "long number": b'{"format":' + b"9" * 1_000_000 + b"}",
    "no utf-8": b'{"\xff":1}',
    "surrogate": b'{"format":"\\ud800"}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_cheaply(name: str, trust: Any, forge: Any, no_network: None) -> None:
    started = time.process_time()
    report = verify(HOSTILE[name], trust, forge.at)
    assert time.process_time() - started < CPU_BUDGET
    assert report.outcome is Outcome.FAILED


def test_foreign_signature_never_reaches_the_pdf_reader(
    plain: bytes, keys: Any, trust: Any, forge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attestations import embedded

    def refuse(_data: bytes) -> None:
        raise AssertionError("the PDF was read before its signature held")

    forged = seal(plain, keys.lookalike, forge.issued)
    monkeypatch.setattr(embedded, "open_pdf", refuse)
    assert failure(verify(forged, trust, forge.at)) == (2, Reason.CHAIN_NOT_TRUSTED)


def test_memory_error_passes_and_others_become_a_step(
    sealed: bytes, trust: Any, forge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attestations import embedded

    def exhaust(_data: bytes) -> None:
        raise MemoryError

    def stumble(_data: bytes) -> None:
        raise IndexError("secret content")

    monkeypatch.setattr(embedded, "open_pdf", stumble)
    report = verify(sealed, trust, forge.at)
    assert failure(report) == (2, Reason.UNREADABLE)
    assert "secret" not in json.dumps(report.to_json())
    monkeypatch.setattr(embedded, "open_pdf", exhaust)
    with pytest.raises(MemoryError):
        verify(sealed, trust, forge.at)


def test_moment_needs_a_time_zone(bundle: bytes, trust: Any) -> None:
    with pytest.raises(ValueError, match="time zone"):
        verify(bundle, trust, datetime(2026, 12, 1))  # noqa: DTZ001  # the point of the test
