"""From the cells of a run's images to an atlas: look, compare, place, group."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.contract.atlas import CellAtlas
from training.contract.files import read_model_card, write_atomically
from training.contract.recipes.embed import VECTOR_NUMBERS
from training.engine import trained
from training.engine.atlas import groups, layout, neighbours, vectors
from training.engine.data import measuring
from training.engine.data.cell_places import Sight
from training.engine.data.images import LabelledImage
from training.engine.errors import RunRefused, UnreadableImage, WrongModel
from training.engine.nets.backbones import Classifier, load_published
from training.engine.nets.embedder import Embedder
from training.engine.process import Run
from training.engine.seeing_cells import Eye, SeenCells, see

LOOKING = 0.6
"""Share of the whole run that looking at the cells takes, as people are told it."""


def make_atlas(run: Run) -> dict[str, Any]:
    """Writes the atlas of all cells of all images; answers what there is to say of it.

    An image that cannot be read is left out and named. Raises WrongModel, UnreadableImage when no image could
    be done, RunCancelled, RunStopped.
    """
    refused: list[dict[str, str]] = []
    ids: list[str] = []
    seen: list[SeenCells] = []
    names: list[list[str]] = []
    eye = open_eye(run)
    for number, line in enumerate(run.manifest):
        told = f"Looking at the cells of {line.name} ({number + 1} of {len(run.manifest)})."
        run.report.status(told, fraction=LOOKING * number / len(run.manifest))
        run.raise_if_asked_to_stop()
        try:
            image = LabelledImage(run.folder, line)
            seen.append(see(image, eye))
            ids.append(line.image_id)
            names.append(measuring.names(image.channel_names))
        except RunRefused as error:
            refused.append({"image_id": line.image_id, "error": str(error)})
    if not sum(len(each.cell) for each in seen):
        raise UnreadableImage(refused[0]["error"] if refused else "No image has an outlined cell.")
    atlas = arrange(run, ids, seen, names, has_net=eye is not None)
    write_atomically(run.folder.atlas, atlas.to_bytes())
    run.report.status("Done.", fraction=1.0, eta_s=0.0)
    found = int(atlas.groups.max()) + 1
    return {"images": len(ids), "cells": len(atlas), "groups": found, "refused": refused}


def arrange(
    run: Run,
    ids: Sequence[str],
    seen: Sequence[SeenCells],
    names: Sequence[Sequence[str]],
    *,
    has_net: bool,
) -> CellAtlas:
    """Vectors, map and groups of cells that were looked at."""
    measures, measured = common_measures(seen, names)
    features = np.concatenate([each.features for each in seen]) if has_net else vectors.standardise(measured)
    run.report.status("Comparing the cells.", fraction=LOOKING)
    found = vectors.whiten(features, VECTOR_NUMBERS)
    near = neighbours.nearest(found, run.spec.settings["neighbours"], seed=run.spec.seed)

    def told(fraction: float) -> None:
        run.raise_if_asked_to_stop()
        run.report.status("Drawing the map.", fraction=LOOKING + 0.1 + (0.9 - LOOKING) * fraction)

    places = layout.place(found, near, seed=run.spec.seed, at_fraction=told)
    frames = np.concatenate([each.frame for each in seen])
    return CellAtlas(
        image_ids=ids,
        measures=measures,
        image=np.repeat(np.arange(len(seen), dtype=np.int32), [len(each.cell) for each in seen]),
        cell=np.concatenate([each.cell for each in seen]),
        t=frames[:, 0],
        z=frames[:, 1],
        middle_px=np.concatenate([each.middle_px for each in seen]),
        length_px=np.concatenate([each.length_px for each in seen]),
        vectors=found,
        places=places,
        groups=groups.groups(places),
        outlier=groups.outlier_scores(near),
        measured=measured,
    )


def common_measures(
    seen: Sequence[SeenCells], names: Sequence[Sequence[str]]
) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float32]]]:
    """Columns of all images, (n, m); what an image has not recorded is not a number there."""
    measures = list(dict.fromkeys(name for each in names for name in each))
    rows = []
    for each, own in zip(seen, names, strict=True):
        table = np.full((len(each.cell), len(measures)), np.nan, np.float32)
        table[:, [measures.index(name) for name in own]] = each.measured
        rows.append(table)
    return measures, np.concatenate(rows)


def open_eye(run: Run) -> Eye | None:
    """The net of the run: a trained one of `embed` or `classify`, a published one, or None for measurements
    alone. Raises WrongModel."""
    settings = run.spec.settings
    if run.spec.model_dir is not None:
        return _trained_eye(run, Path(run.spec.model_dir))
    if settings["source"] == "measurements":
        return None
    if not settings["weights"]:
        raise WrongModel(
            "A net that has learned nothing tells cells apart by chance: name published weights in the "
            "setting “weights”, choose a trained model, or make the map of measurements."
        )
    net = Classifier(backbone=settings["backbone"], channels=3, mask=False, outputs=1)
    load_published(net, Path(settings["weights"]))
    sight = Sight(settings["crop_px"], settings["surroundings"], None)
    placed = run.device.place_net(net.eval())
    return Eye(placed, 3, sight, "dim" if settings["mask"] == "dim" else "none", run.device)


def _trained_eye(run: Run, folder: Path) -> Eye:
    card = read_model_card(folder)
    builders: dict[str, Callable[[Mapping[str, Any]], Embedder | Classifier]] = {
        "embed": Embedder.build,
        "classify": Classifier.build,
    }
    if card.recipe not in builders:
        raise WrongModel(
            f"The trained model was made by the recipe {card.recipe}, which does not look at single cells; "
            f"choose one of {' or '.join(builders)}."
        )
    net: Embedder | Classifier
    net, card = trained.load_as(folder, recipe=card.recipe, build=builders[card.recipe])
    settings = card.settings
    sight = Sight(int(settings["crop_px"]), float(settings["surroundings"]), card.decoding.get("field_px"))
    placed = run.device.place_net(net)
    return Eye(placed, placed.channels, sight, str(settings["mask"]), run.device)
