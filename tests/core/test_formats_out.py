"""Labels out and in again, equal; what a format cannot hold is said."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from annotation.core import edits, simulation
from annotation.core.formats import base, coco, ctc, ctc_writing, folder, label_tiff, ome_tiff, rle
from annotation.core.formats.base import LabelStack, RefusedFile, stack_of
from annotation.core.simulation import Movie
from tests.core.drawing import draw

MOVIE = np.stack(
    [
        draw("aab.\naab.\n....", "....\n....\n...."),
        draw("aacb\naa.b\n....", ".c..\n....\n...."),
        draw("....\n.b..\n....", "....\n....\n...."),
        draw("d..e\n....\na...", "....\n....\n...."),
    ],
    axis=1,
)[:, :, None]
MOTHERS = {4: 2, 5: 2}


def stack(planes: np.ndarray = MOVIE, **facts: object) -> LabelStack:
    facts = {"mothers": MOTHERS, "pixel_size_zyx_um": (2.0, 0.5, 0.25), "frame_interval_s": 60.0, **facts}
    return stack_of(planes, name="movie", **facts)


def without_overlap() -> LabelStack:
    return stack(MOVIE[:1])


@pytest.fixture(scope="module")
def simulated() -> Movie:
    return simulation.simulate_movie(seed=7, frames=8, height=160, width=160, cells=12)


# ---------------------------------------------------------------- label TIFF


def test_label_tiff_reads_back_equal(tmp_path: Path) -> None:
    notes = label_tiff.write(tmp_path / "x.tif", without_overlap())
    assert notes == []
    assert np.array_equal(label_tiff.read(tmp_path / "x.tif", size_t=4, size_z=1), MOVIE[:1])


def test_label_tiff_with_overlaps_says_so_and_reads_back_equal(tmp_path: Path) -> None:
    (note,) = label_tiff.write(tmp_path / "x.tif", stack())
    assert "2 channels" in note
    assert np.array_equal(label_tiff.read(tmp_path / "x.tif", size_t=4, size_z=1), MOVIE)


def test_label_tiff_of_volumes(tmp_path: Path) -> None:
    volume = np.arange(2 * 3 * 4 * 5, dtype=np.uint32).reshape(1, 2, 3, 4, 5)
    label_tiff.write(tmp_path / "x.tif", stack_of(volume))
    assert np.array_equal(label_tiff.read(tmp_path / "x.tif", size_t=2, size_z=3), volume)


@pytest.mark.parametrize(
    ("top", "kind"), [(65_535, "uint16"), (65_536, "uint32"), (edits.MAX_CELL, "uint32")]
)
def test_label_tiff_is_16_bit_where_the_numbers_fit(tmp_path: Path, top: int, kind: str) -> None:
    planes = np.full((1, 1, 1, 2, 2), top, np.uint32)
    label_tiff.write(tmp_path / "x.tif", stack_of(planes))
    with tifffile.TiffFile(tmp_path / "x.tif") as file:
        assert file.series[0].dtype == kind
        assert file.is_imagej == (kind == "uint16")
    assert np.array_equal(label_tiff.read(tmp_path / "x.tif", size_t=1, size_z=1), planes)


def test_label_tiff_keeps_pixel_size_and_interval(tmp_path: Path) -> None:
    label_tiff.write(tmp_path / "x.tif", without_overlap())
    (item,) = folder.plan_import(tmp_path).items
    source = folder.open_item(item).source
    assert list(source.pixel_size_zyx_um) == pytest.approx([2.0, 0.5, 0.25])
    assert source.frame_interval_s == 60.0


# ---------------------------------------------------------------- OME-TIFF


def test_ome_tiff_of_image_and_labels_is_read_by_the_import(tmp_path: Path, simulated: Movie) -> None:
    image = simulated.source("movie")
    ome_tiff.write_image(tmp_path / "movie.ome.tif", image)
    assert ome_tiff.write_labels(tmp_path / "movie_labels.ome.tif", simulated.stack("movie")) == []
    (item,) = folder.plan_import(tmp_path).items
    source, labels, *_ = folder.open_item(item)
    for name in ("name", "shape_tczyx", "dtype", "channel_names", "pixel_size_zyx_um", "frame_interval_s"):
        assert getattr(source, name) == getattr(image, name)
    assert np.array_equal(source.read_plane(5, 1, 0), image.read_plane(5, 1, 0))
    assert labels is not None
    for t, z, planes in labels:
        assert np.array_equal(planes[0], simulated.labels[t, z])


def test_ome_tiff_labels_with_overlaps_are_layers(tmp_path: Path) -> None:
    (note,) = ome_tiff.write_labels(tmp_path / "x.ome.tif", stack())
    assert "2 channels" in note
    source = folder.open_item(folder.plan_import(tmp_path).items[0]).source
    assert source.channel_names == ("Cells", "Cells, layer 2")
    assert np.array_equal(label_tiff.read(tmp_path / "x.ome.tif", size_t=4, size_z=1), MOVIE)


@pytest.mark.parametrize("kind", ["u1", "u4", "f4", "f8", "b1"])
def test_ome_tiff_keeps_the_depth(tmp_path: Path, kind: str) -> None:
    data = np.arange(24).reshape(1, 2, 1, 3, 4).astype(kind)
    ome_tiff.write_image(tmp_path / "x.ome.tif", base.of_array(data))
    source = folder.open_item(folder.plan_import(tmp_path).items[0]).source
    assert source.dtype == np.dtype("u1" if kind == "b1" else kind)
    assert np.array_equal(source.read_plane(0, 1, 0), data[0, 1, 0])


# ---------------------------------------------------------------- Cell Tracking Challenge


def read_ctc(root: Path, image: base.ImageSource) -> tuple[np.ndarray, dict[int, int]]:
    ctc_labels = ctc.label_folder(root / "01")
    assert ctc_labels is not None
    labels = ctc.open_labels(root / "01", ctc_labels, image)
    return np.stack([planes[0] for _, _, planes in labels]), labels.mothers


def an_image(size_t: int = 4, height: int = 3, width: int = 4) -> base.ArraySource:
    return base.of_array(np.zeros((size_t, 1, 1, height, width), np.uint8))


@pytest.mark.parametrize("result", [False, True])
def test_ctc_reads_back_equal(tmp_path: Path, simulated: Movie, result: bool) -> None:
    image = simulated.source("movie")
    notes = ctc.write(tmp_path, simulated.stack("movie"), image=image, result=result)
    assert notes == []
    labels, mothers = read_ctc(tmp_path, image)
    assert np.array_equal(labels, simulated.labels[:, 0])
    assert mothers == simulated.mothers
    source = folder.open_item(folder.plan_import(tmp_path).items[0]).source
    assert np.array_equal(source.read_plane(3, 0, 0), simulated.image[3, 0, 0])


def test_ctc_track_file_obeys_the_rules(tmp_path: Path) -> None:
    """Cell 1 is away in frame 2 and comes back: two tracks, the second's parent is the first."""
    ctc.write(tmp_path, without_overlap(), image=an_image())
    text = (tmp_path / "01_GT/TRA/man_track.txt").read_text()
    assert text == "1 0 1 0\n2 0 2 0\n3 1 1 0\n4 3 3 2\n5 3 3 2\n6 3 3 1\n"
    tracks = ctc.read_tracks(tmp_path / "01_GT/TRA/man_track.txt")
    for track in tracks.values():
        for t in range(4):
            mask = tifffile.imread(tmp_path / f"01_GT/TRA/man_track{t:03}.tif")
            assert (track.label in mask) == (track.first <= t <= track.last)
    labels, mothers = read_ctc(tmp_path, an_image())
    assert np.array_equal(labels, MOVIE[0, :, 0])
    assert mothers == MOTHERS


