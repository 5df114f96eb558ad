"""`cytoloop audit`: the log of every edit written out; a log replayed and compared with the labels."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from annotation.core import replay
from annotation.core.replay import BrokenLog
from annotation.models import Image, Project
from annotation.selectors import audit, audit_lines
from annotation.selectors.audit import Asked
from backend.cli import output, saying, workplace
from backend.cli.workplace import Workplace
from backend.foundation.errors import CytoloopError, Invalid, NotFound


class NoSuchImage(NotFound):
    """The project has no image of this name."""


class LogRefused(Invalid):
    """The file is no whole log."""


class LabelsDiffer(CytoloopError):
    """The labels are not what the log leads to."""


def run(arguments: argparse.Namespace) -> int:
    """Export or replay."""
    place = workplace.enter(arguments.project)
    actions = {"export": _export, "replay": _replay}
    actions[arguments.action](arguments, place)
    return 0


def _export(arguments: argparse.Namespace, place: Workplace) -> None:
    output.prepare(arguments.file.parent)
    image = _image(place.project, arguments.image)
    asked = Asked(image=image.pk if image else None)
    as_table = arguments.file.suffix == ".csv"
    log = audit.export(user=place.owner, project=place.project, asked=asked, with_bodies=not as_table)
    lines = audit_lines.csv_lines(log) if as_table else audit_lines.json_lines(log, place.project, asked)
    with arguments.file.open("wb") as out:
        count = sum(out.write(line) > 0 for line in lines)
    facts = {"file": str(arguments.file), "lines": count}
    saying.answer(as_json=arguments.json, facts=facts, sentence=f"{count} lines written to {arguments.file}.")


def _image(project: Project, name: str | None) -> Image | None:
    if name is None:
        return None
    found: Image | None = Image.objects.filter(dataset__project=project, name=name).first()
    if found is None:
        raise NoSuchImage(f"There is no image “{name}” in {project.name}.")
    return found


def _replay(arguments: argparse.Namespace, place: Workplace) -> None:
    """The labels as the log says, edit by edit, beside those that are there; one pixel off is a failure."""
    try:
        replayed = replay.replay(_lines(arguments.file))
    except BrokenLog as error:
        raise LogRefused(f"{arguments.file}: {error}") from error
    compared = audit_lines.compare(replayed=replayed, project=place.project)
    wrong = [one for one in compared if one.differing]
    if wrong:
        told = "; ".join(
            f"{o.branch.image.name}, {o.branch.name}: {', '.join(o.differing)}" for o in wrong[:10]
        )
        raise LabelsDiffer(f"{len(wrong)} of {len(compared)} branches differ from the log. {told}")
    facts = {"edits": replayed.edits, "branches": len(compared), "differing": 0}
    sentence = f"{replayed.edits} edits lead to exactly the labels of all {len(compared)} branches."
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as lines:
            yield from lines
    except (OSError, UnicodeDecodeError) as error:
        raise LogRefused(f"{path} cannot be read: {error}.") from error
