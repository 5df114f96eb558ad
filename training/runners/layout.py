"""Lays out the run folder: what to do, on which images, with which labels."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from django.conf import settings

from annotation.core import crowd
from annotation.core.cell_labels import classes_of
from annotation.core.edits import CellFacts
from annotation.models import Branch, Image, Revision
from annotation.selectors import doubts, schemas
from annotation.selectors import labels as label_selectors
from annotation.selectors import links as link_selectors
from backend.foundation import storage
from training.contract import reading
from training.contract.files import RunFolder, write_json
from training.contract.manifest import LearnsFrom, ManifestLine, Split
from training.contract.recipes import Makes, recipe_named
from training.contract.results import CellEntry, CellList
from training.contract.specs import Action, RunSpec
from training.models import Job, JobTarget, SnapshotItem, TrainedModel
from training.models.jobs import FINAL_STATES, Kind
from training.runners.code_version import code_version
from training.runners.local_process import thread_count
from training.selectors import published_weights, snapshots
from training.selectors import reading as reading_selectors
from training.services import orders, trackings

CHUNK_PX = 512
# Enough pictures to show what augmentation does, few enough to start at once.
PREVIEW_IMAGES = 12
MODEL_IN = "model_in"
IMAGES = "images"
PUBLISHED = "published"
# What a run no longer needs once its result is kept; spec, manifest, progress and log stay.
HEAVY = ("labels", "outputs", "checkpoint", "model", "pictures", "parts", MODEL_IN, IMAGES, PUBLISHED)


def folder_of(*, job_id: uuid.UUID) -> RunFolder:
    """The run folder of a job on this machine."""
    return RunFolder(Path(settings.CYTOLOOP_RUNS) / str(job_id))


def is_laid_out(*, folder: RunFolder) -> bool:
    """The manifest is written last."""
    return folder.manifest.exists()


def lay_out(*, job: Job, folder: RunFolder) -> None:
    """Write spec, labels, images where needed, and last the manifest. A half-written folder is begun anew."""
    if folder.path.exists():
        shutil.rmtree(folder.path)
    folder.path.mkdir(parents=True)
    folder.write_spec(_spec(job, folder))
    folder.write_manifest(_lines(job, folder))


def clean(*, folder: RunFolder) -> None:
    """Remove the heavy parts of a run whose result is kept elsewhere."""
    for name in HEAVY:
        shutil.rmtree(folder.path / name, ignore_errors=True)


def clean_leftovers() -> int:
    """Remove what ended runs left on this machine's disk; answers how many folders were cleaned.

    Runners clean up after themselves, but not where the worker was killed or the project was deleted.
    """
    runs = Path(settings.CYTOLOOP_RUNS)
    folders = {path.name: path for path in runs.iterdir() if path.is_dir()} if runs.exists() else {}
    names = [name for name in folders if _is_job_id(name)]
    states = {str(pk): state for pk, state in Job.objects.filter(pk__in=names).values_list("pk", "state")}
    cleaned = 0
    for name in names:
        if name not in states:
            shutil.rmtree(folders[name], ignore_errors=True)
            cleaned += 1
        elif states[name] in FINAL_STATES and any((folders[name] / heavy).exists() for heavy in HEAVY):
            clean(folder=RunFolder(folders[name]))
            cleaned += 1
    return cleaned


def _is_job_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _spec(job: Job, folder: RunFolder) -> RunSpec:
    model = job.init_from if job.kind == Kind.TRAIN else job.trained_model
    own = job.kind in (Kind.TRAIN, Kind.PREVIEW) or _maps(job)
    return RunSpec(
        action=Action(job.kind.lower()),
        recipe=job.recipe,
        settings=_own_settings(job, folder) if own or model is None else _settings_of(model, job),
        seed=job.seed,
        minutes=job.minutes,
        threads=thread_count(),
        model_dir=str(bring_model(model=model, folder=folder)) if model else None,
        code_version=code_version(),
        cell_px=_cell_px(job),
    )


def _maps(job: Job) -> bool:
    """Whether a job makes a map of cells, be it with a model of another recipe."""
    return job.kind == Kind.PREDICT and recipe_named(job.recipe).makes is Makes.VECTORS


def _reads_cells(job: Job) -> bool:
    """Whether a prediction looks at the cells that are outlined already."""
    model = job.trained_model
    if model is None or _maps(job):
        return recipe_named(job.recipe).reads_cells
    return orders.needs_cells(model)


def _settings_of(model: TrainedModel, job: Job) -> dict[str, Any]:
    """The settings that a trained model was made with; a prediction may say how it reads."""
    reading = {name: value for name, value in job.settings.items() if name in orders.READING}
    return {**model.settings, **reading}


def _cell_px(job: Job) -> float | str | None:
    """How large the cells of predicted images are: as was asked, else found by itself where that can be."""
    model = job.trained_model
    if job.kind != Kind.PREDICT or model is None or not reading_selectors.sees_sizes(model):
        return None
    asked = job.settings.get(reading.CELL_PX, reading.DEFAULT_CELL_PX)
    return None if asked == reading.LEARNED else asked


def _own_settings(job: Job, folder: RunFolder) -> dict[str, Any]:
    """The job's settings; published weights that it names are brought, and named by where they lie then."""
    name = job.settings.get("weights")
    if not name:
        return dict(job.settings)
    brought = folder.path / PUBLISHED / str(name)
    brought.parent.mkdir()
    shutil.copyfile(published_weights.path_of(str(name)), brought)
    return {**job.settings, "weights": str(brought)}


