"""Which validation frames are looked at, so that validation stays cheap however many there are."""

from collections.abc import Sequence

import numpy as np

from training.engine.data.images import LabelledImage

WATCHED_PX = 1_500_000


def validation_frames(
    images: Sequence[LabelledImage], *, most_px: int = WATCHED_PX
) -> list[tuple[LabelledImage, int, int]]:
    """(image, t, z) of as many frames as `most_px` pixels allow, at least one, evenly over all images and
    frames.
    """
    frames = [(image, t, z) for image in images for t, z in image.frames]
    if not frames:
        return []
    # The golden ratio's steps visit all parts of the list before any part twice.
    order = np.argsort((np.arange(len(frames)) * 0.6180339887) % 1, kind="stable")
    areas = np.cumsum([frames[i][0].size[0] * frames[i][0].size[1] for i in order])
    count = max(1, int(np.searchsorted(areas, most_px, side="right")))
    return [frames[i] for i in sorted(order[:count].tolist())]
