"""Runs a prediction whose cells are followed over time: first the trained model outlines them, then a linker
says who is who in the next frame. Only the tracks are entered, so every tile is written once.

Which of the two is done is read from its folder; whatever is killed goes on from there.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import replace

from annotation.core.edits import CellFacts
from annotation.models import Image
from training.contract.files import ExitCode, RunFolder, read_cells
from training.contract.linking import Constraints, Lineage
from training.contract.progress import ProgressLine, Status
from training.contract.specs import Action, RunSpec
from training.models import Job
from training.runners import layout
from training.runners.frames_out import frames_of
from training.runners.parts import Parts
from training.runners.readings import Readings
from training.runners.watch import Cause, Ending, log_tail
from training.selectors.orders import LINKS
from training.selectors.reading import Reading, sentence
from training.services import evaluations, jobs, predictions, progress, trackings
from training.services.trackings import Linking

WORKER_LEAVES = (ExitCode.STOPPED, -signal.SIGTERM, -signal.SIGKILL)
OUTLINED = 0.7
"""The share of the work that is done when the cells are outlined: a guess."""


class PartEnded(Exception):
    """One of the two did not come to its end; what is to be done about the job has been done."""


def links(job: Job) -> bool:
    """Whether the cells that a job's model outlines are to be followed."""
    return bool(job.settings.get(LINKS)) and job.trained_model_id is not None


def run(parts: Parts) -> None:
    """Run both from where they stand, and enter the tracks. Raises JobTakenOver."""
    _prepare(parts)
    try:
        _run_part(parts, parts.folder, parts.job.recipe, "Outlines", 0.0, OUTLINED)
        part = _lay_out_links(parts)
        _run_part(parts, part, part.read_spec().recipe, "Tracks", OUTLINED, 1.0)
    except PartEnded:
        return
    _collect(parts, part)
    layout.clean(folder=parts.folder)


def _prepare(parts: Parts) -> None:
    if layout.is_laid_out(folder=parts.folder):
        return
    job, worker = parts.job, parts.worker
    jobs.note(job_id=job.pk, worker=worker, message="Preparing images…")
    jobs.set_run_folder(job_id=job.pk, worker=worker, run_folder=f"runs/{job.pk}")
    layout.lay_out(job=job, folder=parts.folder)


def _lay_out_links(parts: Parts) -> RunFolder:
    """The linker's folder: its labels are the model's outputs. Images of one frame stay as they are."""
    part = parts.folder_of(LINKS)
    if layout.is_laid_out(folder=part):
        return part
    part.path.mkdir(parents=True, exist_ok=True)
    if not part.labels.is_symlink():
        part.labels.symlink_to(parts.folder.outputs, target_is_directory=True)
    part.write_spec(_spec(parts, part))
    movies = {str(image.pk) for image in _images(parts.job) if image.size_t > 1}
    part.write_manifest(
        replace(line, labels=f"labels/{line.image_id}.zarr", channels=None)
        for line in parts.folder.read_manifest()
        if line.image_id in movies
    )
    return part


def _spec(parts: Parts, part: RunFolder) -> RunSpec:
    """What the linker is asked to do, a copy of its trained model beside it where it has one."""
    settings, model = parts.job.settings[LINKS], parts.job.link_model
    if model is None:
        return parts.spec(action=Action.PREDICT, recipe=LINKS, settings=settings, model_dir=None)
    return parts.spec(
        action=Action.PREDICT,
        recipe=model.recipe,
        settings={**model.settings, **settings},
        model_dir=str(layout.bring_model(model=model, folder=part)),
    )


def _images(job: Job) -> Sequence[Image]:
    return list(Image.objects.filter(job_targets__job=job).order_by("name", "pk"))


# ---------------------------------------------------------------- one of the two


def _run_part(parts: Parts, part: RunFolder, recipe: str, name: str, begin: float, end: float) -> None:
    """Run one engine to its result. Raises PartEnded, JobTakenOver."""

    def told(lines: Sequence[ProgressLine], offset: int, _spent_s: float, _spent_cpu_s: float) -> None:
        if lines:
            scaled = [_scaled(line, name, begin, end) for line in lines]
            progress.record(job_id=parts.job.pk, worker=parts.worker, lines=scaled, offset=offset)

    result = part.read_result()
    if result is None:
        heard = part.progress.stat().st_size if part.progress.exists() else 0
        ending = parts.run(part, offset=heard, told=told, recipe=recipe)
        result = part.read_result()
        if result is None or ending.cause is not Cause.BY_ITSELF:
            _give_up(parts, part, ending, name)
    if result is None or not result.ok:
        error = result.error if result is not None and result.error else "The engine failed."
        jobs.fail(job_id=parts.job.pk, worker=parts.worker, error=error, detail=_words(part))
        layout.clean(folder=parts.folder)
        raise PartEnded


