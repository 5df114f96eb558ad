"""Row L7: intervals calibrated on all places that the data have, though the net has learned from most."""

import numpy as np
import numpy.typing as npt
import torch

from training.engine import losses
from training.engine.data import kept_back
from training.engine.translation_calibrating import Calibration, Read, optimism, pairs
from training.engine.translation_scoring import normal_quantile

LEVEL, SIDE = 0.9, 160
Planes = npt.NDArray[np.float32]


def frame(rng: np.random.Generator, number: int | None) -> tuple[Read, Planes]:
    """A frame whose noise has a strength of its own, as told by nothing; on learned pixels errors are less
    by a third. Also the errors of a net that had learned nothing of it."""
    true = rng.normal(size=(1, SIDE, SIDE)) * np.exp(rng.normal(0, 0.3))
    said = true.copy()
    if number is not None:
        said[:, ~kept_back.mask(SIDE, SIDE, number)] /= 1.5
    flat = np.zeros_like(true, dtype=np.float32)
    return Read(flat, flat + 1, np.abs(said).astype(np.float32), number), np.abs(true).astype(np.float32)


def coverage(scale: float, rng: np.random.Generator, frames: int = 40) -> float:
    """On frames never seen."""
    errors = np.concatenate([frame(rng, None)[1].ravel() for _ in range(frames)])
    return float((errors <= normal_quantile(LEVEL) * scale).mean())


def calibrated(reads: list[Read]) -> float:
    """The scale that is told after calibration, where the net said 1."""
    found = Calibration(LEVEL, len(reads))
    for one in reads:
        found.add(one)
    return found.result()[1]


def test_L7_squares_are_kept_back_everywhere_and_of_frames_in_turn_elsewhere() -> None:
    for height, width in ((96, 96), (672, 704), (300, 2000)):
        masks = [kept_back.mask(height, width, number) for number in range(kept_back.EVERY)]
        assert 0.04 < masks[0].mean() < 0.2
        assert (np.sum(masks, 0) <= 1).all()
        quarters = [masks[0][: height // 2, width // 2 :], masks[0][height // 2 :, : width // 2]]
        assert all(quarter.any() for quarter in quarters)


def test_L7_learned_pixels_are_calibrated_as_if_they_were_not_learned() -> None:
    rng = np.random.default_rng(3)
    learned = [frame(rng, number)[0] for number in range(30)]
    assert abs(coverage(calibrated(learned), rng) - LEVEL) < 0.02
    believed = [Read(one.place, one.scale, one.error, None) for one in learned]
    assert coverage(calibrated(believed), rng) < LEVEL - 0.05


def test_L7_many_places_hold_better_than_the_many_pixels_of_one() -> None:
    rng = np.random.default_rng(4)
    off = []
    for _ in range(8):
        one = frame(rng, None)[0]
        many = [frame(rng, number)[0] for number in range(12)]
        off.append([abs(coverage(calibrated(reads), rng) - LEVEL) for reads in ([one], [one, *many])])
    alone, together = np.mean(off, 0)
    assert together < 0.6 * alone


def test_optimism_is_what_squares_say_beside_their_neighbours_and_1_where_that_could_be_chance() -> None:
    rng = np.random.default_rng(5)
    found = [pair for number in range(20) for pair in pairs(frame(rng, number)[0].error, number, LEVEL)]
    assert abs(optimism(found, 1)[0] - 1.5) < 0.1
    chance = [rng.normal(0.02, 0.5, 1) for _ in range(12)]
    assert optimism(chance, 1)[0] < 1.1
    assert optimism(found[:1], 1)[0] == 1
    assert optimism([-pair for pair in found], 1)[0] == 1


def test_nothing_is_learned_where_the_target_is_not_a_number() -> None:
    torch.manual_seed(0)
    said = torch.randn(2, 4, 8, 8, requires_grad=True)
    wanted = torch.randn(2, 2, 8, 8)
    wanted[:, :, 2:5, 3:6] = torch.nan
    (slope,) = torch.autograd.grad(losses.translation_loss(said, wanted), said)
    assert torch.isfinite(slope).all()
    assert (slope[:, :, 2:5, 3:6] == 0).all()
    assert (slope[:, :, 6:] != 0).all()
