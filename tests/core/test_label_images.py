"""Labels in: what fits an image, what becomes of masks, and every refusal with its reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from annotation.core.formats import base, kaggle, label_images
from annotation.core.formats.base import RefusedFile
from tests.core.drawing import draw, members

CELLS = draw("aa.b\naa.b\n...b")[0]


def image(t: int = 1, z: int = 1, y: int = 3, x: int = 4) -> base.ArraySource:
    return base.of_array(np.zeros((t, 1, z, y, x), np.uint8))


def save(path: Path, data: np.ndarray, **more: Any) -> Path:
    tifffile.imwrite(path, data, photometric="minisblack", **more)
    return path


def planes_of(path: Path, like: base.ArraySource) -> dict[tuple[int, int], np.ndarray]:
    return {(t, z): planes for t, z, planes in label_images.open_labels(path, like)}


def reason(path: Path, like: base.ArraySource) -> str:
    with pytest.raises(RefusedFile) as caught:
        label_images.open_labels(path, like)
    assert caught.value.path == path
    return caught.value.reason


@pytest.mark.parametrize("kind", ["u1", "u2", "i4", "u4", "f4", "f8"])
def test_numbers_of_any_type_are_kept(tmp_path: Path, kind: str) -> None:
    read = planes_of(save(tmp_path / "x.tif", CELLS.astype(kind)), image())
    assert np.array_equal(read[0, 0], CELLS[None])
    assert read[0, 0].dtype == np.uint32


def test_png_labels_may_be_grey_or_palette(tmp_path: Path) -> None:
    grey = Image.fromarray(CELLS.astype(np.uint8))
    palette = grey.convert("P")
    palette.putpalette([0, 0, 0, 250, 10, 10, 10, 250, 10])
    for name, picture in (("grey.png", grey), ("palette.png", palette)):
        picture.save(tmp_path / name)
        assert np.array_equal(planes_of(tmp_path / name, image())[0, 0][0], CELLS)


def test_frames_go_to_their_time_and_depth(tmp_path: Path) -> None:
    stack = np.stack([np.full((3, 4), 10 * t + z + 1, np.uint16) for t in range(2) for z in range(3)])
    stack = stack.reshape(2, 3, 3, 4)
    path = save(tmp_path / "x.tif", stack, imagej=True, metadata={"axes": "TZYX"})
    read = planes_of(path, image(t=2, z=3))
    assert {at: int(planes.max()) for at, planes in read.items()} == {
        (t, z): 10 * t + z + 1 for t in range(2) for z in range(3)
    }


@pytest.mark.parametrize(("t", "z"), [(3, 1), (1, 3)])
def test_an_unnamed_axis_follows_the_image(tmp_path: Path, t: int, z: int) -> None:
    path = save(tmp_path / "x.tif", np.arange(36, dtype=np.uint16).reshape(3, 3, 4))
    read = planes_of(path, image(t=t, z=z))
    assert [int(planes[0, 0, 0]) for planes in read.values()] == [0, 12, 24]
    assert all(len(planes) == 1 for planes in read.values())


def test_channels_are_layers_of_overlapping_cells(tmp_path: Path) -> None:
    layers = draw("aa..", ".bb.").astype(np.uint16)
    path = save(tmp_path / "x.tif", layers, imagej=True, metadata={"axes": "CYX"})
    assert np.array_equal(planes_of(path, image(y=1))[0, 0], layers)


# ---------------------------------------------------------------- black and white


@pytest.mark.parametrize("white", [1, 255])
def test_a_black_and_white_mask_is_taken_apart(tmp_path: Path, white: int) -> None:
    path = save(tmp_path / "x.tif", np.where(CELLS > 0, white, 0).astype(np.uint8))
    labels = label_images.open_labels(path, image())
    assert members(next(iter(labels))[2]) == members(CELLS[None])
    assert "each connected piece became a cell" in labels.note


def test_one_numbered_cell_of_two_pieces_stays_one(tmp_path: Path) -> None:
    path = save(tmp_path / "x.tif", (CELLS > 0).astype(np.uint16))
    labels = label_images.open_labels(path, image())
    assert set(np.unique(next(iter(labels))[2])) == {0, 1}
    assert labels.note == ""


def test_pieces_of_each_time_point_are_cells_of_their_own(tmp_path: Path) -> None:
    path = save(
        tmp_path / "x.tif", np.stack([CELLS > 0] * 2).astype(np.uint8) * 255, metadata={"axes": "TYX"}
    )
    read = planes_of(path, image(t=2))
    assert [sorted(np.unique(planes)) for planes in read.values()] == [[0, 1, 2], [0, 3, 4]]


def test_pieces_of_a_volume_are_joined_across_z(tmp_path: Path) -> None:
    path = save(
        tmp_path / "x.tif", np.stack([CELLS > 0] * 2).astype(np.uint8) * 255, metadata={"axes": "ZYX"}
    )
    read = planes_of(path, image(z=2))
    assert [sorted(np.unique(planes)) for planes in read.values()] == [[0, 1, 2], [0, 1, 2]]


def test_labels_can_be_read_twice(tmp_path: Path) -> None:
    labels = label_images.open_labels(save(tmp_path / "x.tif", (CELLS > 0).astype(np.uint8)), image())
    first, second = ([planes for _, _, planes in labels] for _ in range(2))
    assert np.array_equal(first, second)


# ---------------------------------------------------------------- refusals


def test_labels_of_another_size(tmp_path: Path) -> None:
    path = save(tmp_path / "x.tif", CELLS)
    assert reason(path, image(y=5)) == "the labels are 3 x 4 px, the image is 5 x 4 px"


def test_labels_with_another_number_of_frames(tmp_path: Path) -> None:
    path = save(tmp_path / "x.tif", np.stack([CELLS] * 5))
    assert reason(path, image(t=6)) == "the labels have 5 frames, the image has 6 time points of 1 planes"


def test_labels_with_fractions(tmp_path: Path) -> None:
    assert "fractions" in reason(save(tmp_path / "x.tif", CELLS + np.float32(0.5)), image())


def test_labels_that_are_not_a_number(tmp_path: Path) -> None:
    assert "fractions" in reason(save(tmp_path / "x.tif", np.full((3, 4), np.nan, np.float32)), image())


def test_negative_labels(tmp_path: Path) -> None:
    assert "negative number -3" in reason(save(tmp_path / "x.tif", np.full((3, 4), -3, np.int16)), image())


def test_labels_larger_than_any_cell_number(tmp_path: Path) -> None:
    assert "larger than 2147483647" in reason(
        save(tmp_path / "x.tif", np.full((3, 4), 2**31, np.uint32)), image()
    )


def test_a_colour_picture_as_labels(tmp_path: Path) -> None:
    Image.fromarray(np.arange(36, dtype=np.uint8).reshape(3, 4, 3)).save(tmp_path / "x.png")
    assert "colours" in reason(tmp_path / "x.png", image())


def test_a_colour_tiff_as_labels(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", np.arange(36, dtype=np.uint8).reshape(3, 4, 3), photometric="rgb")
    assert "colours" in reason(tmp_path / "x.tif", image())


def test_text_as_labels(tmp_path: Path) -> None:
    (tmp_path / "x.tif").write_text("cells")
    assert "not an image" in reason(tmp_path / "x.tif", image())


# ---------------------------------------------------------------- one mask a nucleus


def masks(folder: Path, *pictures: str) -> Path:
    folder.mkdir()
    for i, picture in enumerate(pictures):
        Image.fromarray(((draw(picture)[0] > 0) * 255).astype(np.uint8)).save(folder / f"{i}.png")
    return folder


def test_masks_become_cells_in_the_order_of_their_names_and_may_overlap(tmp_path: Path) -> None:
    folder = masks(tmp_path / "masks", "aaa.\n....", ".aaa\n....", "....\na...")
    ((t, z, planes),) = kaggle.open_masks(folder, image(y=2))
    assert (t, z) == (0, 0)
    assert np.array_equal(planes, draw("aaab\nc...", ".bb.\n...."))


def test_an_alpha_channel_is_no_mask(tmp_path: Path) -> None:
    folder = masks(tmp_path / "masks")
    Image.fromarray(np.dstack([draw("a.")[0] * 255] * 3 + [np.full((1, 2), 255)]).astype(np.uint8)).save(
        folder / "x.png"
    )
    assert kaggle.read_mask(folder / "x.png", 1, 2).tolist() == [[True, False]]


def test_a_mask_of_another_size_is_refused_by_name(tmp_path: Path) -> None:
    folder = masks(tmp_path / "masks", "aaa.", "aaa")
    with pytest.raises(RefusedFile, match=r"1.png: the mask is 1 x 3 px, the image 1 x 4 px"):
        kaggle.open_masks(folder, image(y=1))
