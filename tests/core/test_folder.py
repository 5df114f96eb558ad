"""What a folder holds: pairs found, litter left aside, each bad file refused alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from annotation.core.formats import folder
from annotation.core.formats.base import RefusedFile
from annotation.core.formats.folder import ImportPlan, plan_import

PIXELS = np.arange(20, dtype=np.uint8).reshape(4, 5)


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write an image of 4 x 5 px at a place below the root; the ending says the format."""

    def write(place: str, data: np.ndarray = PIXELS) -> Path:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".tif":
            tifffile.imwrite(path, data)
        elif path.suffix in (".png", ".jpg"):
            Image.fromarray(data).save(path)
        elif path.suffix == ".npy":
            np.save(path, data)
        else:
            path.write_text("some words")
        return path

    return write


def pairs(plan: ImportPlan, root: Path) -> dict[str, str | None]:
    return {i.name: None if i.labels is None else i.labels.relative_to(root).as_posix() for i in plan.items}


@pytest.mark.parametrize(
    ("image", "labels"),
    [
        ("images/a.png", "masks/a.tif"),
        ("images/a.png", "labels/a.png"),
        ("image/a.tif", "label/a.npy"),
        ("img/a.tif", "masks_deepcell/a.tif"),
        ("a.tif", "a_masks.tif"),
        ("a.tif", "a_labels.tif"),
        ("a.tif", "a_mask.png"),
        ("a.tif", "a_label.png"),
        ("a.ome.tif", "a_labels.ome.tif"),
        ("xy_t1.tif", "xy_labels_t1.tif"),
        ("img3d.tif", "mask3d.tif"),
        ("raw.tif", "instances_ids.png"),
    ],
)
def test_labels_are_found(tmp_path: Path, put: Callable[..., Path], image: str, labels: str) -> None:
    put(image)
    put(labels)
    plan = plan_import(tmp_path)
    (item,) = plan.items
    assert item.image == (tmp_path / image,)
    assert item.labels == tmp_path / labels
    assert not plan.refusals


def test_names_leave_out_the_word_images_and_keep_the_rest(tmp_path: Path, put: Callable[..., Path]) -> None:
    for place in ("train/images/a.png", "train/masks/a.tif", "val/images/a.png", "plate 1/b.tif"):
        put(place)
    assert pairs(plan_import(tmp_path), tmp_path) == {
        "train/a": "train/masks/a.tif",
        "val/a": None,
        "plate 1/b": None,
    }


def test_images_without_labels_and_labels_without_image(tmp_path: Path, put: Callable[..., Path]) -> None:
    for place in ("images/a.png", "images/b.png", "masks/a.png", "masks/c.png"):
        put(place)
    plan = plan_import(tmp_path)
    assert pairs(plan, tmp_path) == {"a": "masks/a.png", "b": None}
    assert [(r.path.name, r.reason) for r in plan.refusals] == [
        ("c.png", "these labels have no image of the same name")
    ]


def test_words_and_tables_are_left_aside_and_never_refused(tmp_path: Path, put: Callable[..., Path]) -> None:
    places = (
        "README.md",
        "images/list.csv",
        "images/a.png",
        "masks/notes.txt",
        "masks/a.png",
        "x/roi.zip",
        "LICENSE",
    )
    for place in places:
        put(place)
    plan = plan_import(tmp_path)
    assert not plan.refusals
    assert sorted(i.path.name for i in plan.ignored) == [
        "LICENSE",
        "README.md",
        "list.csv",
        "notes.txt",
        "roi.zip",
    ]


def test_litter_is_not_even_listed(tmp_path: Path, put: Callable[..., Path]) -> None:
    for place in (".DS_Store", "__MACOSX/a.png", "Thumbs.db", "a.png"):
        put(place)
    plan = plan_import(tmp_path)
    assert len(plan.items) == 1
    assert not plan.ignored


def test_a_folder_of_outlines_beside_images_and_labels_is_left_aside(
    tmp_path: Path, put: Callable[..., Path]
) -> None:
    for place in ("images/a.png", "labels/a.tif", "outlines/a.png", "more/z.png"):
        put(place)
    plan = plan_import(tmp_path)
    assert pairs(plan, tmp_path) == {"a": "labels/a.tif", "more/z": None}
    assert [i.path.parent.name for i in plan.ignored] == ["outlines"]


