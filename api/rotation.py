"""Putting new keys in the place of old ones, and revoking old ones, in the trust list of an installation.

Invariants: the list names a key before anything is signed with it; a key in use is never revoked, another is put in its
place first; what an old key signed while it was in use verifies on, unless the key is revoked. The key that signs
lists changes in two steps, so that auditors who have the list of now can follow: it is announced, then takes over.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from api import clock, keys, trust_file
from api.identity.keys import create_key
from api.settings import Settings
from api.transparency.keys import FILE as LOG_KEY
from api.transparency.keys import load_log_key, make_log_key
from api.transparency.published import open_published
from api.trust_file import LIST_KEY, NEXT_LIST_KEY, STATUS_KEY
from attestations.signing import (
    ROOT_CERTIFICATE,
    ROOT_KEY,
    SIGNER_CERTIFICATE,
    SIGNER_KEY,
    issue_signer,
    private_pem,
)
from attestations.statement import format_instant


class RotationError(ValueError):
    """What was asked cannot be done; the sentence says what to do instead."""


def rotate(settings: Settings, what: str) -> str:
    """Put a new key in the place of one (`token`, `signer`, `log`, `status`, `list`); return a sentence about it.

    The processes of the service are stopped meanwhile, but for `token`. Raises RotationError.
    """
    folder = keys.folder_of(settings)
    if what == "token":
        return f"new key of access tokens: {create_key(folder)}"
    keys.load(settings)  # the list knows the keys of now before they change
    said = _ROTATIONS[what](settings, folder)
    keys.load(settings)
    return said


def revoke(settings: Settings, name: str, reason: str, at: datetime | None) -> None:
    """Revoke an old key, named by its id (of a log, by its text form): from a moment on, now unless one is given.

    A signer stays named with the moment; log and status keys are named no more. Raises RotationError.
    """
    folder = keys.folder_of(settings)
    in_use = keys.load(settings)
    with trust_file.turn(folder):
        before = trust_file.read_issued(folder)
        assert before is not None
        if name in {in_use.signer.keyid, in_use.log.public.text(), in_use.status.keyid}:
            raise RotationError("the key is in use: put another in its place first, then revoke it")
        moment = {"at": format_instant(at or clock.now()), "reason": reason}
        named = _without(before, name, moment)
        if named == before:
            raise RotationError("no old key of the trust list has this name, or it is revoked already")
        listing = trust_file.load_plain_key(folder / LIST_KEY, create=False)
        trust_file.write_list(folder, named, before, listing)


def _without(before: Mapping[str, Any], name: str, revoked: Mapping[str, str]) -> dict[str, Any]:
    """Return what a list names once a key is revoked; a signer that is revoked already stays as it is."""
    signers = [
        {**one, "revoked": revoked} if one["keyid"] == name and one["revoked"] is None else one
        for one in before["signers"]
    ]
    return {
        **before, "signers": signers, "logs": [one for one in before["logs"] if one != name],
        "status_keys": [one for one in before["status_keys"] if one["keyid"] != name],
    }  # fmt: skip


def _rotate_signer(settings: Settings, folder: Path) -> str:
    if settings.environment != "development" or not (folder / ROOT_KEY).exists():
        raise RotationError(
            "signers are issued by whoever vouches for them: stop the service, put the new signer-key.pem, signer.pem "
            "and root.pem in place, and start it; the trust list keeps the old signer"
        )
    root_key = load_pem_private_key((folder / ROOT_KEY).read_bytes(), password=None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    root = x509.load_pem_x509_certificate((folder / ROOT_CERTIFICATE).read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"{keys.DEVELOPER} development signer"
    certificate = issue_signer(key.public_key(), name, keys.DEVELOPER, clock.today(), issuer=(root_key, root))
    trust_file.put(folder / SIGNER_KEY, private_pem(key), replace=True)
    trust_file.put(folder / SIGNER_CERTIFICATE, trust_file.pem_of(certificate).encode(), replace=True)
    return "new development signer; documents that still wait are attested anew"


def _rotate_log(settings: Settings, folder: Path) -> str:
    """Let both keys sign the published head before the new one takes over: a crash leaves a log that works."""
    old = load_log_key(folder, settings.base_url, create=False)
    draft = folder / f"{LOG_KEY}.new"
    draft.unlink(missing_ok=True)
    make_log_key(draft)
    new = load_log_key(folder, settings.base_url, create=False, name=draft.name)
    published = open_published(settings, old.public)
    note = published.read()
    if note is not None:
        published.head()  # raises where the old key did not sign it
        published.write(new.countersign(note))
    draft.replace(folder / LOG_KEY)
    return f"new key of the log: {new.public.text()}"


def _rotate_status(_: Settings, folder: Path) -> str:
    (folder / STATUS_KEY).rename(folder / f"{STATUS_KEY}.old")
    made = trust_file.load_plain_key(folder / STATUS_KEY, create=True)
    (folder / f"{STATUS_KEY}.old").unlink()
    return f"new key of status lists: {made.keyid}"


def _rotate_list(_: Settings, folder: Path) -> str:
    following = folder / NEXT_LIST_KEY
    if following.exists():
        following.replace(folder / LIST_KEY)
        return "the announced key signs trust lists from now on"
    made = trust_file.load_plain_key(following, create=True)
    return f"the next key of trust lists is announced: {made.keyid}; ask again once auditors have this list"


_ROTATIONS: Mapping[str, Callable[[Settings, Path], str]] = {
    "signer": _rotate_signer, "log": _rotate_log, "status": _rotate_status, "list": _rotate_list,
}  # fmt: skip
