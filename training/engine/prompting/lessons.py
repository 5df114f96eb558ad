"""One lesson: crops, cells in them, simulated clicks with corrections, and the loss of the last answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine import losses
from training.engine.data.augmentation import vary_look
from training.engine.devices import Device
from training.engine.prompting import clicks, crops
from training.engine.prompting.crops import Crop
from training.engine.prompting.nets import PromptNet
from training.engine.prompting.pictures import Picture
from training.engine.prompting.windows import (
    LEARNT_SCALES,
    STRIDE_PX,
    WINDOW_CELLS,
    Window,
    scale_for,
    window_around,
)

MOST_CLICKS = 6
SMALLEST_AREA_PX = 16
CUT_LEFT_OUT = 0.75
TOUCHING_FIRST = 0.4
ROUND_CHANCES = (0.3, 0.3, 0.25, 0.15)
"""Of 0, 1, 2, 3 corrections before the answer that is learnt from."""
BOX_CHANCE, BOX_ALONE_CHANCE = 0.25, 0.5
DENSE_WEIGHT = 0.5
QUALITY_WEIGHT = 0.25
_AREA_FLOOR_PX = 120.0
ENTROPY_WEIGHT = 0.5


@dataclass(frozen=True)
class Plan:
    """What a share of a lesson is made of; all chance in it comes from `seed`.

    `strength` 0 … 1 says how far the crops' look is varied.
    """

    pictures: Sequence[int]
    crop_px: int
    cells_a_crop: int
    seed: int
    strength: float = 1.0


@dataclass(frozen=True)
class Question:
    """A cell of a crop and what is first asked of it. Lengths in px of the crop."""

    crop: int
    cell: int
    window: Window
    click: tuple[float, float] | None
    box: tuple[float, float, float, float] | None


def teach(
    net: PromptNet, pictures: Sequence[Picture], plan: Plan, device: Device
) -> tuple[Tensor, dict[str, float]]:
    """The loss of one share, shape (), and what to tell of it."""
    rng = np.random.default_rng(plan.seed)
    generator = torch.Generator().manual_seed(plan.seed)
    strength = plan.strength
    made = [crops.draw(pictures[i], rng, crop_px=plan.crop_px) for i in plan.pictures]
    pixels = torch.stack([crop.pixels for crop in made])
    varied = vary_look(pixels, generator, strength=strength)
    pixels = crops.drop_channels(varied, generator, chance=0.12 * strength)
    with device.autocast():
        embedding = net.encoder(device.place(pixels))
        said = net.tell(embedding)
    embedding = embedding.float()
    target = torch.stack([crop.target for crop in made])
    dense = losses.distance_loss(said.float(), target)
    questions = [q for i, crop in enumerate(made) for q in ask(i, crop, rng, plan.cells_a_crop)]
    if not questions:
        return DENSE_WEIGHT * dense, {"dense": float(dense.detach())}
    # Stored embeddings are bytes; the noise is as large as their rounding.
    noisy = embedding + (torch.rand(embedding.shape, generator=generator) * 2 - 1) / 255
    loss, told = _answer(net, noisy, made, questions, rng, generator, device)
    return DENSE_WEIGHT * dense + loss, {"dense": float(dense.detach()), **told}


def ask(number: int, crop: Crop, rng: np.random.Generator, most: int) -> list[Question]:
    """Questions about at most `most` cells of a crop, drawn at random."""
    if most == 0:
        return []
    labels = crop.labels.numpy()
    ids, areas = np.unique(labels[labels > 0], return_counts=True)
    # Slivers at the crop's border teach little; cells that touch others are easily taken together.
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    cut = np.isin(ids, border) & (rng.random(len(ids)) < CUT_LEFT_OUT)
    order = rng.random(len(ids)) - TOUCHING_FIRST * np.isin(ids, touching(labels))
    good = np.flatnonzero((areas >= SMALLEST_AREA_PX) & ~cut)
    ids = ids[good[np.argsort(order[good])]][:most]
    return [_ask(number, labels, int(cell), rng) for cell in ids]


def touching(labels: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Cells of (y, x) that have a pixel beside one of another cell."""
    pairs = [(labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])]
    met = [np.concatenate([a[m], b[m]]) for a, b in pairs for m in [(a != b) & (a > 0) & (b > 0)]]
    return np.unique(np.concatenate(met))