def test_a_bad_file_is_refused_alone(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("good.tif")
    (tmp_path / "bad.tif").write_bytes(b"II*\0rubbish")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "x.czi").write_bytes(b"ZISRAWFILE")
    plan = plan_import(tmp_path)
    assert [i.name for i in plan.items] == ["good"]
    assert sorted(r.path.name for r in plan.refusals) == ["bad.tif", "empty.png", "x.czi"]
    assert all(r.reason for r in plan.refusals)


def test_a_single_file_can_be_planned(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("other.tif")
    assert [i.name for i in plan_import(put("a.tif")).items] == ["a"]


def test_an_empty_folder(tmp_path: Path) -> None:
    assert plan_import(tmp_path) == ImportPlan()


def test_bad_labels_are_refused_and_the_image_can_be_taken_without(
    tmp_path: Path, put: Callable[..., Path]
) -> None:
    put("a.tif")
    labels = put("a_masks.tif", np.zeros((9, 9), np.uint16))
    (item,) = plan_import(tmp_path).items
    with pytest.raises(RefusedFile) as caught:
        folder.open_item(item)
    assert caught.value.path == labels
    source, none, *_ = folder.open_item(replace(item, labels=None))
    assert none is None
    assert np.array_equal(source.read_plane(0, 0, 0), PIXELS)


def test_opening_a_pair_gives_image_and_labels(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("a.tif")
    put("a_masks.tif", PIXELS.astype(np.uint16))
    (item,) = plan_import(tmp_path).items
    source, labels, mothers, *_ = folder.open_item(item)
    assert source.shape_tczyx == (1, 1, 1, 4, 5)
    assert labels is not None
    ((t, z, planes),) = labels
    assert (t, z, mothers) == (0, 0, {})
    assert np.array_equal(planes[0], PIXELS)


def test_each_series_of_a_file_is_an_item(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "x.ome.tif", ome=True) as file:
        file.write(PIXELS, metadata={"axes": "YX", "Name": "left"})
        file.write(PIXELS + 1, metadata={"axes": "YX", "Name": "right"})
    items = plan_import(tmp_path).items
    assert [i.name for i in items] == ["x (left)", "x (right)"]
    assert folder.open_item(items[1]).source.read_plane(0, 0, 0)[0, 0] == 1


def test_frames_of_one_movie_are_one_group(tmp_path: Path, put: Callable[..., Path]) -> None:
    for place in ("a_t001.tif", "a_t002.tif", "b_t001.tif", "field7.tif", "field8.tif"):
        put(place)
    groups = {i.name: i.group for i in plan_import(tmp_path).items}
    assert groups["a_t001"] == groups["a_t002"] == "a"
    assert len(set(groups.values())) == 4


# ---------------------------------------------------------------- Kaggle, Cell Tracking Challenge


def test_kaggle_layout(tmp_path: Path, put: Callable[..., Path]) -> None:
    for name in ("abc", "def"):
        put(f"{name}/images/{name}.png")
        put(f"{name}/masks/1.png", np.uint8(255) * (PIXELS > 10))
        put(f"{name}/masks/2.png", np.uint8(255) * (PIXELS < 4))
    plan = plan_import(tmp_path)
    assert [(i.name, i.layout) for i in plan.items] == [("abc", "kaggle"), ("def", "kaggle")]
    labels = folder.open_item(plan.items[0]).labels
    assert labels is not None
    ((_, _, planes),) = labels
    assert np.array_equal(planes[0], np.where(PIXELS > 10, 1, np.where(PIXELS < 4, 2, 0)))


def test_kaggle_layout_of_the_folder_itself(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("images/abc.png")
    put("masks/1.png")
    (item,) = plan_import(tmp_path).items
    assert (item.name, item.layout) == ("abc", "kaggle")


def test_an_image_whose_only_mask_has_its_name_is_a_pair(tmp_path: Path, put: Callable[..., Path]) -> None:
    put("images/abc.png")
    put("masks/abc.png")
    assert plan_import(tmp_path).items[0].layout == "pairs"


def ctc_movie(put: Callable[..., Path], root: Path) -> None:
    for t in range(3):
        put(f"01/t{t:03}.tif", PIXELS + t)
        marker = np.zeros((4, 5), np.uint16)
        marker[t, 1] = 7 if t < 2 else 9
        put(f"01_GT/TRA/man_track{t:03}.tif", marker)
    (root / "01_GT/TRA/man_track.txt").write_text("7 0 1 0\n9 2 2 7\n")


def test_ctc_layout_with_tracks_and_mothers(tmp_path: Path, put: Callable[..., Path]) -> None:
    ctc_movie(put, tmp_path)
    put("01/notes.txt")
    plan = plan_import(tmp_path)
    (item,) = plan.items
    assert (item.name, item.layout, item.group) == ("01", "ctc", "01")
    assert [i.path.name for i in plan.ignored] == ["notes.txt"]
    source, labels, mothers, *_ = folder.open_item(item)
    assert source.shape_tczyx == (3, 1, 1, 4, 5)
    assert np.array_equal(source.read_plane(2, 0, 0), PIXELS + 2)
    assert labels is not None
    assert [int(planes.max()) for _, _, planes in labels] == [7, 7, 9]
    assert mothers == {9: 7}


def test_ctc_markers_take_the_outline_of_the_segmentation(tmp_path: Path, put: Callable[..., Path]) -> None:
    ctc_movie(put, tmp_path)
    outline = np.zeros((4, 5), np.uint16)
    outline[:2, :3] = 4
    put("01_GT/SEG/man_seg001.tif", outline)
    labels = folder.open_item(plan_import(tmp_path).items[0]).labels
    assert labels is not None
    frames = [planes[0] for _, _, planes in labels]
    assert np.array_equal(frames[1], np.where(outline, 7, 0))
    assert (frames[0] > 0).sum() == 1


def test_ctc_without_tracks_numbers_each_frame_anew(tmp_path: Path, put: Callable[..., Path]) -> None:
    for t in range(2):
        put(f"02/t{t:03}.tif")
        put(f"02_ST/SEG/man_seg{t:03}.tif", np.eye(4, 5, dtype=np.uint16) * 3)
    labels = folder.open_item(plan_import(tmp_path).items[0]).labels
    assert labels is not None
    assert [int(planes.max()) for _, _, planes in labels] == [3, 6]


def test_ctc_frames_of_two_sizes_are_refused_by_name(tmp_path: Path, put: Callable[..., Path]) -> None:
    ctc_movie(put, tmp_path)
    put("01/t002.tif", np.zeros((3, 3), np.uint8))
    plan = plan_import(tmp_path)
    assert not plan.items
    assert [(r.path.name, "first one is" in r.reason) for r in plan.refusals] == [("t002.tif", True)]


def test_ctc_frames_of_two_kinds_are_refused_by_name(tmp_path: Path, put: Callable[..., Path]) -> None:
    ctc_movie(put, tmp_path)
    put("01/t001.tif", PIXELS.astype(np.float32))
    assert "pixels of float32" in plan_import(tmp_path).refusals[0].reason


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("7 0 1\n", "not four whole numbers"),
        ("7 0 1 zero\n", "not four whole numbers"),
        ("7 3 1 0\n", "no possible track"),
        ("7 0 1 0\n7 2 2 0\n", "no possible track"),
        ("7 0 1 3\n", "parent 3, which is not"),
        ("7 0 1 0\n9 1 2 7\n", "begins before its parent"),
    ],
)
def test_ctc_track_files_that_cannot_be(
    tmp_path: Path, put: Callable[..., Path], text: str, why: str
) -> None:
    ctc_movie(put, tmp_path)
    (tmp_path / "01_GT/TRA/man_track.txt").write_text(text)
    with pytest.raises(RefusedFile, match=why):
        folder.open_item(plan_import(tmp_path).items[0])


def test_ctc_labels_of_another_size(tmp_path: Path, put: Callable[..., Path]) -> None:
    ctc_movie(put, tmp_path)
    put("01_GT/TRA/man_track001.tif", np.zeros((9, 9), np.uint16))
    with pytest.raises(RefusedFile, match=r"man_track001.tif: the labels are 1 x 9 x 9"):
        folder.open_item(plan_import(tmp_path).items[0])
