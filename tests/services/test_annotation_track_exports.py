"""Exports of tracks and measurements, from the request to the files in the zip; and an import again."""

import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from annotation.core.edits import CellFacts
from annotation.core.formats import ome_tiff
from annotation.core.simulation import simulate_movie
from annotation.models import Dataset, Export, ExportFormat, ExportState, Image
from annotation.selectors import labels as reading
from annotation.services import bulk, exports, ingestion
from backend.accounts.models import Team, User
from tests.conftest import Outbox
from tests.factories import annotation as make

MOVIE = simulate_movie(seed=5, frames=3)


@pytest.fixture
def dataset(team: Team, tmp_path: Path, outbox: Outbox, mia: User) -> Dataset:
    """One movie with labels and divisions."""
    made = make.make_dataset(make.make_project(team))
    path = tmp_path / "movie.ome.tif"
    ome_tiff.write_image(path, MOVIE.source("movie"))
    (image,) = ingestion.ingest(dataset=made, paths=[path], by=None).images
    branch = image.current_branch
    assert branch is not None
    bulk.import_planes(
        image=image, branch=branch, author=None,
        frames=[(t, 0, one) for t, one in enumerate(MOVIE.labels)],
        facts={cell: CellFacts(mother=mother) for cell, mother in MOVIE.mothers.items()},
    )  # fmt: skip
    return made


def written(dataset: Dataset, format: ExportFormat, mia: User, folder: Path) -> list[str]:
    export = exports.ask(dataset=dataset, format=format, which="HEAD", by=mia)
    exports.run(export_id=export.pk)
    export = Export.objects.get(pk=export.pk)
    assert export.state == ExportState.DONE, export.message
    with exports.open_result(export=export) as stream, zipfile.ZipFile(stream) as archive:
        archive.extractall(folder)
        return archive.namelist()


@pytest.mark.parametrize(
    ("format", "file"),
    [
        (ExportFormat.TRACKMATE, "movie.xml"),
        (ExportFormat.TRACK_TABLE, "movie_tracks.csv"),
        (ExportFormat.IMAGEJ_ROI, "movie_rois.zip"),
        (ExportFormat.GEFF, "movie.geff/zarr.json"),
        (ExportFormat.CTC, "movie/01_C2/t002.tif"),
    ],
)
def test_T_formats_are_exported(
    dataset: Dataset, format: ExportFormat, file: str, mia: User, tmp_path: Path
) -> None:
    assert file in written(dataset, format, mia, tmp_path / "out")


def test_T11_measurements_are_exported(dataset: Dataset, mia: User, tmp_path: Path) -> None:
    written(dataset, ExportFormat.MEASURES, mia, tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "movie_measurements.parquet")
    text = (tmp_path / "out" / "movie_measurements.csv").read_text(encoding="utf-8").splitlines()
    cells = sum(len(np.unique(one)) - 1 for one in MOVIE.labels)
    assert len(table) == len(text) - 1 == cells
    assert text[0].split(",") == table.column_names
    assert f"mean_{MOVIE.channel_names[0]}" in table.column_names


def test_T_formats_what_went_out_as_trackmate_comes_in_again(
    dataset: Dataset, mia: User, tmp_path: Path
) -> None:
    written(dataset, ExportFormat.TRACKMATE, mia, tmp_path / "out")
    again = make.make_dataset(dataset.project)
    report = ingestion.ingest(dataset=again, paths=[tmp_path / "out"], by=None)
    assert report.labelled == 1, report.sentence()
    image = Image.objects.get(dataset=again)
    assert image.current_branch is not None
    spans = reading.cell_spans(branch=image.current_branch)
    assert len(spans) >= len(np.unique(MOVIE.labels)) - 1
