"""Sealing: deterministic, quiet, and good in the eyes of other tools."""

import subprocess
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from attestations import seal_place
from attestations.byte_range import find_signed_bytes
from attestations.pdf import extract_bundle, seal
from attestations.reasons import Reason, RefusedError
from attestations.verification import verify
from tests.programs import find_program


def outside_contents(pdf: bytes) -> tuple[bytes, bytes]:
    _, first, second, _ = find_signed_bytes(pdf).byte_range
    return pdf[:first], pdf[second:]


def find_hole(pdf: bytes) -> bytes:
    start = pdf.index(b"/Contents <") + len(b"/Contents <")
    return bytes.fromhex(pdf[start : pdf.index(b">", start)].decode())


def test_sealing_twice_gives_the_same_bytes_outside_the_signature(plain: bytes, keys: Any, forge: Any) -> None:
    one, two = seal(plain, keys.signer, forge.issued), seal(plain, keys.signer, forge.issued)
    assert one != two, "an ECDSA value is random"
    assert outside_contents(one) == outside_contents(two)
    later = seal(plain, keys.signer, forge.issued + timedelta(seconds=1))
    assert outside_contents(one) != outside_contents(later)


def test_sealing_fills_its_place_and_changes_nothing_else(plain: bytes, sealed: bytes) -> None:
    first = next(at for at, (one, other) in enumerate(zip(plain, sealed, strict=True)) if one != other)
    end = find_signed_bytes(sealed).byte_range[2]
    assert sealed[:first] == plain[:first]
    assert sealed[end:] == plain[end:]
    assert plain[first:end].strip(b" ") == b"", "an empty dictionary"
    assert sealed.count(b"%%EOF") == 1, "one revision"


def test_a_pdf_without_one_place_for_a_seal_is_not_sealed(plain: bytes, keys: Any, forge: Any) -> None:
    for pdf in (plain.replace(b"<<    ", b"<<  % "), plain + plain):
        with pytest.raises(ValueError, match="one place for its seal"):
            seal(pdf, keys.signer, forge.issued)


def test_a_moment_without_a_zone_is_not_sealed(plain: bytes, keys: Any, forge: Any) -> None:
    with pytest.raises(ValueError, match="time zone"):
        seal(plain, keys.signer, forge.issued.replace(tzinfo=None))


def test_a_signature_that_does_not_fit_is_not_cut(plain: bytes, forge: Any) -> None:
    prepared = seal_place.prepare(plain, forge.issued)
    most = b"s" * (prepared.digits // 2)
    assert find_hole(prepared.fill(most)) == most
    assert find_hole(prepared.fill(b"s")) == b"s" + bytes(len(most) - 1)
    with pytest.raises(ValueError, match="does not fit"):
        prepared.fill(most + b"s")


def test_signing_time_is_the_given_moment_in_utc(plain: bytes, keys: Any, trust: Any, forge: Any) -> None:
    moment = forge.issued.astimezone(timezone(timedelta(hours=2)))
    sealed = seal(plain, keys.signer, moment)
    assert verify(sealed, trust, forge.at).steps[1].sentence.endswith("at 2026-11-25T09:00:00Z.")


def test_embedded_bundle_comes_out_as_it_went_in(bundle: bytes, plain: bytes, sealed: bytes) -> None:
    assert extract_bundle(plain) == extract_bundle(sealed) == bundle


def test_what_cannot_be_extracted(forge: Any) -> None:
    with pytest.raises(RefusedError) as missing:
        extract_bundle(forge.pdf(b"{}", name="other.json"))
    assert missing.value.reason is Reason.NO_BUNDLE
    with pytest.raises(RefusedError) as unreadable:
        extract_bundle(b"%PDF-1.7\nnothing")
    assert unreadable.value.reason is Reason.UNREADABLE


def test_a_sealed_pdf_is_not_sealed_again(sealed: bytes, keys: Any, forge: Any) -> None:
    with pytest.raises(RefusedError) as refused:
        seal(sealed, keys.signer, forge.issued)
    assert refused.value.reason is Reason.SEVERAL_SIGNATURES


def test_pdfsig_accepts_the_seal_and_refuses_a_changed_one(sealed: bytes, tmp_path: Path) -> None:
    program = find_program("pdfsig")
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(sealed)
    bad.write_bytes(sealed.replace(b"/T (Seal)", b"/T (Sign)"))
    assert good.read_bytes() != bad.read_bytes()
    said, refused = (
        subprocess.run([program, "-nocert", file], capture_output=True, text=True, check=False).stdout
        for file in (good, bad)
    )
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "Signature is Valid" not in refused


def test_openssl_accepts_the_seal_and_refuses_a_changed_one(sealed: bytes, keys: Any, tmp_path: Path) -> None:
    program = find_program("openssl")
    signed = find_signed_bytes(sealed)
    head, tail = outside_contents(sealed)
    (tmp_path / "seal.der").write_bytes(signed.cms)
    (tmp_path / "covered").write_bytes(head + tail)
    (tmp_path / "changed").write_bytes(head + tail[:-1] + b" ")
    (tmp_path / "root.pem").write_bytes(keys.signer.root.public_bytes(Encoding.PEM))
    (tmp_path / "other.pem").write_bytes(keys.lookalike.root.public_bytes(Encoding.PEM))
    runs = [("covered", "root.pem"), ("changed", "root.pem"), ("covered", "other.pem")]
    codes = [
        subprocess.run(
            [
                program,
                "cms",
                "-verify",
                "-cades",
                "-binary",
                "-inform",
                "DER",
                "-in",
                "seal.der",
                "-content",
                content,
                "-CAfile",
                root,
                "-purpose",
                "any",
                "-out",
                "/dev/null",
            ],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        ).returncode
        for content, root in runs
    ]
    assert codes[0] == 0
    assert codes[1] != 0
    assert codes[2] != 0
