"""Brings home what a run left behind: a trained model, predictions, or scores."""

from __future__ import annotations

from annotation.core.edits import CellFacts
from annotation.models import Image
from annotation.selectors import labels as label_selectors
from training.contract.files import RunFolder, read_cells, read_model_card
from training.contract.recipes import Makes, recipe_named
from training.contract.results import RunResult
from training.models import Job
from training.models.jobs import Kind
from training.runners import layout
from training.runners.collect_atlas import collect_atlas
from training.runners.collect_images import collect_images
from training.runners.collect_tracks import collect_tracks
from training.runners.frames_out import frames_of
from training.runners.readings import Readings
from training.selectors import reading
from training.services import evaluations, jobs, predictions, trained_models


def collect(*, job: Job, worker: str, folder: RunFolder, result: RunResult) -> None:
    """Keep the result and end the job well.

    Doing it again after a crash half-way does no harm. Raises JobTakenOver.
    """
    if job.kind == Kind.TRAIN:
        _collect_model(job, worker, folder, result)
    elif job.kind == Kind.PREDICT and recipe_named(job.recipe).makes is Makes.IMAGES:
        collect_images(job=job, worker=worker, folder=folder)
    elif job.kind == Kind.PREDICT and recipe_named(job.recipe).makes is Makes.VECTORS:
        collect_atlas(job=job, worker=worker, folder=folder)
    elif job.kind == Kind.PREDICT and recipe_named(job.recipe).makes is Makes.TRACKS:
        collect_tracks(job=job, worker=worker, folder=folder)
    elif job.kind == Kind.PREDICT:
        _collect_predictions(job, worker, folder)
    elif job.kind == Kind.EVALUATE:
        jobs.succeed(job_id=job.pk, worker=worker, scores=result.scores, message="Scored.")
    else:
        jobs.succeed(job_id=job.pk, worker=worker, message="The samples are drawn.")


def _collect_model(job: Job, worker: str, folder: RunFolder, result: RunResult) -> None:
    trained_models.keep_weights(job_id=job.pk, model_dir=folder.model)
    trained_models.register(
        job_id=job.pk,
        worker=worker,
        model_dir=folder.model,
        card=read_model_card(folder.model),
        result=result,
    )


def _collect_predictions(job: Job, worker: str, folder: RunFolder) -> None:
    images = list(Image.objects.filter(job_targets__job=job).order_by("name", "pk"))
    readings, read = Readings.of(folder), []
    for number, image in enumerate(images, start=1):
        jobs.note(
            job_id=job.pk, worker=worker, message=f"Keeping the labels of image {number} of {len(images)}."
        )
        listed = read_cells(folder.output_cells(str(image.pk)))
        read.append(readings.read(image, listed))
        predictions.accept(
            job_id=job.pk,
            worker=worker,
            image=image,
            frames=frames_of(folder, image),
            cells=listed.cells,
            before=_facts_before(folder, image),
            reading=read[-1],
        )
        predictions.keep_cells(
            job_id=job.pk, image=image, content=folder.output_cells(str(image.pk)).read_bytes()
        )
    made = "1 image" if len(images) == 1 else f"{len(images)} images"
    jobs.succeed(job_id=job.pk, worker=worker, message=f"Predicted {made}.{reading.sentence(read)}")
    evaluations.wake(job_id=job.pk)


def _facts_before(folder: RunFolder, image: Image) -> dict[int, CellFacts] | None:
    revision = layout.present_revision(folder=folder, image=image)
    return None if revision is None else label_selectors.cell_facts(revision=revision)