def bring_model(*, model: TrainedModel, folder: RunFolder) -> Path:
    """A copy, so that deleting the model from the registry does not pull it from under a run."""
    storage.download_prefix(model.weights_key, folder.path / MODEL_IN)
    return folder.path / MODEL_IN


def _lines(job: Job, folder: RunFolder) -> Iterable[ManifestLine]:
    channels = _channels(job)
    if job.kind == Kind.PREDICT:
        return [_predict_line(job, target, folder, channels) for target in _targets(job)]
    classes, needs_labels = _class_indices(job), recipe_named(job.recipe).needs_labels
    if needs_labels and job.settings.get("doubt"):
        _write_weights(job, folder)
    return [
        _line(
            item.image,
            folder,
            split=Split(item.split),
            group=item.group,
            labels=_write_labels(folder, item.image, _revision_of(item), classes) if needs_labels else None,
            learns_from=LearnsFrom.LABELS if needs_labels else LearnsFrom.PIXELS,
            channels=channels(item.image),
        )
        for item in _items(job)
    ]


def _predict_line(
    job: Job, target: JobTarget, folder: RunFolder, channels: reading_selectors.Choose
) -> ManifestLine:
    image, cells = target.image, None
    if _reads_cells(job):
        cells = _write_present_cells(folder, image, target.branch or image.current_branch)
    if recipe_named(job.recipe).makes is Makes.TRACKS:
        _write_constraints(folder, image)
    return _line(image, folder, split=Split.PREDICT, labels=cells, channels=channels(image))


def _channels(job: Job) -> reading_selectors.Choose:
    """Which channels of its images a model is shown that is used; what learns sees all."""
    used = job.kind in (Kind.PREDICT, Kind.EVALUATE) and not _maps(job)
    return reading_selectors.chooser(model=job.trained_model if used else None, asked=job.settings)


def _write_constraints(folder: RunFolder, image: Image) -> None:
    """What people have said of the links of the revision that was laid out."""
    revision = present_revision(folder=folder, image=image)
    if revision is not None:
        said = link_selectors.human_links(branch=revision.branch, revision=revision.number)
        if said:
            write_json(folder.constraints(str(image.pk)), trackings.constraints_of(said).to_json())


def _revision_of(item: SnapshotItem) -> Revision:
    if item.revision is None:
        raise ValueError(f"The snapshot {item.snapshot_id} pins no labels of {item.image_id}.")
    return item.revision


def _targets(job: Job) -> Iterable[JobTarget]:
    found = JobTarget.objects.filter(job=job).select_related("image__current_branch", "branch")
    return found.order_by("image__name", "image_id")


def _items(job: Job) -> Sequence[SnapshotItem]:
    if job.snapshot is None:
        raise ValueError(f"The job {job.pk} has no snapshot.")
    items = snapshots.list_items(snapshot=job.snapshot)
    if job.kind == Kind.EVALUATE:
        return list(items.filter(split=job.settings["split"]))
    if job.kind == Kind.PREVIEW:
        return list(items.filter(split=Split.TRAIN)[:PREVIEW_IMAGES])
    return list(items)


def _line(
    image: Image,
    folder: RunFolder,
    *,
    split: Split,
    group: str = "",
    labels: str | None = None,
    learns_from: LearnsFrom = LearnsFrom.LABELS,
    channels: tuple[int, ...] | None = None,
) -> ManifestLine:
    return ManifestLine(
        image_id=str(image.pk),
        name=image.name,
        image=str(_bring_image(image, folder)),
        labels=labels,
        split=split,
        group=group,
        learns_from=learns_from,
        channels=channels,
    )


def _bring_image(image: Image, folder: RunFolder) -> Path:
    """Where the OME-Zarr lies on this disk, or a copy of it from object storage."""
    local = storage.local_path(image.store_key)
    if local is not None:
        return local
    copy = folder.path / IMAGES / f"{image.pk}.ome.zarr"
    storage.download_prefix(image.store_key, copy)
    return copy


