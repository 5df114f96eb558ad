"""Images whose cells lie beside them, as a model that only judges cells needs them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from annotation.core.formats.folder import ImportItem, plan_import
from annotation.models import Image
from annotation.services import ingestion
from backend.cli import saying, workplace
from backend.foundation.errors import Invalid


class NoCells(Invalid):
    """An image has no outlined cells, or not one set of them."""


class Given(Protocol):
    """An image file that was given."""

    @property
    def path(self) -> Path: ...


Input = TypeVar("Input", bound=Given)


def bring_in(
    place: workplace.Workplace,
    model_name: str,
    folder: Path,
    inputs: Sequence[Input],
    axes: str | None = None,
) -> dict[Input, Image]:
    """Each input's image with the cells of the label image beside it (`x_masks.tif` for `x.tif`).

    The same files given again are the same images; other cells are other images, in a dataset of their own.
    Raises `NoCells`.
    """
    items = {
        path: item for item in plan_import(folder.resolve(), stated_axes=axes).items for path in item.image
    }
    bare = [item.path for item in inputs if item.path not in items or items[item.path].labels is None]
    if bare:
        raise NoCells(
            f"{bare[0]} has no outlined cells, and {model_name} only looks at outlined cells: put "
            f"{bare[0].stem}_masks.tif beside it and give the folder that holds both "
            f"({len(bare)} of {len(inputs)} images have none)."
        )
    digests = {given: _image_digest(items[given.path]) for given in inputs}
    twice = [given.path for given in inputs if list(digests.values()).count(digests[given]) > 1]
    if twice:
        raise NoCells(f"{twice[0]} and {twice[1]} are the same picture; leave one of them out.")
    name = f"Predictions: {model_name}, cells {_digest_of_all(items)[:8]}" + (
        f", axes {axes}" if axes else ""
    )
    dataset = workplace.find_or_make_dataset(place, name, "Images and cells given to “cytoloop predict”.")
    with saying.bar("Importing") as tell:
        report = ingestion.ingest(
            dataset=dataset, paths=[folder.resolve()], by=place.owner, on_progress=tell, stated_axes=axes
        )
    for refusal in report.refusals:
        saying.remark(f"Refused: {refusal.path}: {refusal.reason}")
    ready = Image.objects.ready().filter(dataset=dataset, current_branch__head_number__gt=0)
    by_digest = {image.content_sha256: image for image in ready}
    return {given: by_digest[digest] for given, digest in digests.items() if digest in by_digest}


def _image_digest(item: ImportItem) -> str:
    return ingestion.content_digest(item.image, series=item.series)


def _digest_of_all(items: dict[Path, ImportItem]) -> str:
    """SHA-256 over every image with its cells."""
    digest = hashlib.sha256()
    for path in sorted(items):
        labels = items[path].labels
        files = sorted(labels.rglob("*")) if labels is not None and labels.is_dir() else [labels]
        cells = [file for file in files if file is not None and file.is_file()]
        digest.update(_image_digest(items[path]).encode() + ingestion.content_digest(cells).encode())
    return digest.hexdigest()
