"""Trust lists: a signed trust.json with a version, which also names logs, witnesses, status keys and revocations.

Invariants: a list is signed by one of the keys it names itself, so that no part of it can be changed; a newer list
takes the place of an older one only where a key that the older one names has signed it and its version is higher. The
first one an auditor gets by other means, and pins it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attestations import envelope as envelopes
from attestations.certificates import public_key_id
from attestations.envelope import TRUST_TYPE, Envelope, KeyId, Signatory
from attestations.problems import name_problems
from attestations.statement import Instant, Text, read_instant
from attestations.strict_json import StrictJSONError, read_json
from attestations.transparency.notes import NoteError, NoteKey, read_key
from attestations.trust import MAX_TRUST, Trust, TrustError, Window, load_certificates, load_signers, parse
from questionnaires.canonical import canonical_bytes

FORMAT = "enduse-trust/2"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Revocation(_Part):
    at: Instant
    reason: Text


class _Signer(_Part):
    keyid: KeyId
    certificate: str
    since: Instant | None
    until: Instant | None
    revoked: _Revocation | None


class _Key(_Part):
    keyid: KeyId
    public_key: str


class _TrustList(_Part):
    format: Literal["enduse-trust/2"]
    version: Annotated[int, Field(ge=1, le=2**53 - 1)]
    issued_at: Instant
    roots: list[str] = Field(min_length=1, max_length=100)
    signers: list[_Signer] = Field(max_length=1000)
    timestamp_roots: list[str] = Field(max_length=100)
    organisation_roots: list[str] = Field(default=[], max_length=100)
    logs: list[str] = Field(max_length=100)
    witnesses: list[str] = Field(max_length=100)
    status_keys: list[_Key] = Field(max_length=100)
    list_keys: list[_Key] = Field(min_length=1, max_length=10)


def build_list(content: Mapping[str, object], signatory: Signatory) -> bytes:
    """Return a signed trust list of `enduse-trust/2` content; raise TrustError with every problem named."""
    payload = canonical_bytes({"format": FORMAT, **content})
    data = canonical_bytes(envelopes.sign(payload, signatory, TRUST_TYPE).model_dump(mode="json", by_alias=True))
    parse(data)
    return data


def parse_list(value: Mapping[str, object]) -> Trust:
    """Return the trust of a trust list's envelope, signed by a key it names; raise TrustError.

    A list without an envelope is one that the caller wrote or edited: trust is the caller's decision.
    """
    if "payloadType" not in value:
        return _read_content(value)
    envelope = _read_envelope(value)
    trust = _read_payload(envelope.payload_bytes)
    _check_signature(envelope, trust.list_keys)
    return trust


def succeed(current: Trust, data: bytes) -> Trust:
    """Return the newer trust that may take the place of the current one; raise TrustError where it may not."""
    newer = parse(data)
    value = cast("dict[str, object]", read_json(data, limit=MAX_TRUST))
    if "payloadType" not in value and newer.version > current.version:
        raise TrustError(["/: not signed"])
    if not newer.version > current.version:
        raise TrustError(["/version: not higher than that of the list in hand"])
    _check_signature(_read_envelope(value), current.list_keys)
    return newer


def _read_envelope(value: Mapping[str, object]) -> Envelope:
    try:
        envelope = Envelope.model_validate(value)
    except ValidationError as error:
        raise TrustError(name_problems(error)) from error
    if envelope.payload_type != TRUST_TYPE:
        raise TrustError(["/payloadType: not that of a trust list"])
    return envelope


def _check_signature(envelope: Envelope, keys: Mapping[str, ec.EllipticCurvePublicKey]) -> None:
    key = keys.get(envelope.keyid)
    if key is None:
        raise TrustError(["/signatures/0/keyid: not a key that may sign this list"])
    if not envelopes.verify(envelope, key):
        raise TrustError(["/signatures/0/sig: does not fit the list"])


def _read_payload(payload: bytes) -> Trust:
    try:
        return _read_content(read_json(payload, limit=MAX_TRUST))
    except StrictJSONError as error:
        raise TrustError([f"/: {error}"]) from error


def _read_content(value: object) -> Trust:
    try:
        file = _TrustList.model_validate(value)
    except ValidationError as error:
        raise TrustError(name_problems(error)) from error
    problems: list[str] = []
    trust = Trust(
        roots=load_certificates(file.roots, "/roots", problems),
        signers=load_signers([(entry.keyid, entry.certificate) for entry in file.signers], problems),
        version=file.version,
        windows=_windows(file.signers, problems),
        timestamp_roots=load_certificates(file.timestamp_roots, "/timestamp_roots", problems),
        organisation_roots=load_certificates(file.organisation_roots, "/organisation_roots", problems),
        logs=_note_keys(file.logs, "/logs", "log", problems),
        witnesses=_note_keys(file.witnesses, "/witnesses", "witness", problems),
        status_keys=_public_keys(file.status_keys, "/status_keys", problems),
        list_keys=_public_keys(file.list_keys, "/list_keys", problems),
    )
    if problems:
        raise TrustError(problems)
    return trust


def _windows(signers: Sequence[_Signer], problems: list[str]) -> dict[str, Window]:
    windows: dict[str, Window] = {}
    for at, signer in enumerate(signers):
        revoked = signer.revoked
        window = Window(
            _moment(signer.since), _moment(signer.until),
            _moment(revoked.at) if revoked else None, revoked.reason if revoked else None,
        )  # fmt: skip
        if windows.setdefault(signer.keyid, window) != window:
            problems.append(f"/signers/{at}: another window than the same key has above")
    return windows


def _moment(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


def _note_keys(texts: Sequence[str], path: str, kind: str, problems: list[str]) -> tuple[NoteKey, ...]:
    keys = []
    for at, text in enumerate(texts):
        try:
            key = read_key(text)
        except NoteError as error:
            problems.append(f"{path}/{at}: {error}")
            continue
        if key.kind != kind:
            problems.append(f"{path}/{at}: not the key of a {kind}")
        keys.append(key)
    return tuple(keys)


def _public_keys(entries: Sequence[_Key], path: str, problems: list[str]) -> dict[str, ec.EllipticCurvePublicKey]:
    keys: dict[str, ec.EllipticCurvePublicKey] = {}
    for at, entry in enumerate(entries):
        key = _public_key(entry.public_key)
        if key is None:
            problems.append(f"{path}/{at}/public_key: not the PEM of a P-256 public key")
        elif public_key_id(key) != entry.keyid:
            problems.append(f"{path}/{at}/keyid: not the id of the key")
        else:
            keys[entry.keyid] = key
    return keys


def _public_key(pem: str) -> ec.EllipticCurvePublicKey | None:
    try:
        key: Any = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None
