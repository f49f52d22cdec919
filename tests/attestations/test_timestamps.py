"""A timestamp proves since when a signature exists: what it changes, and what passes for none."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from attestations import signing
from attestations.byte_range import find_signed_bytes
from attestations.certificates import find_timestamp_chains
from attestations.pdf import seal
from attestations.policy import Policy
from attestations.printing import print_report
from attestations.reasons import Reason, RefusedError
from attestations.report import Report, Status
from attestations.timestamp import MAX_TOKEN, normalise, read
from attestations.trust import Trust
from attestations.verification import verify
from tests.attestations.authority import STAMPING, Authority
from tests.attestations.conftest import failure, make_bundle, render_pdf
from tests.attestations.logged import Log, trust_of

NOW = datetime.now(UTC).replace(microsecond=0)
"""OpenSSL stamps with the clock of the machine, so everything here happens around it."""
DAY = timedelta(days=1)
YEAR = 365 * DAY


class Sealed(NamedTuple):
    """One attestation with a timestamp and without."""

    signer: signing.Signer
    bundle: bytes
    stamped: bytes
    plain: bytes
    before: datetime
    after: datetime
    """Between which the timestamp was asked for; the authority owns to a second."""


def new_signer(on: date) -> signing.Signer:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = signing.issue_root(root_key, "Root", "Org", on)
    return signing.Signer(
        key, signing.issue_signer(key.public_key(), "Signer", "Org", on, issuer=(root_key, root)), root
    )


def issue(signer: signing.Signer, at: datetime, stamp: Callable[[bytes], bytes]) -> Sealed:
    """Issue as of a moment by the signer's word; the stamp is of now."""
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    content = {
        "request": {"id": "01939f00-0000-7000-8000-000000000004", "issued_at": moment, "due_on": f"{at.date()}"},
        "declaration": {
            "submission": "01939f00-0000-7000-8000-000000000005", "sealed_at": moment,
            "declared_by": {"name": "A. Person", "role": "Counsel"},
        },
    }  # fmt: skip
    bundle = make_bundle(signer, issued_at=moment, assessed_on=f"{at.date()}", **content)
    pdf = render_pdf(bundle)
    before = datetime.now(UTC).replace(microsecond=0)
    stamped = seal(pdf, signer, at, stamp)
    return Sealed(signer, bundle, stamped, seal(pdf, signer, at), before, datetime.now(UTC) + timedelta(seconds=1))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stamps") / "tsa", NOW)


@pytest.fixture(scope="module")
def today(authority: Authority) -> Sealed:
    return issue(new_signer(NOW.date()), NOW, authority.stamp)


@pytest.fixture(scope="module")
def backdated(authority: Authority) -> Sealed:
    """Issue as a signer that says it signed two years ago; its certificate ran out, and the stamp is of now."""
    return issue(new_signer((NOW - 3 * YEAR).date()), NOW - 2 * YEAR, authority.stamp)


def trusting(sealed: Sealed, *roots: x509.Certificate, **window: Any) -> Trust:
    return trust_of(sealed.signer, Log(), roots, **window)


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def reasons(report: Report) -> list[Reason]:
    return [step.reason for step in report.steps[1:3]]


