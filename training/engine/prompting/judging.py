"""How good the answers are: every cell is clicked, then corrected where the answer is most wrong."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from training.engine.prompting import clicks as clicking
from training.engine.prompting.answering import Decode, Floats, Prompt
from training.engine.prompting.nets import Decoder, PromptNet
from training.engine.prompting.pictures import Picture
from training.engine.prompting.zooming import ZoomedAnswer, answer_zoomed, enlarge_pixels


class Embeddings:
    """The embeddings of one picture at the zooms that are asked for, each made once and rounded to bytes."""

    def __init__(self, make: Callable[[int], Floats]) -> None:
        self.make, self.made = make, dict[int, Floats]()

    def __call__(self, zoom: int) -> Floats:
        if zoom not in self.made:
            self.made[zoom] = as_bytes_and_back(self.make(zoom))
        return self.made[zoom]


def judge(
    net: PromptNet,
    pictures: Sequence[Picture],
    *,
    clicks: int,
    most_cells: int | None = None,
    first: str = "deepest",
    seed: int = 0,
) -> dict[str, Any]:
    """Mean IoU after 1, 2, … `clicks` clicks over cells, and after 1 and `clicks` by set and kind.

    `first`: "deepest" or "random" interior point. Of more than `most_cells` cells, that many are drawn, from
    all pictures alike.
    """
    rng = np.random.default_rng(seed)
    chosen = [(i, int(cell)) for i, picture in enumerate(pictures) for cell in picture.cells[:, 0]]
    if most_cells is not None and len(chosen) > most_cells:
        share = np.array([1 / len(pictures[i].cells) for i, _ in chosen])
        drawn = rng.choice(len(chosen), most_cells, replace=False, p=share / share.sum())
        chosen = [chosen[i] for i in sorted(drawn)]
    decode = torch_decoder(net.decoder)
    by_picture: dict[int, list[int]] = defaultdict(list)
    for i, cell in chosen:
        by_picture[i].append(cell)
    rows, qualities, kinds = [], [], []
    for i, cells in by_picture.items():
        picture = pictures[i]
        embedding_at = Embeddings(partial(embed_enlarged, net, picture.pixels))
        for cell in cells:
            ious, quality = click_on(decode, embedding_at, picture, cell, clicks, first, rng)
            rows.append(ious)
            qualities.append(quality)
            kinds.append(f"{picture.origin} {picture.kind}")
    table = np.array(rows)
    by_kind = {
        kind: [round(float(v), 4) for v in table[np.array(kinds) == kind].mean(0)[[0, -1]]]
        for kind in sorted(set(kinds))
    }
    return {
        "cells": len(table),
        "iou": [round(float(v), 4) for v in table.mean(0)],
        "quality_error": round(float(np.abs(np.array(qualities) - table[:, 0]).mean()), 4),
        "by_kind": by_kind,
    }


def click_on(
    decode: Decode,
    embedding_at: Callable[[int], Floats],
    picture: Picture,
    cell: int,
    clicks: int,
    first: str,
    rng: np.random.Generator,
) -> tuple[list[float], float]:
    """IoU after each click on one cell, and the quality that the net expected of its first answer."""
    size = (picture.labels.shape[0], picture.labels.shape[1])
    truth = picture.labels == cell
    rows, columns = np.flatnonzero(truth.any(1)), np.flatnonzero(truth.any(0))
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    find = (
        clicking.deepest_point(truth[window])
        if first == "deepest"
        else clicking.interior_point(truth[window], rng)
    )
    said = [(rows[0] + find[0] + 0.5, columns[0] + find[1] + 0.5, 1)]
    found: ZoomedAnswer | None = None
    ious: list[float] = []
    quality = 0.0
    for turn in range(clicks):
        found, placed = answer_zoomed(decode, embedding_at, size, Prompt(said), found)
        mask = np.zeros(size, bool)
        mask[
            placed.top : placed.top + placed.mask.shape[0], placed.left : placed.left + placed.mask.shape[1]
        ] = placed.mask
        mask &= picture.labels >= 0
        ious.append(float((mask & truth).sum() / (mask | truth).sum()))
        quality = found.answer.quality if turn == 0 else quality
        wrong = _next(truth, mask)
        if wrong is None:
            return ious + [ious[-1]] * (clicks - turn - 1), quality
        said = [*said, wrong]
    return ious, quality


def _next(truth: npt.NDArray[np.bool_], mask: npt.NDArray[np.bool_]) -> tuple[float, float, int] | None:
    either = truth | mask
    rows, columns = np.flatnonzero(either.any(1)), np.flatnonzero(either.any(0))
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    found = clicking.next_click(truth[window], mask[window])
    return None if found is None else (rows[0] + found[0] + 0.5, columns[0] + found[1] + 0.5, found[2])


@torch.no_grad()
def embed(net: PromptNet, pixels: npt.NDArray[Any]) -> Floats:
    """Embedding (f, y / 2, x / 2), rounded up, of what the net sees of a picture (3, y, x)."""
    height, width = pixels.shape[1:]
    multiple = net.encoder.multiple
    x = torch.from_numpy(pixels.astype(np.float32))[None]
    x = functional.pad(x, (0, -width % multiple, 0, -height % multiple), mode="replicate")
    said = net.encoder.eval()(x)[0].float().numpy()
    return np.asarray(said[:, : -(-height // 2), : -(-width // 2)], np.float32)


def embed_enlarged(net: PromptNet, pixels: npt.NDArray[Any], zoom: int) -> Floats:
    """The embedding of a picture enlarged `zoom` times."""
    return embed(net, enlarge_pixels(pixels, zoom))


def as_bytes_and_back(embedding: Floats) -> Floats:
    """What is left of an embedding that was stored as bytes."""
    stored = np.rint((embedding + 1) * 127.5).astype(np.uint8)
    return np.asarray(stored.astype(np.float32) / 127.5 - 1, np.float32)


def torch_decoder(decoder: Decoder) -> Decode:
    """The decoder as `answering` wants it."""
    decoder.eval()

    @torch.no_grad()
    def decode(
        embedding: Floats, inside: Floats, points: Floats, box: Floats, before: Floats
    ) -> tuple[Floats, float]:
        given = (torch.from_numpy(array)[None] for array in (embedding, inside, points, box, before))
        logits, quality = decoder(*given)
        return logits[0, 0].numpy(), float(quality[0])

    return decode
