"""Files of tracks beside images find their image, and become its labels."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tifffile import imwrite

from annotation.core.formats import ctc, geff, imagej_rois, ome_tiff, track_table, trackmate
from annotation.core.formats.folder import open_item, plan_import
from annotation.core.formats.plans import CTC, PAIRS, TRACKS
from annotation.core.simulation import simulate_movie
from tests.core.test_real_data import DATA

MOVIE = simulate_movie(seed=5, frames=4)


def write_movie(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    ome_tiff.write_image(folder / "movie.ome.tif", MOVIE.source("movie"))


@pytest.mark.parametrize("kind", ["movie.xml", "movie_tracks.csv", "movie_rois.zip", "movie.geff"])
def test_T_formats_tracks_beside_a_movie_are_its_labels(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "in"
    write_movie(folder)
    stack = MOVIE.stack("movie")
    if kind.endswith("xml"):
        trackmate.write(folder / kind, stack, image_name="movie.ome.tif")
    elif kind.endswith("csv"):
        track_table.write(folder / kind, stack)
    elif kind.endswith("zip"):
        imagej_rois.write(folder / kind, stack)
    else:
        geff.write(folder / kind, stack)
    plan = plan_import(folder)
    (item,) = plan.items
    assert (item.layout, plan.refusals, plan.ignored) == (
        PAIRS if kind.endswith("geff") else TRACKS, [], []
    )  # fmt: skip
    opened = open_item(item)
    assert opened.labels is not None
    frames = [planes for _, _, planes in opened.labels]
    assert len(frames) == 4
    assert sum(len(np.unique(planes)) - 1 for planes in frames) == sum(
        len(np.unique(one)) - 1 for one in MOVIE.labels
    )
    if kind.endswith("geff"):  # the picture beside the graph has the outlines
        assert all(np.array_equal(a.max(axis=0), b[0]) for a, b in zip(frames, MOVIE.labels, strict=True))
    if kind.endswith(("csv", "geff")):
        assert dict(opened.mothers) == MOVIE.mothers


def test_T_formats_ctc_keeps_all_channels_with_their_names(tmp_path: Path) -> None:
    ctc.write(tmp_path, MOVIE.stack("movie"), image=MOVIE.source("movie"))
    plan = plan_import(tmp_path)
    (item,) = plan.items
    assert item.layout == CTC
    source = open_item(item).source
    assert source.channel_names == MOVIE.channel_names
    assert np.array_equal(source.read_plane(2, 1, 0), MOVIE.image[2, 1, 0])


def test_T_formats_numbered_frames_and_a_zip_of_regions_are_one_movie(tmp_path: Path) -> None:
    for t in range(4):
        imwrite(tmp_path / f"cells-{t + 1:04}.tif", MOVIE.image[t, 0, 0])
    imagej_rois.write(tmp_path / "cells.zip", MOVIE.stack("movie"))
    (item,) = plan_import(tmp_path).items
    assert (item.name, len(item.image)) == ("cells", 4)
    labels = open_item(item).labels
    assert labels is not None
    for (t, _, planes), right in zip(labels, MOVIE.labels, strict=True):
        assert np.array_equal(planes.max(axis=0), right[0]), t


def test_T_formats_other_zips_and_tables_stay_where_they_are(tmp_path: Path) -> None:
    write_movie(tmp_path)
    with zipfile.ZipFile(tmp_path / "movie.zip", "w") as archive:
        archive.writestr("readme.txt", "no regions")
    (tmp_path / "movie.csv").write_text("a,b\n1,2\n")
    plan = plan_import(tmp_path)
    assert plan.items[0].labels is None
    assert {file.path.name for file in plan.ignored} == {"movie.zip", "movie.csv"}


@pytest.mark.real_data
def test_T_formats_real_folders_with_tracks_are_taken(tmp_path: Path) -> None:
    source = DATA / "formats" / "trackmate"
    if not source.is_dir():
        pytest.skip(f"{source} is not here")
    for name in ("FakeTracks.tif", "FakeTracks.xml"):
        shutil.copyfile(source / name, tmp_path / name)
    (item,) = plan_import(tmp_path).items
    assert item.layout == TRACKS
    opened = open_item(item)
    assert opened.labels is not None
    assert len(opened.mothers) == 4
    assert sum(len(np.unique(planes[planes > 0])) for _, _, planes in opened.labels) >= 82


@pytest.mark.real_data
def test_T_formats_real_tracked_regions_make_their_frames_a_movie() -> None:
    folder = DATA / "cellphe_qpi_tracks"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    (item,) = plan_import(folder).items
    assert len(item.image) == 16
    opened = open_item(item)
    assert opened.labels is not None
    cells = {cell for _, _, planes in opened.labels for cell in np.unique(planes).tolist() if cell}
    assert len(cells) == 56
