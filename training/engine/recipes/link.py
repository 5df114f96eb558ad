"""Tracks: follows outlined cells through a movie, divisions and gaps included.

    python -m training.engine.recipes.link RUN

Learns nothing. Measures every cell frame by frame, measures in the movie how far cells move and how much they
change, weighs links and divisions, and lets the linker of the settings decide (`training.engine.linking`).
What people have said of tracks (`labels/ID.links.json`) holds. Writes relabelled outlines, `lineage.json` and
the list of cells, whose quality is the chance that the weakest link of the track is right.
"""

import sys
from collections.abc import Callable
from typing import Any

from training.contract.files import write_json
from training.contract.linking import Constraints, Lineage
from training.contract.results import CellEntry, CellList, RunResult
from training.contract.specs import Action
from training.engine.data.images import LabelledImage
from training.engine.linking import movie, reading
from training.engine.linking.base import Options
from training.engine.linking.detections import Detections
from training.engine.predicting import create_output, predict_each
from training.engine.process import Run, run_recipe

RECIPE = "link"
MEASURING, LINKING = 0.6, 0.8
"""How far a movie is done after each step."""


LinkImage = Callable[[LabelledImage], Lineage]


def predict(run: Run) -> RunResult:
    """Links every movie of the run. Raises UnreadableImage, NoPixelSize, RunCancelled, RunStopped."""

    def link_image(image: LabelledImage) -> Lineage:
        name = image.line.name
        found = reading.detections_of(image, telling(run, f"Measuring the cells of {name}.", 0.0, MEASURING))
        return movie.link_movie(
            found,
            run.spec.settings["linker"],
            options_of(run.spec.settings, image, found),
            Constraints.read(run.folder.constraints(image.line.image_id)),
            telling(run, f"Linking {name}.", MEASURING, LINKING),
            workers=run.spec.threads,
        )

    return link_all(run, link_image, run.spec.settings["linker"])


def link_all(run: Run, link_image: LinkImage, linker: str) -> RunResult:
    """Links every movie of the run by `link_image`, whose name is `linker`, and writes what it made."""
    totals = {"links": 0, "divisions": 0, "given": 0}

    def link_and_write(image: LabelledImage) -> int:
        lineage = link_image(image)
        write(run, image, lineage)
        totals["links"] += len(lineage.links)
        totals["given"] += int(lineage.links.given.sum())
        totals["divisions"] += len({cell.mother for cell in lineage.cells if cell.mother})
        return len(lineage.cells)

    summary = predict_each(run, link_and_write)
    return RunResult(ok=True, summary={**summary, **totals, "linker": linker})


def write(run: Run, image: LabelledImage, lineage: Lineage) -> None:
    """All that is known of a linked movie, the list of cells last."""
    image_id, output = image.line.image_id, create_output(run.folder, image)
    pause = telling(run, f"Writing the tracks of {image.line.name}.", LINKING, 1.0)
    reading.write_renamed(image, lineage.renamed, output, pause)
    lineage.write(run.folder.output_lineage(image_id))
    entries = [CellEntry(cell=cell.cell, quality=cell.quality) for cell in lineage.cells]
    write_json(run.folder.output_cells(image_id), CellList(cells=entries).to_json())


def options_of(settings: dict[str, Any], image: LabelledImage, found: Detections) -> Options:
    """The settings in px. Raises NoPixelSize."""
    step = settings["max_distance"]
    if step is not None and settings["distance_unit"] == "um":
        step = step / reading.pixel_um(image)
    elif step is not None and settings["distance_unit"] == "spacing":
        step = step * movie.spacing_of(found)
    names = ("divisions", "division_bias", "max_gap_frames", "merges", "motion", "appearance")
    return Options(max_step_px=step, **{name: settings[name] for name in names})


def telling(run: Run, what: str, start: float, end: float) -> Callable[[float], None]:
    """Says how far it is now and then, and stops where that is asked."""
    told = [-1.0]

    def pause(share: float) -> None:
        run.raise_if_asked_to_stop()
        if share - told[0] >= 0.05 or share >= 1:
            told[0] = share
            run.report.status(what, fraction=start + (end - start) * share)

    return pause


ACTIONS = {Action.PREDICT: predict}

if __name__ == "__main__":
    sys.exit(run_recipe(RECIPE, ACTIONS, sys.argv[1:]))
