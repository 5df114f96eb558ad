"""`cytoloop evaluate`: two folders of labels, tracks, boxes, classes or predicted channels, compared by stem.

Needs no database. What is judged is told by what lies in both folders.
"""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import bootstrap, matching
from annotation.core.bootstrap import Estimate
from annotation.core.formats import sources, unnamed
from annotation.core.formats.base import ImageSource, RefusedFile
from annotation.core.matching import ImageCounts, Scores
from backend.cli import evaluate_pictures, evaluate_tables, evaluate_tracks, saying
from backend.cli.evaluate_tables import Told
from backend.foundation.errors import Invalid, NotFound

ENDINGS = (".tif", ".tiff", ".png")
LABEL_WORD = re.compile(r"[_-](masks?|labels?|cp_masks|seg)$", re.IGNORECASE)
TOLD = (0.5, 0.75, 0.9)
WORST_TOLD = 5


class NothingToCompare(NotFound):
    """A folder holds no label images."""


class NotComparable(Invalid):
    """Two label images of one stem do not fit each other, or cannot be read."""


def run(arguments: argparse.Namespace) -> int:
    """Pooled scores over every true label image; one without a prediction counts as an empty prediction.

    Tables of boxes and classes in both folders are judged too, and where the predicted images hold light,
    they are judged as channels and not as labels; where both folders hold tracks, these are judged.
    """
    if evaluate_tracks.holds_tracks(arguments.truth) and evaluate_tracks.holds_tracks(arguments.predicted):
        evaluate_tracks.run(arguments.truth, arguments.predicted, as_json=arguments.json)
        return 0
    tables = evaluate_tables.judge_tables(arguments.truth, arguments.predicted)
    if tables and not (_has_images(arguments.truth) and _has_images(arguments.predicted)):
        return _tell_tables(arguments, tables)
    truth, predicted = find_labels(arguments.truth), find_labels(arguments.predicted)
    predicted = {stem: path for (stem,), path in _met(truth, predicted).items()}
    if all(evaluate_pictures.holds_pictures(path) for path in predicted.values()):
        channels = evaluate_pictures.judge(arguments.truth, predicted)
        return _tell_tables(arguments, {**tables, "channels": channels})
    missing = sorted(truth.keys() - predicted.keys())
    if len(missing) == len(truth):
        raise NothingToCompare(f"No stem of {arguments.truth} is found in {arguments.predicted}.")
    counts: dict[str, ImageCounts] = {}
    with saying.bar("Comparing") as tell:
        for number, (stem, path) in enumerate(sorted(truth.items())):
            tell(number / len(truth), stem)
            counts[stem] = bootstrap.total(compare(path, predicted.get(stem), arguments.axes))
    if missing:
        told = f"{len(missing)} of {len(truth)} images have no prediction and count as empty"
        saying.remark(f"{told}: {missing[0]} …")
    scores = matching.pool(list(counts.values()))
    sure = bootstrap.estimates(list(counts.values()))
    facts = {**facts_of(scores), **facts_of_images(counts, sure), "missing": missing}
    facts |= {kind: told.to_json() for kind, told in tables.items()}
    sentence = f"{sentence_of(scores, len(truth), sure)}{sentence_of_worst(counts)}"
    sentence = "\n".join([sentence, *(told.sentence(kind.capitalize()) for kind, told in tables.items())])
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 0


def _met(truth: Mapping[str, Path], predicted: Mapping[str, Path]) -> Mapping[tuple[str], Path]:
    """The predictions under the stems of the truth."""
    return evaluate_tables.met(
        dict.fromkeys((stem,) for stem in truth), {(s,): p for s, p in predicted.items()}
    )


def _tell_tables(arguments: argparse.Namespace, tables: Mapping[str, Told]) -> int:
    saying.answer(
        as_json=arguments.json,
        facts={kind: told.to_json() for kind, told in tables.items()},
        sentence="\n".join(told.sentence(kind.capitalize()) for kind, told in tables.items()),
    )
    return 0


def _has_images(folder: Path) -> bool:
    return folder.is_dir() and any(path.suffix.lower() in ENDINGS for path in folder.rglob("*"))


def facts_of_images(counts: Mapping[str, ImageCounts], sure: Mapping[str, Estimate]) -> dict[str, Any]:
    """Scores of each file, 95 % intervals of the pooled ones (images drawn again), and the worst files."""
    images = {
        stem: {f"ap{int(100 * at)}": matching.pool([own]).ap[at] for at in TOLD}
        for stem, own in counts.items()
    }
    drawn = {"draws": bootstrap.DRAWS, "seed": bootstrap.SEED, "level": bootstrap.LEVEL}
    intervals = {name: [one.low, one.high] for name, one in sure.items()}
    return {"images": images, "intervals": intervals, "bootstrap": drawn, "worst": worst_files(counts)}


