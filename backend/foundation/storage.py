"""Bytes by key, in the data folder or in S3-compatible object storage. Keys are relative paths with `/`."""

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import obstore
from django.conf import settings
from obstore.store import LocalStore, S3Store
from zarr.storage import ObjectStore

from backend.foundation.errors import Invalid, NotFound

LIST_CHUNK = 1000
COPY_CHUNK_BYTES = 8 * 1024 * 1024

type_of_store = LocalStore | S3Store


class BlobMissing(NotFound):
    """No bytes are kept under this key."""


class BadKey(Invalid):
    """A key that would leave the storage."""


def put(key: str, data: bytes | memoryview) -> None:
    """Keep `data` under `key`, replacing what was there; a reader sees the old bytes or the new, never
    half.
    """
    obstore.put(_root(), _checked(key), bytes(data))


def get(key: str) -> bytes:
    """All bytes under `key`; raises `BlobMissing`."""
    try:
        return bytes(obstore.get(_root(), _checked(key)).bytes())
    except FileNotFoundError as missing:
        raise BlobMissing(f"Nothing is stored under {key}.") from missing


def get_range(key: str, start: int, end: int) -> bytes:
    """Bytes `start` … `end - 1` under `key`; raises `BlobMissing`."""
    try:
        return bytes(obstore.get_range(_root(), _checked(key), start=start, end=end))
    except FileNotFoundError as missing:
        raise BlobMissing(f"Nothing is stored under {key}.") from missing


def size(key: str) -> int:
    """How many bytes are kept under `key`; raises `BlobMissing`."""
    try:
        return int(obstore.head(_root(), _checked(key))["size"])
    except FileNotFoundError as missing:
        raise BlobMissing(f"Nothing is stored under {key}.") from missing


def exists(key: str) -> bool:
    """Whether bytes are kept under exactly this key."""
    try:
        obstore.head(_root(), _checked(key))
    except FileNotFoundError:
        return False
    return True


def list_keys(prefix: str) -> Iterator[str]:
    """Every key below the folder `prefix`, in no order."""
    for batch in obstore.list(_root(), prefix=_checked(prefix), chunk_size=LIST_CHUNK):
        for entry in batch:
            yield str(entry["path"])


def delete_prefix(prefix: str) -> None:
    """Forget everything below the folder `prefix`; nothing there is fine."""
    keys = list(list_keys(prefix))
    if keys:
        obstore.delete(_root(), keys)


def delete(key: str) -> None:
    """Forget one key; nothing there is fine."""
    if exists(key):
        obstore.delete(_root(), _checked(key))


def open_stream(key: str) -> IO[bytes]:
    """A seekable binary file over the bytes under `key`; raises `BlobMissing`. Close it."""
    size(key)
    return io.BufferedReader(_BlobReader(_checked(key)), buffer_size=1024 * 1024)


def zarr_store(prefix: str, *, read_only: bool = False) -> "ObjectStore[Any]":
    """A zarr store rooted at the folder `prefix`."""
    return ObjectStore(_store_at(_checked(prefix), make_folder=not read_only), read_only=read_only)


def local_path(key: str) -> Path | None:
    """Where `key` lies on this machine's disk, or None when the bytes live in object storage."""
    if settings.CYTOLOOP_STORAGE_URL:
        return None
    return _blob_folder() / _checked(key)


def download_prefix(prefix: str, folder: Path) -> None:
    """Copy everything below `prefix` into `folder`, keeping the tree."""
    root = _checked(prefix)
    for key in list_keys(root):
        target = folder / key[len(root) :].lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_stream(key) as source, target.open("wb") as sink:
            while chunk := source.read(COPY_CHUNK_BYTES):
                sink.write(chunk)


def upload_folder(folder: Path, prefix: str) -> None:
    """Copy every file below `folder` to keys below `prefix`, keeping the tree."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        obstore.put(_root(), _checked(f"{prefix}/{path.relative_to(folder).as_posix()}"), path)


class _BlobReader(io.RawIOBase):
    def __init__(self, key: str) -> None:
        self._reader = obstore.open_reader(_root(), key)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = bytes(self._reader.read(len(buffer)))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())


def _checked(key: str) -> str:
    parts = key.strip("/").split("/")
    if "\\" in key or "\0" in key or any(part in ("", ".", "..") for part in parts):
        raise BadKey(f"“{key}” is not a storage key: use relative paths without empty parts or dots.")
    return "/".join(parts)


def _blob_folder() -> Path:
    return Path(settings.CYTOLOOP_HOME) / "blobs"


def _root() -> type_of_store:
    return _open_store(settings.CYTOLOOP_STORAGE_URL or str(_blob_folder()), "", True)


def _store_at(prefix: str, *, make_folder: bool) -> type_of_store:
    return _open_store(settings.CYTOLOOP_STORAGE_URL or str(_blob_folder()), prefix, make_folder)


@lru_cache(maxsize=256)
def _open_store(where: str, prefix: str, make_folder: bool) -> type_of_store:
    """Opened once per process: a store owns its connections."""
    if not where.startswith("s3://"):
        folder = Path(where) / prefix
        if make_folder:
            folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(prefix=folder, mkdir=make_folder)
    bucket = urlsplit(where)
    return S3Store(
        bucket.netloc,
        prefix="/".join(p for p in (bucket.path.strip("/"), prefix) if p),
        **settings.CYTOLOOP_S3,
    )
