"""Small projects, images with labels, snapshots, jobs and trained models for the tests of training."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.edits import CellFacts
from annotation.core.formats import base, ome_zarr
from annotation.models import Branch, Dataset, Image, ImageState, Origin, Project, Revision
from annotation.services import labels
from backend.accounts.models import Team, User
from backend.foundation import clock, storage
from tests.factories.model_card import MODEL_CARD
from training.models import Job, Snapshot, TrainedModel
from training.models.jobs import Kind
from training.selectors.orders import Order
from training.selectors.snapshots import DEFAULT_FRACTIONS, Rule
from training.services import jobs, snapshots, trained_models

numbers = itertools.count(1)

TWO_CELLS = """
    . . . . . . . .
    . 1 1 . . . . .
    . 1 1 . . 2 2 .
    . . . . . 2 2 .
    . . . . . . . .
"""


def picture(text: str) -> NDArray[np.uint32]:
    """Typed labels, `.` for background, as planes (1, y, x)."""
    rows = [[0 if word == "." else int(word) for word in line.split()] for line in text.strip().splitlines()]
    return np.asarray([rows], dtype=np.uint32)


def project(team: Team, *, name: str = "") -> Project:
    return Project.objects.create(team=team, name=name or f"Project {next(numbers)}")


def dataset(owner: Project, *, name: str = "") -> Dataset:
    return Dataset.objects.create(project=owner, name=name or f"Dataset {next(numbers)}")


def image(
    owner: Dataset, *, shape_tyx: tuple[int, int, int] = (1, 5, 8), group: str = "", pixels: bool = False
) -> Image:
    """An image that is ready, with an empty branch `main`; its OME-Zarr is only written for `pixels`."""
    number = next(numbers)
    size_t, size_y, size_x = shape_tyx
    row = Image.objects.create(
        dataset=owner, name=f"image {number:03}", group=group, size_t=size_t, size_c=1, size_z=1,
        size_y=size_y, size_x=size_x, dtype="uint16", channel_names=["nuclei"],
        store_key=f"images/{number}.zarr",
        state=ImageState.READY, content_sha256=hashlib.sha256(str(number).encode()).hexdigest(),
    )  # fmt: skip
    row.current_branch = labels.open_branch(image=row, name="main", origin=Origin.IMPORT)
    row.save(update_fields=["current_branch"])
    if pixels:
        values = np.random.default_rng(number).integers(0, 500, (size_t, 1, 1, size_y, size_x), np.uint16)
        ome_zarr.write(storage.zarr_store(row.store_key), base.of_array(values))
    return row


def label(
    target: Image,
    planes: NDArray[np.uint32] | Sequence[NDArray[np.uint32]] | str = TWO_CELLS,
    *,
    branch: Branch | None = None,
    facts: dict[int, CellFacts] | None = None,
    accepted: bool = True,
    by: User | None = None,
) -> Revision:
    """One revision that says these planes; one array or text is said of every frame."""
    typed = picture(planes) if isinstance(planes, str) else planes
    frames = [typed] * target.size_t if isinstance(typed, np.ndarray) else list(typed)
    revision = labels.import_planes(
        image=target, branch=branch or Branch.objects.get(image=target, name="main"),
        frames=[(t, 0, frame) for t, frame in enumerate(frames)], facts=facts or {}, author=None,
    )  # fmt: skip
    return labels.accept(revision=revision, by=by) if accepted else revision


def labelled_images(owner: Dataset, count: int, *, group: str = "", pixels: bool = False) -> list[Image]:
    images = [image(owner, group=group, pixels=pixels) for _ in range(count)]
    for each in images:
        label(each)
    return images


def snapshot(
    owner: Dataset, *, by: User, name: str = "first", fractions: Mapping[str, float] = DEFAULT_FRACTIONS
) -> Snapshot:
    return snapshots.freeze(
        project=owner.project, name=name, rule=Rule(dataset_ids=[owner.pk]),
        fractions=fractions, seed=0, by=by,
    )  # fmt: skip


def order(frozen: Snapshot | None = None, **changes: Any) -> Order:
    return Order(
        **{"kind": Kind.TRAIN, "recipe": "instances", "snapshot": frozen, "name": "nuclei", **changes}
    )


def training(frozen: Snapshot, *, by: User, **changes: Any) -> Job:
    return jobs.start(project=frozen.project, order=order(frozen, **changes), by=by)


def trained_model(frozen: Snapshot, *, by: User, name: str = "nuclei", **columns: Any) -> TrainedModel:
    """A registered model whose weights are a few bytes in storage."""
    job = training(frozen, by=by, name=name)
    claimed = jobs.claim(job_id=job.pk, worker="a worker")
    assert claimed is not None
    jobs.succeed(job_id=job.pk, worker="a worker", message="Trained.")
    key = trained_models.weights_key(job_id=job.pk)
    storage.put(f"{key}/weights.safetensors", b"weights")
    storage.put(f"{key}/model.json", json.dumps({"recipe": "instances"}).encode())
    version = TrainedModel.objects.filter(project=frozen.project, name=name).count() + 1
    return TrainedModel.objects.create(**{
        "project": frozen.project, "name": name, "version": version, "recipe": "instances", "job": job,
        "snapshot": frozen, "snapshot_digest": frozen.digest, "weights_key": key, "weights_digest": "0" * 64,
        "size_bytes": 7, "settings": job.settings, "seed": 0, "code_version": "test", "created_by": by,
        "created_at": clock.now(), "scores": {"test": {"ap50": 0.5}}, **columns,
    })  # fmt: skip


def job_of(model: TrainedModel) -> Job:
    """The job that made a model; a starter model has none."""
    assert model.job is not None
    return model.job


def snapshot_of(model: TrainedModel) -> Snapshot:
    """What a model learned from; a starter model has none."""
    assert model.snapshot is not None
    return model.snapshot


def model_folder(folder: Path) -> Path:
    """A folder as the engine leaves it, with weights of a few bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.safetensors").write_bytes(b"weights")
    (folder / "model.json").write_text(json.dumps(MODEL_CARD))
    return folder
