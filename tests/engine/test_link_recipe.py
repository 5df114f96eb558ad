"""Rows L6 and T10: the recipe that links, on a run folder."""

import json
from typing import Any

import numpy as np
import pytest
import zarr

from tests.engine.conftest import RunWriter
from training.contract.errors import InvalidSpec
from training.contract.files import ExitCode, read_cells, write_json
from training.contract.linking import Constraints, Detection, Lineage, Link
from training.contract.manifest import Split
from training.contract.specs import RunSpec
from training.engine.process import run_recipe
from training.engine.recipes import link


def movie(frames: int = 6, *, number: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (t, c, z, y, x) and labels (p, t, z, y, x) of three discs that move right, numbered anew."""
    ys, xs = np.indices((64, 96))
    pixels = np.full((frames, 1, 1, 64, 96), 100, np.uint16)
    labels = np.zeros((1, frames, 1, 64, 96), np.uint32)
    for t in range(frames):
        for k, y in enumerate((12, 32, 52)):
            inside = (ys - y) ** 2 + (xs - 14 - 3 * t) ** 2 < 25
            labels[0, t, 0][inside] = number + (k + t) % 3
            pixels[t, 0, 0][inside] = 600 + 200 * k
    return pixels, labels


def ask(run: RunWriter, **settings: object) -> int:
    spec = {"action": "predict", "recipe": "link", "settings": settings}
    run.folder.spec.write_text(json.dumps(spec), encoding="utf-8")
    return run_recipe("link", link.ACTIONS, [str(run.folder.path)])


def test_L6_labels_come_out_with_one_number_for_each_cell(run: RunWriter) -> None:
    pixels, labels = movie()
    line = run.add(Split.PREDICT, pixels, labels)
    assert ask(run) == ExitCode.DONE
    output = np.asarray(zarr.open_array(run.folder.output_labels(line.image_id), mode="r")[:])
    assert ((output > 0) == (labels > 0)).all()
    for y in (12, 32, 52):
        assert len({int(output[0, t, 0, y, 14 + 3 * t]) for t in range(6)}) == 1
    said = Lineage.read(run.folder.output_lineage(line.image_id))
    assert [(cell.first, cell.last) for cell in said.cells] == [(0, 5)] * 3
    assert len(said.links) == 15
    listed = read_cells(run.folder.output_cells(line.image_id)).cells
    assert {entry.cell: entry.quality for entry in listed} == {c.cell: c.quality for c in said.cells}
    again = Lineage.from_json(json.loads(json.dumps(said.to_json())))
    assert again.cells == said.cells
    assert (again.links.confidence == said.links.confidence).all()


def test_T10_what_people_said_is_read_beside_the_labels(run: RunWriter) -> None:
    line = run.add(Split.PREDICT, *movie())
    limits = Constraints(must_not=[Link(Detection(2, 3), Detection(3, k)) for k in (1, 2, 3)])
    write_json(run.folder.constraints(line.image_id), limits.to_json())
    assert ask(run, max_gap_frames=0) == ExitCode.DONE
    assert len(Lineage.read(run.folder.output_lineage(line.image_id)).cells) == 4


def test_T10_constraints_that_are_no_constraints_are_refused_in_a_sentence(run: RunWriter) -> None:
    line = run.add(Split.PREDICT, *movie())
    write_json(run.folder.constraints(line.image_id), {"must": [[3, 1, 2, 1]]})
    assert ask(run) == ExitCode.REFUSED
    result = run.folder.read_result()
    assert result is not None
    assert "later frame" in str(result.error)


def test_L6_a_step_in_micrometres_needs_the_size_of_a_pixel(run: RunWriter) -> None:
    line = run.add(Split.PREDICT, *movie())
    assert ask(run, max_distance=4.0, distance_unit="um") == ExitCode.REFUSED
    result = run.folder.read_result()
    assert result is not None
    assert "how large its pixels are" in str(result.error)
    write_image_with_size(line.image, 2.0)
    assert ask(run, max_distance=4.0, distance_unit="um") == ExitCode.DONE
    assert Lineage.read(run.folder.output_lineage(line.image_id)).measured["reach_px"] == 2.0


def write_image_with_size(path: str, um: float) -> None:
    group = zarr.open_group(path, mode="r+")
    axes = [{"name": "t"}, {"name": "c"}, *({"name": n, "unit": "micrometer"} for n in "zyx")]
    scale = {"coordinateTransformations": [{"type": "scale", "scale": [1, 1, um, um, um]}], "path": "0"}
    ome: dict[str, Any] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": [scale]}]}
    group.attrs["ome"] = ome


def test_L6_images_without_cells_are_told_and_it_learns_nothing(run: RunWriter) -> None:
    pixels, labels = movie()
    run.add(Split.PREDICT, pixels)
    assert ask(run) == ExitCode.REFUSED
    run.add(Split.PREDICT, pixels, labels)
    assert ask(run) == ExitCode.DONE
    result = run.folder.read_result()
    assert result is not None
    assert len(result.summary["refused"]) == 1
    with pytest.raises(InvalidSpec, match="learns nothing"):
        RunSpec.from_json({"action": "train", "recipe": "link", "minutes": 1})