def _ask(number: int, labels: npt.NDArray[np.int32], cell: int, rng: np.random.Generator) -> Question:
    rows = np.flatnonzero((labels == cell).any(1))
    columns = np.flatnonzero((labels == cell).any(0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    mask = labels[top:bottom, left:right] == cell
    extent = max(bottom - top, right - left)
    scale = _vary_scale(scale_for(float(extent)), rng)
    box = None
    if rng.random() < BOX_CHANCE:
        spread = np.maximum(1.0, 0.06 * np.array([bottom - top, right - left] * 2))
        y0, x0, y1, x1 = np.array([top, left, bottom, right]) + rng.normal(0, 1, 4) * spread
        box = (float(y0), float(x0), float(max(y1, y0 + 2)), float(max(x1, x0 + 2)))
    click = None
    if box is None or rng.random() > BOX_ALONE_CHANCE:
        point = clicks.deepest_point(mask) if rng.random() < 0.3 else clicks.interior_point(mask, rng)
        click = (top + point[0] + 0.5, left + point[1] + 0.5)
    y, x = click if box is None and click is not None else ((top + bottom) / 2, (left + right) / 2)
    if rng.random() < 0.5:
        y, x = np.array([y, x]) + rng.uniform(-0.25, 0.25, 2) * WINDOW_CELLS * STRIDE_PX * scale
    return Question(number, cell, window_around(float(y), float(x), scale), click, box)


def _vary_scale(scale: int, rng: np.random.Generator) -> int:
    place = LEARNT_SCALES.index(min(scale, LEARNT_SCALES[-1])) + int(
        rng.choice([-1, 0, 1], p=[0.1, 0.78, 0.12])
    )
    return LEARNT_SCALES[int(np.clip(place, 0, len(LEARNT_SCALES) - 1))]


@dataclass(frozen=True)
class Asked:
    """Questions as tensors: what the decoder reads, and what is true. `known`: where the truth is known."""

    embedding: Tensor
    inside: Tensor
    points: Tensor
    box: Tensor
    truth: Tensor
    known: Tensor

    def some(self, which: Tensor) -> "Asked":
        """Only the questions of those numbers."""
        parts = (self.embedding, self.inside, self.points, self.box, self.truth, self.known)
        return Asked(*(part[which] for part in parts))


def lay_out(embedding: Tensor, made: Sequence[Crop], questions: Sequence[Question]) -> Asked:
    """Takes every question's window out of the embedding (b, f, y, x) and the labels, at its scale."""
    pooled = {1: embedding, **{k: functional.avg_pool2d(embedding, k) for k in LEARNT_SCALES[1:]}}
    taken, inside, truth, known = [], [], [], []
    points = torch.zeros(len(questions), MOST_CLICKS, 3)
    box = torch.zeros(len(questions), 5)
    for i, q in enumerate(questions):
        k, window = q.window.scale, q.window
        source = pooled[k][q.crop]
        taken.append(take(source, window.top, window.left, WINDOW_CELLS))
        ones = torch.ones(1, *source.shape[1:])
        inside.append(take(ones, window.top, window.left, WINDOW_CELLS))
        labels = made[q.crop].labels
        planes = torch.stack([(labels == q.cell).float(), (labels >= 0).float()])
        if k > 1:
            planes = functional.avg_pool2d(planes, k)
        planes = take(planes, 2 * window.top, 2 * window.left, 2 * WINDOW_CELLS)
        truth.append(planes[:1])
        known.append((planes[1:] > 0.5).float())
        cell = window.cell_px
        if q.click is not None:
            points[i, 0] = torch.tensor(
                [q.click[0] / cell - window.top, q.click[1] / cell - window.left, 1.0]
            )
        if q.box is not None:
            y0, x0, y1, x1 = (at / cell for at in q.box)
            box[i] = torch.tensor([y0 - window.top, x0 - window.left, y1 - window.top, x1 - window.left, 1.0])
    stacked = torch.stack(taken).contiguous(memory_format=torch.channels_last)
    return Asked(stacked, torch.stack(inside), points, box, torch.stack(truth), torch.stack(known))


def take(source: Tensor, top: int, left: int, side: int) -> Tensor:
    """A square of (c, y, x) that may reach beyond it; there it is 0."""
    height, width = source.shape[1:]
    y0, y1 = max(top, 0), min(top + side, height)
    x0, x1 = max(left, 0), min(left + side, width)
    if y0 >= y1 or x0 >= x1:
        return source.new_zeros(source.shape[0], side, side)
    return functional.pad(source[:, y0:y1, x0:x1], (x0 - left, left + side - x1, y0 - top, top + side - y1))


def _answer(
    net: PromptNet,
    embedding: Tensor,
    made: Sequence[Crop],
    questions: Sequence[Question],
    rng: np.random.Generator,
    generator: torch.Generator,
    device: Device,
) -> tuple[Tensor, dict[str, float]]:
    asked = lay_out(embedding, made, questions)
    before = torch.zeros(asked.truth.shape)
    rounds = torch.from_numpy(rng.choice(len(ROUND_CHANCES), len(questions), p=ROUND_CHANCES))
    for turn in range(int(rounds.max())):
        going = torch.nonzero(rounds > turn)[:, 0]
        some = asked.some(going)
        with torch.no_grad(), device.autocast():
            logits = net.decoder(some.embedding, some.inside, some.points, some.box, before[going])[0].float()
        y, x, sign = clicks.correct(some.truth, logits, some.known, generator)
        asked.points[going, turn + 1] = torch.stack([(y + 0.5) / STRIDE_PX, (x + 0.5) / STRIDE_PX, sign], 1)
        before[going] = logits
    with device.autocast():
        logits, quality = net.decoder(asked.embedding, asked.inside, asked.points, asked.box, before)
    logits, quality = logits.float(), quality.float()
    loss = mask_loss(logits, asked.truth, asked.known)
    iou = hard_iou(logits.detach(), asked.truth, asked.known)
    judged = functional.binary_cross_entropy(quality.clamp(1e-6, 1 - 1e-6), iou.clamp(0, 1))
    one = iou[rounds == 0]
    told = {
        "mask": float(loss.detach()),
        "iou_first": float(one.mean()) if len(one) else float("nan"),
        "iou_later": float(iou[rounds > 0].mean()) if (rounds > 0).any() else float("nan"),
        "judged": float(judged.detach()),
    }
    return loss + QUALITY_WEIGHT * judged, told


def mask_loss(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """1 − soft IoU plus the cross-entropy by the cell's area, both means over the cells; shape ()."""
    share = torch.sigmoid(logits) * known
    wanted = truth * known
    both = (share * wanted).sum((1, 2, 3))
    either = (share + wanted - share * wanted).sum((1, 2, 3))
    entropy = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none") * known
    by_area = entropy.sum((1, 2, 3)) / (wanted.sum((1, 2, 3)) + _AREA_FLOOR_PX)
    return (1 - (both + 1) / (either + 1)).mean() + ENTROPY_WEIGHT * by_area.mean()


def hard_iou(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """IoU (n,) of the answers at logit 0."""
    answer, wanted = (logits > 0) & (known > 0), (truth > 0.5) & (known > 0)
    return ((answer & wanted).sum((1, 2, 3)) + 1e-6) / ((answer | wanted).sum((1, 2, 3)) + 1e-6)