OK, EXPIRED, REVOKED = Reason.OK, Reason.SIGNER_EXPIRED, Reason.KEY_REVOKED
TABLE = {
    # what happened: (when the stamp shows it, when asked, window, steps 2 and 3 without and with a timestamp)
    "nothing": ("today", DAY, {}, [OK, OK], [OK, OK]),
    "signer expired": ("today", 3 * YEAR, {}, [EXPIRED, EXPIRED], [OK, OK]),
    "signer expired before the stamp": ("backdated", DAY, {}, [EXPIRED, EXPIRED], [EXPIRED, EXPIRED]),
    "key rotated": ("today", 30 * DAY, {"until": DAY}, [OK, OK], [OK, OK]),
    "key revoked later": ("today", 30 * DAY, {"revoked": DAY}, [OK, REVOKED], [OK, OK]),
    "key revoked later, and expired": ("today", 3 * YEAR, {"revoked": DAY}, [EXPIRED, REVOKED], [OK, OK]),
    "key revoked before the stamp": ("backdated", DAY, {"revoked": -DAY}, [EXPIRED, REVOKED], [EXPIRED, REVOKED]),
    "key revoked before it signed": ("today", DAY, {"revoked": -DAY}, [OK, REVOKED], [OK, REVOKED]),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_a_timestamp_changes(name: str, authority: Authority, request: pytest.FixtureRequest) -> None:
    which, after, window, without, with_one = TABLE[name]
    sealed: Sealed = request.getfixturevalue(which)
    said: dict[str, Any] = {key: moment(NOW + offset) for key, offset in window.items()}
    if "revoked" in said:
        said["revoked"] = {"at": said["revoked"], "reason": "lost"}
    trust = trusting(sealed, authority.root, **said)
    plain, stamped = (verify(data, trust, NOW + after) for data in (sealed.plain, sealed.stamped))
    assert (reasons(plain), reasons(stamped)) == (without, with_one)
    before = name == "key revoked before it signed"
    assert (stamped.steps[2].status is Status.FAILED) is before
    for step in (step for report in (plain, stamped) for step in report.steps[1:3]):
        if step.reason is not OK and not before:
            assert step.status is Status.INDETERMINATE


def test_the_bundle_alone_is_not_proven_by_the_seal(today: Sealed, authority: Authority) -> None:
    trust = trusting(today, authority.root)
    assert verify(today.bundle, trust, NOW + 3 * YEAR).steps[2].reason is EXPIRED


def test_the_report_says_since_when(today: Sealed, authority: Authority) -> None:
    from io import StringIO

    report = verify(today.stamped, trusting(today, authority.root), NOW + DAY)
    assert report.proven_at is not None
    assert NOW <= today.before <= report.proven_at <= today.after
    assert report.to_json()["proven_at"] == moment(report.proven_at)
    text = StringIO()
    print_report(report, text)
    assert f"proven since   {moment(report.proven_at)}" in text.getvalue()
    assert verify(today.plain, trusting(today, authority.root), NOW + DAY).to_json()["proven_at"] is None


def test_a_policy_may_require_it(today: Sealed, authority: Authority) -> None:
    policy = Policy(timestamp_required=True)
    trust = trusting(today, authority.root)
    assert verify(today.stamped, trust, NOW + DAY, policy=policy).steps[7].status is Status.PASSED
    for data, whom in ((today.plain, trust), (today.stamped, trusting(today))):
        report = verify(data, whom, NOW + DAY, policy=policy)
        assert failure(report) == (8, Reason.POLICY)
        assert report.steps[7].problems == ("it carries no trusted timestamp",)


def test_a_stranger_s_timestamp_counts_as_none(today: Sealed, authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "other", NOW)
    sealed = issue(today.signer, NOW, stranger.stamp)
    report = verify(sealed.stamped, trusting(today, authority.root), NOW + DAY)
    assert report.steps[1].status is Status.PASSED
    assert "authority that you do not trust" in report.steps[1].sentence
    assert report.proven_at is None
    assert reasons(verify(sealed.stamped, trusting(today, authority.root), NOW + 3 * YEAR)) == [EXPIRED, EXPIRED]


def extended(*usages: x509.ObjectIdentifier, critical: bool = True) -> tuple[x509.ExtensionType, bool]:
    return x509.ExtendedKeyUsage(usages), critical


UNFIT = {
    "usage not critical": (extended(ExtendedKeyUsageOID.TIME_STAMPING, critical=False),),
    "another usage beside": (extended(ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION),),
    "another usage": (extended(ExtendedKeyUsageOID.EMAIL_PROTECTION),),
    "no usage": (),
    "an authority": (*STAMPING, (x509.BasicConstraints(ca=True, path_length=0), True)),
    "a key that issues": (*STAMPING, (signing._key_usage(issues=True), True)),
    "an unknown critical extension": (
        *STAMPING, (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNFIT)
def test_a_certificate_that_is_not_for_timestamps_alone(name: str, tmp_path: Path) -> None:
    unfit = Authority(tmp_path / "tsa", NOW, extensions=UNFIT[name])
    assert find_timestamp_chains(unfit.certificate, [unfit.root]) == []


def test_a_certificate_for_timestamps(authority: Authority, today: Sealed, tmp_path: Path) -> None:
    usage = Authority(tmp_path / "tsa", NOW, extensions=(*STAMPING, (signing._key_usage(issues=False), True)))
    assert len(find_timestamp_chains(usage.certificate, [authority.root, usage.root])) == 1
    assert find_timestamp_chains(usage.certificate, [authority.root]) == []
    assert find_timestamp_chains(today.signer.certificate, [today.signer.root]) == [], "a signer stamps nothing"


def test_an_authority_whose_certificate_has_run_out(today: Sealed, tmp_path: Path) -> None:
    late = Authority(tmp_path / "tsa", NOW - 30 * DAY, days=10)
    sealed = issue(today.signer, NOW, late.stamp)
    assert verify(sealed.stamped, trusting(today, late.root), NOW + DAY).proven_at is None


@pytest.mark.parametrize(("kind", "digest", "naming"), [("rsa", "sha512", "sha1"), ("ec", "sha384", "sha256")])
def test_authorities_of_other_kinds(kind: str, digest: str, naming: str, today: Sealed, tmp_path: Path) -> None:
    other = Authority(tmp_path / "tsa", NOW, kind=kind, digest=digest, naming=naming)
    sealed = issue(today.signer, NOW, other.stamp)
    report = verify(sealed.stamped, trusting(today, other.root), NOW + 3 * YEAR)
    assert reasons(report) == [OK, OK]


def test_a_token_is_kept_in_one_form_only(authority: Authority) -> None:
    raw = authority.raw_token(b"signature")
    token = normalise(raw, b"signature")
    assert raw != token.der, "OpenSSL sends its root along"
    with pytest.raises(RefusedError, match="one encoding"):
        read(raw, b"signature")
    assert read(token.der, b"signature") == token
    with pytest.raises(RefusedError, match="not over this signature"):
        read(token.der, b"another signature")
    with pytest.raises(RefusedError, match="larger"):
        read(token.der + bytes(MAX_TOKEN), b"signature")


def test_no_byte_of_a_token_is_free(authority: Authority) -> None:
    """Whether or not anybody trusts the authority: what it did not sign has one form, and what it signed is signed."""
    der = authority.stamp(b"signature")
    for at in range(len(der)):
        flipped = bytearray(der)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(RefusedError) as refused:
            read(bytes(flipped), b"signature")
        assert refused.value.reason is Reason.TIMESTAMP_INVALID


def replace_attributes(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """Return the PDF with other unsigned attributes in its signature: nothing signs those."""
    signed = find_signed_bytes(pdf)
    content = cms.ContentInfo.load(signed.cms)
    (info,) = content["content"]["signer_infos"]
    change(info)
    der = content.dump()
    start = signed.byte_range[1] + 1
    return (
        pdf[:start]
        + der.ljust(len(signed.contents), b"\0").hex().upper().encode()
        + pdf[start + 2 * len(signed.contents) :]
    )


def attribute(kind: str, value: Any) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def test_a_timestamp_of_another_signature_is_refused(today: Sealed, authority: Authority) -> None:
    token = cms.ContentInfo.load(authority.stamp(b"another"))

    def swap(info: Any) -> None:
        info["unsigned_attrs"] = [attribute("signature_time_stamp_token", token)]

    for whom in (trusting(today, authority.root), trusting(today)):
        report = verify(replace_attributes(today.stamped, swap), whom, NOW + DAY)
        assert failure(report) == (2, Reason.TIMESTAMP_INVALID)


@pytest.mark.parametrize("count", [1, 2])
def test_other_unsigned_attributes_are_refused(count: int, today: Sealed, authority: Authority) -> None:
    def add(info: Any) -> None:
        counter = attribute("message_digest", b"anything")
        info["unsigned_attrs"] = [*(info["unsigned_attrs"] if count > 1 else []), counter]

    report = verify(replace_attributes(today.stamped, add), trusting(today, authority.root), NOW + DAY)
    assert failure(report) == (2, Reason.SIGNATURE_FORMAT)


def test_a_timestamp_taken_out_leaves_a_signature_without_one(today: Sealed, authority: Authority) -> None:
    def strip(info: Any) -> None:
        info["unsigned_attrs"] = None

    stripped = replace_attributes(today.stamped, strip)
    report = verify(stripped, trusting(today, authority.root), NOW + 3 * YEAR)
    assert reasons(report) == [EXPIRED, EXPIRED], "no worse and no better than one that never had it"


def test_a_signature_that_says_it_is_younger_than_its_timestamp(authority: Authority) -> None:
    signer = new_signer(NOW.date())
    sealed = issue(signer, NOW + DAY, authority.stamp)
    report = verify(sealed.stamped, trusting(sealed, authority.root), NOW + 2 * DAY)
    assert failure(report) == (2, Reason.TIMESTAMP_INVALID)


def test_a_timestamp_from_the_future(backdated: Sealed, authority: Authority) -> None:
    trust = trusting(backdated, authority.root)
    assert failure(verify(backdated.stamped, trust, NOW - DAY)) == (2, Reason.TIMESTAMP_INVALID)
    assert verify(backdated.plain, trust, NOW - DAY).steps[1].reason is EXPIRED
