"""CAdES as OpenSSL makes it: which forms prove a holder, and which are refused."""

import base64
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from attestations import bundle as bundles
from attestations.countersignatures.verifying import attested_by, verify_file
from attestations.reasons import Reason, RefusedError
from attestations.signing import create_development_keys
from attestations.trust import Trust
from tests.attestations.countersignatures.making import Maker, Organisation
from tests.attestations.exercise import Exercise

Own = dict[str, str]
FORM, INVALID = Reason.OWN_SIGNATURE_FORMAT, Reason.OWN_SIGNATURE_INVALID


class Now:
    """A service, a statement and an organisation of today: OpenSSL signs with the machine's time."""

    def __init__(self, folder: Path, kind: str = "p256") -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)
        start = self.at - timedelta(days=10)
        signer = create_development_keys(folder / "keys", "Test Org", date(start.year, start.month, start.day))
        self.bundle = Exercise("f4").signed_2(signer, issued_at=f"{self.at - timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}")
        self.maker, self.folder = Maker(self.bundle, signer), folder
        self.organisation = Organisation(kind, start=start)
        self.trust = Trust(
            (signer.root,), {signer.keyid: (signer.certificate,)}, organisation_roots=(self.organisation.root,)
        )

    def prove(self, own: Own, content: Any = None) -> bool:
        """Verify a file with an own signature and tell whether its holder is proven."""
        entry = self.maker.entry(content or self.maker.declaration(), own, at=self.at)
        file = self.maker.file(entry, as_of=self.at)
        attested = attested_by(bundles.parse(self.bundle), self.maker.statement)
        return verify_file(file, attested, self.trust, self.at).is_declared(proven=True)

    def sign(self, *options: str, **how: Any) -> Own:
        return self.organisation.cades(self.maker.declaration(), self.folder, *options, **how)


CADES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "ECDSA on P-256": ("p256", (), "sha256"),
    "ECDSA on P-384 with SHA-384": ("p384", (), "sha384"),
    "RSA": ("rsa2048", (), "sha256"),
    "RSA-PSS": ("rsa2048", ("-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"), "sha512"),
    "by key identifier": ("p256", ("-keyid",), "sha256"),
}


@pytest.mark.parametrize("name", CADES)
def test_what_openssl_signs_as_cades_proves_the_holder(name: str, tmp_path: Path, no_network: None) -> None:
    kind, options, digest = CADES[name]
    now = Now(tmp_path, kind)
    assert now.prove(now.sign(*options, digest=digest))


def test_cades_over_another_content_is_refused(tmp_path: Path) -> None:
    now = Now(tmp_path)
    other = now.maker.declaration(officer={"name": "Eve", "role": "Intern"})
    with pytest.raises(RefusedError) as refused:
        now.prove(now.sign(), other)
    assert refused.value.reason is INVALID


REFUSED_CADES: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "without signing-certificate": ("p256", (), {"cades": False}),
    "with its content": ("p256", ("-nodetach",), {}),
    "without attributes": ("p256", ("-noattr",), {"cades": False}),
    "without the certificate": ("p256", ("-nocerts",), {}),
    "with SHA-1": ("rsa2048", (), {"digest": "sha1"}),
    "with a key of 1024 bits": ("rsa1024", (), {}),
    "on another curve": ("k256", (), {}),
}


@pytest.mark.parametrize("name", REFUSED_CADES)
def test_other_forms_of_cms_are_refused(name: str, tmp_path: Path) -> None:
    kind, options, how = REFUSED_CADES[name]
    now = Now(tmp_path, kind)
    with pytest.raises(RefusedError) as refused:
        now.prove(now.sign(*options, **how))
    assert refused.value.reason is FORM


def test_no_byte_of_a_cades_signature_proves_more_when_changed(tmp_path: Path) -> None:
    """The index binds a file; this shows what the signature binds where a service is sent another."""
    now = Now(tmp_path)
    good = now.sign()
    der = base64.b64decode(good["value"])
    assert now.prove(good)
    held = 0
    for place in range(0, len(der), 7):
        other = der[:place] + bytes([der[place] ^ 1]) + der[place + 1 :]
        try:
            held += now.prove({**good, "value": base64.b64encode(other).decode()})
        except RefusedError as refused:
            assert refused.reason in {FORM, INVALID, Reason.OWN_CERTIFICATE, Reason.COUNTERSIGNATURE_TIME}  # noqa: PT017
    assert held <= 3  # lengths and versions that nothing signs