def test_ctc_renumbers_what_16_bits_cannot_hold(tmp_path: Path) -> None:
    far = stack_of(np.where(MOVIE[:1] > 0, MOVIE[:1] + 100_000, 0), mothers={100_004: 100_002})
    ctc.write(tmp_path, far, image=an_image())
    assert tifffile.imread(tmp_path / "01_GT/TRA/man_track000.tif").dtype == np.uint16
    labels, mothers = read_ctc(tmp_path, an_image())
    assert np.array_equal(
        labels, far.read(0, 0)[0][None] * 0 + np.where(MOVIE[0, :, 0] > 0, MOVIE[0, :, 0] + 100_000, 0)
    )
    assert mothers == {100_004: 100_002}


def test_ctc_says_what_overlaps_it_left_out(tmp_path: Path) -> None:
    (note,) = ctc.write(tmp_path, stack())
    assert note.startswith("Where cells overlap (1 px)")


def test_ctc_leaves_out_a_mother_that_lives_on(tmp_path: Path) -> None:
    (note,) = ctc.write(tmp_path, stack(MOVIE[:1], mothers={4: 1}), image=an_image())
    assert "mother of cell 4" in note
    assert read_ctc(tmp_path, an_image())[1] == {}


def test_ctc_of_volumes(tmp_path: Path) -> None:
    volume = np.arange(2 * 3 * 4 * 5, dtype=np.uint32).reshape(1, 2, 3, 4, 5) // 7
    image = base.of_array(np.zeros((2, 1, 3, 4, 5), np.uint8))
    ctc.write(tmp_path, stack_of(volume), image=image)
    labels = ctc.open_labels(tmp_path / "01", tmp_path / "01_GT", image)
    read = np.stack([planes[0] for _, _, planes in labels]).reshape(2, 3, 4, 5)
    assert np.array_equal(read, volume[0])


