"""The linker that learns: what places get wrong it learns by looks; ids say nothing; stopped runs go on."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from safetensors.torch import load_file

from tests.engine.conftest import RunWriter
from training.contract.files import ExitCode, RunFolder
from training.contract.linking import Constraints, Detection, Lineage, Link
from training.contract.manifest import Split
from training.engine.batches_ahead import Batches
from training.engine.devices import choose_device
from training.engine.gradients import GradientMaker
from training.engine.learned_links import spoiling
from training.engine.learned_links.gathering import scene_of
from training.engine.learned_links.judging import LearnedJudge
from training.engine.learned_links.lesson import LinkLesson
from training.engine.learned_links.loss import wrong
from training.engine.learned_links.net import LinkNet
from training.engine.learned_links.scenes import Seen, Truth, see_frames, some_of
from training.engine.learned_links.scoring import scores_of, table_of
from training.engine.linking import movie
from training.engine.linking.base import Options
from training.engine.process import run_recipe
from training.engine.recipes.learn_links import ACTIONS, RECIPE
from training.engine.seeds import Chance

SIDE, FRAMES = 120, 8
Frame = tuple[npt.NDArray[np.uint32], npt.NDArray[Any]]


def planted(seed: int = 0) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16], dict[int, int]]:
    """Labels and pixels (t, y, x): pairs of a bright and a dim cell that change places in each frame, and one
    cell that divides."""
    rng = np.random.default_rng(seed)
    ys, xs = np.indices((SIDE, SIDE))
    labels = np.zeros((FRAMES, SIDE, SIDE), np.uint32)
    light = np.full(labels.shape, 200.0)
    for t in range(FRAMES):
        discs = []
        for n in range(9):
            y, x = 16 + 36 * (n // 3), 14 + 38 * (n % 3)
            near, far = (x, x + 12) if t % 2 else (x + 12, x)
            if n < 8:
                discs += [(2 * n + 1, y, near, 5, 900), (2 * n + 2, y, far, 5, 500)]
            elif t < 4:
                discs.append((20, y, x + 6, 6, 700))
            else:
                discs += [(21, y, x, 4, 1000), (22, y, x + 12, 4, 1000)]
        for cell, y, x, radius, bright in discs:
            inside = (ys - y) ** 2 + (xs - x) ** 2 < radius**2
            labels[t][inside], light[t][inside] = cell, bright
    return labels, (light + rng.normal(0, 15, labels.shape)).astype(np.uint16), {21: 20, 22: 20}


def seen_of(labels: npt.NDArray[np.uint32], pixels: npt.NDArray[np.uint16]) -> Seen:
    return see_frames(lambda t: (labels[t][None, None], pixels[t][None, None]), FRAMES)


def awake(size: str = "small") -> LinkNet:
    """A net that has learned nothing but does not say nothing."""
    torch.manual_seed(0)
    net = LinkNet(size=size).eval()
    for judge in (net.link, net.split):
        last = judge[-1]
        assert isinstance(last, torch.nn.Linear)
        torch.nn.init.normal_(last.weight, std=0.3)
    return net


def test_L6_learns_by_looks_what_geometry_gets_wrong() -> None:
    labels, pixels, mothers = planted()
    seen, chance, device = seen_of(labels, pixels), Chance(0), choose_device(1)
    truth = Truth(seen.found.cell, mothers)
    options = Options(max_step_px=14, max_gap_frames=0)
    scene = scene_of(seen, truth, options)
    lesson = LinkLesson([scene], 1, 0.5)
    net = LinkNet(size="small")
    gradients = GradientMaker(net, wrong, device)
    optimizer = torch.optim.AdamW(net.parameters(), 8e-3)
    batches = Batches(lesson, chance, device)
    first = [gradients.step(batches.next()) for _ in range(90) if optimizer.step() is None]
    assert np.mean(first[-5:]) < 0.3 * np.mean(first[:5])
    told = movie.link_movie(seen.found, "exact", options, judge=LearnedJudge(net.eval(), seen, device))
    plain = movie.link_movie(seen.found, "exact", options)
    learned, geometry = (scores_of([table_of(seen.found, truth, said)]) for said in (told, plain))
    assert learned["lnk"] > 0.9
    assert learned["division_f1"] == 1.0
    assert geometry["lnk"] < 0.1


def parts(said: Lineage) -> set[frozenset[tuple[int, float]]]:
    """Tracks as sets of detections, these by frame and number."""
    named, found = said.renamed, dict[int, set[tuple[int, float]]]()
    for t, was, cell in zip(named.t.tolist(), named.was.tolist(), named.cell.tolist(), strict=True):
        found.setdefault(cell, set()).add((t, was))
    return {frozenset(one) for one in found.values()}


def test_L6_ids_that_are_dealt_anew_change_nothing() -> None:
    labels, pixels, _ = planted()
    rng, dealt, back = np.random.default_rng(3), np.zeros_like(labels), {}
    for t in range(FRAMES):
        cells = np.unique(labels[t])[1:]
        numbers = rng.permutation(len(cells)) + 1
        for cell, number in zip(cells.tolist(), numbers.tolist(), strict=True):
            dealt[t][labels[t] == cell] = number
            back[t, number] = cell
    net, device, told = awake(), choose_device(1), []
    for given in (labels, dealt):
        seen = seen_of(given, pixels)
        said = movie.link_movie(seen.found, "exact", Options(), judge=LearnedJudge(net, seen, device))
        told.append(parts(said))
    assert {frozenset((t, back[t, int(was)]) for t, was in one) for one in told[1]} == told[0]


def test_L6_what_people_said_holds_against_the_net() -> None:
    labels, pixels, _ = planted()
    seen, net, device = seen_of(labels, pixels), awake(), choose_device(1)
    must = Link(Detection(1, 1), Detection(2, 6))
    constraints = Constraints(must=[must], must_not=[Link(Detection(3, 3), Detection(4, 3))])
    for linker in ("exact", "global"):
        said = movie.link_movie(
            seen.found, linker, Options(), constraints, judge=LearnedJudge(net, seen, device)
        )
        together = parts(said)
        assert any({(1, 1), (2, 6)} <= one for one in together)
        assert not any({(3, 3), (4, 3)} <= one for one in together)


def test_L6_spoiled_movies_stay_true() -> None:
    labels, pixels, mothers = planted()
    seen = seen_of(labels, pixels)
    truth = Truth(seen.found.cell, mothers)
    faults = spoiling.Faults(missing=0.2, false=0.2, merged=0.4)
    fewer, known = spoiling.spoil(seen, truth, faults, Chance(1))
    assert (np.diff(fewer.found.t) >= 0).all()
    assert len(known.who) == len(fewer.found)
    assert 0 < (known.who == 0).sum() < 0.4 * len(known.who)
    assert set(known.who[known.who > 0]) <= set(truth.who)
    assert fewer.found.area.max() > 1.2 * seen.found.area.max()
    halved, _ = spoiling.spoil(seen, truth, replace(spoiling.Faults(), stride=2), Chance(1))
    same = some_of(seen.found, np.flatnonzero(seen.found.t % 2 == 0))
    assert halved.found.frames == FRAMES // 2
    assert np.array_equal(halved.found.cell, same.cell)


def lay(writer: RunWriter) -> None:
    """Two movies with their tracks."""
    for seed, split in enumerate((Split.TRAIN, Split.VALIDATION)):
        labels, pixels, mothers = planted(seed)
        line = writer.add(split, pixels[:, None, None], labels[None, :, None])
        cells = [{"cell": daughter, "mother": mother} for daughter, mother in mothers.items()]
        path = writer.folder.path / str(line.labels)
        path.with_suffix(".json").write_text(json.dumps({"cells": cells}), encoding="utf-8")


def ask(writer: RunWriter, action: str, **words: Any) -> RunFolder:
    spec = {"action": action, "recipe": RECIPE, "settings": {"width": "small", "batch": 1}, "threads": 1}
    writer.folder.spec.write_text(json.dumps(spec | words), encoding="utf-8")
    return writer.folder


def start(folder: RunFolder) -> int:
    return run_recipe(RECIPE, ACTIONS, [str(folder.path)])


def test_L6_stopped_and_started_again_equals_unbroken_and_predicts(
    new_run: Callable[[str], RunWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken, broken = new_run("unbroken"), new_run("broken")
    monkeypatch.setattr("training.engine.learned_links.gathering.DETECTIONS", 500)
    for writer in (unbroken, broken):
        lay(writer)
        ask(writer, "train", max_epochs=2, seed=3)
    assert start(unbroken.folder) == ExitCode.DONE
    made, draw = [0], LinkLesson.draw

    def stop_later(lesson: LinkLesson, chance: Chance, shares: int) -> Any:
        made[0] += 1
        if made[0] == 3:
            broken.folder.cancel.touch()
        return draw(lesson, chance, shares)

    monkeypatch.setattr(LinkLesson, "draw", stop_later)
    assert start(broken.folder) == ExitCode.CANCELLED
    broken.folder.cancel.unlink()
    assert start(broken.folder) == ExitCode.DONE
    a, b = (load_file(writer.folder.model / "weights.safetensors") for writer in (unbroken, broken))
    assert all(torch.equal(a[name], b[name]) for name in a)
    result = unbroken.folder.read_result()
    assert result is not None
    assert {"tracks", "lnk", "division_f1", "tra"} <= set(result.scores["validation"])

    user = new_run("use")
    labels, pixels, _ = planted(5)
    user.add(Split.PREDICT, pixels[:, None, None], labels[None, :, None])
    assert start(ask(user, "predict", model_dir=str(unbroken.folder.model))) == ExitCode.DONE
    said = Lineage.read(user.folder.output_lineage("image-0"))
    assert said.linker == "learned"
    assert len(said.renamed) == len(seen_of(labels, pixels).found)


def test_L6_refuses_images_without_tracks(new_run: Callable[[str], RunWriter]) -> None:
    labels, pixels, _ = planted()
    still, loose = new_run("still"), new_run("loose")
    still.add(Split.TRAIN, pixels[:1, None, None], labels[None, :1, None])
    names = labels + np.where(labels > 0, 100 * np.arange(FRAMES)[:, None, None], 0).astype(np.uint32)
    loose.add(Split.TRAIN, pixels[:, None, None], names[None, :, None])
    for writer, words in ((still, "None of the training images is a movie"), (loose, "have 0 links")):
        assert start(ask(writer, "train", max_epochs=1)) == ExitCode.REFUSED
        result = writer.folder.read_result()
        assert result is not None
        assert words in str(result.error)
