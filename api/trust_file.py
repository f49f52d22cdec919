"""The trust list that an installation hands out, and the key that signs it.

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

KEY, FILE = "list-key.pem", "trust.json"


class ListKey:
    """The P-256 key that signs trust lists."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        """Keep a key."""
        self._key = key
        self.keyid = public_key_id(key.public_key())

    def __repr__(self) -> str:
        """Name the key id only."""
        return f"ListKey({self.keyid})"

    def sign(self, data: bytes) -> bytes:
        """Return the DER-encoded ECDSA signature over the SHA-256 of the data."""
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def entry(self) -> dict[str, str]:
        """Return the key as a trust list names it."""
        pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {"keyid": self.keyid, "public_key": pem.decode()}


def load_list_key(folder: Path, *, create: bool) -> ListKey:
    """Return the key of a folder; with `create` made where it is missing, else FileNotFoundError."""
    file = folder / KEY
    if not file.exists():
        if not create:
            raise FileNotFoundError(ENOENT, "make one with `enduse keys`", str(file))
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _put(file, pem, replace=False)
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key of trust lists is not a P-256 key")  # noqa: TRY004  # the file is wrong
    return ListKey(key)


def issue(folder: Path, key: ListKey, signer: Signer, log: NoteKey) -> bytes:
    """Return the trust list of an installation, as it was issued where nothing it names has changed."""
    named = _content(key, signer, log)
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


def _content(key: ListKey, signer: Signer, log: NoteKey) -> dict[str, Any]:
    entry = {
        "keyid": key_id(signer.certificate), "certificate": _pem(signer.certificate),
        "since": None, "until": None, "revoked": None,
    }  # fmt: skip
    return {
        "roots": [_pem(signer.root)], "signers": [entry], "timestamp_roots": [], "logs": [log.text()],
        "witnesses": [], "status_keys": [], "list_keys": [key.entry()],
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
