"""Countersignatures made like a service makes them, any part changed; and organisations with keys of their own."""

import base64
import subprocess
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey
from joserfc.registry import HeaderParameter

from attestations import bundle as bundles
from attestations.countersignatures import file as files
from attestations.countersignatures.acts import build_act, build_index, subject_of
from attestations.countersignatures.contents import Assurance, Content, Declaration, Withdrawal, content_bytes
from attestations.countersignatures.jws import _Registry
from attestations.countersignatures.texts import NEWEST, OFFICER, TEXTS
from attestations.der import element
from attestations.envelope import IN_TOTO_TYPE
from attestations.in_toto import parse
from attestations.record import statement_digest
from attestations.signing import Signer
from tests.attestations.exercise import UUID
from tests.programs import find_program

ACTED = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
AUDITOR = {"id": UUID.format(8), "name": "Sorrel Assurance"}
Entry = Mapping[str, Any]


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Maker:
    """Makes contents, entries and files about the statement of a bundle."""

    def __init__(self, bundle: bytes, signer: Signer) -> None:
        self.envelope, self.signer = bundles.read_envelope(bundle), signer
        self.payload = self.envelope.payload_bytes
        self.statement = parse(self.payload)
        self.digest = statement_digest(self.payload)
        self.names = {"statement": self.digest, "attestation": self.statement.attestation}

    def declaration(self, **changes: Any) -> Declaration:
        text = {"id": OFFICER, "version": NEWEST, "text": TEXTS[OFFICER, NEWEST]}
        content = {
            **self.names, "organisation": self.statement.respondent.model_dump(),
            "officer": {"name": "Ada Verrin", "role": "Head of compliance"}, "text": text,
        }  # fmt: skip
        return Declaration.model_validate({**content, **changes})

    def assurance(self, **changes: Any) -> Assurance:
        content = {
            **self.names, "organisation": AUDITOR, "practitioner": {"name": "Bea Thorn", "role": "Partner"},
            "standard": "ISAE 3000 (Revised)", "dated": "2026-11-26", "level": "limited",
            "scope": {"kind": "whole", "sections": [], "leaves": []}, "items": [],
            "opinion": {"kind": "unmodified", "reasons": None},
        }  # fmt: skip
        return Assurance.model_validate({**content, **changes})

    def withdrawal(self, entry: Entry, **changes: Any) -> Withdrawal:
        content = {
            **self.names, "organisation": self.statement.respondent.model_dump(),
            "entry": files.read_entry(files.canonical_bytes(entry)).digest, "reason": None,
        }  # fmt: skip
        return Withdrawal.model_validate({**content, **changes})

    def entry(
        self, content: Content, own: Mapping[str, str] | None = None, *, at: datetime = ACTED,
        signer: Signer | None = None, subject: Any = None,
    ) -> Entry:  # fmt: skip
        payload = build_act(subject or subject_of(self.payload), UUID.format(9), moment(at), content)
        envelope = (signer or self.signer).sign_envelope(payload, IN_TOTO_TYPE)
        return {"envelope": envelope.model_dump(mode="json", by_alias=True), "own_signature": own}

    def file(
        self, *entries: Entry, as_of: datetime = ACTED + timedelta(hours=1), signer: Signer | None = None,
        listed: Sequence[Entry] | None = None, statement: str | None = None,
    ) -> bytes:  # fmt: skip
        digests = [files.Entry.model_validate(one).digest for one in (entries if listed is None else listed)]
        payload = build_index(subject_of(self.payload), moment(as_of), statement or self.digest, digests)
        return files.build(entries, (signer or self.signer).sign_envelope(payload, IN_TOTO_TYPE))


def make_key(kind: str) -> Any:
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return ec.generate_private_key({"p256": ec.SECP256R1, "p384": ec.SECP384R1, "k256": ec.SECP256K1}[kind]())


