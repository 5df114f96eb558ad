"""What all recipes of volumes begin with: the choice, the net, and the crops it learns from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.contract.files import read_model_card
from training.engine import trained
from training.engine.data import opening
from training.engine.data.images import LabelledImage
from training.engine.errors import WrongModel
from training.engine.nets.unet import VOLUME_WIDTHS, UNet, z_steps
from training.engine.process import Run
from training.engine.volumes.choosing import wants_volumes
from training.engine.volumes.crops import VolumeLesson, crop_size
from training.engine.volumes.stacks import Stack

CROPS_PER_CROP = 4
"""So many crops in the plane cost about as much as one of a volume (see crops.VOXELS_PER_PIXEL)."""

MOST_SCALE_JITTER = 1.35
"""Zooming in the plane alone changes what the net has learned of the distance of slices."""


def learns_volumes(run: Run) -> bool:
    """Whether this run, which learns, learns volumes. Raises NothingToLearn, UnreadableImage."""
    return wants_volumes(run.spec.settings, opening.open_training(run.folder, run.manifest))


def knows_volumes(run: Run) -> bool:
    """Whether the trained model of this run is one of volumes. Raises WrongModel."""
    return bool(_card_net(run).get("z_steps"))


def start_net(
    run: Run,
    recipe: str,
    images: Sequence[LabelledImage],
    spacing: float,
    outputs: int,
    *,
    channels: int | None = None,
    same: Sequence[str] = (),
) -> UNet:
    """A fresh net that fits the volumes, or a trained one that has the `same` settings. Raises WrongModel."""
    if run.spec.model_dir is None:
        widths = VOLUME_WIDTHS[run.spec.settings["width"]]
        depth = min(int(image.pixels.shape[2]) for image in images)
        steps = z_steps(spacing, depth, len(widths) - 1)
        seen = opening.common_channels(images) if channels is None else channels
        return run.device.place_net(UNet(channels=seen, outputs=outputs, widths=widths, z_steps=steps))
    if not knows_volumes(run):
        raise WrongModel(
            "The trained model reads slices one by one, but volumes are to be learned; "
            "choose slice by slice, or start without a trained model."
        )
    net, card = trained.load(Path(run.spec.model_dir), recipe=recipe)
    for name in same:
        trained.refuse_other_setting(card, name, run.spec.settings[name])
    net.requires_grad_(True)
    return run.device.place_net(net)


def make_lesson(run: Run, stacks: Sequence[Stack], spacing: float, net: UNet, **words: Any) -> VolumeLesson:
    """Crops by the run's settings; `words`: further ones of VolumeLesson."""
    settings = run.spec.settings
    depth = max(stack.size[0] for stack in stacks)
    return VolumeLesson(
        stacks=stacks,
        batch=max(1, settings["batch"] // CROPS_PER_CROP),
        size=crop_size(settings["crop_px"], spacing, depth, (net.z_multiple, net.multiple, net.multiple)),
        scale_jitter=min(settings["scale_jitter"], MOST_SCALE_JITTER),
        colour_jitter=settings["colour_jitter"],
        **words,
    )


def told(spacing: float) -> str:
    """What people are told of the choice."""
    return f"Learned as volumes, with slices {spacing:g} px apart."


def _card_net(run: Run) -> dict[str, object]:
    if run.spec.model_dir is None:
        return {}
    return dict(read_model_card(Path(run.spec.model_dir)).net)
