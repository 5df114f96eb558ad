"""D7, C1: what goes out of a project comes into another one again, with all that people said of cells."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.core.cell_labels import attributes_of, classes_of, with_attributes, with_classes
from annotation.core.edit_values import AttributeValue
from annotation.core.edits import CellFacts
from annotation.core.formats import ome_tiff
from annotation.models import Branch, ExportFormat, Image, Project
from annotation.selectors import labels as reading
from annotation.selectors import schemas as schema_reading
from annotation.selectors import stacks
from annotation.services import bulk, export_writers, images, projects, schemas
from annotation.services.ingestion import IngestReport
from backend.accounts.models import Team, User
from tests.factories import annotation as make

Told = tuple[list[str], dict[str, AttributeValue], CellFacts]
LEFT = "Left out, because this format has no place for it: "


def planes() -> NDArray[np.uint32]:
    """(t, y, x): cell 1 divides into 2 and 3, 2 merges into 5; 4 has a hole and lies in two pieces."""
    made = np.zeros((4, 24, 40), np.uint32)
    made[:2, 2:8, 2:8] = 1
    made[2, 2:8, 2:5], made[2:, 2:8, 6:9] = 2, 3
    made[3, 2:8, 2:5] = 5
    made[:, 10:20, 20:30] = 4
    made[:, 13:16, 23:26] = 0
    made[:, 14, 24] = 4
    made[:, 20, 30] = 4
    return made


@pytest.fixture
def labelled(team: Team, mia: User) -> stacks.Labelled:
    """A movie with all that can be said of cells, in a project with any number of classes a cell."""
    project = make.make_project(team)
    above = projects.add_class(project=project, name="type", color="#7aa2f7", by=mia)
    below = projects.add_class(project=project, name="neutrophil", color="#7aa2f7", parent=above, by=mia)
    dead = projects.add_class(project=project, name="dead", color="#e0af68", by=mia)
    kinds: dict[str, dict[str, Any]] = {
        "size": {"kind": "NUMBER", "unit": "µm", "low": 0.0},
        "stain": {"kind": "CHOICE", "choices": ["weak", "strong"]},
        "remark": {"kind": "TEXT"},
        "round": {"kind": "FLAG"},
    }
    ids = {
        name: str(schemas.add_attribute(project=project, name=name, by=mia, **said).pk)
        for name, said in kinds.items()
    }
    Project.objects.filter(pk=project.pk).update(class_rule="ANY")
    values: dict[str, AttributeValue] = {
        ids["size"]: 3.5,
        ids["stain"]: "strong",
        ids["remark"]: "odd; „sö“, <a>",
        ids["round"]: False,
    }
    one = with_classes(with_attributes(CellFacts(uncertain=True), values), [str(below.pk), str(dead.pk)])
    facts = {
        1: one,
        2: CellFacts(mother=1, label_class=str(dead.pk), merged_into=5),
        3: CellFacts(mother=1, ending="death", locked=True),
        4: replace(with_attributes(CellFacts(), {ids["size"]: 7}), quality=0.25, channel=0),
        5: CellFacts(),
    }
    image = make.make_image(make.make_dataset(project), shape_tzyx=(4, 1, 24, 40), pixels=True, name="movie")
    image.refresh_from_db()
    frames = [(t, 0, one[None]) for t, one in enumerate(planes())]
    branch = Branch.objects.get(image=image)
    revision = bulk.import_planes(image=image, branch=branch, frames=frames, facts=facts, author=mia)
    return stacks.of_revision(revision=revision)


def again(
    labelled: stacks.Labelled, format: ExportFormat, team: Team, mia: User, folder: Path, *, rule: str = "ANY"
) -> tuple[Image, IngestReport, list[str]]:
    """Exported in a format, and taken into an empty project."""
    notes = export_writers.write(format=format, folder=folder, labelled=[labelled])
    if not any(folder.rglob("*.ome.tif")) and format != ExportFormat.CTC:
        ome_tiff.write_image(folder / "movie.ome.tif", labelled.source())
    project = make.make_project(team)
    project.class_rule = rule
    project.save()
    report = images.ingest(dataset=make.make_dataset(project), paths=[folder], by=mia)
    [image] = report.images
    return image, report, notes


def said(image: Image, branch: Branch) -> dict[int, Told]:
    """The facts of cells by names."""
    schema = schema_reading.current(image.dataset.project)
    return {
        cell: (
            [schema.path_of(one) for one in classes_of(facts)],
            {schema.attributes[name].name: value for name, value in attributes_of(facts).items()},
            replace(facts, label_class=None, also=(), attributes=()),
        )
        for cell, facts in reading.cell_facts(branch=branch).items()
    }


def drawn(image: Image) -> NDArray[np.uint32]:
    assert image.current_branch is not None
    return np.stack(
        [reading.read_planes(branch=image.current_branch, t=t, z=0).max(axis=0) for t in range(4)]
    )


WHOLE = (ExportFormat.CTC, ExportFormat.COCO, ExportFormat.GEFF, ExportFormat.GEOJSON)


@pytest.mark.parametrize("format", WHOLE)
def test_D7_all_comes_back(
    labelled: stacks.Labelled, format: ExportFormat, team: Team, mia: User, tmp_path: Path
) -> None:
    image, report, notes = again(labelled, format, team, mia, tmp_path)
    assert report.labelled == 1, report.sentence()
    assert np.array_equal(drawn(image), planes())
    assert image.current_branch is not None
    assert said(image, image.current_branch) == said(labelled.image, labelled.revision.branch)
    assert not any(note.startswith("Left out") for note in notes)
    assert not report.left
    kinds = {one.name: one for one in schema_reading.current(image.dataset.project).attributes.values()}
    assert (kinds["size"].unit, kinds["size"].low, kinds["stain"].choices) == ("µm", 0.0, ("weak", "strong"))


def test_D7_trackmate_brings_all_but_pieces_and_holes(
    labelled: stacks.Labelled, team: Team, mia: User, tmp_path: Path
) -> None:
    image, report, notes = again(labelled, ExportFormat.TRACKMATE, team, mia, tmp_path)
    assert report.labelled == 1, report.sentence()
    assert image.current_branch is not None
    assert said(image, image.current_branch) == said(labelled.image, labelled.revision.branch)
    assert any(note.startswith("1 cells are in several pieces") for note in notes)
    assert "Holes are filled in 1 cells: only outer outlines are told." in notes
    assert any("which TrackMate drops when it saves: classes (2 cells)" in note for note in notes)


@pytest.mark.parametrize("format", [ExportFormat.LABEL_TIFF, ExportFormat.OME_TIFF, ExportFormat.TRACK_TABLE])
def test_D7_tables_bring_all_but_marks_and_say_so(
    labelled: stacks.Labelled, format: ExportFormat, team: Team, mia: User, tmp_path: Path
) -> None:
    image, report, notes = again(labelled, format, team, mia, tmp_path)
    assert report.labelled == 1, report.sentence()
    marks = ("why cells end", "the channels of masks", "how sure a model was", "locks")
    left = ", ".join(f"{one} (1 cell)" for one in marks)
    assert f"{LEFT}{left}." in notes
    assert image.current_branch is not None
    assert said(image, image.current_branch) == _without_marks(said(labelled.image, labelled.revision.branch))
    if format != ExportFormat.TRACK_TABLE:
        assert np.array_equal(drawn(image), planes())


def _without_marks(told: Mapping[int, Told]) -> dict[int, Told]:
    bare: dict[str, Any] = {"ending": None, "channel": None, "quality": None, "locked": False}
    return {cell: (names, values, replace(facts, **bare)) for cell, (names, values, facts) in told.items()}


def test_D7_imagej_says_that_it_holds_outlines_alone(
    labelled: stacks.Labelled, team: Team, mia: User, tmp_path: Path
) -> None:
    _, report, notes = again(labelled, ExportFormat.IMAGEJ_ROI, team, mia, tmp_path)
    assert report.labelled == 1
    [note] = [one for one in notes if one.startswith(LEFT)]
    for what in ("classes (2 cells)", "attributes (2 cells)", "doubt (1 cell)", "mothers (2 cells)"):
        assert what in note
    assert "Holes are filled in 1 cells: only outer outlines are told." in notes


def test_C1_what_the_project_does_not_allow_is_left_out_and_said(
    labelled: stacks.Labelled, team: Team, mia: User, tmp_path: Path
) -> None:
    image, report, _ = again(labelled, ExportFormat.COCO, team, mia, tmp_path, rule="ONE")
    assert "Left out: Further classes that the project does not allow beside the main one (1 cell)." in (
        report.sentence()
    )
    assert image.current_branch is not None
    assert reading.cell_facts(branch=image.current_branch)[1].also == ()
    revision = reading.head_revision(image.current_branch)
    assert revision is not None
    assert "Further classes" in revision.message


def test_C1_classes_and_attributes_that_are_there_are_used(
    labelled: stacks.Labelled, team: Team, mia: User, tmp_path: Path
) -> None:
    project = labelled.image.dataset.project
    before = schema_reading.current(project)
    export_writers.write(format=ExportFormat.CTC, folder=tmp_path, labelled=[labelled])
    report = images.ingest(dataset=make.make_dataset(project), paths=[tmp_path], by=mia)
    assert (report.labelled, report.classes) == (1, [])
    after = schema_reading.current(project)
    assert (before.classes.keys(), before.attributes.keys()) == (
        after.classes.keys(),
        after.attributes.keys(),
    )


def test_D7_a_foreign_geojson_brings_outlines_and_classes_and_says_what_was_not_read(
    team: Team, mia: User, tmp_path: Path
) -> None:
    ring = [[2, 2], [8, 2], [8, 6], [2, 6], [2, 2]]
    features = [
        {"geometry": {"type": "Polygon", "coordinates": [ring]},
         "properties": {"classification": {"name": "Tumor"}, "measurements": {"a": 1}}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 1]}, "properties": {}},
    ]  # fmt: skip
    (tmp_path / "x.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    source = make.make_image(
        make.make_dataset(make.make_project(team)), shape_tzyx=(1, 1, 20, 20), pixels=True
    )
    source.refresh_from_db()
    branch = Branch.objects.get(image=source)
    revision = bulk.import_planes(
        image=source, branch=branch, frames=[(0, 0, np.ones((1, 20, 20), np.uint32))], facts={}, author=mia
    )
    ome_tiff.write_image(tmp_path / "x.ome.tif", stacks.of_revision(revision=revision).source())
    report = images.ingest(dataset=make.make_dataset(make.make_project(team)), paths=[tmp_path], by=mia)
    [image] = report.images
    assert report.classes == ["Tumor"]
    assert image.current_branch is not None
    assert (reading.read_planes(branch=image.current_branch, t=0, z=0) == 1).sum() == 6 * 4
    newest = reading.head_revision(image.current_branch)
    assert newest is not None
    assert "1 features that are no polygons were left out. Not read: measurements." in newest.message
