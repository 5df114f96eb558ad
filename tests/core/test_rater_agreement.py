"""W10: agreement of two ratings against twins that count by hand, and what is made of the two."""

import io
import random
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from annotation.core import adjudication, difference_pictures, frame_differences, rater_agreement
from annotation.core import tiles as core_tiles
from annotation.core.adjudication import Adjudicated, Frame, Take, Unit
from annotation.core.edits import CellFacts
from annotation.core.runs import runs_of_mask

Cells = dict[int, NDArray[np.bool_]]


def disc(y: int, x: int, radius: int, side: int = 64) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:side, :side]
    return np.asarray((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


def tiles(cells: Cells) -> frame_differences.Tiles:
    none = np.zeros((64, 64), np.uint32)
    planes = np.stack([(mask * cell).astype(np.uint32) for cell, mask in cells.items()] or [none])
    return core_tiles.tiles_of_planes(planes)


def naive_f1(one: Cells, two: Cells, step: float) -> float:
    """Cells that lie apart have at most one partner each, so pairs can be counted straight away."""
    pairs = sum(float((a & b).sum() / (a | b).sum()) >= step for a in one.values() for b in two.values())
    return 2 * pairs / (len(one) + len(two))


def rated(seed: int) -> tuple[Cells, Cells]:
    chance = random.Random(seed)
    places = [(10, 10), (10, 32), (10, 54), (40, 14), (40, 44)]
    one = {i + 1: disc(y, x, 6) for i, (y, x) in enumerate(places) if chance.random() < 0.8}
    two = {
        i + 30: disc(y + chance.randint(0, 3), x, chance.randint(5, 7))
        for i, (y, x) in enumerate(places)
        if chance.random() < 0.8
    }
    return one, two


@pytest.mark.parametrize("seed", range(8))
def test_W10_f1_at_each_step_of_iou_is_what_counting_by_hand_gives(seed: int) -> None:
    one, two = rated(seed)
    found = rater_agreement.measures([rater_agreement.count([(tiles(one), tiles(two))], {}, {})])
    for step in rater_agreement.STEPS:
        assert found[f"f1_{round(100 * step)}"].value == pytest.approx(naive_f1(one, two, step))
    turned = rater_agreement.measures([rater_agreement.count([(tiles(two), tiles(one))], {}, {})])
    assert {k: v.value for k, v in found.items()} == pytest.approx({k: v.value for k, v in turned.items()})
    assert "kappa" not in found


def naive_kappa(pairs: Sequence[tuple[str, str]]) -> float:
    names = {name for pair in pairs for name in pair}
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    chance = sum(
        sum(a == name for a, _ in pairs) * sum(b == name for _, b in pairs) / len(pairs) ** 2
        for name in names
    )
    return 1 - (1 - agreed) / (1 - chance)


def test_W10_kappa_is_cohens_over_the_cells_that_both_found() -> None:
    cells = {i: disc(10 + 20 * (i // 3), 10 + 20 * (i % 3), 6) for i in range(1, 9)}
    first = dict(zip(cells, "aabbabab", strict=True))
    second = dict(zip(cells, "aabbbbaa", strict=True))
    both = rater_agreement.count([(tiles(cells), tiles(cells))], first, second)
    found = rater_agreement.measures([both, both])
    pairs = list(zip(first.values(), second.values(), strict=True))
    assert found["kappa"].value == pytest.approx(naive_kappa(pairs))
    assert found["f1_90"].value == 1.0
    assert found["kappa"].low == found["kappa"].high == found["kappa"].value


def test_W10_a_pooled_measure_has_an_interval_from_two_images_on() -> None:
    counted = [rater_agreement.count([(tiles(a), tiles(b))], {}, {}) for a, b in map(rated, range(20))]
    found = rater_agreement.measures(counted)["f1_50"]
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert rater_agreement.measures(counted[:1])["f1_50"].low is None
    assert rater_agreement.measures([]) == {}
    assert rater_agreement.measures([rater_agreement.count([], {}, {})])["f1_50"].value == 1.0


# ---------------------------------------------------------------- one of two


def decided(one: Cells, two: Cells, take: Take) -> tuple[Adjudicated, Cells]:
    """The plan, and what the first labels are when it is carried out."""
    before, after = tiles(one), tiles(two)
    compared = frame_differences.by_overlap(before, after, least_iou=0.3)
    frame = Frame(0, 0, core_tiles.runs_of_tiles(before), core_tiles.runs_of_tiles(after), compared)
    plan = adjudication.adjudicate(
        [frame], decide=lambda _: take, first=dict.fromkeys(one, CellFacts()),
        second=dict.fromkeys(two, CellFacts()), pixel_counts={c: int(m.sum()) for c, m in one.items()},
        free=100,
    )  # fmt: skip
    cells = {cell: mask.copy() for cell, mask in one.items()}
    for change in plan.pixels:
        mask = cells.setdefault(change.cell, np.zeros((64, 64), bool))
        for runs, value in ((change.add, True), (change.remove, False)):
            for y, x, n in np.asarray(runs, int).reshape(-1, 3).tolist():
                assert (mask[y, x : x + n] != value).all(), "only pixels that really change are named"
                mask[y, x : x + n] = value
    return plan, {cell: mask for cell, mask in cells.items() if mask.any()}


@pytest.mark.parametrize("seed", range(8))
def test_W10_taking_the_second_gives_its_cells_and_taking_the_first_nothing(seed: int) -> None:
    one, two = rated(seed)
    plan, cells = decided(one, two, Take.SECOND)
    assert sorted(mask.tobytes() for mask in cells.values()) == sorted(m.tobytes() for m in two.values())
    gone, made = set(one) - set(cells), set(cells) - set(one)
    assert {c.cell for c in plan.cells if c.after is None} == gone
    assert {c.cell for c in plan.cells if c.before is None} == made
    assert decided(one, two, Take.FIRST)[0] == Adjudicated((), (), 0)


def test_W10_the_consensus_is_half_way_and_holds_what_both_found() -> None:
    one, two = {1: disc(20, 20, 8), 2: disc(50, 50, 5)}, {7: disc(20, 20, 11), 8: disc(10, 50, 5)}
    _, cells = decided(one, two, Take.CONSENSUS)
    assert list(cells) == [1]
    area = int(cells[1].sum())
    assert int(disc(20, 20, 9).sum()) < area < int(disc(20, 20, 10).sum())
    assert decided(two, one, Take.CONSENSUS)[1][7].sum() == area
    same = runs_of_mask(disc(20, 20, 8))
    assert adjudication.half_way(same, same) == same


def test_W10_a_class_is_taken_with_its_cell() -> None:
    cells = {1: disc(20, 20, 8)}
    frame_of = tiles(cells)
    compared = frame_differences.by_overlap(frame_of, frame_of, least_iou=0.3)
    runs = core_tiles.runs_of_tiles(frame_of)
    plan = adjudication.adjudicate(
        [Frame(0, 0, runs, runs, compared)], decide=lambda _: Take.SECOND,
        first={1: CellFacts(label_class="a", mother=5)}, second={1: CellFacts(label_class="b")},
        pixel_counts={1: 1}, free=9,
    )  # fmt: skip
    assert plan.pixels == ()
    [change] = plan.cells
    assert change.after == CellFacts(label_class="b", mother=5)
    assert Unit(0, 0, 1, None).iou == 0.0


@pytest.mark.parametrize("most_px", [64, 20, 7])
def test_W10_the_picture_of_differences_shows_every_nth_pixel(most_px: int) -> None:
    side = 600
    one, two = {1: disc(250, 260, 40, side)}, {1: disc(255, 270, 40, side), 2: disc(520, 90, 30, side)}
    step = -(-side // most_px)
    drawn = [np.any(list(cells.values()), axis=0)[::step, ::step] for cells in (one, two)]
    found = difference_pictures.masks(_wide(one), _wide(two), side, side, most_px=most_px)
    assert all((a == b).all() for a, b in zip(found, drawn, strict=True))
    with Image.open(io.BytesIO(difference_pictures.png(*found))) as picture:
        pixels = np.asarray(picture)
    assert ((pixels[..., 3] > 0) == (found[0] | found[1])).all()
    assert (pixels[found[1] & ~found[0]] == difference_pictures.SECOND).all()


def _wide(cells: Cells) -> frame_differences.Tiles:
    planes = np.stack([mask * np.uint32(cell) for cell, mask in cells.items()]).astype(np.uint32)
    return core_tiles.tiles_of_planes(planes)
