"""Nets that find cells: boxes, classes, scores and, for Mask R-CNN, masks.

Faster R-CNN (Ren et al. 2015, arXiv 1506.01497), RetinaNet (Lin et al. 2017, arXiv 1708.02002) and Mask R-CNN
(He et al. 2017, arXiv 1703.06870) are torchvision's, with anchors, list lengths and heads that suit cells.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN, MaskRCNN, RetinaNet
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.retinanet import RetinaNetHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import MultiScaleRoIAlign

from training.engine.errors import WrongModel
from training.engine.nets.pyramids import LEVELS, WIDTHS, build_pyramid, load_published
from training.engine.nets.regions import RegionNet
from training.engine.nets.sampling import SeededSampler

LEAST_SCORE = 0.05
ANCHORS_SAMPLED, BOXES_SAMPLED = 192, 96
MOST_PROPOSED = 2000
"""Boxes of a tile that the second stage looks at; a level of the pyramid proposes as many."""
HIDDEN = 256
"""Numbers in which the second stage describes a box."""
MIDDLE, SPREAD = 0.25, 0.25
"""About the mean and standard deviation of pixels that are normalised with cells bright."""

Targets = list[dict[str, Tensor]]
"""For each image `boxes` float32 (n, 4) as x0, y0, x1, y1; `labels` int64 (n,) from 1; `masks` uint8 (n, y,
x) where masks are learned."""
Found = list[dict[str, Tensor]]
"""For each image `boxes`, `labels` and `scores` (n,), sorted by score, and `masks` (n, 1, 28, 28) in their
boxes."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a detector is built; all that `model.json` says of it. `sizes` are the anchors' sides in px, one a
    level of the pyramid, `ratios` their heights over their widths."""

    net: str
    backbone: str
    channels: int
    classes: int
    width: str
    sizes: tuple[float, ...]
    ratios: tuple[float, ...]
    frozen_norm: bool = False
    most_cells: int = 500
    nms_iou: float = 0.5


class Detector(nn.Module):
    """One face for the four nets: losses of pictures with targets, or what is found in pictures."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, self.channels = shape, shape.channels
        self.inner = _BUILDERS[shape.net](shape)
        if hasattr(self.inner, "transform"):
            self.inner.transform = AsTheyAre(shape.channels)
        self.makes_masks = shape.net == "mask_rcnn"

    def describe(self) -> dict[str, Any]:
        """What `model.json` says of the net, enough to build it again."""
        return {"kind": "detector", **asdict(self.shape)}

    @property
    def body(self) -> nn.Module | None:
        """The backbone, which published weights may fill; None for R-CNN."""
        pyramid = getattr(self.inner, "backbone", None)
        return None if pyramid is None else pyramid.body

    def load_published(self, path: Path) -> None:
        """Puts torchvision's weights into the backbone. Raises WrongModel."""
        pyramid = getattr(self.inner, "backbone", None)
        if pyramid is None:
            raise WrongModel("R-CNN has a net of its own; train it without published weights.")
        load_published(pyramid, self.shape.backbone, self.channels, path)

    def losses(self, images: Sequence[Tensor], targets: Targets, *, seed: int) -> Tensor:
        """Sum of the net's losses, shape (). `seed` decides which anchors and boxes are sampled."""
        for module in self.modules():
            if isinstance(module, SeededSampler):
                module.seed = seed
        found = self.inner(list(images), targets)
        return torch.stack([loss.float() for loss in found.values()]).sum()

    @torch.no_grad()
    def find(self, images: Sequence[Tensor]) -> Found:
        """What is in pictures (c, y, x); masks stay as they are in their boxes, so crowds need no memory."""
        if not self.makes_masks:
            result: Found = self.inner(list(images))
            return result
        inner: Any = self.inner
        batch: ImageList = inner.transform(list(images))[0]
        features = inner.backbone(batch.tensors)
        proposals, _ = inner.rpn(batch, features)
        found: Found = inner.roi_heads(features, proposals, batch.image_sizes)[0]
        return found


