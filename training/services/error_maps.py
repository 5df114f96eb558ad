"""Where an evaluated prediction is wrong in one frame, as a picture to be laid over the image."""

from __future__ import annotations

import uuid
from io import BytesIO

import numpy as np
from PIL import Image as Picture

from annotation.core import error_maps, faults, matching
from annotation.selectors import labels
from backend.foundation.errors import NotFound
from training.models import Evaluation, EvaluationItem
from training.services import reckoning

MOST_SIDE_PX = 1024


class NotEvaluated(NotFound):
    """The evaluation has no such image."""


def read(*, evaluation: Evaluation, image: uuid.UUID, t: int, z: int) -> bytes:
    """A PNG file, at most 1,024 px a side; large frames are thinned. Raises NotEvaluated, NoSuchFrame."""
    found = EvaluationItem.objects.filter(evaluation=evaluation, image_id=image)
    item = found.select_related("image", "truth__image", "predicted__image").first()
    if item is None:
        raise NotEvaluated("The evaluation has no such image.")
    labels.check_frame(image=item.image, t=t, z=z)
    right = reckoning.open_labels(revision=item.truth)
    said = reckoning.open_labels(revision=item.predicted)
    truth = labels.read_planes(revision=item.truth, t=t, z=z)
    predicted = labels.read_planes(revision=item.predicted, t=t, z=z)
    ignored = np.asarray(np.isin(truth, right.ignored).any(0), np.bool_)
    truth, predicted = matching.outside(truth, ignored), matching.outside(predicted, ignored)
    wrong = faults.find(truth, predicted, truth_classes=right.classes, predicted_classes=said.classes)
    painted = error_maps.paint(truth, predicted, wrong)
    step = -(-max(painted.shape[:2]) // MOST_SIDE_PX)
    stream = BytesIO()
    Picture.fromarray(painted[::step, ::step]).save(stream, "PNG")
    return stream.getvalue()
