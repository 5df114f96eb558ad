"""`cytoloop simulate-slide`: a large made-up image with its labels, to measure and to try with."""

import argparse

from annotation.services import slides
from backend.cli import saying, workplace


def run(arguments: argparse.Namespace) -> int:
    """Make the slide and load its labels."""
    place = workplace.enter(arguments.project)
    dataset = workplace.find_or_make_dataset(place, arguments.dataset)
    with saying.bar("Simulating") as tell:
        image, cells = slides.simulate(
            dataset=dataset,
            size_px=arguments.size,
            cells=arguments.cells,
            seed=arguments.seed,
            by=place.owner,
            on_progress=tell,
        )
    facts = {
        "project": {"id": place.project.pk, "name": place.project.name},
        "dataset": dataset.name,
        "image": {"id": image.pk, "name": image.name},
        "branch": image.current_branch_id,
        "cells": cells,
    }
    sentence = f"{image.name} with {cells} cells is in {dataset.name} ({place.project.name})."
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 0
