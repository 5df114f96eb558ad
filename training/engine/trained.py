"""Trained models on disk: weights as safetensors, everything else in model.json."""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from training.contract.errors import InvalidResult
from training.contract.files import MODEL_CARD, ONNX_NET, WEIGHTS, read_model_card, write_json
from training.contract.results import ModelCard
from training.engine.errors import WrongModel
from training.engine.nets.onnx_forward import run_by_onnx
from training.engine.nets.unet import UNet
from training.engine.process import Run

Net = TypeVar("Net", bound=nn.Module)


class DescribedNet(Protocol):
    """A net that can say how it is built again."""

    def describe(self) -> dict[str, Any]:
        """What `model.json` says of it; `kind` names its builder."""


def build_net(description: dict[str, Any]) -> UNet:
    """The net that `model.json` describes, with fresh weights. Raises WrongModel."""
    if description.get("kind") != "unet":
        raise WrongModel(
            f"The model's net is of the kind {description.get('kind')!r}, which is not known here."
        )
    return UNet(
        channels=int(description["channels"]),
        outputs=int(description["outputs"]),
        widths=tuple(int(width) for width in description["widths"]),
        z_steps=tuple(int(step) for step in description["z_steps"]) if description.get("z_steps") else None,
    )


def card(run: Run, recipe: str, net: DescribedNet, **facts: Any) -> ModelCard:
    """The card of a model that this run has trained; `facts` are those fields that only the recipe knows."""
    spec = run.spec
    return ModelCard(
        recipe=recipe,
        net=net.describe(),
        settings=_lasting(spec.settings),
        seed=spec.seed,
        code_version=spec.code_version,
        versions=versions(),
        **facts,
    )


def _lasting(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings without where published weights lay while it was trained."""
    weights = settings.get("weights")
    return {**settings, "weights": Path(weights).name} if weights else settings


def save(folder: Path, net: nn.Module, card: ModelCard) -> None:
    """Writes the weights, then the card: a folder with a card is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
    temporary = folder / f"{WEIGHTS}.part"
    save_file(weights, temporary)
    temporary.replace(folder / WEIGHTS)
    write_json(folder / MODEL_CARD, card.to_json())


def load(folder: Path, *, recipe: str) -> tuple[UNet, ModelCard]:
    """Reads a trained U-Net, ready to predict. Raises WrongModel when it is missing, broken or of another
    recipe.
    """
    return load_as(folder, recipe=recipe, build=build_net)


def load_as(folder: Path, *, recipe: str, build: Callable[[dict[str, Any]], Net]) -> tuple[Net, ModelCard]:
    """Reads a trained model whose net `build` makes of its description, ready to predict. A model that has
    left the house holds its net as ONNX; it can be asked, not learn on.

    Raises WrongModel when it is missing, broken or of another recipe.
    """
    try:
        card = read_model_card(folder)
        if card.recipe != recipe:
            raise WrongModel(
                f"The trained model was made by the recipe {card.recipe}, but this is {recipe}; "
                f"choose a model of {recipe}, or run {card.recipe}."
            )
        net = build(card.net)
        if (folder / ONNX_NET).exists():
            run_by_onnx(net, folder / ONNX_NET)
        else:
            net.load_state_dict(load_file(folder / WEIGHTS))
    except (InvalidResult, OSError, SafetensorError, RuntimeError, KeyError) as error:
        raise WrongModel(f"The trained model in {folder.name} cannot be read: {error}") from None
    return net.eval(), card


def refuse_other_setting(card: ModelCard, name: str, wanted: object) -> None:
    """Raises WrongModel when a trained model that is to learn on was made with another value of a setting."""
    if card.settings.get(name) != wanted:
        raise WrongModel(
            f"The trained model was made with {name} = {card.settings.get(name)!r}, but {wanted!r} is asked "
            "for; ask for the same, or start without a trained model."
        )


def versions() -> dict[str, str]:
    """What the numbers depend on besides the code."""
    return {"python": platform.python_version(), "torch": str(torch.__version__), "numpy": np.__version__}
