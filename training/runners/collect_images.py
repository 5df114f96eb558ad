"""Brings home channels that a run predicted: an image beside each image that was read."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from annotation.models import Image
from training.contract.files import RunFolder
from training.models import Job
from training.services import evaluations, jobs, predicted_images


def collect_images(*, job: Job, worker: str, folder: RunFolder) -> None:
    """Keep every predicted image and end the job well; images that the engine refused are counted.

    Doing it again after a crash half-way does no harm. Raises JobTakenOver, DatasetIsBusy.
    """
    images = list(Image.objects.filter(job_targets__job=job).select_related("dataset").order_by("name", "pk"))
    made = [image for image in images if folder.output_facts(str(image.pk)).exists()]
    unsure = 0
    for number, image in enumerate(made, start=1):
        jobs.note(job_id=job.pk, worker=worker, message=f"Keeping image {number} of {len(made)}.")
        array: Any = zarr.open_array(folder.output_image(str(image.pk)), mode="r")
        facts = json.loads(folder.output_facts(str(image.pk)).read_text(encoding="utf-8"))
        read = partial(_read_plane, array)
        kept = predicted_images.accept(job_id=job.pk, worker=worker, image=image, read=read, facts=facts)
        unsure += bool(kept.warning)
    jobs.succeed(job_id=job.pk, worker=worker, message=_sentence(len(made), len(images) - len(made), unsure))
    evaluations.wake(job_id=job.pk)


def _read_plane(array: Any, t: int, c: int, z: int) -> NDArray[np.float32]:
    """One plane (y, x); where a whole stack gave one plane, that one for each slice."""
    return np.asarray(array[t, c, min(z, array.shape[2] - 1)], np.float32)


def _sentence(made: int, refused: int, unsure: int) -> str:
    said = [f"Predicted {made} image{'' if made == 1 else 's'}."]
    said += [f"{refused} could not be read by the model."] if refused else []
    said += [f"On {unsure} the model is unsure; see the warnings."] if unsure else []
    return " ".join(said)
