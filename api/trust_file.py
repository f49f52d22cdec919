"""The trust list that an installation hands out, and the keys that have no certificate.

Invariants: the list is kept beside the keys and written anew, one version higher, only when what it names has changed;
so every process hands out the same bytes, and an auditor follows from one version to the next.
"""

import json
import os
from collections.abc import Mapping
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
from attestations.certificates import key_id, public_key_id
from attestations.envelope import decode_base64
from attestations.signing import Signer
from attestations.statement import format_instant
from attestations.transparency.notes import NoteKey
from attestations.trust_list import build_list

LIST_KEY, STATUS_KEY, FILE = "list-key.pem", "status-key.pem", "trust.json"
ORGANISATION_ROOTS = "organisation-roots.pem"
"""Certificates of authorities that may name organisations, for own signatures; no file where there is none."""
TIMESTAMP_ROOTS = "timestamp-roots.pem"
"""Certificates of whoever issues the timestamp authority's, old and new ones; no file where there is none."""


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
        _put(file, pem, replace=False)
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
    """Return the trust list of an installation, as it was issued where nothing it names has changed."""
    named = _content(key, signer, log, status) | {"timestamp_roots": [*map(_pem, load_timestamp_roots(folder))]}
    organisations = _load_roots(folder / ORGANISATION_ROOTS)
    if organisations:  # a verifier from before refuses the name
        named["organisation_roots"] = [*map(_pem, organisations)]
    file = folder / FILE
    version = 0
    if file.exists():
        issued = file.read_bytes()
        before = _payload(issued)
        version = before.pop("version")
        del before["issued_at"], before["format"]
        if before == named:
            return issued
    content = {**named, "version": version + 1, "issued_at": format_instant(clock.now())}
    _put(file, build_list(content, key), replace=True)
    return file.read_bytes()


def _content(key: PlainKey, signer: Signer, log: NoteKey, status: PlainKey) -> dict[str, Any]:
    entry = {
        "keyid": key_id(signer.certificate), "certificate": _pem(signer.certificate),
        "since": None, "until": None, "revoked": None,
    }  # fmt: skip
    return {
        "roots": [_pem(signer.root)], "signers": [entry], "timestamp_roots": [], "logs": [log.text()],
        "witnesses": [], "status_keys": [status.entry()], "list_keys": [key.entry()],
    }  # fmt: skip


def _payload(issued: bytes) -> dict[str, Any]:
    envelope: Mapping[str, Any] = json.loads(issued)
    payload: dict[str, Any] = json.loads(decode_base64(envelope["payload"]))
    return payload


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _put(file: Path, data: bytes, *, replace: bool) -> None:
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