def worst_files(counts: Mapping[str, ImageCounts]) -> list[dict[str, Any]]:
    """Files in which something is wrong at an IoU of 0.5, those with most missed and invented cells first."""
    rows = [
        {
            "image": stem,
            "wrong": int(own.fp[0] + own.fn[0]),
            "missed": int(own.fn[0]),
            "invented": int(own.fp[0]),
            "splits": own.splits,
            "merges": own.merges,
            "ap50": matching.pool([own]).ap[0.5],
        }
        for stem, own in counts.items()
    ]
    return sorted((row for row in rows if row["wrong"]), key=lambda row: (-row["wrong"], row["image"]))


def sentence_of_worst(counts: Mapping[str, ImageCounts]) -> str:
    """The few worst files, a line each; empty when nothing is wrong."""
    lines = [
        f"  {row['image']}: AP {row['ap50']:.3f}, {row['missed']} missed, {row['invented']} invented, "
        f"{row['splits']} splits, {row['merges']} merges"
        for row in worst_files(counts)[:WORST_TOLD]
    ]
    return "\n".join(["\nWorst files:", *lines]) if lines else ""


def find_labels(folder: Path) -> dict[str, Path]:
    """{stem: file} below a folder; `x_masks.tif`, `x_labels.tif` and `x.ome.tif` all have the stem `x`."""
    if not folder.is_dir():
        raise NothingToCompare(f"{folder} is not a folder.")
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in ENDINGS and path.is_file()]
    if not files:
        raise NothingToCompare(f"There are no TIFF or PNG files in {folder}.")
    named = {stem_of(path.relative_to(folder)): path for path in files}
    if len(named) < len(files):
        raise NotComparable(f"Two files in {folder} have the same stem; keep one of them.")
    return named


def stem_of(path: Path) -> str:
    """`a/x_masks.ome.tif` → `a/x`"""
    return path.with_name(LABEL_WORD.sub("", path.stem.removesuffix(".ome"))).as_posix()


def compare(truth: Path, predicted: Path | None, axes: str | None = None) -> list[ImageCounts]:
    """Counts of each time point; volumes are compared as volumes. `axes`: what is said of both files."""
    try:
        right = sources.open_image(truth, stated_axes=axes)
        said = sources.open_image(predicted, stated_axes=axes) if predicted else right
        right, said = unnamed.alike(right, said)
        _check_alike(right, said)
        wanted = volumes(right)
        given = volumes(said) if predicted else [np.zeros_like(v) for v in wanted]
        return [matching.count(a, b) for a, b in zip(wanted, given, strict=True)]
    except (ValueError, RefusedFile) as error:
        raise NotComparable(f"{truth} and {predicted} cannot be compared: {error}") from error


def _check_alike(right: ImageSource, said: ImageSource) -> None:
    """Raise ValueError unless both have the same time points, slices and plane."""
    ours, theirs = ([source.shape_tczyx[i] for i in (0, 2, 3, 4)] for source in (right, said))
    if ours != theirs:
        told = [f"{t} time points of {z} x {y} x {x} px" for t, z, y, x in (ours, theirs)]
        turned = [ours[1], ours[0], *ours[2:]] == theirs
        hint = "; say --axes ZYX for volumes, --axes TYX for movies" if turned else ""
        raise ValueError(f"the one has {told[0]} (z, y, x), the other {told[1]}{hint}")


def volumes(source: ImageSource) -> list[NDArray[Any]]:
    """Labels (planes, z, y, x) of each time point; channels are planes of overlapping cells."""
    size_t, size_c, size_z, _, _ = source.shape_tczyx
    return [
        np.stack([[source.read_plane(t, c, z) for z in range(size_z)] for c in range(size_c)]).astype(
            np.int64
        )
        for t in range(size_t)
    ]


def facts_of(scores: Scores) -> dict[str, Any]:
    """What a program wants to know."""
    kinds = {
        "ap": scores.ap,
        "pq": scores.pq,
        "f1": scores.f1,
        "precision": scores.precision,
        "recall": scores.recall,
    }
    told = {f"{name}{round(100 * at)}": values[at] for name, values in kinds.items() for at in TOLD}
    mean = float(np.mean(list(scores.ap.values())))
    counts = {"true_cells": scores.true_cells, "predicted_cells": scores.predicted_cells}
    return {
        **told,
        "mean_ap50_90": mean,
        "seg": scores.seg,
        **counts,
        "splits": scores.splits,
        "merges": scores.merges,
    }


def sentence_of(scores: Scores, images: int, sure: Mapping[str, Estimate]) -> str:
    """What a person wants to know."""
    ap = ", ".join(f"{scores.ap[at]:.3f}{between(sure[f'ap{int(100 * at)}'])} at {at}" for at in TOLD)
    return (
        f"{images} images, {scores.true_cells} true cells, {scores.predicted_cells} predicted. "
        f"AP {ap}; PQ {scores.pq[0.5]:.3f}; F1 {scores.f1[0.5]:.3f}; SEG {scores.seg:.3f}; "
        f"{scores.splits} splits, {scores.merges} merges."
    )


def between(sure: Estimate) -> str:
    """` (0.710 to 0.830)`, empty where one image gives no interval."""
    return "" if sure.low is None or sure.high is None else f" ({sure.low:.3f} to {sure.high:.3f})"
