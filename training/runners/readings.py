"""How the images of a prediction were read: which channels the model was shown, and at what size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.models import Image
from training.contract.files import RunFolder
from training.contract.results import CellList

Reading = Mapping[str, Any]
"""`channels`: names of those that were read, where not all were; `zoom`: by how much the image was enlarged
for the model; `cell_px`: the cells' diameter as it was told or found."""


def reading_of(folder: RunFolder, image: Image, cells: CellList) -> Reading:
    """Of one image, whose cells are listed."""
    places = next((line.channels for line in folder.read_manifest() if line.image_id == str(image.pk)), None)
    names = {} if places is None else {"channels": [image.channel_names[place] for place in places]}
    return {**names, **cells.reading}


def sentence(readings: Sequence[Reading]) -> str:
    """What is worth telling of all images together; empty where all were read as they stand."""
    return "".join(f" {part}" for part in (_of_channels(readings), _of_sizes(readings)) if part)


def _of_channels(readings: Sequence[Reading]) -> str:
    chosen = [tuple(one["channels"]) for one in readings if one.get("channels")]
    if not chosen:
        return ""
    kinds = list(dict.fromkeys(", ".join(f"“{name}”" for name in names) for names in chosen))
    of = "" if len(chosen) == len(readings) else f" of {_images(len(chosen))}"
    if len(kinds) > 1:
        return (
            f"Read by single channels{of}: {', '.join(kinds[:4])}{' and others' if len(kinds) > 4 else ''}."
        )
    word = "channel" if all(len(names) == 1 for names in chosen) else "channels"
    return f"Read by the {word} {kinds[0]}{of}."


def _of_sizes(readings: Sequence[Reading]) -> str:
    zooms = [float(one["zoom"]) for one in readings if one.get("zoom", 1) != 1]
    if not zooms:
        return ""
    low, high = min(zooms), max(zooms)
    times = f"{low:.2g}" if f"{low:.2g}" == f"{high:.2g}" else f"{low:.2g} to {high:.2g}"
    which = "Shown" if len(zooms) == len(readings) else f"{_images(len(zooms))} shown"
    return f"{which} to the model {times} times as large, for the size of the cells."


def _images(count: int) -> str:
    return f"{count} image{'' if count == 1 else 's'}"
