"""The keys of an installation, below its data folder.

Invariants: in development missing keys are made, loudly; in production nothing is made without being asked, and
nothing that signs attestations is made at all: such keys come from whoever vouches for them.
"""

from errno import ENOENT
from pathlib import Path
from typing import NamedTuple

from api import clock, trust_file
from api.identity.keys import TokenKeys, load_keys
from api.settings import Settings
from api.transparency.keys import LogKey, load_log_key
from api.transparency.status import StatusKey
from api.trust_file import LIST_KEY, STATUS_KEY, TIMESTAMP_ROOTS, load_plain_key, load_timestamp_roots
from attestations.signing import SIGNER_KEY, Signer, create_development_keys, load_signer, load_token_signer
from attestations.token_key import Place

DEVELOPER = "Enduse"


class Keys(NamedTuple):
    """What signs attestations, access tokens and the heads of the log, and whom to trust for them."""

    signer: Signer
    token: TokenKeys
    log: LogKey
    status: StatusKey
    trust: bytes
    """The trust.json of this installation: a trust list with its root, its signer and its log."""


def load(settings: Settings) -> Keys:
    """Return the keys; in development, made where they are missing.

    Raises FileNotFoundError where one is missing, KeyFileError or TokenKeyError where one is unfit.
    """
    folder = folder_of(settings)
    development = settings.environment == "development"
    signer = _load_signer(settings, folder)
    if settings.tsa_url is not None and not load_timestamp_roots(folder):
        file = folder / TIMESTAMP_ROOTS
        raise FileNotFoundError(ENOENT, "put there who issues the timestamp authority's certificate", str(file))
    log = load_log_key(folder, settings.base_url, create=development)
    listing, status = (load_plain_key(folder / name, create=development) for name in (LIST_KEY, STATUS_KEY))
    trust = trust_file.issue(folder, listing, signer, log.public, status)
    return Keys(signer, load_keys(folder, create=development), log, StatusKey(status.keyid, status.private), trust)


def _load_signer(settings: Settings, folder: Path) -> Signer:
    module, pin_file = settings.pkcs11_module, settings.pkcs11_pin_file
    if module is not None and pin_file is not None:
        place = Place(module, settings.pkcs11_token or "", settings.pkcs11_key or "")
        return load_token_signer(folder, place, pin_file)
    if settings.environment == "development" and not (folder / SIGNER_KEY).exists():
        create_development_keys(folder, DEVELOPER, clock.today())
    return load_signer(folder)


def folder_of(settings: Settings) -> Path:
    """Return the folder of the keys."""
    return settings.data_folder / "keys"