def _scaled(line: ProgressLine, name: str, begin: float, end: float) -> ProgressLine:
    """A part's share of the whole; the time that is left is told of the part alone, which is most of it."""
    if not isinstance(line, Status) or line.fraction is None:
        return line
    return replace(line, message=f"{name}: {line.message}", fraction=begin + (end - begin) * line.fraction)


def _give_up(parts: Parts, part: RunFolder, ending: Ending, name: str) -> None:
    """The job's row says why there is no result. Raises PartEnded, JobTakenOver."""
    job, worker = parts.job, parts.worker
    if ending.cause is Cause.TAKEN_OVER:
        raise jobs.JobTakenOver(f"The job {job.pk} is in other hands.")
    if ending.cause is Cause.CANCELLED:
        jobs.confirm_cancelled(job_id=job.pk, worker=worker)
        layout.clean(folder=parts.folder)
    elif ending.cause is Cause.BY_ITSELF and ending.exit_code in WORKER_LEAVES:
        jobs.release(job_id=job.pk, worker=worker, reason=f"{name}: the engine was ended.")
    else:
        why = "more memory than its limit" if ending.cause is Cause.TOO_LARGE else "too long, or ended oddly"
        error = f"{name}: the job was stopped, for it took {why}."
        jobs.fail(job_id=job.pk, worker=worker, error=error, detail=_words(part))
        layout.clean(folder=parts.folder)
    raise PartEnded


def _words(part: RunFolder) -> str:
    return log_tail(folder=part)[-4000:].decode(errors="replace").strip()


# ---------------------------------------------------------------- both


def _collect(parts: Parts, part: RunFolder) -> None:
    """Enter every image: movies with their tracks, others as the model left them."""
    job, worker = parts.job, parts.worker
    movies = {line.image_id for line in part.read_manifest()}
    images, readings, read = _images(job), Readings.of(parts.folder), []
    for number, image in enumerate(images, start=1):
        message = f"Keeping the tracks of image {number} of {len(images)}."
        jobs.note(job_id=job.pk, worker=worker, message=message)
        cells = parts.folder.output_cells(str(image.pk))
        read.append(readings.read(image, read_cells(cells)))
        if str(image.pk) in movies:
            _accept_movie(parts, part, image, read[-1])
        else:
            predictions.accept(
                job_id=job.pk, worker=worker, image=image, frames=frames_of(parts.folder, image),
                cells=read_cells(cells).cells, reading=read[-1],
            )  # fmt: skip
        predictions.keep_cells(job_id=job.pk, image=image, content=cells.read_bytes())
    made = "1 movie" if len(movies) == 1 else f"{len(movies)} movies"
    message = f"Outlined and linked the cells of {made}.{sentence(read)}"
    jobs.succeed(job_id=job.pk, worker=worker, message=message)
    evaluations.wake(job_id=job.pk)


def _accept_movie(parts: Parts, part: RunFolder, image: Image, reading: Reading) -> None:
    lineage = Lineage.read(part.output_lineage(str(image.pk)))
    linking = Linking(
        lineage=lineage,
        constraints=Constraints(),
        settings=parts.job.settings[LINKS],
        before=_told(parts, image),
        model=parts.job.link_model,
    )
    trackings.accept(
        job_id=parts.job.pk,
        worker=parts.worker,
        image=image,
        frames=frames_of(part, image),
        linking=linking,
        reading=reading,
    )


def _told(parts: Parts, image: Image) -> dict[int, CellFacts]:
    """Class and quality of the cells as the model outlined them."""
    if parts.job.trained_model is None:
        raise ValueError(f"The job {parts.job.pk} has no trained model.")
    cells = read_cells(parts.folder.output_cells(str(image.pk))).cells
    return predictions.told_facts(parts.job.trained_model, cells)
