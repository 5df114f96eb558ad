"""C1: classes by their way in the tree, further ones, attributes and doubt leave with the labels."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from annotation.core.cell_labels import with_attributes, with_classes
from annotation.core.edits import CellFacts
from annotation.models import ExportFormat
from annotation.selectors import releases, stacks
from annotation.selectors.measures import Measures
from annotation.services import export_writers, projects, schemas
from backend.accounts.models import Team, User
from tests.factories import annotation as make
from tests.factories import training


@pytest.fixture
def labelled(team: Team, mia: User) -> stacks.Labelled:
    project = make.make_project(team)
    above = projects.add_class(project=project, name="type", color="#7aa2f7", by=mia)
    below = projects.add_class(project=project, name="neutrophil", color="#7aa2f7", parent=above, by=mia)
    other = projects.add_class(project=project, name="dead", color="#7aa2f7", by=mia)
    size = schemas.add_attribute(project=project, name="size", kind="NUMBER", unit="µm", by=mia)
    project.class_rule = "ANY"
    project.save()
    image = make.make_image(make.make_dataset(project), shape_tzyx=(1, 1, 5, 8), pixels=True)
    said = with_attributes(CellFacts(uncertain=True), {str(size.pk): 3.5})
    facts = {1: with_classes(said, [str(below.pk), str(other.pk)]), 2: CellFacts(label_class=str(other.pk))}
    revision = training.label(image, "1 1 . . 2 2 . .\n" + ". . . . . . . .\n" * 4, facts=facts)
    return stacks.of_revision(revision=revision)


def test_C1_what_people_said_of_cells_is_in_the_exports(labelled: stacks.Labelled, tmp_path: Path) -> None:
    said = {
        "class_path": "type / neutrophil",
        "also": ["dead"],
        "attributes": {"size": 3.5},
        "uncertain": True,
    }
    export_writers.write(format=ExportFormat.COCO, folder=tmp_path, labelled=[labelled])
    rows = json.loads((tmp_path / "annotations.json").read_text())["annotations"]
    assert [{name: row.get(name) for name in said} for row in rows if row["track_id"] == 1] == [said]
    export_writers.write(format=ExportFormat.LABEL_TIFF, folder=tmp_path, labelled=[labelled])
    with (tmp_path / "cells.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["class"], first["class_path"]) == ("neutrophil", "type / neutrophil")
    assert (first["also"], first["uncertain"], first["attribute size"]) == ("dead", "yes", "3.5")
    assert (second["class_path"], second["also"], second["uncertain"], second["attribute size"]) == (
        "dead",
        "",
        "",
        "",
    )


def test_C1_what_people_said_of_cells_is_in_the_tables_of_measures(labelled: stacks.Labelled) -> None:
    [columns] = Measures(revision=labelled.revision, image=labelled.image).frames()
    assert columns["class_path"].tolist() == ["type / neutrophil", "dead"]
    assert columns["uncertain"].tolist() == [True, False]
    assert columns["attribute size"].tolist() == ["3.5", ""]


def test_C1_a_digest_changes_with_what_people_say_and_not_without(labelled: stacks.Labelled) -> None:
    names = dict(labelled.class_names)
    line = releases._said(CellFacts(uncertain=True), names)
    assert releases._said(CellFacts(label_class=next(iter(names))), names) == []
    assert line != releases._said(replace(CellFacts(), attributes=(("a", 1),)), names)
