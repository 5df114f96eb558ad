"""A trained net as an ONNX graph: as its recipe asks it, its activation included.

`open_model` says what there is to know of the net, `write_graph` writes it. The graph `maps` is for the
world; the graph `said` is the net before the activation, for the engine itself, which applies its own
(training.engine.nets.onnx_forward).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from training.contract.files import read_model_card
from training.contract.results import ModelCard
from training.engine import trained, translating
from training.engine.errors import WrongModel
from training.engine.instance_kinds import KINDS
from training.engine.nets.backbones import Classifier
from training.engine.nets.onnx_forward import IMAGE, SAID
from training.engine.nets.unet import UNet
from training.engine.recipes import semantic
from training.engine.volumes import kinds as volumes

OPSET = 17
MAPS, PROBABILITIES = "maps", "probabilities"
_STAR_RAYS = 32
KIND_CHANNELS: dict[str, list[str]] = {
    "distance": ["foreground", "distance", "edge"],
    "flows": ["foreground", "flow y", "flow x", "edge"],
    "stars": ["foreground", "probability", "edge", *(f"ray {k}" for k in range(_STAR_RAYS))],
    "embedding": [
        "foreground", "overlap", "edge", "seed", "bandwidth px",
        "offset y px", "offset x px", "second offset y px", "second offset x px",
    ],
}  # fmt: skip
"""What the maps of each target of `instances` are."""
VOLUME_CHANNELS: dict[str, list[str]] = {
    "distance": KIND_CHANNELS["distance"],
    "flows": ["foreground", "flow z", "flow y", "flow x", "edge"],
    "embedding": [
        "foreground", "edge", "seed", "bandwidth px", "offset z px", "offset y px", "offset x px",
    ],
}  # fmt: skip
"""The same of volumes, lengths in px of the plane."""


@dataclass(frozen=True, kw_only=True)
class LeavingNet:
    """A net that may leave. `activate` makes maps of what it says; `outputs` are the names of the graph's
    outputs, `channels_out` those of the maps (or classes); sides of the input are multiples of `multiple`,
    or all of `side` where the net reads crops. `deep`: of what the slices are a multiple where it reads
    volumes, else None."""

    net: nn.Module
    card: ModelCard
    channels: int
    activate: Callable[[Tensor], Any]
    outputs: tuple[str, ...]
    channels_out: tuple[str, ...]
    multiple: int = 1
    side: int | None = None
    deep: int | None = None

    @property
    def spaces(self) -> str:
        """The axes of space of what it reads, in their order."""
        return "yx" if self.deep is None else "zyx"

    @property
    def steps(self) -> tuple[int, ...]:
        """Of what the sides along `spaces` are multiples."""
        plane = (self.multiple, self.multiple)
        return plane if self.deep is None else (self.deep, *plane)


def open_model(folder: Path) -> LeavingNet:
    """Reads a trained model. Raises WrongModel where its net is one that no graph can hold."""
    card = read_model_card(folder)
    if not fits_graph(card):
        raise WrongModel(
            f"This model of the recipe {card.recipe} cannot leave as ONNX or bioimage.io package: it makes "
            "lists whose length depends on the picture, which those forms do not hold. Take it as a "
            "container, or download its weights."
        )
    return _MAKERS[card.recipe](folder, card)


def fits_graph(card: ModelCard) -> bool:
    """Whether a graph of free height and width can hold the model's net."""
    return card.recipe in _MAKERS


def write_graph(leaving: LeavingNet, path: Path, *, activated: bool) -> None:
    """Writes the graph with free batch and sides: `maps` where `activated`, else `said`."""
    names = leaving.outputs if activated else (SAID,)
    graph = Activated(leaving.net, leaving.activate) if activated else leaving.net
    sides = [leaving.side or 4 * step for step in leaving.steps]
    free = {IMAGE: {0: "b"}, **{name: {0: "b"} for name in names}}
    if leaving.side is None:
        for axes in free.values():
            axes |= dict(enumerate(leaving.spaces, start=2))
    with warnings.catch_warnings():
        # The newer exporter needs onnxscript, which nothing else here does.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph.eval().float(),
            (torch.rand(1, leaving.channels, *sides),),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=[IMAGE],
            output_names=list(names),
            dynamic_axes=free,
        )


class Activated(nn.Module):
    """A net together with what its recipe makes of its numbers."""

    def __init__(self, net: nn.Module, activate: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.net, self.activate = net, activate

    def forward(self, x: Tensor) -> Any:
        """Pictures (b, c, [z,] y, x) → maps (b, k, [z,] y, x), or probabilities (b, k)."""
        return self.activate(self.net(x))


def _of_instances(folder: Path, card: ModelCard) -> LeavingNet:
    target = str(card.settings["target"])
    if card.net.get("z_steps"):
        return _of_maps(folder, card, volumes.kind_named(target).activate, VOLUME_CHANNELS[target])
    return _of_maps(folder, card, KINDS[target].activate, KIND_CHANNELS[target])


def _of_semantic(folder: Path, card: ModelCard) -> LeavingNet:
    names = ["background", *(card.settings["classes"] or ["foreground"])]
    return _of_maps(folder, card, semantic.activate, names)


def _of_translate(folder: Path, card: ModelCard) -> LeavingNet:
    targets = [str(name) for name in card.decoding["targets"]]
    names = [*targets, *(f"{name} scale" for name in targets)]
    return _of_maps(folder, card, translating.activate, names)


def _of_maps(
    folder: Path, card: ModelCard, activate: Callable[[Tensor], Tensor], names: list[str]
) -> LeavingNet:
    net, _ = trained.load(folder, recipe=card.recipe)
    if not isinstance(net, UNet) or len(names) != net.outputs:
        raise WrongModel(
            f"The model's net is described by {card.net}, which does not go with its recipe; it cannot leave."
        )
    return LeavingNet(
        net=net,
        card=card,
        channels=net.channels,
        activate=activate,
        outputs=(MAPS,),
        channels_out=tuple(names),
        multiple=net.multiple,
        deep=None if net.z_steps is None else net.z_multiple,
    )


def _of_classify(folder: Path, card: ModelCard) -> LeavingNet:
    net, _ = trained.load_as(folder, recipe=card.recipe, build=Classifier.build)
    temperature = float(card.decoding["temperature"])

    def activate(said: Tensor) -> Tensor:
        return (said / temperature).softmax(1)

    return LeavingNet(
        net=net,
        card=card,
        channels=net.channels + net.mask,
        activate=activate,
        outputs=(PROBABILITIES,),
        channels_out=tuple(str(name) for name in card.settings["classes"]),
        side=int(card.settings["crop_px"]),
    )


_MAKERS: dict[str, Callable[[Path, ModelCard], LeavingNet]] = {
    "instances": _of_instances,
    "semantic": _of_semantic,
    "translate": _of_translate,
    "classify": _of_classify,
}
