"""Reading two revisions of one image and counting where they agree, volume by volume. No net is needed."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import bootstrap, by_class, faults, matching
from annotation.core.faults import Fault, FaultKind
from annotation.core.matching import ImageCounts
from annotation.models import Image, LabelClass, Revision
from annotation.selectors import labels, schemas
from training.contract.recipes import Makes, recipe_named
from training.models import Prediction
from training.services import predictions, reckoning_tracks
from training.services.counting import Box, Counter, Side

# Faults kept of one image; more than anybody looks at, little enough for a slide with a million cells.
MOST_FAULTS = 2000
# Detections of a class that count in a frame where the model does not say, as in COCO.
MOST_BOXES = 100


@dataclass(frozen=True)
class Labels:
    """A revision of one image as far as scoring needs it: cells to pass over, classes of cells by name,
    {daughter: mother}."""

    revision: Revision
    ignored: NDArray[np.int64]
    classes: Mapping[int, str]
    qualities: Mapping[int, float] = field(default_factory=dict)
    mothers: Mapping[int, int] = field(default_factory=dict)

    def volume(self, t: int) -> NDArray[np.uint32]:
        """Labels uint32 (p, z, y, x) of one time point, as many planes as the fullest slice needs."""
        depth = self.revision.image.size_z
        slices = [labels.read_planes(revision=self.revision, t=t, z=z) for z in range(depth)]
        planes = max(len(one) for one in slices)
        padded = [np.pad(one, ((0, planes - len(one)), (0, 0), (0, 0))) for one in slices]
        return np.stack(padded, axis=1)


@dataclass
class Reckoned:
    """What one image adds: its counts, those of each class, its faults by (t, fault), worst first."""

    counts: ImageCounts
    classes: dict[str, ImageCounts]
    faults: list[tuple[int, Fault]]
    tallies: dict[str, int] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)


def open_truth(*, truth: Revision, predicted: Sequence[Revision]) -> Labels:
    """The truth as those who predicted could have told it: a cell of a class that their models do not tell
    is of the nearest one above it in the tree that they do."""
    rows = Prediction.objects.filter(revision__in=predicted).select_related("trained_model")
    models = [row.trained_model for row in rows if row.trained_model is not None]
    told = {name for model in models for name in model.settings.get("classes") or ()}
    return open_labels(revision=truth, told=told)


def open_labels(*, revision: Revision, told: Collection[str] = ()) -> Labels:
    """The facts of a revision's cells, their classes as `told` where some above them are; pixels are read
    later."""
    facts = labels.cell_facts(revision=revision)
    wanted = {str(fact.label_class) for fact in facts.values() if fact.label_class}
    names = _names(wanted, revision.branch.image, told)
    ignored = np.asarray([cell for cell, fact in facts.items() if fact.ignored], np.int64)
    classes = {cell: names[str(f.label_class)] for cell, f in facts.items() if str(f.label_class) in names}
    qualities = {cell: fact.quality for cell, fact in facts.items() if fact.quality is not None}
    mothers = {cell: fact.mother for cell, fact in facts.items() if fact.mother is not None}
    return Labels(revision, ignored, classes, qualities, mothers)


def _names(wanted: Collection[str], image: Image, told: Collection[str]) -> dict[str, str]:
    names = {str(row.pk): row.name for row in LabelClass.objects.filter(pk__in=wanted)}
    if not told or set(names.values()) <= set(told):
        return names
    schema = schemas.current(image.dataset.project)
    lines = {
        one: [schema.classes[each].name for each in schema.line_of(schema.successor(one))] for one in names
    }
    return {one: next((each for each in lines[one] if each in told), own) for one, own in names.items()}


def reckon(*, truth: Revision, predicted: Revision) -> Reckoned:
    """Score one image. True cells that are ignored, and what lies mostly on them, count neither way."""
    right, said = open_truth(truth=truth, predicted=[predicted]), open_labels(revision=predicted)
    counts, by_name = [], []
    found: list[tuple[int, Fault]] = []
    counter, tracks = _counter(right, said), reckoning_tracks.Tracks(truth.image)
    for t, wanted, given, ignored in volumes(right, said):
        counts.append(matching.count(wanted, given, ignored=ignored))
        counter.add(wanted, given, ignored)
        tracks.add(t, wanted, given, ignored)
        by_name.append(by_class.count(wanted, given, right.classes, said.classes, ignored=ignored))
        here = faults.find(
            wanted, given, ignored=ignored, truth_classes=right.classes, predicted_classes=said.classes
        )
        found += [(t, fault) for fault in here]
        found += _frame(t, here)
    table, broken = tracks.finish(right.mothers, said.mothers)
    found += broken
    tallies = Tally(fault.kind.value for _, fault in found if fault.kind is not FaultKind.FRAME)
    found.sort(key=lambda one: (-one[1].harm, -one[1].size_px, one[0]))
    return Reckoned(
        bootstrap.total(counts),
        _joined(by_name),
        found[:MOST_FAULTS],
        dict(tallies),
        counter.tables() | table,
    )


def volumes(
    truth: Labels, predicted: Labels
) -> Iterator[tuple[int, NDArray[Any], NDArray[Any], NDArray[np.bool_]]]:
    """(t, true labels, predicted labels (p, z, y, x), ignored (z, y, x)), one time point at a time."""
    for t in range(truth.revision.image.size_t):
        wanted, given = truth.volume(t), predicted.volume(t)
        hidden = np.isin(wanted, truth.ignored) if truth.ignored.size else np.zeros(wanted.shape, np.bool_)
        yield t, np.where(hidden, 0, wanted), given, np.logical_or.reduce(hidden, axis=0)


def pixels(*, image: Image) -> int:
    """How many pixels a reckoning of this image reads on each side."""
    return int(image.size_t * image.size_z * image.size_y * image.size_x)


def _counter(right: Labels, said: Labels) -> Counter:
    """Counts what the recipe of the model that predicted makes: boxes are only counted where it makes
    boxes."""
    prediction = Prediction.objects.filter(revision=said.revision).select_related("trained_model").first()
    model = prediction.trained_model if prediction else None
    recipe = recipe_named(model.recipe) if model else None
    finds_boxes = recipe is not None and recipe.makes is Makes.BOXES
    boxes: dict[int, Box] = {}
    most: int | None = None
    if prediction is not None and model is not None and finds_boxes:
        kept = predictions.kept_cells(prediction=prediction)
        boxes = {entry.cell: tuple(entry.box) for entry in kept if entry.box}  # type: ignore[misc]
        most = int(model.settings.get("most_cells", MOST_BOXES))
    return Counter(
        right=Side(right.classes),
        said=Side(said.classes, said.qualities, boxes),
        judges_classes=recipe is not None and recipe.makes is Makes.CLASSES,
        boxes_most=most,
    )


def _frame(t: int, here: list[Fault]) -> list[tuple[int, Fault]]:
    """All that is wrong in one time point, placed where the worst is; nothing for one that is right."""
    if not here:
        return []
    whole = Fault(FaultKind.FRAME, sum(f.harm for f in here), (), (), 0.0, len(here), here[0].at_zyx)
    return [(t, whole)]


def _joined(by_name: list[dict[str, ImageCounts]]) -> dict[str, ImageCounts]:
    names = sorted({name for one in by_name for name in one})
    return {name: bootstrap.total([one[name] for one in by_name if name in one]) for name in names}
