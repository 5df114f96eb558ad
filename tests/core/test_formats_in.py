"""Images in: every format with its axes, depth and size kept."""

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from annotation.core.formats import axes, pictures, sources, tiff
from annotation.core.formats.base import ImageSource, frames_of

RNG = np.random.default_rng(0)


def noise(*shape: int, kind: Any = np.uint16) -> np.ndarray:
    return RNG.integers(0, 200, shape).astype(kind)


def whole(source: ImageSource) -> np.ndarray:
    """The image (t, c, z, y, x), read plane by plane."""
    size_t, size_c, size_z, _, _ = source.shape_tczyx
    planes = [source.read_plane(t, c, z) for t in range(size_t) for c in range(size_c) for z in range(size_z)]
    return np.stack(planes).reshape(source.shape_tczyx)


# ---------------------------------------------------------------- TIFF


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i2", "i4", "f4", "f8"])
def test_plain_tiff_keeps_its_depth(tmp_path: Path, kind: str) -> None:
    data = noise(7, 9, kind=kind)
    tifffile.imwrite(tmp_path / "x.tif", data)
    source = sources.open_image(tmp_path / "x.tif")
    assert source.dtype == np.dtype(kind)
    assert np.array_equal(whole(source)[0, 0, 0], data)
    assert source.read_plane(0, 0, 0).dtype == np.dtype(kind)


@pytest.mark.parametrize(
    "letters", ["YX", "TYX", "ZYX", "CYX", "TCYX", "TZYX", "ZCYX", "TZCYX"], ids=lambda letters: letters
)
@pytest.mark.parametrize("compressed", [False, True])
def test_imagej_hyperstacks(tmp_path: Path, letters: str, compressed: bool) -> None:
    sizes = {"T": 3, "Z": 2, "C": 2, "Y": 5, "X": 6}
    data = noise(*(sizes[letter] for letter in letters))
    metadata = {"axes": letters, "spacing": 1.5, "unit": "um", "finterval": 30.0}
    packing = "zlib" if compressed else None
    path = tmp_path / "x.tif"
    tifffile.imwrite(
        path, data, imagej=True, metadata=metadata, resolution=(1 / 0.25, 1 / 0.5), compression=packing
    )
    source = sources.open_image(path)
    wanted = tuple(sizes[letter] if letter in letters else 1 for letter in "TCZYX")
    assert source.shape_tczyx == wanted
    order = [letters.index(letter) for letter in "TCZYX" if letter in letters]
    assert np.array_equal(whole(source), data.transpose(order).reshape(wanted))
    assert list(source.pixel_size_zyx_um) == pytest.approx([1.5, 0.5, 0.25])
    assert source.frame_interval_s == (30.0 if "T" in letters else None)
    assert source.axes_note == ""


@pytest.mark.parametrize(
    ("unit", "um"), [("nm", 1e-3), ("micron", 1), ("\\u00B5m", 1), ("mm", 1000), ("px", None)]
)
def test_imagej_units(tmp_path: Path, unit: str, um: float | None) -> None:
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, noise(4, 4), imagej=True, resolution=(2, 2), metadata={"unit": unit})
    assert sources.open_image(path).pixel_size_zyx_um[1] == (None if um is None else pytest.approx(0.5 * um))


def test_ome_tiff_says_axes_names_sizes_and_times(tmp_path: Path) -> None:
    data = noise(2, 3, 4, 5, 6)
    metadata = {
        "axes": "TCZYX",
        "Channel": {"Name": ["DAPI", "GFP", "Phase"]},
        "PhysicalSizeX": 250.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.5,
        "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": 2.0,
        "PhysicalSizeZUnit": "µm",
        "TimeIncrement": 5.0,
        "TimeIncrementUnit": "min",
    }
    tifffile.imwrite(tmp_path / "x.ome.tif", data, ome=True, metadata=metadata)
    source = sources.open_image(tmp_path / "x.ome.tif")
    assert np.array_equal(whole(source), data)
    assert source.name == "x"
    assert source.channel_names == ("DAPI", "GFP", "Phase")
    assert list(source.pixel_size_zyx_um) == pytest.approx([2.0, 0.5, 0.25])
    assert source.frame_interval_s == 300.0


def test_each_series_is_an_image(tmp_path: Path) -> None:
    first, second = noise(4, 5), noise(3, 6, 7)
    with tifffile.TiffWriter(tmp_path / "x.ome.tif", ome=True) as file:
        file.write(first, metadata={"axes": "YX", "Name": "left"})
        file.write(second, metadata={"axes": "ZYX", "Name": "right"})
    left, right = sources.open_all(tmp_path / "x.ome.tif")
    assert (left.name, right.name) == ("x (left)", "x (right)")
    assert np.array_equal(whole(left)[0, 0, 0], first)
    assert np.array_equal(whole(right)[0, 0], second)


