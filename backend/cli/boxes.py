"""`boxes.json`: the boxes of a model that finds boxes, for all inputs of `cytoloop predict` together."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from annotation.core.formats import coco_boxes
from annotation.models import Image
from annotation.selectors import labels, stacks
from training.contract.recipes import Makes, recipe_named
from training.models import Job, Prediction

BOXES = "boxes.json"


def write_where_found(*, job: Job, images: Mapping[Path, Image], out: Path) -> None:
    """`boxes.json` in `out`, in COCO form, if the job's recipe makes boxes. `images`: by their input's path
    below its folder."""
    if recipe_named(job.recipe).makes is Makes.BOXES:
        classes = job.trained_model.settings.get("classes") or [] if job.trained_model else []
        coco_boxes.write(out / BOXES, _found(job, images), classes)


def _found(job: Job, images: Mapping[Path, Image]) -> Iterator[coco_boxes.FoundStack]:
    predicted = {one.image_id: one for one in Prediction.objects.filter(job=job).select_related("revision")}
    for path, image in images.items():
        revision = predicted[image.pk].revision
        facts = labels.cell_facts(revision=revision)
        scores = {cell: fact.quality for cell, fact in facts.items() if fact.quality is not None}
        yield coco_boxes.FoundStack(path.as_posix(), stacks.of_revision(revision=revision).stack, scores)
