"""Files, kept by content: a folder by default, an S3 bucket in production.

Invariants: a file's name is its tenant and its SHA-256 digest; it is written once and never changed; what is read back
is checked against its name; only what nothing names any more is removed (see `api.quotas`).
"""

from contextlib import suppress

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore

from api.ids import TenantId
from api.settings import Settings
from questionnaires.canonical import Digest, digest_bytes


class FileStore:
    """Content-addressed files of all tenants, apart by name."""

    def __init__(self, store: ObjectStore, quota: int) -> None:
        """Keep files in an object store, so many bytes of each organisation unless the operator says otherwise."""
        self._store, self.quota = store, quota

    def put(self, tenant: TenantId, data: bytes) -> Digest:
        """Keep the bytes, unless they are there already, and return their digest."""
        digest = digest_bytes(data)
        try:
            obstore.put(self._store, _path(tenant, digest), data, mode="create")
        except AlreadyExistsError:
            self.get(tenant, digest)
        return digest

    def get(self, tenant: TenantId, digest: Digest) -> bytes:
        """Return the bytes of a digest; raise FileNotFoundError, or OSError where they were tampered with."""
        data = bytes(obstore.get(self._store, _path(tenant, digest)).bytes())
        if digest_bytes(data) != digest:
            raise OSError("a stored file does not match its digest")
        return data

    def remove(self, tenant: TenantId, digest: Digest) -> None:
        """Remove the bytes of a digest, if they are there."""
        with suppress(FileNotFoundError):
            obstore.delete(self._store, _path(tenant, digest))


def open_files(settings: Settings) -> FileStore:
    """Return the files of an installation: a folder below its data folder, made where it is missing."""
    folder = settings.data_folder / "files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileStore(LocalStore(folder), settings.storage_quota_bytes)


def _path(tenant: TenantId, digest: Digest) -> str:
    name = digest.removeprefix("sha256:")
    return f"{tenant}/{name[:2]}/{name}"
