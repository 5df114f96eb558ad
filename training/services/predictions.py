"""A trained model's proposals become ordinary draft revisions, and tasks to correct them, most uncertain
first.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from annotation.core.edits import CellFacts
from annotation.models import Image, LabelClass, Origin, Revision, RevisionKind, Task, TaskKind
from annotation.services import labels, tasks
from backend.foundation import clock, storage
from training.contract.results import CellEntry, CellList
from training.models import Job, Prediction, TrainedModel
from training.services import jobs

Frames = Iterable[tuple[int, int, NDArray[np.uint32]]]


@dataclass(frozen=True, kw_only=True)
class Linked:
    """Cells that a linker has followed: its name, and the facts of every cell with its mother."""

    linker: str
    facts: Mapping[int, CellFacts]


@transaction.atomic
def accept(
    *,
    job_id: uuid.UUID | str,
    worker: str,
    image: Image,
    frames: Frames,
    cells: Sequence[CellEntry],
    before: Mapping[int, CellFacts] | None = None,
    linked: Linked | None = None,
    reading: Mapping[str, Any] | None = None,
) -> Prediction:
    """Enter what a job predicted for one image: branch, revision, row, task, all or nothing.

    An image that the job has entered before is passed over, so a job that is resumed goes on behind it.
    `frames` yields (t, z, planes (p, y, x) uint32), one at a time. `before` are the facts of the cells that
    the model was given to judge: they stay but for class and quality, and those of locked cells altogether.
    Where the cells were `linked`, their facts are those given with it. `reading` says how the image was read
    (channels, zoom, cell_px), where not as it stands. Raises JobTakenOver.
    """
    job = jobs.lock_held(job_id=job_id, worker=worker)
    known = Prediction.objects.filter(job=job, image=image).first()
    if known is not None:
        return known
    model = job.trained_model
    if linked is not None:
        facts = dict(linked.facts)
    else:
        told = told_facts(_model_of(job), cells)
        facts = told if before is None else _judged(before, told)
    revision = _write_labels(job, image, frames, facts, linked)
    qualities = [cell.quality for cell in cells if cell.quality is not None]
    prediction = Prediction.objects.create(
        job=job,
        image=image,
        branch=revision.branch,
        revision=revision,
        trained_model=model,
        object_count=len(cells),
        mean_quality=sum(qualities) / len(qualities) if qualities else None,
        expected_wrong=expected_wrong(cells=cells),
        reading=dict(reading or {}),
        created_at=clock.now(),
    )
    if job.make_tasks:
        prediction.task = _make_task(job, prediction)
        prediction.save(update_fields=["task"])
    return prediction


def keep_cells(*, job_id: uuid.UUID | str, image: Image, content: bytes) -> None:
    """Keep all that a model said of an image's cells, a results.CellList, beyond what labels can hold."""
    storage.put(_cells_key(job_id, image), content)


def kept_cells(*, prediction: Prediction) -> Sequence[CellEntry]:
    """What `keep_cells` kept, with the probability of every class; empty for predictions older than that."""
    key = _cells_key(prediction.job_id, prediction.image)
    if not storage.exists(key):
        return ()
    return CellList.from_json(json.loads(storage.get(key)), where=key).cells


def _cells_key(job_id: uuid.UUID | str, image: Image) -> str:
    return f"jobs/{job_id}/cells/{image.pk}.json"


def expected_wrong(*, cells: Sequence[CellEntry]) -> float:
    """How many objects are expected to be wrong: Σ (1 − quality), over the objects whose quality was
    predicted.
    """
    return sum(1.0 - cell.quality for cell in cells if cell.quality is not None)


def _write_labels(
    job: Job, image: Image, frames: Frames, facts: dict[int, CellFacts], linked: Linked | None
) -> Revision:
    author = _author(job.trained_model, linked)
    branch = labels.open_branch(
        image=image,
        name=_branch_name(job.trained_model, image, linked),
        origin=Origin.MODEL,
        author_model=author,
    )
    return labels.import_planes(
        image=image,
        branch=branch,
        frames=frames,
        facts=facts,
        author=author,
        kind=RevisionKind.PREDICTION,
        message=f"Predicted by {author.name}" if job.trained_model else f"Linked by {author.name}",
        batch_id=uuid.uuid5(job.pk, str(image.pk)),
        parameters=_parameters(job),
    )


def _parameters(job: Job) -> dict[str, str | int | float | bool | None]:
    """With what the job was run, as far as it fits on a line of the audit log."""
    settings = {
        name: value
        for name, value in sorted(job.settings.items())
        if value is None or isinstance(value, str | int | float | bool)
    }
    linker = {"link_model": str(job.link_model_id)} if job.link_model_id else {}
    return {"job": str(job.pk), "recipe": job.recipe, **linker, **settings}


def _author(model: TrainedModel | None, linked: Linked | None) -> labels.ModelAuthor:
    """The trained model, or the linker that never learned; where both worked, both are named."""
    if model is None:
        return labels.ModelAuthor(id=None, name=f"linker {linked.linker}" if linked else "nobody")
    return labels.ModelAuthor(id=model.pk, name=f"{model} + {linked.linker}"[:200] if linked else str(model))


def _branch_name(model: TrainedModel | None, image: Image, linked: Linked | None) -> str:
    """Each prediction has a branch of its own: a later one never stands on corrections of an earlier one."""
    earlier = Prediction.objects.filter(trained_model=model, image=image).count()
    tracks = f"Tracks ({linked.linker})" if linked else ""
    name = f"{model}, {tracks[0].lower()}{tracks[1:]}" if model and linked else tracks or str(model)
    return name if not earlier else f"{name}, run {earlier + 1}"


def told_facts(model: TrainedModel, cells: Sequence[CellEntry]) -> dict[int, CellFacts]:
    """Facts of cells as a model tells them: class and quality."""
    classes = _class_ids(model)
    return {
        cell.cell: CellFacts(
            classes.get(cell.class_index) if cell.class_index is not None else None, None, cell.quality
        )
        for cell in cells
    }


def _judged(before: Mapping[int, CellFacts], told: Mapping[int, CellFacts]) -> dict[int, CellFacts]:
    """Facts after a model has judged cells that were there; a class that is gone from the project leaves the
    one before."""
    return {
        cell: facts
        if facts.locked or cell not in told
        else replace(
            facts,
            label_class=told[cell].label_class or facts.label_class,
            also=tuple(one for one in facts.also if one != told[cell].label_class),
            quality=told[cell].quality,
        )
        for cell, facts in before.items()
    }


def _class_ids(model: TrainedModel) -> dict[int, str]:
    """Place in `settings.classes`, from 1 → id of the project's class of that name; a class that is gone is
    left out.
    """
    names = list(model.settings.get("classes") or [])
    found = LabelClass.objects.filter(project_id=model.project_id, name__in=names)
    return {names.index(row.name) + 1: str(row.pk) for row in found}


def _make_task(job: Job, prediction: Prediction) -> Task:
    return tasks.create(
        project=job.project,
        kind=TaskKind.CORRECT,
        image=prediction.image,
        branch=prediction.branch,
        title=f"Correct {prediction.trained_model or 'the tracks'} on {prediction.image.name}",
        priority=prediction.expected_wrong,
        by=None,
    )


def _model_of(job: Job) -> TrainedModel:
    if job.trained_model is None:
        raise ValueError(f"The prediction job {job.pk} has no trained model.")
    return job.trained_model