class Organisation:
    """An authority (a root and an authority under it) and the certificate that it issued to an organisation."""

    def __init__(
        self, kind: str = "p256", *, start: datetime = ACTED - timedelta(days=30), days: int = 365,
        usage: str = "content_commitment", more: Sequence[tuple[x509.ExtensionType, bool]] = (),
        root_days: int = 3000,
    ) -> None:  # fmt: skip
        root_key, self.middle_key, self.key = make_key("p256"), make_key("p256"), make_key(kind)
        middle_key = self.middle_key
        self.root = _certificate("Root of names", root_key, ("Root of names", root_key), ca=True, days=root_days)
        middle = _certificate("Issuer of names", middle_key, ("Root of names", root_key), ca=True)
        self.certificate = _certificate(
            "CityFace plc", self.key, ("Issuer of names", middle_key), start=start, days=days, usage=usage, more=more,
        )  # fmt: skip
        self.chain = [self.certificate, middle]

    def reissue(self, folder: Path, digest: str) -> None:
        """Have OpenSSL issue the certificate anew: cryptography signs nothing with SHA-1 any more."""
        own = _certificate(
            "CityFace plc", self.key, ("CityFace plc", self.key), start=self.certificate.not_valid_before_utc,
            usage="content_commitment", names_issuer=False,
        )  # fmt: skip
        names = ("own.pem", "middle.pem", "middle-key.pem")
        pems = (own.public_bytes(Encoding.PEM), self.chain[1].public_bytes(Encoding.PEM), pem_of(self.middle_key))
        for name, pem in zip(names, pems, strict=True):
            (folder / name).write_bytes(pem)
        command = [
            find_program("openssl"), "x509", "-in", names[0], "-CA", names[1], "-CAkey", names[2], f"-{digest}",
            "-set_serial", "7", "-preserve_dates", "-out", "issued.pem",
        ]  # fmt: skip
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        self.certificate = x509.load_pem_x509_certificate((folder / "issued.pem").read_bytes())
        self.chain[0] = self.certificate

    def misname(self, old: bytes, new: bytes) -> None:
        """Put other bytes of the same length into the certificate, and have it signed anew: nobody parses them."""
        spoilt = self.certificate.tbs_certificate_bytes.replace(old, new)
        signature = self.middle_key.sign(spoilt, ec.ECDSA(hashes.SHA256()))
        ecdsa = bytes.fromhex("300a06082a8648ce3d040302")
        der = element(0x30, spoilt, ecdsa, element(0x03, b"\0" + signature))
        self.certificate = x509.load_der_x509_certificate(der)
        self.chain[0] = self.certificate

    def jws(self, content: Content, alg: str = "ES256", *, key: Any = None, **header: Any) -> dict[str, str]:
        """Return an own signature; a header of None is left out."""
        full = {
            "alg": alg, "iat": int(ACTED.timestamp()) - 60,
            "x5c": [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in self.chain], **header,
        }  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # some keys are weak on purpose
            kind = RSAKey if isinstance(self.key, rsa.RSAPrivateKey) else ECKey
            signing = key or kind.import_key(pem_of(self.key))
        anything = {name: HeaderParameter(name, lambda _: None) for name in full}
        registry = _Registry(anything, [alg], strict_check_header=False)
        protected = {name: value for name, value in full.items() if value is not None}
        signed = jws.serialize_compact(protected, content_bytes(content), signing, registry=registry)
        return {"form": "jws", "value": jws.detach_content(signed)}

    def cades(
        self, content: Content, folder: Path, *options: str, digest: str = "sha256", cades: bool = True
    ) -> dict[str, str]:
        """Return what `openssl cms -sign` makes now: its time is the machine's."""
        (folder / "content").write_bytes(content_bytes(content))
        (folder / "key.pem").write_bytes(pem_of(self.key))
        (folder / "certificate.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "others.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in self.chain[1:]))
        command = [
            find_program("openssl"), "cms", "-sign", "-binary", *(["-cades"] if cades else []), "-md", digest,
            "-in", "content", "-signer", "certificate.pem", "-inkey", "key.pem", "-certfile", "others.pem",
            "-outform", "DER", "-out", "signature", *options,
        ]  # fmt: skip
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return {"form": "cades", "value": base64.b64encode((folder / "signature").read_bytes()).decode()}


def pem_of(key: Any) -> bytes:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem


def _certificate(
    name: str, key: Any, issuer: tuple[str, Any], *, ca: bool = False,
    start: datetime = ACTED - timedelta(days=300), days: int = 3000, usage: str = "",
    more: Sequence[tuple[x509.ExtensionType, bool]] = (), names_issuer: bool = True,
) -> x509.Certificate:  # fmt: skip
    usages = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    usages |= {usage: True} if usage else {}
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer[0]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=ca, crl_sign=ca, **usages), critical=True)
    )
    if names_issuer:
        more = [*more, (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[1].public_key()), False)]
    for extension, critical in more:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer[1], hashes.SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
