"""Channels that a model predicted become an image beside the source, which says where it is from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from annotation.core.formats import ome_tiff, ome_zarr, tiff
from annotation.models import Image, ImageState
from backend.accounts.models import Team, User
from backend.cli import channels_out
from backend.foundation import storage
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.files import RunFolder, write_json
from training.contract.manifest import LearnsFrom
from training.contract.results import RunResult
from training.models import Job, PredictedImage, Snapshot, TrainedModel
from training.models.jobs import Kind, State
from training.models.snapshots import Include
from training.runners import collect, layout
from training.selectors import predicted_images as selectors
from training.selectors import snapshots as snapshot_selectors
from training.selectors.snapshots import Rule
from training.services import jobs, orders, snapshots

CHANNELS = [
    {"name": "DAPI predicted", "kind": "prediction"},
    {"name": "DAPI uncertainty", "kind": "uncertainty"},
]
SIZE = (5, 8)


@pytest.fixture
def model(team: Team, mia: User, outbox: Outbox) -> TrainedModel:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 3)
    return make.trained_model(make.snapshot(dataset, by=mia), by=mia, name="stain", recipe="translate")


def predict(model: TrainedModel, image: Image, by: User, folder: Path, warning: str | None = None) -> Job:
    """A prediction job whose engine said 7 ± 2 everywhere, collected."""
    order = make.order(kind=Kind.PREDICT, trained_model=model, images=[image])
    job = jobs.start(project=model.project, order=order, by=by)
    claimed = jobs.claim(job_id=job.pk, worker="worker 1")
    assert claimed is not None
    run = RunFolder(folder)
    run.outputs.mkdir(parents=True)
    array: Any = zarr.create_array(
        run.output_image(str(image.pk)), shape=(1, 2, 1, *SIZE), chunks=(1, 1, 1, *SIZE), dtype="float32"
    )
    array[:, 0], array[:, 1] = 7.0, 2.0
    facts = {"channels": CHANNELS, "novelty": 0.5, "uncertainty": 1.1, "warning": warning}
    write_json(run.output_facts(str(image.pk)), facts)
    collect.collect(job=claimed, worker="worker 1", folder=run, result=RunResult(ok=True))
    job.refresh_from_db()
    return job


def test_L7_a_prediction_is_an_image_with_the_sources_channels_and_says_where_it_is_from(
    model: TrainedModel, mia: User, tmp_path: Path
) -> None:
    source = make.image(model.project.datasets.get(), pixels=True)
    job = predict(model, source, mia, tmp_path / "run", warning="Be careful.")
    row = selectors.list_predicted_images(user=mia, image=source.pk).get()
    made = row.made
    assert (row.source, row.trained_model, row.job, row.warning) == (source, model, job, "Be careful.")
    assert (made.state, made.dataset, made.name) == (
        ImageState.READY, source.dataset, f"{source.name} · predicted by stain v1",
    )  # fmt: skip
    assert made.channel_names == [*source.channel_names, "DAPI predicted", "DAPI uncertainty"]
    assert made.source == f"Predicted by stain v1 from {source.name}"
    assert job.state == State.SUCCEEDED
    assert "unsure" in job.message
    stored = ome_zarr.open(storage.zarr_store(made.store_key, read_only=True))
    recorded = ome_zarr.open(storage.zarr_store(source.store_key, read_only=True))
    np.testing.assert_array_equal(stored.read_plane(0, 0, 0, 0), recorded.read_plane(0, 0, 0, 0))
    assert stored.read_plane(0, 0, 1, 0).max() == 7.0
    group = zarr.open_group(storage.zarr_store(made.store_key, read_only=True), mode="r")
    channels = group.attrs.asdict()["ome"]["omero"]["channels"]  # type: ignore[index, call-overload]
    assert [channel["active"] for channel in channels] == [True, True, False]  # type: ignore[index, union-attr, call-overload]


def test_L7_the_command_line_writes_the_predicted_channels_with_their_names(
    model: TrainedModel, mia: User, tmp_path: Path
) -> None:
    source = make.image(model.project.datasets.get(), pixels=True)
    predict(model, source, mia, tmp_path / "run")
    path = tmp_path / channels_out.output_of(Path("a.tif"))
    assert path.name == "a.ome.tif"
    ome_tiff.write_image(path, channels_out.source_of(PredictedImage.objects.get(source=source)))
    read = tiff.open_one(path)
    assert read.channel_names == ("DAPI predicted", "DAPI uncertainty")
    assert [float(read.read_plane(0, c, 0).max()) for c in range(2)] == [7.0, 2.0]


def test_L7_asked_twice_the_same_model_makes_one_image(
    model: TrainedModel, mia: User, tmp_path: Path
) -> None:
    source = make.image(model.project.datasets.get(), pixels=True)
    for name in ("first", "second"):
        predict(model, source, mia, tmp_path / name)
    rows = PredictedImage.objects.filter(source=source)
    assert rows.count() == 2
    assert len({row.made_id for row in rows}) == 1


def test_L7_images_without_labels_enter_a_snapshot_but_not_those_that_a_model_made(
    model: TrainedModel, mia: User, tmp_path: Path
) -> None:
    dataset = make.dataset(model.project)
    bare = [make.image(dataset, pixels=True) for _ in range(3)]
    predict(model, bare[0], mia, tmp_path / "predicted")
    rule = Rule(dataset_ids=[dataset.pk], include=Include.IMAGES)
    frozen = snapshots.freeze(
        project=dataset.project, name="alone", rule=rule, fractions={"train": 1.0}, seed=0, by=mia
    )
    items = snapshot_selectors.list_items(snapshot=frozen)
    assert {item.image for item in items} == set(bare)
    assert {item.revision for item in items} == {None}
    assert [out["reason"] for out in frozen.left_out] == ["A model made it of another image."]
    assert_the_run_needs_no_labels(frozen, mia, tmp_path)
    with pytest.raises(orders.JobNotComplete, match="learns from labels"):
        make.training(frozen, by=mia, recipe="instances")


def assert_the_run_needs_no_labels(frozen: Snapshot, by: User, folder: Path) -> None:
    job = make.training(frozen, by=by, recipe="translate", settings={"targets": ["nuclei"]})
    run = RunFolder(folder / "alone")
    layout.lay_out(job=job, folder=run)
    lines = run.read_manifest()
    assert len(lines) == 3
    assert {(line.labels, line.learns_from) for line in lines} == {(None, LearnsFrom.PIXELS)}
