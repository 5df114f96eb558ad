"""A model as a bioimage.io package: `rdf.yaml` of format 0.5, the net as ONNX, tensors to test it with, a
cover, a card.

As other tools for cells do it, the package holds the net and what it says of each pixel; how cells are found
in that stands in `config`, since the format has no words for it.
"""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from training.contract.fields import JsonObject
from training.contract.leaving import Facts
from training.engine import pictures
from training.engine.leaving import manual
from training.engine.leaving.graphs import OPSET, LeavingNet
from training.engine.leaving.onnx_file import CARD, MOST_APART, NAME, use_of, write_onnx
from training.engine.leaving.trials import Floats, Trial
from training.engine.nets.onnx_forward import IMAGE

RDF, COVER = "rdf.yaml", "cover.png"
FORMAT = "0.5.4"
TAGS = {
    "instances": ["instance-segmentation", "2d", "cells"],
    "semantic": ["semantic-segmentation", "2d", "cells"],
    "classify": ["image-classification", "2d", "cells"],
    "translate": ["image-restoration", "in-silico-labeling", "2d", "cells"],
}
_VOLUMES = {"2d": "3d"}
_COVER_PX = 256


def write_package(leaving: LeavingNet, facts: Facts, out: Path) -> Path:
    """Writes all files of the package into `out`; returns the path of its rdf. Raises WrongModel."""
    trial = write_onnx(leaving, facts, out)
    np.save(out / _test_file(IMAGE), trial.raw)
    for name, made in zip(leaving.outputs, trial.made, strict=True):
        np.save(out / _test_file(name), made)
    Image.fromarray(_cover(trial)).save(out / COVER)
    (out / CARD).write_text(
        manual.write_card(leaving.card, facts, f"{use_of(leaving)}\n\n{_PACKAGE}"), encoding="utf-8"
    )
    rdf = describe(leaving, facts, trial, out)
    text = yaml.safe_dump(rdf, sort_keys=False, allow_unicode=True, width=100)
    (out / RDF).write_text(text, encoding="utf-8")
    return out / RDF


_PACKAGE = (
    "Percentiles and clipping are steps of the package where the net reads whole pictures; dark cells on "
    "bright ground must be inverted by whoever asks. The test tensors are simulated cells."
)


def describe(leaving: LeavingNet, facts: Facts, trial: Trial, folder: Path) -> JsonObject:
    """The contents of rdf.yaml for files that lie in `folder`."""
    author = {"name": _plain(facts.author) or "Unknown"}
    return {
        "format_version": FORMAT,
        "type": "model",
        "name": _plain(f"{facts.name} v{facts.version}")[:128],
        "version": str(facts.version),
        "description": _sentence(leaving, facts),
        "authors": [author],
        "cite": manual.citations(leaving.card),
        "license": facts.licence,
        "documentation": _file(folder, CARD),
        "covers": [_file(folder, COVER)],
        "tags": [*_tags(leaving), "cytoloop"],
        "timestamp": facts.made_at or datetime.now(UTC).isoformat(),
        "inputs": [_input(leaving, trial.raw, folder)],
        "outputs": [
            _output(leaving, name, made, folder)
            for name, made in zip(leaving.outputs, trial.made, strict=True)
        ],
        "weights": {"onnx": {**_file(folder, NAME), "opset_version": OPSET}},
        "config": {
            "bioimageio": {"reproducibility_tolerance": [_tolerance(trial)]},
            "cytoloop": manual.describe(leaving, facts),
        },
    }


def _tags(leaving: LeavingNet) -> list[str]:
    told = TAGS[leaving.card.recipe]
    return told if leaving.deep is None else [_VOLUMES.get(word, word) for word in told]


def _tolerance(trial: Trial) -> JsonObject:
    """How far others may be off: the format wants less than a hundredth of what is told."""
    least = min(float(np.abs(made).max()) for made in trial.made)
    return {"relative_tolerance": 1e-3, "absolute_tolerance": min(MOST_APART, 2e-3 * least)}


def _input(leaving: LeavingNet, raw: Floats, folder: Path) -> JsonObject:
    given: JsonObject = {
        "id": IMAGE,
        "description": "Pictures as the card tells",
        "axes": [
            {"type": "batch"},
            {"type": "channel", "channel_names": [f"channel {n + 1}" for n in range(raw.shape[1])]},
            *(_side(leaving, axis, raw.shape[2 + place]) for place, axis in enumerate(leaving.spaces)),
        ],
        "test_tensor": _file(folder, _test_file(IMAGE)),
        "data": {"type": "float32"},
    }
    told = manual.normalisation(leaving.card)
    if leaving.side is None:
        ranges = {"min_percentile": told["low_percentile"], "max_percentile": told["high_percentile"]}
        given["preprocessing"] = [
            {"id": "scale_range", "kwargs": {"axes": list(leaving.spaces), **ranges}},
            {"id": "clip", "kwargs": dict(zip(("min", "max"), told["clip"], strict=True))},
        ]
    return given


def _side(leaving: LeavingNet, axis: str, length: int) -> JsonObject:
    if leaving.side is not None:
        return {"type": "space", "id": axis, "size": length}
    step = leaving.steps[leaving.spaces.index(axis)]
    return {"type": "space", "id": axis, "size": {"min": 4 * step, "step": step}}


def _output(leaving: LeavingNet, name: str, made: Floats, folder: Path) -> JsonObject:
    axes: list[JsonObject] = [
        {"type": "batch"},
        {"type": "channel", "channel_names": [_word(word) for word in leaving.channels_out]},
    ]
    if made.ndim > 2:
        axes += [
            {"type": "space", "id": axis, "size": {"tensor_id": IMAGE, "axis_id": axis}}
            for axis in leaving.spaces
        ]
    return {
        "id": name,
        "description": "What the net says, see channel names and card",
        "axes": axes,
        "test_tensor": _file(folder, _test_file(name)),
        "data": {"type": "float32"},
    }


def _cover(trial: Trial) -> pictures.Rgb:
    """What goes in on the left, on the right the first that comes out; of a volume its middle slice."""
    given, first = _plane(trial.given[0]), _plane(trial.made[0][0])
    seen = pictures.show(given[:1] if len(given) != 3 else given)
    said = pictures.show(first[:1] if first.ndim == 3 else given[-1:])
    both = np.concatenate([_fitted(seen), _fitted(said)], axis=1)
    return np.ascontiguousarray(both)


def _plane(picture: Floats) -> Floats:
    """(c, z, y, x) → its middle slice; all else as it is."""
    return picture[:, picture.shape[1] // 2] if picture.ndim == 4 else picture


def _fitted(picture: pictures.Rgb) -> pictures.Rgb:
    resized = Image.fromarray(picture).resize((_COVER_PX, _COVER_PX), Image.Resampling.NEAREST)
    return np.asarray(resized, np.uint8)


def _file(folder: Path, name: str) -> JsonObject:
    return {"source": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}


def _test_file(name: str) -> str:
    return f"test_{name}.npy"


def _sentence(leaving: LeavingNet, facts: Facts) -> str:
    told = f"{facts.name} {manual.WORDS[leaving.card.recipe]}. {facts.description}".strip()
    return told[:1023]


def _plain(text: str) -> str:
    """Names in the format have letters, digits, and few signs between them."""
    return re.sub(r"\s+", " ", re.sub(r"[^\w +\-()]", " ", text)).strip()


def _word(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip() or "channel"
