"""The trust list that an installation hands out, and the keys that have no certificate.

Invariants: the list is kept beside the keys and written anew, one version higher, only when what it names has changed;
so every process hands out the same bytes, and an auditor follows from one version to the next. The list is the memory
of keys that are not in use any more: what it named it names on, until it is revoked (`api.rotation`).
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from errno import ENOENT
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from api import clock
from api.transparency.keys import load_witnesses
from attestations.certificates import key_id, public_key_id
from attestations.envelope import decode_base64
from attestations.signing import Signer
from attestations.statement import format_instant
from attestations.transparency.notes import NoteKey
from attestations.trust_list import FORMAT, build_list

LIST_KEY, STATUS_KEY, FILE = "list-key.pem", "status-key.pem", "trust.json"
ORGANISATION_ROOTS = "organisation-roots.pem"
"""Certificates of authorities that may name organisations, for own signatures; no file where there is none."""
NEXT_LIST_KEY = "list-key-next.pem"
"""The key that will sign the lists later, which the present one names already."""
TIMESTAMP_ROOTS = "timestamp-roots.pem"
"""Certificates of whoever issues the timestamp authority's, old and new ones; no file where there is none."""
KEPT = ("roots", "logs", "status_keys")
"""What stays named until it is revoked."""


class PlainKey:
    """A P-256 key without a certificate: of trust lists, or of status lists."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        """Keep a key."""
        self.private = key
        self.keyid = public_key_id(key.public_key())

    def __repr__(self) -> str:
        """Name the key id only."""
        return f"PlainKey({self.keyid})"

    def sign(self, data: bytes) -> bytes:
        """Return the DER-encoded ECDSA signature over the SHA-256 of the data."""
        return self.private.sign(data, ec.ECDSA(hashes.SHA256()))

    def entry(self) -> dict[str, str]:
        """Return the key as a trust list names it."""
        pem = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {"keyid": self.keyid, "public_key": pem.decode()}


def load_plain_key(file: Path, *, create: bool) -> PlainKey:
    """Return the key of a file; with `create` made where it is missing, else FileNotFoundError."""
    if not file.exists():
        if not create:
            raise FileNotFoundError(ENOENT, "make one with `enduse keys`", str(file))
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        put(file, pem, replace=False)
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{file.name} is not a P-256 key")  # noqa: TRY004  # the file is wrong
    return PlainKey(key)


def load_timestamp_roots(folder: Path) -> tuple[x509.Certificate, ...]:
    """Return the timestamp roots of an installation, none where it has no file; raise ValueError for a broken one."""
    return _load_roots(folder / TIMESTAMP_ROOTS)


def _load_roots(file: Path) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(file.read_bytes())) if file.exists() else ()


def issue(folder: Path, key: PlainKey, signer: Signer, log: NoteKey, status: PlainKey) -> bytes:
    """Return the trust list of an installation, as it was issued where nothing it names has changed.

    What the last list named stays named: a signer whose key is not in use any more from then on until now, so that what
    it signed verifies on. Raises ValueError where a key in use is one that was revoked.
    """
    with turn(folder):
        before, now = read_issued(folder), clock.now()
        named = _content(folder, key, signer, log, status)
        if before is not None:
            named = _succeed(before, named, now)
            if {**before, "version": 0, "issued_at": ""} == {**named, "format": FORMAT, "version": 0, "issued_at": ""}:
                return (folder / FILE).read_bytes()
        return write_list(folder, named, before, key)


def write_list(folder: Path, named: Mapping[str, Any], before: Mapping[str, Any] | None, key: PlainKey) -> bytes:
    """Sign what a list names as the version after the one before; keep and return it. The caller has the turn."""
    version = 1 if before is None else before["version"] + 1
    content = {**named, "version": version, "issued_at": format_instant(clock.now())}
    content.pop("format", None)
    put(folder / FILE, build_list(content, key), replace=True)
    return (folder / FILE).read_bytes()


def read_issued(folder: Path) -> dict[str, Any] | None:
    """Return the payload of the last list that was issued, or None."""
    file = folder / FILE
    if not file.exists():
        return None
    envelope: Mapping[str, Any] = json.loads(file.read_bytes())
    payload: dict[str, Any] = json.loads(decode_base64(envelope["payload"]))
    return payload


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Wait until no other process of this machine changes the list."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".trust.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _content(folder: Path, key: PlainKey, signer: Signer, log: NoteKey, status: PlainKey) -> dict[str, Any]:
    """Return what the files of now name."""
    entry = {
        "keyid": key_id(signer.certificate), "certificate": pem_of(signer.certificate),
        "since": None, "until": None, "revoked": None,
    }  # fmt: skip
    announced = folder / NEXT_LIST_KEY
    keys = [key, load_plain_key(announced, create=False)] if announced.exists() else [key]
    organisations = [*map(pem_of, _load_roots(folder / ORGANISATION_ROOTS))]
    named = {"organisation_roots": organisations} if organisations else {}  # a verifier from before refuses the name
    return named | {
        "roots": [pem_of(signer.root)], "signers": [entry],
        "timestamp_roots": [*map(pem_of, load_timestamp_roots(folder))], "logs": [log.text()],
        "witnesses": [witness.text() for witness in load_witnesses(folder)], "status_keys": [status.entry()],
        "list_keys": [one.entry() for one in keys],
    }  # fmt: skip


def _succeed(before: Mapping[str, Any], named: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return what the next list names: what is in use, and what was, for what it signed then."""
    kept = {part: [*before[part], *(one for one in named[part] if one not in before[part])] for part in KEPT}
    return {**named, **kept, "signers": _succeed_signers(before["signers"], named["signers"][0], now)}


def _succeed_signers(before: Sequence[dict[str, Any]], entry: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    known = [one for one in before if one["keyid"] == entry["keyid"]]
    if any(one["revoked"] for one in known):
        raise ValueError("the signer's key was revoked: put another in its place")
    until = format_instant(now + timedelta(seconds=1))  # what was signed in this second counts
    in_use = {"since": known[0]["since"] if known else format_instant(now), "until": None, "revoked": None}
    found = []
    for one in before:
        if one["keyid"] == entry["keyid"]:
            found.append({**one, **in_use})
        else:
            found.append({**one, "until": one["until"] or until})
    if entry["certificate"] not in {one["certificate"] for one in known}:
        found.append({**entry, **in_use})
    return found


def pem_of(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM text."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def put(file: Path, data: bytes, *, replace: bool) -> None:
    """Write a file in one step, readable by its owner; without `replace` the first of two processes wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(data)
    if replace:
        draft.replace(file)
        return
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
