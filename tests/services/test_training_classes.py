"""L1 in the product: classes told of cells that are there become a draft; what else is known stays."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from annotation.core.edits import CellFacts
from annotation.models import Image, LabelClass, Origin, RevisionKind
from annotation.selectors import labels as label_selectors
from backend.accounts.models import Team, User
from backend.foundation import storage
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.files import read_cells, write_json
from training.contract.manifest import Split
from training.contract.results import CellEntry, CellList, RunResult
from training.models import Job, Prediction, TrainedModel
from training.models.jobs import Kind
from training.runners import layout
from training.runners.collect import collect
from training.services import jobs, orders, predictions

FOUR_CELLS = """
    1 1 . . 2 2 . .
    1 1 . . 2 2 . .
    . . . . . . . .
    3 3 . . 4 4 . .
    3 3 . . 4 4 . .
"""


@pytest.fixture
def model(team: Team, mia: User, outbox: Outbox) -> TrainedModel:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 2)
    trained = make.trained_model(make.snapshot(dataset, by=mia), by=mia, name="kinds", recipe="classify")
    for place, name in enumerate(("red", "white")):
        LabelClass.objects.create(project=trained.project, name=name, position=place)
    trained.settings = {"classes": ["red", "white"]}
    trained.save()
    return trained


def class_id(model: TrainedModel, name: str) -> str:
    return str(LabelClass.objects.get(project=model.project, name=name).pk)


def predicting(model: TrainedModel, image: Image, by: User) -> Job:
    order = make.order(kind=Kind.PREDICT, recipe="", trained_model=model, images=[image])
    job = jobs.start(project=model.project, order=order, by=by)
    assert jobs.claim(job_id=job.pk, worker="worker 1") is not None
    job.refresh_from_db()
    return job


def test_L1_a_classification_becomes_a_draft_that_keeps_the_other_facts(
    model: TrainedModel, mia: User
) -> None:
    image = make.image(model.project.datasets.get(), pixels=True)
    before = {
        1: CellFacts(channel=0),
        2: CellFacts(label_class=class_id(model, "red"), locked=True),
        3: CellFacts(mother=1, quality=0.4),
        4: CellFacts(ignored=True),
    }
    drawn = make.label(image, FOUR_CELLS, facts=before, accepted=False)
    job = predicting(model, image, mia)
    folder = layout.folder_of(job_id=job.pk)
    layout.lay_out(job=job, folder=folder)
    [line] = folder.read_manifest()
    assert (line.split, line.labels) == (Split.PREDICT, f"labels/{image.pk}.zarr")
    assert [cell.cell for cell in read_cells(folder.labels / f"{image.pk}.json").cells if cell.ignored] == [4]

    # Somebody draws on while the model thinks: its draft stands on what it was given.
    make.label(image, FOUR_CELLS.replace("3", "."), accepted=False)
    folder.outputs.mkdir()
    (folder.labels / f"{image.pk}.zarr").rename(folder.output_labels(str(image.pk)))
    told = [CellEntry(cell=cell, class_index=2, quality=0.8, probabilities=(0.2, 0.8)) for cell in (1, 2, 3)]
    write_json(folder.output_cells(str(image.pk)), CellList(cells=told).to_json())
    collect(job=job, worker="worker 1", folder=folder, result=RunResult(ok=True))

    made = Prediction.objects.get(job=job)
    assert (made.revision.kind, made.branch.origin) == (RevisionKind.PREDICTION, Origin.MODEL)
    white = class_id(model, "white")
    assert label_selectors.cell_facts(revision=made.revision) == {
        1: replace(before[1], label_class=white, quality=0.8),
        2: before[2],
        3: replace(before[3], label_class=white, quality=0.8),
        4: before[4],
    }
    np.testing.assert_array_equal(
        label_selectors.read_planes(revision=made.revision, t=0, z=0),
        label_selectors.read_planes(revision=drawn, t=0, z=0),
    )
    kept = predictions.kept_cells(prediction=made)
    assert [entry.probabilities for entry in kept] == [(0.2, 0.8)] * 3
    assert json.loads(storage.get(f"jobs/{job.pk}/cells/{image.pk}.json"))["cells"]


def test_L1_an_image_without_cells_is_refused_before_anything_is_queued(
    model: TrainedModel, mia: User
) -> None:
    bare = make.image(model.project.datasets.get())
    with pytest.raises(orders.JobNotComplete, match=f"{bare.name} has no outlined cells"):
        predicting(model, bare, mia)


def test_L1_without_classes_named_those_that_the_cells_carry_are_learned(
    model: TrainedModel, mia: User
) -> None:
    LabelClass.objects.create(project=model.project, name="never given", position=9)
    image = make.image(model.project.datasets.get())
    kinds = {1: "white", 2: "red"}
    facts = {cell: CellFacts(label_class=class_id(model, name)) for cell, name in kinds.items()}
    make.label(image, FOUR_CELLS, facts=facts)
    frozen = make.snapshot(model.project.datasets.get(), by=mia, name="second")
    assert make.training(frozen, by=mia, recipe="classify").settings["classes"] == ["red", "white"]
    boxes = make.training(frozen, by=mia, recipe="detect")
    assert boxes.settings["classes"] == ["red", "white"]
    plain = make.training(frozen, by=mia, recipe="detect", settings={"tell_classes": False})
    assert plain.settings["classes"] == []

    make.label(image, FOUR_CELLS, facts={1: CellFacts(label_class=class_id(model, "red"))})
    poor = make.snapshot(model.project.datasets.get(), by=mia, name="third")
    with pytest.raises(orders.BadSettings, match="at least two are needed, but all labelled cells are “red”"):
        make.training(poor, by=mia, recipe="classify")


def test_L1_a_model_of_whole_images_needs_no_cells(model: TrainedModel, mia: User) -> None:
    model.summary = {**model.summary, "whole_images": True}
    model.save()
    job = predicting(model, make.image(model.project.datasets.get(), pixels=True), mia)
    folder = layout.folder_of(job_id=job.pk)
    layout.lay_out(job=job, folder=folder)
    assert [line.labels for line in folder.read_manifest()] == [None]


def test_L1_published_weights_are_files_of_one_folder_of_the_data_folder(
    model: TrainedModel, mia: User, tmp_path: Path, settings: Settings
) -> None:
    settings.CYTOLOOP_HOME = tmp_path
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "resnet18.pth").write_bytes(b"numbers")
    (tmp_path / "secret.pth").write_bytes(b"other numbers")
    frozen = make.snapshot_of(model)
    for name in (str(tmp_path / "secret.pth"), "../secret.pth", "no.pth"):
        with pytest.raises(orders.BadSettings, match=r"weights/ of the data folder; there are resnet18"):
            make.training(frozen, by=mia, recipe="detect", settings={"weights": name})
    job = make.training(frozen, by=mia, recipe="detect", settings={"weights": "resnet18.pth"})
    folder = layout.folder_of(job_id=job.pk)
    layout.lay_out(job=job, folder=folder)
    brought = Path(folder.read_spec().settings["weights"])
    assert brought.read_bytes() == b"numbers"
    assert brought.is_relative_to(folder.path)


def test_C1_a_run_tells_the_classes_of_a_level_of_the_tree_and_leaves_doubtful_cells_out(
    model: TrainedModel, mia: User
) -> None:
    project = model.project
    above = LabelClass.objects.create(project=project, name="blood", position=5)
    LabelClass.objects.filter(project=project, name__in=["red", "white"]).update(parent=above)
    other = LabelClass.objects.create(project=project, name="tissue", position=6)
    image = make.image(project.datasets.get(), pixels=True)
    red, white = (CellFacts(label_class=class_id(model, name)) for name in ("red", "white"))
    tissue = CellFacts(label_class=str(other.pk))
    make.label(image, FOUR_CELLS, facts={1: red, 2: replace(white, uncertain=True), 3: white, 4: tissue})
    frozen = make.snapshot(project.datasets.get(), by=mia, name="tree")
    assert make.training(frozen, by=mia, recipe="classify").settings["classes"] == ["red", "white", "tissue"]
    job = make.training(frozen, by=mia, recipe="classify", settings={"class_level": "0"}, name="top")
    assert job.settings["classes"] == ["blood", "tissue"]
    folder = layout.folder_of(job_id=job.pk)
    layout.lay_out(job=job, folder=folder)
    told = {cell.cell: cell.class_index for cell in read_cells(folder.labels / f"{image.pk}.json").cells}
    assert told == {1: 1, 2: None, 3: 1, 4: 2}
    assert layout.count_uncertain(job=job) == 1