def test_an_unnamed_axis_is_guessed_and_said(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "plain.tif", noise(9, 4, 5))
    source = sources.open_image(tmp_path / "plain.tif")
    assert source.shape_tczyx == (9, 1, 1, 4, 5)
    assert "length 9 was taken for time" in source.axes_note


def test_a_guess_can_be_corrected(tmp_path: Path) -> None:
    data = noise(9, 4, 5)
    tifffile.imwrite(tmp_path / "plain.tif", data)
    source = sources.open_image(tmp_path / "plain.tif", stated_axes="zyx")
    assert source.shape_tczyx == (1, 1, 9, 4, 5)
    assert source.axes_note == ""
    assert np.array_equal(whole(source)[0, 0], data)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_colour_tiff_becomes_channels(tmp_path: Path, planar: str) -> None:
    data = noise(4, 5, 3, kind="u1")
    moved = data if planar == "contig" else np.moveaxis(data, 2, 0)
    tifffile.imwrite(tmp_path / "x.tif", moved, photometric="rgb", planarconfig=planar)
    source = sources.open_image(tmp_path / "x.tif")
    assert source.channel_names == ("Red", "Green", "Blue")
    assert np.array_equal(whole(source)[0, :, 0], np.moveaxis(data, 2, 0))


def test_grey_colour_tiff_becomes_one_channel(tmp_path: Path) -> None:
    grey = noise(4, 5, kind="u1")
    tifffile.imwrite(tmp_path / "x.tif", np.stack([grey] * 3, axis=-1), photometric="rgb")
    assert sources.open_image(tmp_path / "x.tif").shape_tczyx == (1, 1, 1, 4, 5)


def test_alpha_of_a_tiff_is_dropped(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "x.tif", noise(4, 5, 4, kind="u1"), photometric="rgb", extrasamples=["unassalpha"]
    )
    assert sources.open_image(tmp_path / "x.tif").channel_names == ("Red", "Green", "Blue")


def test_only_the_wanted_plane_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tifffile.imwrite(
        tmp_path / "x.tif", noise(50, 8, 8), imagej=True, metadata={"axes": "TYX"}, compression="zlib"
    )
    source = tiff.open_one(tmp_path / "x.tif")
    read: list[int] = []
    plain = tiff._read_page

    def noted(series: tifffile.TiffPageSeries, at: int) -> np.ndarray[Any, Any]:
        read.append(at)
        return plain(series, at)

    monkeypatch.setattr(tiff, "_read_page", noted)
    source.read_plane(31, 0, 0)
    assert read == [31]


def test_big_endian_tiff(tmp_path: Path) -> None:
    data = noise(4, 5)
    tifffile.imwrite(tmp_path / "x.tif", data, byteorder=">")
    assert np.array_equal(whole(sources.open_image(tmp_path / "x.tif"))[0, 0, 0], data)


# ---------------------------------------------------------------- pictures and arrays


def test_png_of_every_kind(tmp_path: Path) -> None:
    grey, deep, colour = noise(4, 5, kind="u1"), noise(4, 5) * 300, noise(4, 5, 3, kind="u1")
    for name, data in {"grey": grey, "deep": deep, "colour": colour}.items():
        Image.fromarray(data).save(tmp_path / f"{name}.png")
    assert np.array_equal(whole(sources.open_image(tmp_path / "grey.png"))[0, 0, 0], grey)
    read = sources.open_image(tmp_path / "deep.png")
    assert read.dtype == np.uint16
    assert np.array_equal(whole(read)[0, 0, 0], deep)
    assert np.array_equal(
        whole(sources.open_image(tmp_path / "colour.png"))[0, :, 0], np.moveaxis(colour, 2, 0)
    )


def test_sixteen_bit_colour_png_keeps_its_depth(tmp_path: Path) -> None:
    data = (noise(4, 5, 3) * 301).astype(np.uint16)
    (tmp_path / "x.png").write_bytes(imagecodecs.png_encode(data))
    source = sources.open_image(tmp_path / "x.png")
    assert source.dtype == np.uint16
    assert np.array_equal(whole(source)[0, :, 0], np.moveaxis(data, 2, 0))


def test_palette_png_gives_colours_to_an_image_and_indices_to_labels(tmp_path: Path) -> None:
    picture = Image.fromarray(np.array([[0, 1], [2, 2]], np.uint8)).convert("P")
    picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    picture.save(tmp_path / "x.png")
    assert sources.open_image(tmp_path / "x.png").shape_tczyx[1] == 3
    assert pictures.read_pixels(tmp_path / "x.png", indexed=True).tolist() == [[0, 1], [2, 2]]


