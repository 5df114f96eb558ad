"""`cytoloop ingest`: files and folders into a dataset."""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

from annotation.models import Image
from annotation.services import ingestion
from backend.cli import saying, workplace
from backend.foundation.errors import NotFound

SHOWN = 3


class NoSuchPath(NotFound):
    """A file or folder that was named is not there."""


def run(arguments: argparse.Namespace) -> int:
    """Bring everything in; files that cannot be read are told one by one, and make the exit code 1 if all
    are.
    """
    for path in arguments.paths:
        if not path.exists():
            raise NoSuchPath(f"There is no {path}.")
        if path.is_dir() and not any(inside.is_file() for inside in path.rglob("*")):
            raise NoSuchPath(f"There is no file in {path}.")
    place = workplace.enter(arguments.project)
    dataset = workplace.find_or_make_dataset(place, arguments.dataset)
    with saying.bar("Importing") as tell:
        report = ingestion.ingest(
            dataset=dataset,
            paths=[path.resolve() for path in arguments.paths],
            by=place.owner,
            labels_accepted=not arguments.drafts,
            on_progress=tell,
            stated_axes=arguments.axes,
        )
    for refusal in report.refusals:
        saying.remark(f"Refused: {refusal.path}: {refusal.reason}")
    remark_left_aside(report.ignored)
    remark_axes(report.images)
    if arguments.axes and report.duplicates:
        saying.remark("Images that were there already keep their axes.")
    facts = {
        "project": place.project.name,
        "dataset": dataset.name,
        "images": [
            {"id": image.pk, "name": image.name, "axes_note": image.axes_note} for image in report.images
        ],
        "labelled": report.labelled,
        "new_classes": report.classes,
        "already_there": [str(path) for path in report.duplicates],
        "ignored": {str(path): reason for path, reason in report.ignored.items()},
        "refused": [{"path": str(refusal.path), "reason": refusal.reason} for refusal in report.refusals],
    }
    sentence = f"{report.sentence().rstrip('.')} into {dataset.name} ({place.project.name})."
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 0 if report.images or report.duplicates else 1


def remark_axes(images: Iterable[Image]) -> None:
    """What was assumed about the axes of images, each sentence once."""
    told: dict[str, list[str]] = {}
    for image in images:
        if image.axes_note:
            told.setdefault(image.axes_note, []).append(image.name)
    for note, names in told.items():
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        hint = " If that is wrong, say --axes." if "taken for" in note and "unnamed" in note else ""
        saying.remark(f"{', '.join(names[:SHOWN])}{more}: {note}{hint}")


def remark_left_aside(ignored: Mapping[Path, str]) -> None:
    """Why files were not taken, each reason once with how many files there are and the first few of them."""
    told: dict[str, list[str]] = {}
    for path, reason in ignored.items():
        told.setdefault(reason, []).append(path.name)
    for reason, names in told.items():
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        saying.remark(f"{', '.join(names[:SHOWN])}{more}: {reason}")
