"""Keys: made once, kept private, loud."""

import logging
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from attestations.certificates import find_issuer, key_id
from attestations.signing import KeyFileError, Signer, create_development_keys, issue_signer, load_signer


def test_keys_are_private_kept_and_loud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        made = create_development_keys(tmp_path / "keys", "Org", date(2026, 11, 25))
    assert "DEVELOPMENT KEYS" in caplog.text
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert load_signer(tmp_path / "keys").keyid == made.keyid
    assert "PRIVATE" not in repr(made) + caplog.text
    with pytest.raises(KeyFileError, match="never overwritten"):
        create_development_keys(tmp_path / "keys", "Org", date(2026, 11, 25))
    assert load_signer(tmp_path / "keys").keyid == made.keyid


def test_certificates_say_what_each_may_do(keys: Any) -> None:
    signer, root = keys.signer.certificate, keys.signer.root
    usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign) == (True, True, False)
    assert not signer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(
        ca=True, path_length=0
    )
    assert root.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert signer.not_valid_before_utc == datetime(2026, 11, 1, tzinfo=UTC)
    assert (signer.not_valid_after_utc - signer.not_valid_before_utc).days == 730


def test_only_a_root_issues_and_only_its_own(keys: Any) -> None:
    assert find_issuer(keys.signer.certificate, [keys.lookalike.root, keys.signer.root]) == keys.signer.root
    assert find_issuer(keys.signer.certificate, [keys.lookalike.root]) is None
    assert find_issuer(keys.signer.root, [keys.signer.root]) is None, "a root is no signer"
    assert find_issuer(keys.signer.certificate, [keys.signer.certificate]) is None


def test_a_signer_issues_no_signer(keys: Any) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    below = issue_signer(
        key.public_key(),
        "Below",
        "Org",
        date(2026, 11, 25),
        issuer=(keys.signer._signing._key, keys.signer.certificate),
    )
    assert find_issuer(below, [keys.signer.certificate, keys.signer.root]) is None


def test_mismatched_keys_are_refused(keys: Any) -> None:
    with pytest.raises(KeyFileError, match="does not belong"):
        Signer(keys.lookalike._signing._key, keys.signer.certificate, keys.signer.root)
    with pytest.raises(KeyFileError, match="did not issue"):
        Signer(keys.signer._signing._key, keys.signer.certificate, keys.lookalike.root)


def test_broken_key_folder(tmp_path: Path) -> None:
    create_development_keys(tmp_path, "Org", date(2026, 11, 25))
    (tmp_path / "signer.pem").write_text("nothing")
    with pytest.raises(KeyFileError, match="PEM"):
        load_signer(tmp_path)


def test_key_id_is_that_of_the_public_key(keys: Any) -> None:
    assert key_id(keys.signer.certificate) == keys.signer.keyid
    assert keys.signer.keyid != keys.lookalike.keyid
    assert keys.signer.pyhanko() is keys.signer.pyhanko(), "made once"
