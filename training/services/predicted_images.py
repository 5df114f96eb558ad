"""Channels that a trained model made become an image beside the one that they were made of."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from annotation.core.formats import ome_zarr
from annotation.core.formats.base import Facts, ImageSource
from annotation.core.formats.folder import OpenedItem
from annotation.models import Dataset, Image, ImageState
from annotation.services import claims, ingestion
from backend.foundation import clock, storage
from training.models import Job, PredictedImage, TrainedModel
from training.services import jobs

ReadPlane = Callable[[int, int, int], NDArray[np.float32]]
"""(t, channel, z) → plane (y, x) of what was predicted."""

CLAIM_S = 600.0
POLL_S = 0.5


@dataclass(frozen=True, kw_only=True)
class PredictedSource(Facts):
    """The source's channels, then the predicted ones, all as float32."""

    source: ImageSource
    read: ReadPlane

    def read_plane(self, t: int, c: int, z: int) -> NDArray[Any]:
        """The plane (y, x)."""
        recorded = self.source.shape_tczyx[1]
        plane = self.source.read_plane(t, c, z) if c < recorded else self.read(t, c - recorded, z)
        return np.asarray(plane, np.float32)


def accept(
    *, job_id: uuid.UUID | str, worker: str, image: Image, read: ReadPlane, facts: Mapping[str, Any]
) -> PredictedImage:
    """Make the image of what a job predicted for one image, with where it came from.

    `facts` are the engine's: channels, novelty, uncertainty, warning. The same model on the same image gives
    one image, however often it is asked; an image half made by a killed worker is begun anew. Raises
    JobTakenOver, DatasetIsBusy.
    """
    with transaction.atomic():
        job = jobs.lock_held(job_id=job_id, worker=worker)
    known = PredictedImage.objects.filter(job=job, source=image).first()
    if known is not None:
        return known
    model = _model_of(job)
    with _alone(image.dataset):
        made, source = _keep(image, model, read, facts)
        with transaction.atomic():
            jobs.lock_held(job_id=job_id, worker=worker)
            if made.state != ImageState.READY:
                opened = OpenedItem(source, None, {})
                ingestion.make_ready(image=made, opened=opened, by=None, labels_accepted=False)
            return _note(job, model, image, made, facts)


def _keep(
    image: Image, model: TrainedModel, read: ReadPlane, facts: Mapping[str, Any]
) -> tuple[Image, PredictedSource]:
    """The image with its pixels, new or from an earlier job of the same model."""
    source = _source_of(image, model, read, facts)
    text = f"predicted by {model.weights_digest} of {image.content_sha256} {source.channel_names}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    there = Image.objects.filter(dataset=image.dataset, content_sha256=digest).first()
    if there is not None and there.state == ImageState.READY:
        return there, source
    if there is not None:
        storage.delete_prefix(ingestion.image_folder(there.pk))
        there.delete()
    made = ingestion.keep_image(
        dataset=image.dataset,
        source=source,
        digest=digest,
        name=source.name,
        group=image.group or str(image.pk),
        source_path=f"Predicted by {model} from {image.name}",
        upload=None,
    )
    ingestion.write_pixels(image=made, source=source)
    return made, source


def _source_of(
    image: Image, model: TrainedModel, read: ReadPlane, facts: Mapping[str, Any]
) -> PredictedSource:
    recorded = ome_zarr.open(storage.zarr_store(image.store_key, read_only=True)).source()
    told = [channel["name"] for channel in facts["channels"]]
    unsure = [place for place, channel in enumerate(facts["channels"]) if channel["kind"] == "uncertainty"]
    t, c, z, y, x = recorded.shape_tczyx
    return PredictedSource(
        name=f"{image.name} · predicted by {model}",
        shape_tczyx=(t, c + len(told), z, y, x),
        dtype=np.dtype(np.float32),
        channel_names=(*image.channel_names, *told),
        pixel_size_zyx_um=(image.pixel_size_z_um, image.pixel_size_y_um, image.pixel_size_x_um),
        frame_interval_s=image.frame_interval_s,
        hidden=frozenset(c + place for place in unsure),
        source=recorded,
        read=read,
    )


def _note(
    job: Job, model: TrainedModel, image: Image, made: Image, facts: Mapping[str, Any]
) -> PredictedImage:
    return PredictedImage.objects.create(
        job=job,
        source=image,
        made=made,
        trained_model=model,
        channels=list(facts["channels"]),
        novelty=facts["novelty"],
        uncertainty=facts["uncertainty"],
        warning=facts.get("warning") or "",
        created_at=clock.now(),
    )


@contextmanager
def _alone(dataset: Dataset) -> Iterator[None]:
    """The dataset's claim of imports, which throw away what they find half made; waits for it."""
    until = time.monotonic() + CLAIM_S
    while True:
        with claims.alone("import", dataset.pk) as mine:
            if mine:
                yield
                return
        if time.monotonic() > until:
            raise ingestion.DatasetIsBusy(
                f"Another import into {dataset.name} is running; start the prediction again when it is done."
            )
        time.sleep(POLL_S)


def _model_of(job: Job) -> TrainedModel:
    if job.trained_model is None:
        raise ValueError(f"The prediction job {job.pk} has no trained model.")
    return job.trained_model
