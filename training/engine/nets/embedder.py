"""A net that gives a cell a vector, and the wider one in which it learns to."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from training.engine.nets.backbones import Classifier

EXPANDED = 256
"""Numbers in which two looks at one cell are compared while the net learns; no more is needed for some
thousands of cells."""


class Embedder(nn.Module):
    """Reads crops as a `Classifier` does. `look` tells features; `forward` what the loss compares."""

    def __init__(self, *, backbone: str, channels: int, mask: bool) -> None:
        """Fresh weights. Raises WrongModel for an unknown backbone."""
        super().__init__()
        self.eye = Classifier(backbone=backbone, channels=channels, mask=mask, outputs=EXPANDED)
        self.expand = nn.Sequential(
            nn.BatchNorm1d(EXPANDED), nn.ReLU(inplace=True), nn.Linear(EXPANDED, EXPANDED)
        )

    @property
    def channels(self) -> int:
        """Channels of the pixels it reads."""
        return self.eye.channels

    def describe(self) -> dict[str, Any]:
        """What `model.json` says of the net, enough to build it again."""
        told = {name: value for name, value in self.eye.describe().items() if name != "outputs"}
        return {**told, "kind": "embedder"}

    @staticmethod
    def build(description: Mapping[str, Any]) -> "Embedder":
        """The net that `describe` told of, with fresh weights."""
        return Embedder(
            backbone=str(description["backbone"]),
            channels=int(description["channels"]),
            mask=bool(description["mask"]),
        )

    def look(self, x: Tensor) -> Tensor:
        """(b, channels + mask, y, x) → features (b, f)."""
        return self.eye.look(x)

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels + mask, y, x) → (b, EXPANDED)."""
        said: Tensor = self.expand(self.eye(x))
        return said
