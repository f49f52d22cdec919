"""The keys that sign access tokens.

Invariants: private keys lie in files of mode 0600 and never leave the process; the newest key signs, all in the folder
are published and verify, so that tokens outlive a rotation; a running process notices a new or removed file within a
minute, and a new one as soon as a token names its key; with a file that cannot be read, it goes on with what it has.
"""

import logging
import os
import time
from collections.abc import Callable
from errno import ENOENT
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

log = logging.getLogger(__name__)
PATTERN = "token-*.pem"
LOOK_EVERY = 60.0
"""Seconds after which the folder is looked at again."""


class TokenKeys:
    """The keys of a folder: one signs, all verify."""

    def __init__(self, folder: Path, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Read the keys of a folder with at least one; raises what reading them raises."""
        self._folder, self._elapsed = folder, elapsed
        self._files = _files(folder)
        self._keys = {file: _read(file) for file in self._files}
        self._looked = elapsed()

    @property
    def current(self) -> KeySet:
        """The key that signs, alone."""
        return KeySet([self._present()[-1]])

    def named(self, kid: str) -> ECKey:
        """Return the key with an id; raises KeyError where there is none."""
        keys = {key.kid: key for key in self._present()}
        if kid not in keys:  # a process beside this one may have the key already
            keys = {key.kid: key for key in self._look()}
        return keys[kid]

    def public(self) -> dict[str, Any]:
        """Return the JWKS to publish (RFC 7517), without private parts."""
        return dict(KeySet(list(self._present())).as_dict(private=False))

    def _present(self) -> list[ECKey]:
        """Return the keys, newest last, looked up at most a minute ago."""
        return self._look() if self._elapsed() - self._looked >= LOOK_EVERY else self._sorted()

    def _look(self) -> list[ECKey]:
        """List the folder again; read what is new, and forget what is gone."""
        self._looked = self._elapsed()
        files = _files(self._folder)
        if files and files != self._files:
            try:
                self._keys = {file: self._keys.get(file) or _read(file) for file in files}
                self._files = files
            except (OSError, JoseError, ValueError) as error:
                log.error("a token key cannot be read (%s); going on with those known", type(error).__name__)  # noqa: TRY400
        return self._sorted()

    def _sorted(self) -> list[ECKey]:
        return [key for _, key in sorted(self._keys.items())]


def load_keys(folder: Path, *, create: bool) -> TokenKeys:
    """Return the keys of a folder; with `create` make the first one. Raises FileNotFoundError where there is none."""
    if not _files(folder):
        if not create:
            raise FileNotFoundError(ENOENT, "make one with `enduse keys`", str(folder / PATTERN))
        create_key(folder)
    return TokenKeys(folder)


def create_key(folder: Path) -> Path:
    """Write a new P-256 key, which signs from then on, and return its file.

    Two processes may do so at once: the first one wins.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    numbers = [int(number) for file in _files(folder) if (number := file.stem.removeprefix("token-")).isdecimal()]
    file = folder / f"token-{max(numbers, default=0) + 1:04d}.pem"
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


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(PATTERN))


def _read(file: Path) -> ECKey:
    key = ECKey.import_key(file.read_bytes())
    return ECKey.import_key(file.read_bytes(), {"kid": key.thumbprint(), "use": "sig", "alg": "ES256"})
