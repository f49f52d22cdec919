"""Files, kept by content: a folder by default, an S3 bucket in production.

Invariants: a file's name is its tenant and its SHA-256 digest; it is written once and never changed; what is read back
is checked against its name; it is removed only once no row names it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import IO

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore

from api.ids import TenantId
from api.settings import Settings
from questionnaires.canonical import Digest, digest_bytes

PIECE = 5 * 1024 * 1024
"""Bytes; no less, as S3 takes no smaller part."""
LISTED = 500


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

    def put_file(self, tenant: TenantId, file: IO[bytes]) -> tuple[Digest, int]:
        """Keep a file from its beginning, in pieces, and return its digest and size in bytes."""
        file.seek(0)
        sha256, size = hashlib.sha256(), 0
        while piece := file.read(PIECE):
            sha256.update(piece)
            size += len(piece)
        file.seek(0)
        digest = Digest(f"sha256:{sha256.hexdigest()}")
        obstore.put(self._store, _path(tenant, digest), file, chunk_size=PIECE, max_concurrency=2)
        return digest, size

    def stream(self, tenant: TenantId, digest: Digest) -> Iterator[bytes]:
        """Yield a file in pieces; raise FileNotFoundError, or OSError at its end where it was tampered with."""
        sha256 = hashlib.sha256()
        for piece in obstore.get(self._store, _path(tenant, digest)).stream(min_chunk_size=PIECE):
            sha256.update(piece)
            yield bytes(piece)
        if digest != f"sha256:{sha256.hexdigest()}":
            raise OSError("a stored file does not match its digest")

    def remove(self, tenant: TenantId, digest: Digest) -> None:
        """Remove a file, if it is there; the caller has made sure that no row names it."""
        with suppress(FileNotFoundError):
            obstore.delete(self._store, _path(tenant, digest))

    def list_older(self, tenant: TenantId, than: datetime) -> Iterator[list[Digest]]:
        """Yield the digests of a tenant's files that were written before a moment, some at a time."""
        for metas in obstore.list(self._store, prefix=f"{tenant}/", chunk_size=LISTED):
            yield [
                Digest(f"sha256:{meta['path'].rpartition('/')[2]}") for meta in metas if meta["last_modified"] < than
            ]


def open_files(settings: Settings) -> FileStore:
    """Return the files of an installation: a folder below its data folder, made where it is missing."""
    folder = settings.data_folder / "files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileStore(LocalStore(folder), settings.storage_quota_bytes)


def _path(tenant: TenantId, digest: Digest) -> str:
    name = digest.removeprefix("sha256:")
    return f"{tenant}/{name[:2]}/{name}"
