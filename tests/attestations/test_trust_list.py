"""A trust list counts only as its own keys signed it, and a newer one only as the older one's keys did."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attestations import envelope as envelopes
from attestations.certificates import key_id, public_key_id
from attestations.statement import format_instant
from attestations.transparency.notes import NoteKey
from attestations.trust import Trust, TrustError, Window, build, parse
from attestations.trust_list import build_list, succeed
from questionnaires.canonical import canonical_bytes
from tests.attestations.conftest import Keys

PUBLIC = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
LOG, WITNESS = NoteKey("log.example/enduse", PUBLIC), NoteKey("witness.example/w1", PUBLIC, "witness")
REVOKED = datetime(2026, 11, 25, 9, tzinfo=UTC)


class ListKey:
    """A P-256 key that signs trust lists."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.keyid = public_key_id(self._key.public_key())
        pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.entry = {"keyid": self.keyid, "public_key": pem}

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, ec.ECDSA(SHA256()))


OLD, NEW, STATUS = ListKey(), ListKey(), ListKey()


def content(keys: Keys, **changes: Any) -> dict[str, Any]:
    signer = keys.signer
    certificate = signer.certificate.public_bytes(Encoding.PEM).decode()
    window = {"since": None, "until": None, "revoked": {"at": format_instant(REVOKED), "reason": "lost"}}
    return {
        "version": 3,
        "issued_at": "2026-11-25T09:00:00Z",
        "roots": [signer.root.public_bytes(Encoding.PEM).decode()],
        "signers": [{"keyid": key_id(signer.certificate), "certificate": certificate, **window}],
        "timestamp_roots": [],
        "logs": [LOG.text()],
        "witnesses": [WITNESS.text()],
        "status_keys": [STATUS.entry],
        "list_keys": [OLD.entry],
        **changes,
    }


def test_a_list_is_read_as_it_was_signed(keys: Keys) -> None:
    trust = parse(build_list(content(keys), OLD))
    assert trust.version == 3
    assert trust.roots == (keys.signer.root,)
    assert trust.signers == {keys.signer.keyid: (keys.signer.certificate,)}
    assert trust.windows == {keys.signer.keyid: Window(revoked_at=REVOKED, reason="lost")}
    assert (trust.logs, trust.witnesses) == ((LOG,), (WITNESS,))
    assert list(trust.status_keys) == [STATUS.keyid]


def test_a_plain_file_still_counts_and_names_nothing_more(keys: Keys) -> None:
    trust = parse(build([keys.signer.root], [keys.signer.certificate]))
    assert trust == Trust((keys.signer.root,), {keys.signer.keyid: (keys.signer.certificate,)})


def test_a_newer_list_signed_by_a_key_of_the_older_takes_its_place(keys: Keys) -> None:
    current = parse(build_list(content(keys), OLD))
    handed_over = build_list(content(keys, version=4, list_keys=[OLD.entry, NEW.entry]), OLD)
    newer = succeed(current, handed_over)
    assert newer.version == 4
    last = succeed(newer, build_list(content(keys, version=5, list_keys=[NEW.entry]), NEW))
    assert list(last.list_keys) == [NEW.keyid]


@pytest.mark.parametrize("version", [1, 3])
def test_an_older_list_does_not_come_back(keys: Keys, version: int) -> None:
    current = parse(build_list(content(keys), OLD))
    with pytest.raises(TrustError, match="not higher"):
        succeed(current, build_list(content(keys, version=version), OLD))


def test_a_list_signed_by_its_own_key_alone_takes_no_ones_place(keys: Keys) -> None:
    current = parse(build_list(content(keys), OLD))
    with pytest.raises(TrustError, match="may sign"):
        succeed(current, build_list(content(keys, version=9, list_keys=[NEW.entry]), NEW))
    with pytest.raises(TrustError, match="not higher"):
        succeed(current, build([keys.signer.root], [keys.signer.certificate]))


def test_a_list_that_its_reader_wrote_counts_and_takes_no_ones_place(keys: Keys) -> None:
    own = canonical_bytes({"format": "enduse-trust/2", **content(keys, version=9)})
    assert parse(own).logs == (LOG,)
    with pytest.raises(TrustError, match="not signed"):
        succeed(parse(build_list(content(keys), OLD)), own)


def test_a_plain_file_is_succeeded_by_nothing(keys: Keys) -> None:
    plain = parse(build([keys.signer.root], [keys.signer.certificate]))
    with pytest.raises(TrustError, match="may sign"):
        succeed(plain, build_list(content(keys), OLD))


def signed(keys: Keys, *, by: ListKey = OLD, kind: str = envelopes.TRUST_TYPE, **changes: Any) -> dict[str, Any]:
    payload = canonical_bytes({"format": "enduse-trust/2", **content(keys, **changes)})
    return envelopes.sign(payload, by, kind).model_dump(mode="json", by_alias=True)


def flipped(value: dict[str, Any]) -> dict[str, Any]:
    payload = value["payload"]
    return {**value, "payload": ("A" if payload[100] != "A" else "B").join((payload[:100], payload[101:]))}


BROKEN: dict[str, tuple[Callable[[Keys], dict[str, Any]], str]] = {
    "a stranger's signature": (lambda keys: signed(keys, by=NEW), "may sign"),
    "a changed payload": (lambda keys: flipped(signed(keys)), ""),
    "a statement's type": (lambda keys: signed(keys, kind=envelopes.PAYLOAD_TYPE), "payloadType"),
    "no version": (lambda keys: signed(keys, version=0), "/version"),
    "an unknown field": (lambda keys: signed(keys, distrust=[]), "/distrust"),
    "no list key": (lambda keys: signed(keys, list_keys=[]), "/list_keys"),
    "a witness as log": (lambda keys: signed(keys, logs=[WITNESS.text()]), "/logs/0: not the key of a log"),
    "no note key": (lambda keys: signed(keys, witnesses=["w"]), "/witnesses/0"),
    "another key's id": (
        lambda keys: signed(keys, status_keys=[{**STATUS.entry, "keyid": OLD.keyid}]),
        "/status_keys/0/keyid",
    ),
    "no PEM": (lambda keys: signed(keys, list_keys=[OLD.entry, {**NEW.entry, "public_key": "x"}]), "/list_keys/1"),
    "no certificate": (lambda keys: signed(keys, timestamp_roots=["x"]), "/timestamp_roots/0"),
    "two windows of one key": (
        lambda keys: signed(
            keys, signers=[content(keys)["signers"][0], {**content(keys)["signers"][0], "revoked": None}]
        ),
        "/signers/1",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_list_is_refused_with_its_place(name: str, keys: Keys) -> None:
    make, place = BROKEN[name]
    with pytest.raises(TrustError) as refused:
        parse(json.dumps(make(keys)).encode())
    assert place in str(refused.value)