def test_equal_bands_and_alpha_make_one_channel(tmp_path: Path) -> None:
    grey = noise(4, 5, kind="u1")
    alpha = np.full((4, 5), 255, np.uint8)
    Image.fromarray(np.dstack([grey, grey, grey, alpha])).save(tmp_path / "x.png")
    assert np.array_equal(whole(sources.open_image(tmp_path / "x.png"))[0, :, 0], grey[None])


def test_jpeg(tmp_path: Path) -> None:
    Image.fromarray(noise(16, 16, 3, kind="u1")).save(tmp_path / "x.jpg")
    assert sources.open_image(tmp_path / "x.jpg").channel_names == ("Red", "Green", "Blue")


def test_the_content_and_not_the_name_says_the_format(tmp_path: Path) -> None:
    Image.fromarray(noise(4, 5, kind="u1")).save(tmp_path / "x.png")
    (tmp_path / "x.png").rename(tmp_path / "x.tif")
    assert sources.open_image(tmp_path / "x.tif").shape_tczyx == (1, 1, 1, 4, 5)


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((8, 9), (1, 1, 1, 8, 9)),
        ((8, 9, 3), (1, 3, 1, 8, 9)),
        ((7, 8, 9), (7, 1, 1, 8, 9)),
        ((2, 1, 3, 8, 9),) * 2,
    ],
)
def test_npy(tmp_path: Path, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    data = noise(*shape)
    np.save(tmp_path / "x.npy", data)
    source = sources.open_image(tmp_path / "x.npy")
    assert source.shape_tczyx == wanted
    moved = np.moveaxis(data, 2, 0) if shape == (8, 9, 3) else data
    assert np.array_equal(whole(source), moved.reshape(wanted))


# ---------------------------------------------------------------- axes


@given(st.permutations("TCZYX"), st.integers(0, 5))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_order_of_axes_gives_the_right_plane(order: list[str], drop: int) -> None:
    letters = [a for a in order if a not in "TCZ"[: max(0, drop - 2)]]
    if letters.index("Y") > letters.index("X"):
        with pytest.raises(axes.UnclearAxes):
            axes.plan("".join(letters), [2] * len(letters))
        return
    sizes = dict(zip("TCZYX", (2, 3, 4, 5, 6), strict=True))
    data = np.arange(np.prod([sizes[a] for a in letters])).reshape([sizes[a] for a in letters])
    plan = axes.plan("".join(letters), data.shape)
    t, c, z = (sizes[a] - 1 if a in letters else 0 for a in "TCZ")
    ordered = data.transpose([letters.index(a) for a in "TCZYX" if a in letters]).reshape(plan.shape_tczyx)
    assert np.array_equal(data[plan.index(t, c, z)], ordered[t, c, z])


@pytest.mark.parametrize(
    ("letters", "shape", "name", "wanted"),
    [
        ("QYX", (31, 9, 9), "img3d", (1, 1, 31, 9, 9)),
        ("QYX", (31, 9, 9), "movie", (31, 1, 1, 9, 9)),
        ("QYX", (3, 9, 9), "movie", (1, 3, 1, 9, 9)),
        ("QQYX", (20, 3, 9, 9), "movie", (20, 3, 1, 9, 9)),
        ("QQYX", (20, 10, 9, 9), "movie", (20, 1, 10, 9, 9)),
        ("IYX", (1, 9, 9), "one", (1, 1, 1, 9, 9)),
    ],
)
def test_guesses(letters: str, shape: tuple[int, ...], name: str, wanted: tuple[int, ...]) -> None:
    plan = axes.plan(letters, shape, name=name)
    assert plan.shape_tczyx == wanted
    assert bool(plan.note) == (max(shape[:-2]) > 1)


@pytest.mark.parametrize(
    ("letters", "shape", "stated", "why"),
    [
        ("QQQQYX", (9, 9, 9, 9, 9, 9), None, "more axes"),
        ("TCZ", (2, 2, 2), None, "no plane"),
        ("QYX", (9, 9, 9), "ZX", "do not describe"),
        ("QYX", (9, 9, 9), "WYX", "do not describe"),
        ("QQYX", (9, 9, 9, 9), "TTYX", "twice"),
    ],
)
def test_axes_that_cannot_be_understood(
    letters: str, shape: tuple[int, ...], stated: str | None, why: str
) -> None:
    with pytest.raises(axes.UnclearAxes, match=why):
        axes.plan(letters, shape, stated=stated)


def test_frames_of_lists_every_frame(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", noise(2, 1, 3, 8, 9))
    assert list(frames_of(sources.open_image(tmp_path / "x.npy"))) == [
        (t, z) for t in range(2) for z in range(3)
    ]
