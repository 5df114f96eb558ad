"""Brings home a map of cells."""

from __future__ import annotations

from annotation.models import Image
from training.contract.atlas import CellAtlas
from training.contract.files import RunFolder
from training.models import Job
from training.runners import layout
from training.services import atlases, jobs


def collect_atlas(*, job: Job, worker: str, folder: RunFolder) -> None:
    """Keep the atlas and end the job well. Doing it again after a crash half-way does no harm.

    Raises JobTakenOver, InvalidResult.
    """
    found = CellAtlas.read(folder.atlas)
    jobs.note(job_id=job.pk, worker=worker, message=f"Keeping the map of {len(found)} cells.")
    images = Image.objects.filter(job_targets__job=job)
    revisions = {str(image.pk): layout.present_revision(folder=folder, image=image) for image in images}
    known = {image_id: revision for image_id, revision in revisions.items() if revision is not None}
    atlas = atlases.keep(job_id=job.pk, worker=worker, found=found, revisions=known)
    groups = "1 group" if atlas.group_count == 1 else f"{atlas.group_count} groups"
    message = f"A map of {atlas.point_count} cells in {groups}."
    jobs.succeed(job_id=job.pk, worker=worker, message=message)