def _write_labels(folder: RunFolder, image: Image, revision: Revision, classes: dict[str, int]) -> str:
    """`labels/ID.zarr`: uint32 (p, t, z, y, x), one more plane wherever cells overlap."""
    name = f"labels/{image.pk}.zarr"
    shape = (image.size_t, image.size_z, image.size_y, image.size_x)
    array = zarr.create_array(
        store=folder.path / name,
        shape=(1, *shape),
        chunks=(1, 1, 1, min(image.size_y, CHUNK_PX), min(image.size_x, CHUNK_PX)),
        dtype="uint32",
        zarr_format=3,
    )
    for t in range(image.size_t):
        for z in range(image.size_z):
            planes = label_selectors.read_planes(revision=revision, t=t, z=z)
            if len(planes) > array.shape[0]:
                array.resize((len(planes), *shape))
            array[: len(planes), t, z] = planes
    _write_cells(folder, image, revision, classes)
    return name


def _write_weights(job: Job, folder: RunFolder) -> None:
    """`labels/ID.weights.zarr` of the training images about which a crowd was divided."""
    for item in _items(job):
        frames = doubts.frames_of(revision=_revision_of(item)) if item.split == Split.TRAIN else []
        if not frames:
            continue
        image = item.image
        array = zarr.create_array(
            store=folder.labels / f"{image.pk}.weights.zarr",
            shape=(image.size_t, image.size_z, image.size_y, image.size_x),
            chunks=(1, 1, min(image.size_y, CHUNK_PX), min(image.size_x, CHUNK_PX)),
            dtype="uint8",
            fill_value=255,
            zarr_format=3,
        )
        for t, z in frames:
            share = doubts.read(revision=_revision_of(item), t=t, z=z)
            if share is not None:
                array[t, z] = np.rint(255 * crowd.training_weight(share)).astype(np.uint8)


def _write_present_cells(folder: RunFolder, image: Image, branch: Branch | None) -> str | None:
    """The cells as they are now, and which revision says so: its facts are kept by what is predicted."""
    revision = label_selectors.head_revision(branch) if branch is not None else None
    if revision is None:
        return None
    name = _write_labels(folder, image, revision, {})
    write_json(folder.labels / f"{image.pk}.revision.json", {"revision": str(revision.pk)})
    return name


def present_revision(*, folder: RunFolder, image: Image) -> Revision | None:
    """The revision whose cells a prediction was given, where it was given any."""
    path = folder.labels / f"{image.pk}.revision.json"
    if not path.exists():
        return None
    return Revision.objects.select_related("branch__image").get(
        pk=json.loads(path.read_text(encoding="utf-8"))["revision"]
    )


def _write_cells(folder: RunFolder, image: Image, revision: Revision, classes: dict[str, int]) -> None:
    """Classes where the recipe learns any, whose daughters cells are, and the cells about which nothing is to
    be learned or scored."""
    facts = label_selectors.cell_facts(revision=revision)
    if not classes and not any(fact.ignored or fact.mother is not None for fact in facts.values()):
        return
    entries = [
        CellEntry(
            cell=cell,
            class_index=class_index(fact, classes),
            ignored=fact.ignored,
            mother=fact.mother,
        )
        for cell, fact in facts.items()
    ]
    write_json(folder.labels / f"{image.pk}.json", CellList(cells=entries).to_json())


def _class_indices(job: Job) -> dict[str, int]:
    """Class id → place in `settings.classes`, from 1, of these classes and of those below them in the tree;
    empty when the recipe learns no classes."""
    settings_of_run = job.trained_model.settings if job.trained_model else job.settings
    names = list(settings_of_run.get("classes") or [])
    if not names:
        return {}
    schema = schemas.current(job.project)
    own = {one.id: names.index(one.name) + 1 for one in schema.classes.values() if one.name in names}
    lines = ((one, schema.line_of(schema.successor(one))) for one in schema.classes)
    above = {one: [own[each] for each in line if each in own] for one, line in lines}
    return {one: found[0] for one, found in above.items() if found} | own


def class_index(facts: CellFacts, classes: Mapping[str, int]) -> int | None:
    """The place of the first of a cell's classes that the run tells, itself or by one above it; None where it
    tells none, and for cells of which people are not sure."""
    if facts.uncertain:
        return None
    return next((classes[one] for one in classes_of(facts) if one in classes), None)


def count_uncertain(*, job: Job) -> int:
    """Cells of the snapshot that have a class of the run and are left out for people were not sure."""
    classes = _class_indices(job)
    if not classes:
        return 0
    revisions = (item.revision for item in _items(job) if item.revision is not None)
    every = (facts for one in revisions for facts in label_selectors.cell_facts(revision=one).values())
    return sum(facts.uncertain and any(one in classes for one in classes_of(facts)) for facts in every)
