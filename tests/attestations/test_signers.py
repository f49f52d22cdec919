"""Who signed: one trusted key for pages and statement, named in the report, under every certificate it has."""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from attestations import signing
from attestations import trust as trusts
from attestations.certificates import find_chains, find_issuer
from attestations.pdf import seal
from attestations.reasons import Reason
from attestations.report import Outcome
from attestations.verification import verify

DAY = date(2026, 11, 1)


class Authority(NamedTuple):
    """A root with its key, which issues whatever it is asked for."""

    key: ec.EllipticCurvePrivateKey
    root: x509.Certificate

    def signer(self, on: date = DAY, key: ec.EllipticCurvePrivateKey | None = None) -> signing.Signer:
        key = key or ec.generate_private_key(ec.SECP256R1())
        certificate = signing.issue_signer(key.public_key(), "Signer", "Org", on, issuer=(self.key, self.root))
        return signing.Signer(key, certificate, self.root)

    def certificate(self, *extensions: tuple[x509.ExtensionType, bool]) -> x509.Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = signing._certificate("Signer", "Org", key.public_key(), DAY, 700).issuer_name(self.root.subject)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, hashes.SHA256())


@pytest.fixture(scope="module")
def authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(key, signing.issue_root(key, "Root", "Org", DAY))


def test_the_report_names_who_signed(sealed: bytes, bundle: bytes, keys: Any, trust: Any, forge: Any) -> None:
    for data in (sealed, bundle):
        report = verify(data, trust, forge.at)
        assert report.signer is not None
        assert report.to_json()["signer"] == {
            "subject": "CN=Test Org development signer,O=Test Org",
            "keyid": keys.signer.keyid,
            "root": "CN=Test Org development root,O=Test Org",
        }


def test_a_sealing_key_that_was_struck_off(plain: bytes, authority: Authority, forge: Any) -> None:
    """The root still vouches for it, and the bundle is genuine; the trust file no longer names it."""
    good, stolen = authority.signer(), authority.signer()
    data = seal(forge.pdf(forge.bundle(good)), stolen, forge.issued)
    trust = trusts.parse(trusts.build([authority.root], [good.certificate]))
    assert forge.failure(verify(data, trust, forge.at)) == (2, Reason.UNKNOWN_SIGNER)
    both = trusts.parse(trusts.build([authority.root], [good.certificate, stolen.certificate]))
    assert forge.failure(verify(data, both, forge.at)) == (3, Reason.SIGNERS_DIFFER)


def test_another_trusted_organisation_cannot_wrap_a_bundle(bundle: bytes, keys: Any, forge: Any) -> None:
    both = trusts.parse(
        trusts.build([keys.signer.root, keys.lookalike.root], [keys.signer.certificate, keys.lookalike.certificate])
    )
    wrapped = seal(forge.pdf(bundle), keys.lookalike, forge.issued)
    assert forge.failure(verify(wrapped, both, forge.at)) == (3, Reason.SIGNERS_DIFFER)


def test_a_renewed_certificate_of_one_key_in_any_order(authority: Authority, forge: Any) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    old, new = authority.signer(DAY, key), authority.signer(date(2028, 10, 1), key)
    data = seal(forge.pdf(forge.bundle(old)), old, forge.issued)
    after = datetime(2028, 12, 1, tzinfo=UTC)  # the old one has run out, the new one vouches for the key
    for certificates in ([old.certificate, new.certificate], [new.certificate, old.certificate]):
        trust = trusts.parse(trusts.build([authority.root], certificates))
        assert len(trust.signers[old.keyid]) == 2
        for moment in (forge.at, after):
            assert [step.reason for step in verify(data, trust, moment).steps[:4]] == [Reason.OK] * 4
    alone = trusts.parse(trusts.build([authority.root], [old.certificate]))
    assert verify(data, alone, after).steps[1].reason is Reason.SIGNER_EXPIRED


def test_a_renewed_root_in_any_order(authority: Authority, forge: Any) -> None:
    expired = signing.issue_root(authority.key, "Root", "Org", date(2010, 1, 1))
    signer = authority.signer()
    data = seal(forge.pdf(forge.bundle(signer)), signer, forge.issued)
    for roots in ([expired, authority.root], [authority.root, expired]):
        trust = trusts.parse(trusts.build(roots, [signer.certificate]))
        assert len(find_chains([signer.certificate], trust.roots)) == 2
        assert verify(data, trust, forge.at).outcome is Outcome.INDETERMINATE, "partly disclosed, and nothing else"
        assert [step.reason for step in verify(data, trust, forge.at).steps[:4]] == [Reason.OK] * 4


USAGE = (signing._key_usage(issues=False), True)
NO_AUTHORITY = (x509.BasicConstraints(ca=False, path_length=None), True)
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
DOCUMENTS = x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ExtendedKeyUsageOID.SERVER_AUTH])
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ((), True),
        (((DOCUMENTS, True),), True),
        (((DOCUMENTS, False),), True),
        (((UNKNOWN, False),), True),
        (((UNKNOWN, True),), False),
        (((SERVER, True),), False),
        (((SERVER, False),), False),
    ],
)
def test_what_a_signer_s_certificate_may_say(
    more: tuple[tuple[x509.ExtensionType, bool], ...], good: bool, authority: Authority
) -> None:
    certificate = authority.certificate(NO_AUTHORITY, USAGE, *more)
    assert (find_issuer(certificate, [authority.root]) is not None) is good


def test_a_trust_file_with_keys_of_unknown_kinds(authority: Authority) -> None:
    der = authority.certificate(NO_AUTHORITY, USAGE).public_bytes(Encoding.DER)
    curve = der.replace(bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f"))
    algorithm = der.replace(bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d027f"))
    good = authority.root.public_bytes(Encoding.PEM).decode()
    for other in (curve, algorithm):
        assert other != der
        pem = x509.load_der_x509_certificate(other).public_bytes(Encoding.PEM).decode()
        for pems in ([pem, good], [good + good]):
            with pytest.raises(trusts.TrustError, match="/roots/0: not exactly one PEM"):
                trusts.parse(trust_file(pems, []))
        with pytest.raises(trusts.TrustError, match="/signers/0/certificate: not exactly one PEM"):
            trusts.parse(trust_file([good], [{"keyid": "sha256:" + "0" * 64, "certificate": pem}]))


def trust_file(roots: list[str], signers: list[dict[str, str]]) -> bytes:
    import json

    return json.dumps({"format": trusts.FORMAT, "roots": roots, "signers": signers}).encode()
