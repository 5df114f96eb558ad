"""`cytoloop predict --track`: cells that a model outlines are followed over time in the same job."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from annotation.core.formats import ctc
from annotation.core.link_tables import LinkTable
from annotation.models import Image
from annotation.selectors import links, stacks
from backend.cli import saying, workplace
from backend.cli.train import NoSuchModel, find_model
from training.contract.recipes.link import LINKERS
from training.models import Job, Prediction, TrainedModel

COLUMNS = ("t", "cell", "to_t", "to_cell", "confidence")


class Linker(NamedTuple):
    """What `Order` wants to know of a linker: settings, and the trained one where it is one."""

    link: Mapping[str, Any] | None
    link_model: TrainedModel | None


def linker_of(place: workplace.Workplace, name: str | None) -> Linker:
    """The linker of this name, or the trained model of it; nothing without a name. Raises NoSuchModel."""
    if name is None:
        return Linker(None, None)
    if name in LINKERS:
        return Linker({"linker": name}, None)
    try:
        return Linker({}, find_model(place, name))
    except NoSuchModel as error:
        raise NoSuchModel(f"“{name}” is no linker: {', '.join(LINKERS)} are. {error}") from error


def write_where_found(*, job: Job, images: Mapping[Path, Image], out: Path) -> None:
    """For each movie whose cells were followed `NAME_RES` with masks and `res_track.txt`, and
    `NAME_links.csv` with how sure each link is. `images`: by their output's path below `out`."""
    predictions = Prediction.objects.filter(job=job, tracking__isnull=False)
    linked = {one.image_id: one for one in predictions.select_related("branch__image", "revision__image")}
    for path, image in images.items():
        if image.pk in linked:
            _write(linked[image.pk], path, out)


def _write(prediction: Prediction, path: Path, out: Path) -> None:
    name = re.sub(r"[^\w.-]+", "_", path.stem)
    revision, folder = prediction.revision, out / path.parent
    for note in ctc.write(folder, stacks.of_revision(revision=revision).stack, sequence=name, result=True):
        saying.remark(f"{path.stem}: {note}")
    known = links.list_links(branch=prediction.branch, revision=revision.number).table
    write_links(folder / f"{name}_links.csv", known[~known.cuts])


def write_links(path: Path, known: LinkTable) -> None:
    """One line a link."""
    names = ("from_t", "from_cell", "t", "cell")
    columns = [getattr(known, name).tolist() for name in names]
    chances = [f"{chance:.4f}" for chance in known.confidence.tolist()]
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(zip(*columns, chances, strict=True))
