"""An organisation's own signature: which forms hold, which are refused, and when its holder is proven."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from joserfc.jwk import OctKey

from attestations.countersignatures.contents import content_bytes
from attestations.reasons import Reason
from attestations.report import Outcome, Status
from attestations.trust import Trust
from attestations.verification import verify
from tests.attestations.countersignatures.making import ACTED, Maker, Organisation

Own = dict[str, str]
ALGORITHMS = [("p256", "ES256"), ("rsa2048", "RS256"), ("rsa3072", "PS256")]


@pytest.mark.parametrize(("kind", "alg"), ALGORITHMS)
def test_a_jws_under_a_root_of_the_reader_proves_the_holder(
    kind: str, alg: str, whole: bytes, maker: Maker, trust: Trust, forge: Any, no_network: None
) -> None:
    signing, said = Organisation(kind), maker.declaration()
    file = maker.file(maker.entry(said, signing.jws(said, alg)))
    knowing = replace(trust, organisation_roots=(signing.root,))
    report = verify(whole, knowing, forge.at, countersignatures=file)
    assert (report.outcome, report.steps[9].status) == (Outcome.PASSED, Status.PASSED)
    told: Any = report.to_json()["countersignatures"]
    own = told["entries"][0]["own_signature"]
    assert (own["form"], own["algorithm"], own["holder"]) == ("jws", alg, "proven")
    assert (own["subject"], own["root"]) == ("CN=CityFace plc", "CN=Root of names")


@pytest.mark.parametrize("roots", ["none", "another"])
def test_without_such_a_root_the_signature_holds_and_its_holder_is_not_proven(
    roots: str, whole: bytes, maker: Maker, organisation: Organisation, trust: Trust, forge: Any
) -> None:
    reader = trust if roots == "none" else replace(trust, organisation_roots=(Organisation().root,))
    said = maker.declaration()
    file = maker.file(maker.entry(said, organisation.jws(said)))
    report = verify(whole, reader, forge.at, countersignatures=file)
    assert (report.outcome, report.steps[9].reason) == (Outcome.PASSED, Reason.HOLDER_NOT_PROVEN)
    assert report.steps[9].status is Status.INDETERMINATE
    told: Any = report.to_json()["countersignatures"]
    assert (told["entries"][0]["own_signature"]["holder"], told["entries"][0]["own_signature"]["root"]) == (
        "not proven", None
    )  # fmt: skip


def test_an_organisation_root_vouches_for_no_signer_of_attestations(
    whole: bytes, keys: Any, trust: Trust, forge: Any
) -> None:
    reader = replace(trust, roots=(keys.lookalike.root,), organisation_roots=trust.roots)
    assert forge.failure(verify(whole, reader, forge.at)) == (3, Reason.CHAIN_NOT_TRUSTED)


def unsigned(signing: Organisation, maker: Maker) -> Own:
    """Return a JWS with the algorithm `none` and no signature."""
    signed = signing.jws(maker.declaration())["value"]
    header = json.loads(base64.urlsafe_b64decode(signed.partition(".")[0] + "=="))
    bare = base64.urlsafe_b64encode(json.dumps({**header, "alg": "none"}).encode()).decode().rstrip("=")
    return {"form": "jws", "value": f"{bare}.."}


def with_public_key(signing: Organisation, maker: Maker) -> Own:
    """Return a JWS whose HMAC is keyed with the public key."""
    pem = signing.certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return signing.jws(maker.declaration(), "HS256", key=OctKey.import_key(base64.b64encode(pem)))


def changed(own: Own, place: int) -> Own:
    value = own["value"]
    return {**own, "value": value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]}


def attached(signing: Organisation, maker: Maker) -> Own:
    head, _, signature = signing.jws(maker.declaration())["value"].split(".")
    payload = base64.urlsafe_b64encode(content_bytes(maker.declaration())).decode().rstrip("=")
    return {"form": "jws", "value": f"{head}.{payload}.{signature}"}


FORM, INVALID = Reason.OWN_SIGNATURE_FORMAT, Reason.OWN_SIGNATURE_INVALID
SECONDS = int(ACTED.timestamp())
REFUSED: dict[str, tuple[Callable[[Organisation, Maker], Own], Reason]] = {
    "over another content": (
        lambda o, m: o.jws(m.declaration(officer={"name": "Eve", "role": "Intern"})), INVALID,
    ),
    "by another key": (lambda _, m: Organisation("p256").jws(m.declaration(), x5c=None), FORM),
    "with the certificate of another": (
        lambda o, m: Organisation("p256").jws(
            m.declaration(), x5c=[base64.b64encode(o.certificate.public_bytes(Encoding.DER)).decode()]
        ),
        INVALID,
    ),
    "changed in its signature": (lambda o, m: changed(o.jws(m.declaration()), -9), INVALID),
    "without an algorithm": (unsigned, FORM),
    "with an HMAC of the public key": (with_public_key, FORM),
    "with RS256 for a key of P-256": (
        lambda _, m: Organisation("rsa2048").jws(m.declaration(), "RS256", x5c=[
            base64.b64encode(Organisation("p256").certificate.public_bytes(Encoding.DER)).decode()
        ]),
        FORM,
    ),
    "with a key of 1024 bits": (lambda _, m: Organisation("rsa1024").jws(m.declaration(), "RS256"), FORM),
    "with an address of certificates": (
        lambda o, m: o.jws(m.declaration(), x5u="https://names.example/chain.pem"), FORM,
    ),
    "with an address of keys": (lambda o, m: o.jws(m.declaration(), jku="https://names.example/keys"), FORM),
    "with a critical extension": (lambda o, m: o.jws(m.declaration(), crit=["x"], x=1), FORM),
    "with a key in its header": (lambda o, m: o.jws(m.declaration(), jwk={"kty": "EC"}), FORM),
    "without certificates": (lambda o, m: o.jws(m.declaration(), x5c=[]), FORM),
    "with six certificates": (
        lambda o, m: o.jws(m.declaration(), x5c=6 * [
            base64.b64encode(o.certificate.public_bytes(Encoding.DER)).decode()
        ]),
        FORM,
    ),
    "with a certificate that is none": (lambda o, m: o.jws(m.declaration(), x5c=["AAAA"]), FORM),
    "without a time": (lambda o, m: o.jws(m.declaration(), iat=None), FORM),
    "from two days ago": (lambda o, m: o.jws(m.declaration(), iat=SECONDS - 172_800), Reason.COUNTERSIGNATURE_TIME),
    "from later": (lambda o, m: o.jws(m.declaration(), iat=SECONDS + 600), Reason.COUNTERSIGNATURE_TIME),
    "with its payload": (attached, FORM),
    "that is no JWS": (lambda *_: {"form": "jws", "value": "x"}, FORM),
    "that is no JWS in Arabic digits": (lambda *_: {"form": "jws", "value": "\u0661..\u0661"}, FORM),
    "that is no CMS": (lambda *_: {"form": "cades", "value": "AAAA"}, FORM),
    "that is no base64": (lambda *_: {"form": "cades", "value": "!"}, FORM),
    "with an expired certificate": (
        lambda _, m: Organisation(days=20).jws(m.declaration()), Reason.OWN_CERTIFICATE,
    ),
    "with a certificate of the future": (
        lambda _, m: Organisation(start=ACTED + timedelta(hours=1)).jws(m.declaration()), Reason.OWN_CERTIFICATE,
    ),
    "with a certificate for encryption": (
        lambda _, m: Organisation(usage="key_encipherment").jws(m.declaration()), Reason.OWN_CERTIFICATE,
    ),
    "with a certificate for servers": (
        lambda _, m: Organisation(
            more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)]
        ).jws(m.declaration()),
        Reason.OWN_CERTIFICATE,
    ),
    "with an unknown critical extension": (
        lambda _, m: Organisation(
            more=[(x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.7"), b"\x05\x00"), True)]
        ).jws(m.declaration()),
        Reason.OWN_CERTIFICATE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_own_signature_that_is_wrong_fails(
    name: str, whole: bytes, maker: Maker, organisation: Organisation, knowing: Trust, forge: Any, no_network: None
) -> None:
    make, reason = REFUSED[name]
    file = maker.file(maker.entry(maker.declaration(), make(organisation, maker)))
    assert forge.failure(verify(whole, knowing, forge.at, countersignatures=file)) == (10, reason)


def test_a_good_one_passes_where_those_fail(
    whole: bytes, maker: Maker, organisation: Organisation, knowing: Trust, forge: Any
) -> None:
    file = maker.file(maker.entry(maker.declaration(), organisation.jws(maker.declaration(), typ="JOSE")))
    assert verify(whole, knowing, forge.at, countersignatures=file).steps[9].reason is Reason.OK


def issued_with(digest: str, folder: Path) -> Organisation:
    found = Organisation()
    found.reissue(folder, digest)
    return found


def without_the_middle(_: Path) -> Organisation:
    found = Organisation()
    found.chain = found.chain[:1]
    return found


NO_PATH: dict[str, Callable[[Path], Organisation]] = {
    "a certificate signed with SHA-1": partial(issued_with, "sha1"),
    "a root that had expired": lambda _: Organisation(root_days=100),
    "a missing authority, which is not fetched": without_the_middle,
}


@pytest.mark.parametrize("name", NO_PATH)
def test_a_path_that_does_not_hold_proves_no_holder(
    name: str, whole: bytes, maker: Maker, trust: Trust, forge: Any, tmp_path: Path, no_network: None
) -> None:
    signing, said = NO_PATH[name](tmp_path), maker.declaration()
    reader = replace(trust, organisation_roots=(signing.root,))
    report = verify(whole, reader, forge.at, countersignatures=maker.file(maker.entry(said, signing.jws(said))))
    assert (report.outcome, report.steps[9].reason) == (Outcome.PASSED, Reason.HOLDER_NOT_PROVEN)


def test_the_same_certificate_signed_with_sha_256_proves_it(
    whole: bytes, maker: Maker, trust: Trust, forge: Any, tmp_path: Path
) -> None:
    signing, said = issued_with("sha256", tmp_path), maker.declaration()
    reader = replace(trust, organisation_roots=(signing.root,))
    report = verify(whole, reader, forge.at, countersignatures=maker.file(maker.entry(said, signing.jws(said))))
    assert report.steps[9].reason is Reason.OK


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"CityFace plc", b"CityFa\xff\xfe plc"),  # no UTF-8
        (b"Issuer of names", b"Issuer \xff\xfe names"),
        (b"\x0c\x0cCityFace plc", b"\x02\x0cCityFace plc"),  # a number
        (b"\x0c\x0cCityFace plc", b"\x03\x0cCityFace plc"),  # bits
    ],
)
def test_a_name_that_cannot_be_told_is_refused(
    old: bytes, new: bytes, whole: bytes, maker: Maker, trust: Trust, forge: Any
) -> None:
    """Names are parsed when they are printed: the file passed, and the report on it could not be written."""
    strange = Organisation()
    strange.misname(old, new)
    said = maker.assurance()
    file = maker.file(maker.entry(said, strange.jws(said)))
    report = verify(whole, trust, forge.at, countersignatures=file)
    assert forge.failure(report) == (10, Reason.OWN_SIGNATURE_FORMAT)
    assert report.to_json()["countersignatures"] is None
