"""Where an evaluated prediction is wrong in one frame, as a picture to be laid over the image."""

from __future__ import annotations

import uuid
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from annotation.core import error_maps, faults, matching, picture_faults
from annotation.models import Revision
from annotation.selectors import labels
from backend.foundation.errors import NotFound
from training.models import Evaluation, EvaluationItem, PredictedImage
from training.services import reckoning, reckoning_pictures

MOST_SIDE_PX = 1024


class NotEvaluated(NotFound):
    """The evaluation has no such image."""


def read(*, evaluation: Evaluation, image: uuid.UUID, t: int, z: int, channel: str = "") -> bytes:
    """A PNG file, at most 1,024 px a side; large frames are thinned. Of predicted channels that which is
    named, else the first. Raises NotEvaluated, NoSuchFrame.
    """
    found = EvaluationItem.objects.filter(evaluation=evaluation, image_id=image)
    related = ("image", "truth__image", "predicted__image", "picture__source", "picture__made")
    item = found.select_related(*related, "picture__trained_model").first()
    if item is None:
        raise NotEvaluated("The evaluation has no such image.")
    labels.check_frame(image=item.image, t=t, z=z)
    if item.picture is not None:
        painted = _light(item.picture, t, z, channel)
    elif item.truth is not None and item.predicted is not None:
        painted = _cells(item.truth, item.predicted, t, z)
    step = -(-max(painted.shape[:2]) // MOST_SIDE_PX)
    stream = BytesIO()
    Picture.fromarray(painted[::step, ::step]).save(stream, "PNG")
    return stream.getvalue()


def _light(picture: PredictedImage, t: int, z: int, channel: str) -> NDArray[np.uint8]:
    """Where one predicted channel is too bright or too dark."""
    frame = next(reckoning_pictures.frames(picture=picture, t=t, z=z, channel=channel), None)
    if frame is None:
        raise NotEvaluated(f"The model predicts no channel {channel}.")
    return picture_faults.paint(frame.truth, frame.said, span=frame.span)


def _cells(true: Revision, told: Revision, t: int, z: int) -> NDArray[np.uint8]:
    right = reckoning.open_truth(truth=true, predicted=[told])
    said = reckoning.open_labels(revision=told)
    truth = labels.read_planes(revision=true, t=t, z=z)
    predicted = labels.read_planes(revision=told, t=t, z=z)
    ignored = np.asarray(np.isin(truth, right.ignored).any(0), np.bool_)
    truth, predicted = matching.outside(truth, ignored), matching.outside(predicted, ignored)
    wrong = faults.find(truth, predicted, truth_classes=right.classes, predicted_classes=said.classes)
    return error_maps.paint(truth, predicted, wrong)
