"""Tracks in the formats of others: what goes out comes back, and real files of theirs are read."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from geff_spec import GeffMetadata

from annotation.core.formats import base, ctc, geff, imagej_rois, track_table, tracked, trackmate
from annotation.core.formats.base import ImageSource, LabelStack, RefusedFile
from annotation.core.simulation import simulate_movie
from tests.core.drawing import draw
from tests.core.test_real_data import DATA

MOVIE = simulate_movie(seed=5, frames=8)


def stack() -> LabelStack:
    return MOVIE.stack("movie")


def labels_of(found: tracked.TrackedLabels) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint32]]":
    """(t, y, x) of labels in one plane."""
    return np.stack([planes.max(axis=0) for _, _, planes in found])


def graph_rows(found: tracked.TrackedLabels) -> tuple[set[tuple[int, int]], dict[int, int]]:
    return {(one.t, one.cell) for one in found.objects}, dict(found.mothers)


def test_T_formats_imagej_regions_come_back_pixel_by_pixel(tmp_path: Path) -> None:
    path = tmp_path / "movie_rois.zip"
    imagej_rois.write(path, stack())
    assert imagej_rois.is_rois(path)
    assert imagej_rois.frames_in(path) == 8
    back = labels_of(imagej_rois.read(path, MOVIE.source("movie")))
    assert np.array_equal(back, MOVIE.labels[:, 0])


def test_T_formats_the_table_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "movie.csv"
    track_table.write(path, stack())
    assert track_table.is_tracks(path)
    cells, mothers = graph_rows(track_table.read(path, MOVIE.source("movie")))
    t, _, y, x = np.nonzero(MOVIE.labels)
    assert cells == set(zip(t.tolist(), MOVIE.labels[t, 0, y, x].tolist(), strict=True))
    assert mothers == MOVIE.mothers


def test_T_formats_trackmate_comes_back_with_outlines_and_divisions(tmp_path: Path) -> None:
    path = tmp_path / "movie.xml"
    trackmate.write(path, stack(), image_name="movie.tif")
    assert trackmate.is_trackmate(path)
    assert trackmate.picture_of(path) == "movie"
    found = trackmate.read(path, MOVIE.source("movie"))
    same = (labels_of(found) > 0) == (MOVIE.labels[:, 0] > 0)
    assert same.mean() > 0.995  # of a cell in two pieces the larger is kept
    right = tracked.graph_of(stack())
    assert len(found.objects) == right.t.size
    assert found.mothers == MOVIE.mothers


def test_T_formats_geff_comes_back_and_its_metadata_are_valid(tmp_path: Path) -> None:
    path = tmp_path / "movie.geff"
    geff.write(path, stack())
    assert geff.is_geff(path)
    told = zarr.open_group(path, mode="r").attrs["geff"]
    valid = GeffMetadata.model_validate(told)
    assert [axis.name for axis in valid.axes or []] == list(geff.AXES)
    found = geff.read(path, MOVIE.source("movie"))
    right = tracked.graph_of(stack())
    assert len(found.objects) == right.t.size
    assert (path.parent / "movie_labels.tif").exists()


def test_T_formats_links_become_cells_divisions_and_fusions() -> None:
    t = np.array([0, 1, 2, 2, 3, 1, 2, 5])
    links = [(0, 1), (1, 2), (1, 3), (2, 4), (5, 6), (4, 7), (6, 7)]
    cell, mothers, merged = tracked.cells_of_links(8, t, links)
    assert cell[0] == cell[1]
    assert mothers == {int(cell[2]): int(cell[0]), int(cell[3]): int(cell[0])}
    assert cell[2] == cell[4]
    assert cell[5] == cell[6]
    assert cell[7] not in cell[:7]
    assert merged == {int(cell[4]): int(cell[7]), int(cell[6]): int(cell[7])}


def fusing() -> tuple[LabelStack, ImageSource]:
    """Cells 1 and 2 end in frame 2, cell 3 goes on for both; cell 300000 is missing in frames 2 and 3 and
    divides into 8 and 9."""
    planes = np.zeros((1, 8, 1, 40, 40), np.uint32)
    for t in range(8):
        planes[0, t, 0, 4:10, 4:10] = 1 if t < 3 else 3
        planes[0, t, 0, 4:10, 10:16] = 2 if t < 3 else 3
        planes[0, t, 0, 24:30, 4:8] = (300_000 if t not in (2, 3) else 0) if t < 6 else 8
        planes[0, t, 0, 24:30, 8:12] = 9 if t > 5 else 0
    made = base.stack_of(planes, mothers={8: 300_000, 9: 300_000}, merged={1: 3, 2: 3})
    return made, base.of_array(np.zeros((8, 1, 1, 40, 40), np.uint8))


def test_T2_fusions_and_gaps_come_back_from_the_challenge_layout(tmp_path: Path) -> None:
    made, image = fusing()
    notes = ctc.write(tmp_path, made, image=image)
    assert [note for note in notes if "This layout has no fusions" in note]
    lines = [line.split() for line in (tmp_path / "01_GT/TRA/man_track.txt").read_text().splitlines()]
    assert len(lines) == 7  # the cell with a gap is two tracks
    assert sum(parent == "0" for *_, parent in lines) == 4
    back = ctc.open_labels(tmp_path / "01", tmp_path / "01_GT", image)
    assert (back.mothers, back.merged) == ({8: 300_000, 9: 300_000}, {1: 3, 2: 3})
    for t, z, planes in back:
        assert np.array_equal(planes.max(axis=0), made.read(t, z).max(axis=0))


@pytest.mark.parametrize(("form", "name"), [(trackmate, "x.xml"), (geff, "x.geff")])
def test_T2_fusions_and_gaps_come_back_from_graphs(tmp_path: Path, form: Any, name: str) -> None:
    made, image = fusing()
    form.write(tmp_path / name, made)
    found = form.read(tmp_path / name, image)
    spans: dict[int, list[int]] = {}
    for one in found.objects:
        spans.setdefault(one.cell, []).append(one.t)
    fused = set(found.merged.values())
    assert [spans[cell] for cell in fused] == [[3, 4, 5, 6, 7]]
    assert sorted(spans[cell] for cell in found.merged) == [[0, 1, 2], [0, 1, 2]]
    assert [0, 1, 4, 5] in spans.values()
    assert "Cells fuse in 1 places" in found.note
    assert len(found.mothers) == 2


def test_T_formats_discs_that_lie_on_each_other_have_planes_of_their_own() -> None:
    image = base.of_array(np.zeros((1, 1, 1, 9, 9), np.uint8))
    objects = [tracked.TrackedObject(0, cell, None, 4.0, 3.0 + cell, 2.0) for cell in (1, 2)]
    ((_, _, planes),) = tracked.fitted(Path("x"), objects, {}, image)
    assert [set(np.unique(plane)) for plane in planes] == [{0, 1}, {0, 2}]
    assert (planes[0] == 1).sum() == 13


def test_T_formats_frames_that_the_image_has_not_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "movie.csv"
    track_table.write(path, stack())
    short = base.of_array(np.zeros((2, 1, 1, 256, 256), np.uint8))
    with pytest.raises(RefusedFile, match="tells of frame 8"):
        track_table.read(path, short)


def test_T_formats_outlines_of_pieces_and_holes() -> None:
    planes = draw(
        """
        aaa.a
        a.a.a
        aaa..
        """
    )
    rings = list(tracked.outlines(planes))
    assert [cell for cell, _ in rings] == [1, 1]


def fake_tracks() -> ImageSource:
    return base.of_array(np.zeros((50, 1, 1, 128, 128), np.uint8))


@pytest.mark.real_data
def test_T_formats_real_trackmate_files_are_read() -> None:
    folder = DATA / "formats" / "trackmate"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    found = trackmate.read(folder / "FakeTracks.xml", fake_tracks())
    assert len(found.objects) == 84
    assert len(found.mothers) == 4
    merged = trackmate.read(folder / "trackmate_tracks_with_splitting_merging.xml", fake_tracks())
    edges = list(ElementTree.parse(folder / "trackmate_tracks_with_splitting_merging.xml").iter("Edge"))
    into = [edge.get("SPOT_TARGET_ID") for edge in edges]
    assert f"in {len(into) - len(set(into))} places" in merged.note
    gaps = trackmate.read(folder / "trackmate_tracks_with_gap_closing.xml", fake_tracks())
    spans: dict[int, list[int]] = {}
    for one in gaps.objects:
        spans.setdefault(one.cell, []).append(one.t)
    assert any(max(t) - min(t) + 1 > len(t) for t in spans.values())


@pytest.mark.real_data
def test_T_formats_real_tracked_regions_are_read() -> None:
    path = DATA / "cellphe_qpi_tracks" / "05062019_B3_3_Phase.zip"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    found = imagej_rois.read(path, base.of_array(np.zeros((16, 1, 1, 615, 615), np.uint8)))
    assert len(found.objects) == 633
    assert len({one.cell for one in found.objects}) == 56