class ExactPredictor(nn.Module):
    """The last layer of the second stage in float32: in bfloat16 scores near 1 would all be alike."""

    def __init__(self, described: int, classes: int) -> None:
        super().__init__()
        self.cls_score, self.bbox_pred = nn.Linear(described, classes), nn.Linear(described, 4 * classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Descriptions (n, HIDDEN) → logits (n, classes + 1), corrections (n, 4 (classes + 1))."""
        with torch.autocast(x.device.type, enabled=False):
            return self.cls_score(x.float()), self.bbox_pred(x.float())


def of_description(description: dict[str, Any]) -> Detector:
    """The net that `describe` described, with fresh weights."""
    words = {key: value for key, value in description.items() if key != "kind"}
    sizes, ratios = tuple(words.pop("sizes")), tuple(words.pop("ratios"))
    return Detector(Shape(**words, sizes=sizes, ratios=ratios))


def _pyramid(shape: Shape) -> nn.Module:
    pyramid: nn.Module = build_pyramid(
        shape.backbone, channels=shape.channels, width=WIDTHS[shape.width], frozen_norm=shape.frozen_norm
    )
    return pyramid


def _anchors(shape: Shape) -> AnchorGenerator:
    return AnchorGenerator(tuple((size,) for size in shape.sizes), (shape.ratios,) * len(shape.sizes))


class AsTheyAre(GeneralizedRCNNTransform):  # type: ignore[misc]  # torchvision comes without types
    """Batches pictures at their own size; torchvision's would enlarge every picture to 800 px."""

    def __init__(self, channels: int) -> None:
        super().__init__(800, 1333, [MIDDLE] * channels, [SPREAD] * channels)

    def resize(
        self, image: Tensor, target: dict[str, Tensor] | None = None
    ) -> tuple[Tensor, dict[str, Tensor] | None]:
        """A picture (c, y, x) and its target as they are."""
        return image, target


def _two_stages(shape: Shape) -> dict[str, Any]:
    width, most = WIDTHS[shape.width], shape.most_cells
    return {
        "rpn_anchor_generator": _anchors(shape),
        "rpn_pre_nms_top_n_train": 500,
        "rpn_post_nms_top_n_train": 500,
        "rpn_pre_nms_top_n_test": min(max(500, most), MOST_PROPOSED),
        "rpn_post_nms_top_n_test": min(max(500, 2 * most), MOST_PROPOSED),
        "rpn_batch_size_per_image": ANCHORS_SAMPLED,
        "box_roi_pool": MultiScaleRoIAlign(list(LEVELS), 7, 2),
        "box_head": TwoMLPHead(width * 49, HIDDEN),
        "box_predictor": ExactPredictor(HIDDEN, shape.classes + 1),
        "box_score_thresh": LEAST_SCORE,
        "box_nms_thresh": shape.nms_iou,
        "box_detections_per_img": most,
        "box_batch_size_per_image": BOXES_SAMPLED,
    }


def _sampled(net: Any) -> nn.Module:
    net.rpn.fg_bg_sampler = SeededSampler(ANCHORS_SAMPLED, 0.5)
    net.roi_heads.fg_bg_sampler = SeededSampler(BOXES_SAMPLED, 0.25)
    result: nn.Module = net
    return result


def _faster_rcnn(shape: Shape) -> nn.Module:
    return _sampled(FasterRCNN(_pyramid(shape), **_two_stages(shape)))


def _mask_rcnn(shape: Shape) -> nn.Module:
    width = WIDTHS[shape.width]
    return _sampled(
        MaskRCNN(
            _pyramid(shape),
            **_two_stages(shape),
            mask_roi_pool=MultiScaleRoIAlign(list(LEVELS), 14, 2),
            mask_head=MaskRCNNHeads(width, (width, width), 1),
            mask_predictor=MaskRCNNPredictor(width, width, shape.classes + 1),
        )
    )


def _retinanet(shape: Shape) -> nn.Module:
    norm = partial(nn.GroupNorm, 8)
    net: nn.Module = RetinaNet(
        _pyramid(shape),
        num_classes=shape.classes + 1,
        anchor_generator=_anchors(shape),
        head=RetinaNetHead(WIDTHS[shape.width], len(shape.ratios), shape.classes + 1, norm_layer=norm),
        score_thresh=LEAST_SCORE,
        nms_thresh=shape.nms_iou,
        detections_per_img=shape.most_cells,
        topk_candidates=max(500, 2 * shape.most_cells),
    )
    return net


def _rcnn(shape: Shape) -> nn.Module:
    return RegionNet(
        channels=shape.channels,
        classes=shape.classes,
        sizes=shape.sizes,
        most_cells=shape.most_cells,
        nms_iou=shape.nms_iou,
        least_score=LEAST_SCORE,
    )


_BUILDERS = {"faster_rcnn": _faster_rcnn, "mask_rcnn": _mask_rcnn, "retinanet": _retinanet, "rcnn": _rcnn}
