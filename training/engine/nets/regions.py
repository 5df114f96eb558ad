"""R-CNN in two steps (Girshick et al. 2014, arXiv 1311.2524): proposals that need no learning, then a small
net that looks at each proposal's crop, tells its class and corrects its box.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import batched_nms, box_convert, box_iou, clip_boxes_to_image, roi_align

from training.engine.nets.proposals import propose
from training.engine.nets.sampling import SeededSampler

CROP_PX = 32
AROUND = 1.3
"""Side of a crop in multiples of the proposal's: what lies around tells where a cell ends."""
RIGHT, WRONG = 0.5, 0.4
"""A proposal is right from this IoU with a true box on, wrong below that; between, nothing is learned."""
SAMPLED, RIGHT_SHARE = 96, 0.35
_SPREAD = 0.2
"""Corrections are told in units of this share of a box's sides."""
_MOST_STRETCH = 1.0
_AT_ONCE = 1024
_PROPOSALS_A_CELL = 4


class RegionNet(nn.Module):
    """Called as torchvision's detectors are: losses in training, what is found otherwise."""

    def __init__(
        self,
        *,
        channels: int,
        classes: int,
        sizes: Sequence[float],
        most_cells: int,
        nms_iou: float,
        least_score: float,
    ) -> None:
        super().__init__()
        self.sizes, self.most_cells = tuple(sizes), most_cells
        self.nms_iou, self.least_score = nms_iou, least_score
        self.sampler = SeededSampler(SAMPLED, RIGHT_SHARE)
        layers: list[nn.Module] = []
        for inputs, outputs in ((channels, 24), (24, 48), (48, 96)):
            layers += [nn.Conv2d(inputs, outputs, 3, 1, 1), nn.GroupNorm(8, outputs), nn.ReLU(inplace=True)]
            layers += [nn.MaxPool2d(2)]
        self.look = nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(96 * (CROP_PX // 8) ** 2 + 2, 128), nn.ReLU(inplace=True)
        )
        self.classes, self.corrections = nn.Linear(128, classes + 1), nn.Linear(128, 4)

    def forward(
        self, images: Sequence[Tensor], targets: Sequence[dict[str, Tensor]] | None = None
    ) -> dict[str, Tensor] | list[dict[str, Tensor]]:
        """Pictures (c, y, x), each of its own size, as torchvision's detectors take them."""
        if targets is None:
            return [self._find(image) for image in images]
        told = [self._learn(image, target) for image, target in zip(images, targets, strict=True)]
        return {f"{what}_{i}": loss / len(told) for i, each in enumerate(told) for what, loss in each.items()}

    def _propose(self, image: Tensor) -> Tensor:
        most = _PROPOSALS_A_CELL * self.most_cells
        return torch.from_numpy(propose(image.detach().float().cpu().numpy(), self.sizes, most)).to(image)

    def _say(self, image: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, classes + 1) and corrections (n, 4) for boxes (n, 4)."""
        middle = box_convert(boxes, "xyxy", "cxcywh")
        around = box_convert(torch.cat([middle[:, :2], middle[:, 2:] * AROUND], 1), "cxcywh", "xyxy")
        crops = roi_align(image[None], [around], CROP_PX, sampling_ratio=2, aligned=True)
        told = self.look[:-2](crops)
        told = self.look[-2:](torch.cat([told, middle[:, 2:].clamp(min=1).log() - 3.5], 1))
        return self.classes(told), self.corrections(told)

    def _learn(self, image: Tensor, target: dict[str, Tensor]) -> dict[str, Tensor]:
        true, labels = target["boxes"], target["labels"]
        boxes = torch.cat([self._propose(image), true, *_shaken(true)])
        if not len(boxes):
            nothing = torch.stack([parameter.sum() for parameter in self.parameters()])
            return {"class": nothing.sum() * 0.0}
        overlap = box_iou(boxes, true) if len(true) else boxes.new_zeros((len(boxes), 1))
        best, which = overlap.max(1)
        wanted = torch.where(best >= RIGHT, 1, torch.where(best < WRONG, 0, -1))
        right, wrong = self.sampler([wanted])
        chosen = (right[0] | wrong[0]).nonzero()[:, 0]
        logits, corrections = self._say(image, boxes[chosen])
        is_cell = wanted[chosen] == 1
        classes = torch.zeros(len(chosen), dtype=torch.int64, device=image.device)
        if not bool(is_cell.any()):
            return {"class": functional.cross_entropy(logits, classes)}
        partner = which[chosen]
        classes[is_cell] = labels[partner[is_cell]]
        asked = encode(boxes[chosen][is_cell], true[partner[is_cell]])
        return {
            "class": functional.cross_entropy(logits, classes),
            "box": functional.smooth_l1_loss(corrections[is_cell], asked, beta=0.5),
        }

    def _find(self, image: Tensor) -> dict[str, Tensor]:
        boxes = self._propose(image)
        said = [self._say(image, part) for part in torch.split(boxes, _AT_ONCE) if len(part)]
        if not said:
            none = boxes.new_zeros(0)
            return {"boxes": boxes.reshape(0, 4), "scores": none, "labels": none.long()}
        shares = torch.cat([logits for logits, _ in said]).softmax(1)[:, 1:]
        better = clip_boxes_to_image(
            decode(boxes, torch.cat([c for _, c in said])), (image.shape[1], image.shape[2])
        )
        places, classes = (shares >= self.least_score).nonzero(as_tuple=True)
        scores, better = shares[places, classes], better[places]
        kept = batched_nms(better, scores, classes, self.nms_iou)[: self.most_cells]
        return {"boxes": better[kept], "scores": scores[kept], "labels": classes[kept] + 1}


def encode(boxes: Tensor, true: Tensor) -> Tensor:
    """What brings boxes (n, 4) to true ones: shifts in their sides, and logarithms of stretches."""
    mine, its = box_convert(boxes, "xyxy", "cxcywh"), box_convert(true, "xyxy", "cxcywh")
    sides = mine[:, 2:].clamp(min=1)
    shift = (its[:, :2] - mine[:, :2]) / sides
    return torch.cat([shift, (its[:, 2:].clamp(min=1) / sides).log()], 1) / _SPREAD


def decode(boxes: Tensor, corrections: Tensor) -> Tensor:
    """Boxes (n, 4) brought to where `encode` would have been `corrections`."""
    mine, told = box_convert(boxes, "xyxy", "cxcywh"), corrections * _SPREAD
    middle = mine[:, :2] + told[:, :2] * mine[:, 2:]
    sides = mine[:, 2:] * told[:, 2:].clamp(-_MOST_STRETCH, _MOST_STRETCH).exp()
    better: Tensor = box_convert(torch.cat([middle, sides], 1), "cxcywh", "xyxy")
    return better


def _shaken(true: Tensor) -> list[Tensor]:
    """Three copies of the true boxes, moved or enlarged by an eighth: proposals may miss them."""
    sides = torch.cat([true[:, 2:] - true[:, :2]] * 2, 1) / 8
    return [true + sides * torch.tensor(way).to(true) for way in ((1, 0, 1, 0), (0, 1, 0, 1), (-1, -1, 1, 1))]
