"""Files that cannot be images are refused, each with a sentence that says why."""

import struct
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from annotation.core.formats import pictures, sources
from annotation.core.formats.base import ImageSource, RefusedFile

RNG = np.random.default_rng(0)


def noise(*shape: int, kind: Any = np.uint16) -> np.ndarray:
    return RNG.integers(0, 200, shape).astype(kind)


def whole(source: ImageSource) -> np.ndarray:
    """The image (t, c, z, y, x), read plane by plane."""
    size_t, size_c, size_z, _, _ = source.shape_tczyx
    planes = [source.read_plane(t, c, z) for t in range(size_t) for c in range(size_c) for z in range(size_z)]
    return np.stack(planes).reshape(source.shape_tczyx)


def reason(path: Path) -> str:
    with pytest.raises(RefusedFile) as caught:
        whole(sources.open_image(path))
    assert caught.value.path == path
    return caught.value.reason


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "x.tif").write_bytes(b"")
    assert reason(tmp_path / "x.tif") == "the file is empty"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert reason(tmp_path / "x.tif") == "there is no such file"


@pytest.mark.parametrize("name", ["x.tif", "x.png", "x.npy"])
def test_text_that_is_called_an_image(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("hello, this is no image")
    assert "not an image" in reason(tmp_path / name)


@pytest.mark.parametrize("packing", [None, "zlib"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_tiff_cut_short(tmp_path: Path, packing: str | None, part: float) -> None:
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, RNG.integers(0, 65535, (6, 64, 64)).astype("u2"), compression=packing)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    assert "cut short" in reason(path) or "damaged or incomplete" in reason(path)


def test_a_tiff_with_broken_pixels(tmp_path: Path) -> None:
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, RNG.integers(0, 65535, (64, 64)).astype("u2"), compression="zlib")
    with tifffile.TiffFile(path) as file:
        at = file.pages[0].dataoffsets[0]
    data = bytearray(path.read_bytes())
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    assert "damaged or incomplete" in reason(path)


@pytest.mark.parametrize(("name", "kind"), [("x.png", "PNG"), ("x.jpg", "JPEG")])
def test_a_picture_cut_short(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    Image.fromarray(RNG.integers(0, 255, (64, 64)).astype("u1")).save(path, kind)
    path.write_bytes(path.read_bytes()[:1500])
    assert "cut short" in reason(path)


def test_a_deep_png_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(imagecodecs.png_encode(RNG.integers(0, 65535, (64, 64, 3)).astype("u2"))[:3000])
    assert "cut short" in reason(path)


def png_that_declares(height: int, width: int) -> bytes:
    """A PNG of a few bytes that claims to be large."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return pictures.PNG_MAGIC + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [17_000, 60_000])
def test_a_picture_that_declares_too_many_pixels(tmp_path: Path, side: int) -> None:
    (tmp_path / "x.png").write_bytes(png_that_declares(side, side))
    assert "more" in reason(tmp_path / "x.png")


def test_a_tiff_that_declares_too_many_pixels(tmp_path: Path) -> None:
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, np.zeros((16, 16), "u1"), compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as file:
        tags = file.pages.first.tags
        tags["ImageWidth"].overwrite(60_000)
        tags["ImageLength"].overwrite(60_000)
    assert "more than is accepted" in reason(path)


def test_a_picture_that_declares_far_more_than_its_bytes_can_hold(tmp_path: Path) -> None:
    """Within the limit of pixels, but a decompression bomb: memory stays flat."""
    (tmp_path / "x.png").write_bytes(png_that_declares(12_000, 12_000))
    assert "the file has only" in reason(tmp_path / "x.png")


def test_an_npy_whose_header_is_nonsense(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", noise(5, 5))
    data = bytearray((tmp_path / "x.npy").read_bytes())
    data[10:14] = b"(((("
    (tmp_path / "x.npy").write_bytes(data)
    assert "not plain numbers" in reason(tmp_path / "x.npy")


def test_complex_numbers(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", np.zeros((4, 4), np.complex64))
    assert "complex64 are not supported" in reason(tmp_path / "x.tif")


def test_an_npy_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "not plain numbers" in reason(tmp_path / "x.npy")


def test_an_npy_cut_short(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", noise(50, 50))
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:300])
    assert "cut short" in reason(tmp_path / "x.npy")


@pytest.mark.parametrize("shape", [(4,), (1, 2, 3, 4, 5, 6)])
def test_an_npy_that_is_no_image(tmp_path: Path, shape: tuple[int, ...]) -> None:
    np.save(tmp_path / "x.npy", noise(*shape))
    assert "no image" in reason(tmp_path / "x.npy")


def test_an_ome_tiff_whose_planes_lie_in_other_files(tmp_path: Path) -> None:
    path = tmp_path / "x.ome.tif"
    tifffile.imwrite(path, noise(2, 4, 5), ome=True, metadata={"axes": "TYX"})
    with tifffile.TiffFile(path) as file:
        xml = file.ome_metadata
    assert xml is not None
    other = xml.replace('SizeT="2"', 'SizeT="3"')
    with tifffile.TiffWriter(path) as file:
        for plane in noise(2, 4, 5):
            file.write(plane, description=other, metadata=None, contiguous=False)
    assert reason(path)


def test_a_series_that_is_not_there(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", noise(4, 5))
    with pytest.raises(RefusedFile, match="no series 3"):
        sources.open_image(tmp_path / "x.tif", series=2)


def test_a_format_that_is_not_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.czi").write_bytes(b"ZISRAWFILE")
    assert reason(tmp_path / "x.czi") == "CZI files are not read; save the image as OME-TIFF"
