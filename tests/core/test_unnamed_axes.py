"""What is made of an axis that a file does not name: what is said, what the labels tell, else time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from annotation.core.formats import axes, folder, sources, unnamed
from annotation.core.formats.folder import plan_import

Stack = np.ndarray[tuple[int, int, int], np.dtype[np.uint16]]


def balls() -> Stack:
    """Nine slices (z, y, x) of two balls, 7 slices high."""
    z, y, x = np.ogrid[:9, :24, :24]
    labels = np.zeros((9, 24, 24), np.uint16)
    for cell, at in enumerate((6, 17), 1):
        labels[(z - 4) ** 2 + (y - at) ** 2 + (x - at) ** 2 < 13] = cell
    return labels


def walkers() -> Stack:
    """Nine frames (t, y, x) of two discs that keep their size: one from frame 1 to 7, one all along."""
    labels = np.zeros((9, 24, 24), np.uint16)
    for t in range(9):
        labels[t, 2:9, t : t + 7] = 1 if 1 <= t <= 7 else 0
        labels[t, 14:20, 8 + t : 14 + t] = 2
    return labels


def strangers() -> Stack:
    """Nine frames of cells that are numbered anew in each, as programs that do not track write them."""
    generator = np.random.default_rng(0)
    labels = np.zeros((9, 24, 24), np.uint16)
    for t in range(9):
        for cell in range(1, generator.integers(3, 7)):
            y, x, side = generator.integers((0, 0, 3), (17, 17, 7)).tolist()
            labels[t, y : y + side, x : x + side] = cell
    return labels


def opened(root: Path, labels: Stack, **words: Any) -> tuple[tuple[int, ...], str]:
    """Shape and note of the image `a.tif` whose labels are beside it, both without named axes."""
    tifffile.imwrite(root / "a.tif", labels * 100)
    tifffile.imwrite(root / "a_masks.tif", labels, **words)
    (item,) = plan_import(root).items
    image, cells, *_ = folder.open_item(item)
    assert cells is not None
    frames = {(t, z): planes[0] for t, z, planes in cells}
    size_t, _, size_z, _, _ = image.shape_tczyx
    for t in range(size_t):
        for z in range(size_z):
            assert np.array_equal(frames[t, z], labels[t + z])
            assert np.array_equal(image.read_plane(t, 0, z), labels[t + z] * 100)
    return image.shape_tczyx, image.axes_note


def test_D1_cells_that_taper_off_make_it_a_volume(tmp_path: Path) -> None:
    shape, note = opened(tmp_path, balls())
    assert shape == (1, 1, 9, 24, 24)
    assert note == (
        "An unnamed axis of length 9 was taken for z, because its labelled cells taper off along it."
    )


@pytest.mark.parametrize("cells", [walkers, strangers])
def test_D1_cells_that_keep_their_size_or_have_no_lasting_number_leave_it_time(
    tmp_path: Path, cells: Callable[[], Stack]
) -> None:
    shape, note = opened(tmp_path, cells())
    assert shape == (9, 1, 1, 24, 24)
    assert "taken for time" in note


def test_D1_labels_that_name_their_axes_decide(tmp_path: Path) -> None:
    shape, note = opened(tmp_path, walkers(), metadata={"axes": "ZYX"})
    assert shape == (1, 1, 9, 24, 24)
    assert "its labels have slices" in note
    (tmp_path / "movie").mkdir()
    assert opened(tmp_path / "movie", balls(), metadata={"axes": "TYX"})[0] == (9, 1, 1, 24, 24)


def test_D1_what_is_said_beats_every_guess(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", balls())
    tifffile.imwrite(tmp_path / "a_masks.tif", balls())
    (item,) = plan_import(tmp_path, stated_axes="TYX").items
    assert folder.open_item(item).source.shape_tczyx == (9, 1, 1, 24, 24)
    (item,) = plan_import(tmp_path, stated_axes="T").items
    assert folder.open_item(item).source.shape_tczyx == (9, 1, 1, 24, 24)
    (refusal,) = plan_import(tmp_path, stated_axes="TZYX").refusals
    assert "do not describe an array of 3 axes" in refusal.reason


def test_D1_one_letter_is_said_of_the_unnamed_axis_alone() -> None:
    plan = axes.plan("QYX", (3, 8, 8), stated="z")
    assert (plan.shape_tczyx, plan.note) == (
        (1, 1, 3, 8, 8),
        "An unnamed axis of length 3 was taken for z, because it was to be read so.",
    )
    assert axes.plan("TYX", (3, 8, 8), stated="Z").shape_tczyx == (3, 1, 1, 8, 8)
    assert axes.plan("YX", (8, 8), stated="Z").shape_tczyx == (1, 1, 1, 8, 8)
    assert axes.plan("QQYX", (5, 6, 8, 8), stated="Z").shape_tczyx == (5, 1, 6, 8, 8)


def test_D1_labels_to_be_compared_are_read_alike(tmp_path: Path) -> None:
    bare, named = tmp_path / "bare.tif", tmp_path / "named.tif"
    tifffile.imwrite(bare, balls())
    tifffile.imwrite(named, balls(), metadata={"axes": "ZYX"})
    for pair in ((bare, bare), (bare, named), (named, bare)):
        found = unnamed.alike(*map(sources.open_image, pair))
        assert [one.shape_tczyx[:3] for one in found] == [(1, 1, 9)] * 2
    tifffile.imwrite(bare, walkers())
    found = unnamed.alike(sources.open_image(bare), sources.open_image(bare))
    assert [one.shape_tczyx[:3] for one in found] == [(9, 1, 1)] * 2
