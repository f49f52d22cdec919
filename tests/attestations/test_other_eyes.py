"""Tools of others agree: securesystemslib on the envelope; OpenSSL, pyHanko and poppler on a timestamp and its seal."""

import copy
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from attestations.bundle import read_envelope
from attestations.byte_range import find_signed_bytes
from attestations.pdf import seal
from attestations.signing import Signer, create_development_keys
from tests.attestations.authority import Authority
from tests.attestations.exercise import Exercise
from tests.programs import find_program

NOW = datetime.now(UTC)


def envelope_of(bundle: bytes) -> tuple[Envelope, str]:
    value: dict[str, Any] = json.loads(bundle)["envelope"]
    return Envelope.from_dict(copy.deepcopy(value)), value["signatures"][0]["keyid"]


@pytest.mark.parametrize("version", [1, 2])
def test_securesystemslib_verifies_the_envelope(version: int, keys: Any) -> None:
    exercise = Exercise("f8")
    bundle = exercise.signed(keys.signer) if version == 1 else exercise.signed_2(keys.signer)
    envelope, keyid = envelope_of(bundle)
    key, stranger = (
        SSlibKey.from_crypto(one.certificate.public_key(), keyid=keyid) for one in (keys.signer, keys.lookalike)
    )
    assert envelope.payload == read_envelope(bundle).payload_bytes
    assert list(envelope.verify([key], 1)) == [keyid]
    with pytest.raises(VerificationError):
        envelope.verify([stranger], 1)
    changed, _ = envelope_of(bundle)
    changed.payload += b" "
    with pytest.raises(VerificationError):
        changed.verify([key], 1)


@pytest.fixture(scope="module")
def stamper(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("eyes") / "tsa", NOW)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return create_development_keys(tmp_path_factory.mktemp("eyes") / "keys", "Test Org", NOW.date())


@pytest.fixture(scope="module")
def stamped(plain: bytes, signer: Signer, stamper: Authority) -> bytes:
    return seal(plain, signer, NOW, stamper.stamp)


def test_openssl_verifies_the_timestamp(stamped: bytes, stamper: Authority, tmp_path: Path) -> None:
    from asn1crypto import cms

    (info,) = cms.ContentInfo.load(find_signed_bytes(stamped).cms)["content"]["signer_infos"]
    (tmp_path / "signature").write_bytes(info["signature"].native)
    (tmp_path / "other").write_bytes(b"another signature")
    (tmp_path / "token").write_bytes(info["unsigned_attrs"][0]["values"][0].dump())
    codes = [
        subprocess.run(
            [
                find_program("openssl"), "ts", "-verify", "-in", "token", "-token_in", "-data", data,
                "-CAfile", str(stamper.folder / "root.pem"),
            ],
            cwd=tmp_path, capture_output=True, check=False,
        ).returncode
        for data in ("signature", "other")
    ]  # fmt: skip
    assert codes[0] == 0
    assert codes[1] != 0


def test_pyhanko_finds_a_seal_of_baseline_t(stamped: bytes, stamper: Authority, signer: Signer) -> None:
    from io import BytesIO

    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    def context(root: Any) -> ValidationContext:
        anchor = x509.Certificate.load(root.public_bytes(Encoding.DER))
        return ValidationContext(trust_roots=[anchor], allow_fetching=False, other_certs=[])

    embedded = PdfFileReader(BytesIO(stamped)).embedded_signatures[0]
    status = validate_pdf_signature(
        embedded, context(signer.root), context(stamper.root), skip_diff=True,
        key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
    )  # fmt: skip
    assert status.bottom_line
    assert status.timestamp_validity.trusted


def test_pdfsig_and_openssl_accept_a_seal_with_a_timestamp(stamped: bytes, signer: Signer, tmp_path: Path) -> None:
    (tmp_path / "sealed.pdf").write_bytes(stamped)
    said = subprocess.run(
        [find_program("pdfsig"), "-nocert", "sealed.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid" in said
    signed = find_signed_bytes(stamped)
    _, first, second, _ = signed.byte_range
    (tmp_path / "seal.der").write_bytes(signed.cms)
    (tmp_path / "covered").write_bytes(stamped[:first] + stamped[second:])
    (tmp_path / "root.pem").write_bytes(signer.root.public_bytes(Encoding.PEM))
    subprocess.run(
        [
            find_program("openssl"), "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "seal.der",
            "-content", "covered", "-CAfile", "root.pem", "-purpose", "any", "-out", "/dev/null",
        ],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