def test_ctc_refuses_more_tracks_than_it_can_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ctc_writing, "LARGEST_LABEL", 4)
    with pytest.raises(ctc.TooManyTracks):
        ctc.write(tmp_path, without_overlap())


# ---------------------------------------------------------------- COCO


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=6))
def test_run_lengths_equal_pycocotools(rows: list[list[bool]]) -> None:
    mask = np.asarray(rows, bool)
    height, width = mask.shape
    counts = rle.counts_of_runs(edits.runs_of_mask(mask), height, width)
    theirs = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert rle.compress(counts) == theirs["counts"].decode()
    assert rle.decompress(theirs["counts"].decode()) == counts
    assert np.array_equal(rle.mask_of_counts(counts, height, width), mask)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20))
def test_run_lengths_of_any_size_survive(counts: list[int]) -> None:
    assert rle.decompress(rle.compress(counts)) == counts


def test_run_lengths_that_end_early_are_refused() -> None:
    with pytest.raises(ValueError, match="middle of a number"):
        rle.decompress(rle.compress([100_000])[:-1])
    with pytest.raises(ValueError, match="do not add up"):
        rle.mask_of_counts([3, 2], 2, 2)


def test_coco_reads_back_equal_with_overlaps_mothers_and_classes(tmp_path: Path) -> None:
    coco.write(tmp_path / "x.json", [stack(classes={1: "neuron"}), stack_of(MOVIE[:1, :1], name="still")])
    movie, still = coco.read(tmp_path / "x.json")
    assert np.array_equal(np.stack([movie.read(t, 0) for t in range(4)], axis=1), MOVIE[:, :, 0])
    assert (movie.name, movie.mothers, movie.classes) == ("movie", MOTHERS, {1: "neuron"})
    assert np.array_equal(still.read(0, 0), MOVIE[:1, 0, 0])
    assert still.name == "still"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # inside pycocotools
def test_pycocotools_opens_the_file_and_sees_the_same_masks(tmp_path: Path) -> None:
    coco.write(tmp_path / "x.json", [stack(classes={1: "neuron"})])
    book = COCO(tmp_path / "x.json")
    assert [c["name"] for c in book.loadCats(book.getCatIds())] == ["cell", "neuron"]
    for image in book.loadImgs(book.getImgIds()):
        cells = {a["track_id"]: a for a in book.loadAnns(book.getAnnIds(imgIds=image["id"]))}
        planes = MOVIE[:, image["t"], image["z"]]
        assert sorted(cells) == sorted(set(np.unique(planes).tolist()) - {0})
        for cell, annotation in cells.items():
            mask = (planes == cell).any(axis=0)
            assert np.array_equal(book.annToMask(annotation), mask)
            ys, xs = np.nonzero(mask)
            box = [xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]
            assert (annotation["area"], annotation["bbox"]) == (mask.sum(), box)


def test_coco_of_another_tool_is_numbered_in_each_picture(tmp_path: Path) -> None:
    plain = {"size": [2, 3], "counts": [0, 2, 4]}
    book = {
        "images": [{"id": 9, "file_name": "a.png", "height": 2, "width": 3}],
        "categories": [{"id": 3, "name": "cell"}],
        "annotations": [{"id": 1, "image_id": 9, "category_id": 3, "segmentation": plain}],
    }
    (tmp_path / "x.json").write_text(json.dumps(book))
    (labels,) = coco.read(tmp_path / "x.json")
    assert labels.read(0, 0).tolist() == [[[1, 0, 0], [1, 0, 0]]]


def test_a_file_that_is_not_coco_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(RefusedFile, match="not a COCO file"):
        coco.read(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("segmentation", "why"),
    [([[0, 0, 1, 1]], "polygons"), ({"size": [2, 3], "counts": [1]}, "do not add up")],
)
def test_coco_masks_that_are_not_read_are_refused(tmp_path: Path, segmentation: object, why: str) -> None:
    book = {
        "images": [{"id": 9, "file_name": "a.png", "height": 2, "width": 3}],
        "categories": [{"id": 3, "name": "cell"}],
        "annotations": [{"id": 1, "image_id": 9, "category_id": 3, "segmentation": segmentation}],
    }
    (tmp_path / "x.json").write_text(json.dumps(book))
    with pytest.raises(RefusedFile, match=why):
        coco.read(tmp_path / "x.json")
