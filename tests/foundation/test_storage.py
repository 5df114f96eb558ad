"""Bytes by key, on this machine's disk."""

from pathlib import Path

import numpy as np
import pytest
import zarr

from backend.foundation import storage


def test_what_was_put_is_got() -> None:
    storage.put("a/b.bin", b"hello")
    assert storage.get("a/b.bin") == b"hello"
    assert storage.get_range("a/b.bin", 1, 3) == b"el"
    assert storage.size("a/b.bin") == 5


def test_putting_again_replaces() -> None:
    storage.put("a", b"old, longer")
    storage.put("a", b"new")
    assert storage.get("a") == b"new"


def test_it_says_what_is_missing() -> None:
    assert not storage.exists("nothing")
    for ask in (storage.get, storage.size, storage.open_stream):
        with pytest.raises(storage.BlobMissing, match="nothing"):
            ask("nothing")
    with pytest.raises(storage.BlobMissing):
        storage.get_range("nothing", 0, 1)


@pytest.mark.parametrize("key", ["../secret", "a/../../b", "a//b", "", "/", "a\\b", "a/./b", "a\0b"])
def test_it_refuses_keys_that_leave_the_storage(key: str) -> None:
    with pytest.raises(storage.BadKey):
        storage.put(key, b"x")


def test_a_prefix_is_a_folder_and_not_the_start_of_a_name() -> None:
    for key in ("run/1/a", "run/1/b/c", "run/10/a"):
        storage.put(key, b"x")
    assert sorted(storage.list_keys("run/1")) == ["run/1/a", "run/1/b/c"]
    storage.delete_prefix("run/1")
    storage.delete_prefix("run/1")
    assert list(storage.list_keys("run")) == ["run/10/a"]


def test_deleting_what_is_not_there_is_fine() -> None:
    storage.put("a", b"x")
    storage.delete("a")
    storage.delete("a")
    assert not storage.exists("a")


def test_a_stream_seeks() -> None:
    storage.put("a", bytes(range(256)) * 8192)
    with storage.open_stream("a") as stream:
        stream.seek(255)
        assert stream.read(2) == bytes([255, 0])
        assert stream.seek(-1, 2) == 256 * 8192 - 1
        assert stream.read() == b"\xff"


def test_folders_go_up_and_come_down(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a").write_bytes(b"1")
    (tmp_path / "in" / "deep" / "b").write_bytes(b"")
    storage.upload_folder(tmp_path / "in", "runs/7")
    storage.download_prefix("runs/7", tmp_path / "out")
    assert (tmp_path / "out" / "a").read_bytes() == b"1"
    assert (tmp_path / "out" / "deep" / "b").read_bytes() == b""


def test_zarr_lives_in_it() -> None:
    made = zarr.create_array(storage.zarr_store("z"), shape=(4, 6), chunks=(2, 3), dtype="uint16")
    made[:] = np.arange(24).reshape(4, 6)
    seen = zarr.open_array(storage.zarr_store("z", read_only=True), mode="r")
    assert np.array_equal(seen[1:3, 2:4], np.arange(24).reshape(4, 6)[1:3, 2:4])


def test_a_local_path_is_told(storage_folder: Path) -> None:
    storage.put("a/b", b"x")
    assert storage.local_path("a/b") == storage_folder / "a" / "b"
