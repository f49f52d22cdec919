"""The keys that sign access tokens.

Invariants: private keys lie in files of mode 0600 and never leave the process; the newest key signs, all in the folder
are published, so that tokens outlive a rotation.
"""

import logging
import os
from errno import ENOENT
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, KeySet

log = logging.getLogger(__name__)
PATTERN = "token-*.pem"


class TokenKeys:
    """The key that signs and the set that verifies."""

    def __init__(self, keys: list[ECKey]) -> None:
        """Take the keys, newest last."""
        self.current = KeySet([keys[-1]])
        self._all = KeySet(list(keys))

    @property
    def verifying(self) -> KeySet:
        """All keys whose tokens are accepted."""
        return self._all

    def public(self) -> dict[str, Any]:
        """Return the JWKS to publish (RFC 7517), without private parts."""
        return dict(self._all.as_dict(private=False))


def load_keys(folder: Path, *, create: bool) -> TokenKeys:
    """Return the keys of a folder; with `create` make the first one. Raises FileNotFoundError where there is none."""
    files = sorted(folder.glob(PATTERN))
    if not files:
        if not create:
            raise FileNotFoundError(ENOENT, "make one with `enduse keys`", str(folder / PATTERN))
        files = [create_key(folder)]
    return TokenKeys([_read(file) for file in files])


def create_key(folder: Path) -> Path:
    """Write a new P-256 key and return its file; two processes may do so at once, the first one wins."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"token-{len(list(folder.glob(PATTERN))) + 1:04d}.pem"
    key = ECKey.generate_key("P-256")
    draft = folder / f".{file.name}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_bytes(key.as_pem(private=True))
    try:
        os.link(draft, file)
    except FileExistsError:
        log.info("another process made the token key")
    finally:
        draft.unlink()
    return file


def _read(file: Path) -> ECKey:
    key = ECKey.import_key(file.read_bytes())
    return ECKey.import_key(file.read_bytes(), {"kid": key.thumbprint(), "use": "sig", "alg": "ES256"})
