"""A larger promptable model that a team installed, exported as Segment Anything is (Kirillov et al. 2023,
arXiv 2304.02643): an encoder of a square picture and a decoder of points, boxes as two corner points, and a
mask before.

encoder.onnx: first input float32 (1, 3, side, side), ImageNet-normalised, zeros beyond the picture; first
output the embedding. decoder.onnx: `image_embeddings, point_coords (1, n, 2: x, y), point_labels (1, n),
mask_input (1, 1, 256, 256), has_mask_input (1), orig_im_size (2)`; first two outputs masks (1, m, y, x) and
their expected IoU (1, m).
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.contract.prompting import DECODER, ENCODER, PromptModel
from training.engine.data.normalising import look_at, normalise
from training.engine.prompting.answering import Floats, Mask, Prompt, keep_parts
from training.engine.prompting.sessions import open_net

MEAN = np.array([123.675, 116.28, 103.53], np.float32)[:, None, None]
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)[:, None, None]
CORNERS = (2, 3)
"""Labels of the upper left and the lower right point of a box."""
PAD = -1
MASK_SIDE = 256


class WholeModel:
    """The two sessions of an installed model."""

    def __init__(self, folder: Path, model: PromptModel, *, threads: int = 0) -> None:
        self.model = model
        self.encoder = open_net(folder / ENCODER, threads=threads)
        self.decoder = open_net(folder / DECODER, threads=threads)

    def embed(self, pixels: npt.NDArray[Any]) -> Floats:
        """The embedding of pixels (c, y, x) of any dtype and size."""
        side = self.model.side_px
        square = np.zeros((1, 3, side, side), np.float32)
        shown = (as_picture(shrink(pixels, side)) - MEAN) / DEVIATION
        square[0, :, : shown.shape[1], : shown.shape[2]] = shown
        said: Floats = self.encoder.run(None, {self.encoder.get_inputs()[0].name: square})[0]
        return said

    def answer(self, embedding: Floats, size: tuple[int, int], prompt: Prompt) -> tuple[Mask, float]:
        """The mask (height, width) of the embedded pixels of that size, and its expected IoU."""
        factor = self.model.side_px / max(size)
        coords, labels = lay_out(prompt, factor)
        masks, qualities = self.decoder.run(
            None,
            {
                "image_embeddings": embedding,
                "point_coords": coords,
                "point_labels": labels,
                "mask_input": np.zeros((1, 1, MASK_SIDE, MASK_SIDE), np.float32),
                "has_mask_input": np.zeros(1, np.float32),
                "orig_im_size": np.array(size, np.float32),
            },
        )[:2]
        best = int(np.argmax(qualities[0]))
        clicks = [(int(y), int(x)) for y, x, sign in prompt.clicks if sign > 0]
        return keep_parts(masks[0, best] > 0, clicks), float(np.clip(qualities[0, best], 0, 1))


def lay_out(prompt: Prompt, factor: float) -> tuple[Floats, Floats]:
    """Points and labels in the square's px; without a box a padding point, as the export asks for."""
    points = [(x * factor, y * factor, 1 if sign > 0 else 0) for y, x, sign in prompt.clicks]
    if prompt.box is not None:
        y0, x0, y1, x1 = (at * factor for at in prompt.box)
        points += [(x0, y0, CORNERS[0]), (x1, y1, CORNERS[1])]
    else:
        points.append((0.0, 0.0, PAD))
    rows = np.array(points, np.float32)
    return rows[None, :, :2], rows[None, :, 2]


def shrink(pixels: npt.NDArray[Any], side: int) -> Floats:
    """(c, y, x) with its longer side brought to `side`, smaller or larger."""
    factor = side / max(pixels.shape[1:])
    values = np.nan_to_num(pixels.astype(np.float32))
    if factor < 1:
        values = ndimage.gaussian_filter(values, (0, 0.4 / factor, 0.4 / factor))
    sizes = [max(1, round(length * factor)) for length in values.shape[1:]]
    zoom = [1.0, *(new / old for new, old in zip(sizes, values.shape[1:], strict=True))]
    return np.asarray(ndimage.zoom(values, zoom, order=1, mode="nearest", grid_mode=True), np.float32)


def as_picture(pixels: Floats) -> Floats:
    """(c, y, x) as red, green and blue of 0 … 255, stretched; polarity as it is."""
    pixels = pixels[:3]
    look = look_at(pixels)
    seen = np.clip(normalise(pixels, look, len(pixels)), 0, 1)
    seen = 1 - seen if look.inverted else seen
    seen = np.concatenate([seen, *[seen.mean(0, keepdims=True)] * (3 - len(seen))])
    return np.asarray(seen * 255, np.float32)
