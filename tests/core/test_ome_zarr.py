"""OME-Zarr: what is stored is what was given, and the metadata are those of version 0.5."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from PIL import Image

from annotation.core.formats import base, ome_zarr, thumbnails
from annotation.core.formats.ome_zarr import OmeZarr

RNG = np.random.default_rng(0)


def source(*shape: int, kind: str = "u2", **facts: Any) -> base.ArraySource:
    return base.of_array(RNG.integers(0, 250, shape).astype(kind), name="movie", **facts)


def written(folder: Path, image: base.ArraySource) -> OmeZarr:
    ome_zarr.write(folder / "x.zarr", image)
    return ome_zarr.open(folder / "x.zarr")


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i2", "f4", "f8"])
def test_every_plane_reads_back_equal(tmp_path: Path, kind: str) -> None:
    image = source(2, 3, 2, 20, 30, kind=kind)
    stored = written(tmp_path, image)
    assert stored.dtype == np.dtype(kind)
    for t, c, z in np.ndindex(2, 3, 2):
        assert np.array_equal(stored.source().read_plane(t, c, z), image.read_plane(t, c, z))


def test_facts_are_kept(tmp_path: Path) -> None:
    image = source(
        2, 2, 1, 8, 8,
        channel_names=("DAPI", "GFP"), pixel_size_zyx_um=(None, 0.5, 0.25), frame_interval_s=60.0,
        axes_note="a guess",
    )  # fmt: skip
    stored = written(tmp_path, image)
    for name in (
        "name",
        "shape_tczyx",
        "channel_names",
        "pixel_size_zyx_um",
        "frame_interval_s",
        "axes_note",
    ):
        assert getattr(stored, name) == getattr(image, name)
        assert getattr(stored.source(), name) == getattr(image, name)


def test_metadata_are_those_of_the_specification(tmp_path: Path) -> None:
    image = source(1, 1, 1, 600, 1100, pixel_size_zyx_um=(2.0, 0.5, 0.25), frame_interval_s=30.0)
    written(tmp_path, image)
    group = json.loads((tmp_path / "x.zarr" / "zarr.json").read_text())
    assert (group["zarr_format"], group["node_type"]) == (3, "group")
    ome = group["attributes"]["ome"]
    assert ome["version"] == "0.5"
    (multiscale,) = ome["multiscales"]
    assert [(a["name"], a["type"], a.get("unit")) for a in multiscale["axes"]] == [
        ("t", "time", "second"),
        ("c", "channel", None),
        ("z", "space", "micrometer"),
        ("y", "space", "micrometer"),
        ("x", "space", "micrometer"),
    ]
    scales = [dataset["coordinateTransformations"][0] for dataset in multiscale["datasets"]]
    assert [scale["type"] for scale in scales] == ["scale"] * 3
    assert scales[2]["scale"] == [30.0, 1.0, 2.0, 2.0, 1.0]
    assert [dataset["path"] for dataset in multiscale["datasets"]] == ["0", "1", "2"]
    (channel,) = ome["omero"]["channels"]
    assert set(channel["window"]) == {"min", "max", "start", "end"}
    assert len(channel["color"]) == 6
    for level in "012":
        array = json.loads((tmp_path / "x.zarr" / level / "zarr.json").read_text())
        assert array["dimension_names"] == ["t", "c", "z", "y", "x"]
        assert array["chunk_grid"]["configuration"]["chunk_shape"] == [1, 1, 1, 512, 512]
        assert [codec["name"] for codec in array["codecs"]] == ["bytes", "zstd"]


def test_the_pyramid_is_a_two_by_two_mean(tmp_path: Path) -> None:
    image = source(1, 1, 1, 601, 1030, kind="f8")
    stored = written(tmp_path, image)
    assert [level.shape[3:] for level in stored.levels] == [(601, 1030), (301, 515), (151, 258)]
    assert [level.scale_yx for level in stored.levels] == [(1, 1), (2, 2), (4, 4)]
    plane, half = image.read_plane(0, 0, 0), stored.read_plane(1, 0, 0, 0)
    for y, x in [(0, 0), (17, 400), (299, 514)]:
        assert half[y, x] == pytest.approx(plane[2 * y : 2 * y + 2, 2 * x : 2 * x + 2].mean())


@pytest.mark.parametrize("kind", ["u1", "u2", "i2", "u4"])
def test_halving_never_overflows_and_rounds(kind: str) -> None:
    top = np.iinfo(kind).max
    assert (ome_zarr.halve(np.full((4, 4), top, kind)) == top).all()
    assert ome_zarr.halve(np.array([[1, 2], [2, 2]], kind)).tolist() == [[2]]


def test_the_window_leaves_out_the_brightest_pixels(tmp_path: Path) -> None:
    pixels = np.full((1, 1, 1, 100, 100), 500, np.uint16)
    pixels[..., :50, :] = 100
    pixels[..., 0, :5] = 60_000
    stored = written(tmp_path, base.of_array(pixels))
    assert (stored.windows[0].start, stored.windows[0].end) == (100.0, 500.0)


def test_floats_with_nan_have_a_window(tmp_path: Path) -> None:
    pixels = np.full((1, 1, 1, 8, 8), np.nan, np.float32)
    assert written(tmp_path, base.of_array(pixels)).windows[0].end == 1.0
    pixels[..., 0, :] = np.arange(8)
    stored = written(tmp_path, base.of_array(pixels))
    assert 0 <= stored.windows[0].start < stored.windows[0].end <= 7
    assert thumbnails.thumbnail(stored)[:4] == b"\x89PNG"


def test_progress_counts_planes(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    ome_zarr.write(
        tmp_path / "x", source(2, 2, 1, 4, 4), on_progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_planes_are_asked_for_one_at_a_time(tmp_path: Path) -> None:
    alive: list[int] = []

    class Counting(base.ArraySource):
        def read_plane(self, t: int, c: int, z: int) -> np.ndarray:
            alive.append(t)
            return super().read_plane(t, c, z)

    image = source(5, 1, 1, 4, 4)
    ome_zarr.write(
        tmp_path / "x", Counting(**{n: getattr(image, n) for n in base.ArraySource.__dataclass_fields__})
    )
    assert alive == [0, 1, 2, 3, 4]


def test_a_second_image_replaces_the_first(tmp_path: Path) -> None:
    written(tmp_path, source(2, 2, 1, 600, 600))
    assert written(tmp_path, source(1, 1, 1, 4, 4)).shape_tczyx == (1, 1, 1, 4, 4)


def test_an_interrupted_write_is_not_taken_for_an_image(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        ome_zarr.write(tmp_path / "x", source(2, 1, 1, 4, 4), on_progress=stop)
    with pytest.raises(ome_zarr.NotAnOmeZarr):
        ome_zarr.open(tmp_path / "x")


def test_a_store_without_group_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ome_zarr.NotAnOmeZarr, match="no zarr v3 group"):
        ome_zarr.open(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"version": "0.4"}, "version 0.4"),
        ({"multiscales": []}, "lack"),
        ({"multiscales": [{"axes": [{"name": "y", "type": "space"}], "datasets": []}]}, "axes are y"),
    ],
)
def test_other_metadata_are_refused(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    written(tmp_path, source(1, 1, 1, 4, 4))
    group = zarr.open_group(tmp_path / "x.zarr", mode="r+")
    ome = group.attrs.asdict()["ome"]
    assert isinstance(ome, dict)
    group.attrs["ome"] = {**ome, **change}
    with pytest.raises(ome_zarr.NotAnOmeZarr, match=why):
        ome_zarr.open(tmp_path / "x.zarr")


def test_a_level_without_array_is_refused(tmp_path: Path) -> None:
    written(tmp_path, source(1, 1, 1, 4, 4))
    (tmp_path / "x.zarr" / "0" / "zarr.json").unlink()
    with pytest.raises(ome_zarr.NotAnOmeZarr, match="Level 0"):
        ome_zarr.open(tmp_path / "x.zarr")


# ---------------------------------------------------------------- thumbnails


def picture(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("height", "width", "wanted"), [(600, 1200, (128, 256)), (30, 20, (30, 20)), (3, 2000, (1, 256))]
)
def test_thumbnails_are_small_and_keep_their_shape(
    tmp_path: Path, height: int, width: int, wanted: tuple[int, int]
) -> None:
    image = source(1, 1, 1, height, width)
    for shown in (image, written(tmp_path, image)):
        assert picture(thumbnails.thumbnail(shown)).shape == (*wanted, 3)


def test_channels_of_a_thumbnail_have_their_colours() -> None:
    pixels = np.zeros((1, 3, 1, 10, 10), np.uint8)
    for c in range(3):
        pixels[0, c, 0, c * 3 : c * 3 + 3] = 200
    shown = picture(thumbnails.thumbnail(base.of_array(pixels, channel_names=("Red", "Green", "Blue"))))
    assert [shown[y, 5].tolist() for y in (1, 4, 7)] == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert shown[9, 5].tolist() == [0, 0, 0]


def test_an_even_image_has_a_thumbnail() -> None:
    assert picture(thumbnails.thumbnail(base.of_array(np.full((1, 1, 1, 5, 5), 7, np.uint8)))).shape == (
        5,
        5,
        3,
    )
