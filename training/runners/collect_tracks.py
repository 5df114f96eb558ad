"""Brings home tracks: labels with one id over time, mothers, and how sure the linker was of each link."""

from __future__ import annotations

from annotation.models import Image
from annotation.selectors import labels as label_selectors
from training.contract.files import RunFolder
from training.contract.linking import Constraints, Lineage
from training.models import Job
from training.runners import layout
from training.runners.frames_out import frames_of
from training.services import jobs, trackings
from training.services.trackings import Linking


def collect_tracks(*, job: Job, worker: str, folder: RunFolder) -> None:
    """Enter the tracks of every image and end the job well. Again after a crash half-way it does no harm.

    Raises JobTakenOver, LinksLost.
    """
    images = list(Image.objects.filter(job_targets__job=job).order_by("name", "pk"))
    for number, image in enumerate(images, start=1):
        jobs.note(
            job_id=job.pk, worker=worker, message=f"Keeping the tracks of image {number} of {len(images)}."
        )
        accept_tracks(job=job, worker=worker, folder=folder, image=image)
    made = "1 image" if len(images) == 1 else f"{len(images)} images"
    jobs.succeed(job_id=job.pk, worker=worker, message=f"Linked the cells of {made}.")


def accept_tracks(*, job: Job, worker: str, folder: RunFolder, image: Image) -> None:
    """Enter the tracks of one image whose cells were there before."""
    image_id, base = str(image.pk), layout.present_revision(folder=folder, image=image)
    trackings.accept(
        job_id=job.pk,
        worker=worker,
        image=image,
        frames=frames_of(folder, image),
        linking=Linking(
            lineage=Lineage.read(folder.output_lineage(image_id)),
            constraints=Constraints.read(folder.constraints(image_id)),
            settings=folder.read_spec().settings,
            before={} if base is None else label_selectors.cell_facts(revision=base),
            base=base,
            model=job.trained_model,
        ),
    )
