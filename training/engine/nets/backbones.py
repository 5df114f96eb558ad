"""Nets that tell the class of a crop: a small one of our own, or torchvision's with the ends replaced.

The first layer is adapted to any number of channels, so published weights for three colours serve pictures of
any other number and take the cell's mask as one more channel.
"""

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from training.engine.errors import WrongModel
from training.engine.nets.unet import Residual

SMALL_WIDTHS = (24, 48, 96, 128)
TINY_WIDTHS = (12, 24, 32, 48)
DROPOUT = 0.1
GREY, SPREAD = 0.45, 0.225
"""Mean and standard deviation of ImageNet's pixels over the colours, which published weights expect."""
_COLOURS = 3


class Classifier(nn.Module):
    """Reads crops of `channels` channels and, with `mask`, one more; says a logit for each of `outputs`
    classes.

    A body whose weights stand still keeps its statistics too.
    """

    def __init__(self, *, backbone: str, channels: int, mask: bool, outputs: int) -> None:
        """Fresh weights. Raises WrongModel for an unknown backbone."""
        super().__init__()
        if backbone not in BODIES:
            raise WrongModel(f"There is no backbone {backbone!r}; there are {', '.join(BODIES)}.")
        self.backbone, self.channels, self.mask, self.outputs = backbone, channels, mask, outputs
        self.body, self.features = BODIES[backbone]()
        adapt_first(self.body, channels, mask=mask)
        self.drop = nn.Dropout(DROPOUT)
        self.head = nn.Linear(self.features, outputs)

    def describe(self) -> dict[str, Any]:
        """What `model.json` says of the net, enough to build it again."""
        return {
            "kind": "classifier",
            "backbone": self.backbone,
            "channels": self.channels,
            "mask": self.mask,
            "outputs": self.outputs,
        }

    @staticmethod
    def build(description: Mapping[str, Any]) -> "Classifier":
        """The net that `describe` told of, with fresh weights."""
        return Classifier(
            backbone=str(description["backbone"]),
            channels=int(description["channels"]),
            mask=bool(description["mask"]),
            outputs=int(description["outputs"]),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels + mask, y, x), sides of at least 48 px → logits (b, outputs)."""
        said: Tensor = self.head(self.drop(self.look(x)))
        return said

    def look(self, x: Tensor) -> Tensor:
        """What the body tells of each crop, (b, features)."""
        learns = self.training and next(self.body.parameters()).requires_grad
        if self.body.training != learns:
            self.body.train(learns)
        told: Tensor = self.body((x - GREY) / SPREAD)
        return told.flatten(1)


class Small(nn.Sequential):
    """A net that learns from scratch: three halvings, 128 features."""

    def __init__(self) -> None:
        first, second, third, last = SMALL_WIDTHS
        super().__init__(
            nn.Conv2d(_COLOURS, first, 3, 2, 1),
            nn.BatchNorm2d(first),
            nn.ReLU(inplace=True),
            Residual(first, second, stride=2),
            Residual(second, third, stride=2),
            Residual(third, last),
            nn.AdaptiveAvgPool2d(1),
        )


class Tiny(nn.Sequential):
    """A net for decisions in real time: four halvings, plain convolutions, 48 features, some two million
    multiplications for a crop of 64 px."""

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        for inputs, outputs in itertools.pairwise((_COLOURS, *TINY_WIDTHS)):
            layers += [nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1))


def _small() -> tuple[nn.Module, int]:
    return Small(), SMALL_WIDTHS[-1]


def _tiny() -> tuple[nn.Module, int]:
    return Tiny(), TINY_WIDTHS[-1]


def _resnet(name: str) -> Callable[[], tuple[nn.Module, int]]:
    def build() -> tuple[nn.Module, int]:
        body = torchvision.models.get_model(name, weights=None)
        features = int(body.fc.in_features)
        body.fc = nn.Identity()
        return body, features

    return build


def _with_classifier(name: str) -> Callable[[], tuple[nn.Module, int]]:
    def build() -> tuple[nn.Module, int]:
        body = torchvision.models.get_model(name, weights=None)
        features = int(body.classifier[-1].in_features)
        body.classifier[-1] = nn.Identity()
        return body, features

    return build


OWN = ("small", "tiny")
"""Bodies that nobody has published weights for."""
BODIES: dict[str, Callable[[], tuple[nn.Module, int]]] = {
    "small": _small,
    "tiny": _tiny,
    "resnet18": _resnet("resnet18"),
    "resnet34": _resnet("resnet34"),
    "efficientnet_b0": _with_classifier("efficientnet_b0"),
    "convnext_tiny": _with_classifier("convnext_tiny"),
}


def adapt_first(body: nn.Module, channels: int, *, mask: bool) -> None:
    """Replaces the first convolution by one for `channels` and, with `mask`, one more, keeping its weights
    (o, 3, k, k): three channels keep theirs, any other number takes the mean, scaled so that a grey picture
    gives the same; the mask begins at nothing."""
    name, old = next((n, m) for n, m in body.named_modules() if isinstance(m, nn.Conv2d))
    new = nn.Conv2d(
        channels + mask,
        old.out_channels,
        old.kernel_size,  # type: ignore[arg-type]
        old.stride,  # type: ignore[arg-type]
        old.padding,  # type: ignore[arg-type]
        bias=old.bias is not None,
    )
    with torch.no_grad():
        new.weight.copy_(first_weight(old.weight, channels, mask=mask))
        if old.bias is not None and new.bias is not None:
            new.bias.copy_(old.bias)
    place, _, last = name.rpartition(".")
    setattr(body.get_submodule(place), last, new)


def first_weight(weight: Tensor, channels: int, *, mask: bool) -> Tensor:
    """(o, 3, k, k) → (o, channels + mask, k, k)."""
    if channels == weight.shape[1]:
        fitted = weight
    else:
        fitted = (weight.sum(1, keepdim=True) / channels).expand(-1, channels, -1, -1)
    return torch.cat([fitted, torch.zeros_like(fitted[:, :1])], 1) if mask else fitted


def load_published(net: Classifier, path: Path) -> None:
    """Puts torchvision's weights for the same backbone into the body; its last layer is left aside.

    A `.pth` file is read as tensors alone, so that nothing in it can run. Raises WrongModel.
    """
    if net.backbone in OWN:
        raise WrongModel(
            f"There are no published weights for the {net.backbone} net; choose another, or none."
        )
    body, _ = BODIES[net.backbone]()
    given = read_weights(path)
    wanted = body.state_dict()
    missing = [
        name
        for name, value in wanted.items()
        if not name.endswith("num_batches_tracked")
        and (name not in given or given[name].shape != value.shape)
    ]
    if missing:
        raise WrongModel(
            f"{path.name} does not hold torchvision's weights of {net.backbone}: {missing[0]} is missing or "
            f"of another size ({len(missing)} of {len(wanted)} are). Give the file made for this net."
        )
    body.load_state_dict({name: given.get(name, value) for name, value in wanted.items()})
    adapt_first(body, net.channels, mask=net.mask)
    net.body = body


def read_weights(path: Path) -> dict[str, Tensor]:
    """A file of weights by name, read as tensors alone, so that nothing in it can run. Raises WrongModel."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        given = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise WrongModel(f"There are no published weights at {path}; put the file there.") from None
    except (OSError, SafetensorError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise WrongModel(f"{path.name} cannot be read as weights: {str(error).splitlines()[0]}") from None
    except Exception as error:
        # The unpickler has errors of its own for what is not made of tensors.
        raise WrongModel(f"{path.name} holds more than weights: {type(error).__name__}.") from None
    if not isinstance(given, dict) or not all(isinstance(value, Tensor) for value in given.values()):
        raise WrongModel(f"{path.name} is not a table of weights by name, as torchvision publishes them.")
    return given
