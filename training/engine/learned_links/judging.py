"""A trained net as the judge of a movie's links: its energies in place of those of geometry and looks."""

from dataclasses import dataclass

import numpy as np
import torch

from training.engine.devices import Device
from training.engine.learned_links.net import LinkNet
from training.engine.learned_links.placing import placed
from training.engine.learned_links.scenes import Possible, Seen, possible
from training.engine.learned_links.windows import around_of, settled, window_of
from training.engine.linking.base import Problem
from training.engine.linking.detections import Floats
from training.engine.linking.ways import Splits, Ways

HALO = 3
"""Frames around those in question that the net sees, on either side."""


@dataclass(frozen=True)
class Calibration:
    """Log-odds are said `scale` times, and shifted: fitted on movies that the net did not learn from."""

    link: tuple[float, float] = (1.0, 0.0)
    division: tuple[float, float] = (1.0, 0.0)

    def to_json(self) -> dict[str, list[float]]:
        """As it stands in a model's card."""
        return {"link": list(self.link), "division": list(self.division)}

    @staticmethod
    def from_json(told: dict[str, list[float]]) -> "Calibration":
        """Raises KeyError, ValueError."""
        link, division = ((float(told[name][0]), float(told[name][1])) for name in ("link", "division"))
        return Calibration(link, division)


@dataclass(frozen=True, eq=False)
class LearnedJudge:
    """A `linking.base.Judge`."""

    net: LinkNet
    seen: Seen
    device: Device
    calibration: Calibration = Calibration()

    def __call__(self, problem: Problem, first: int, last: int) -> tuple[Ways, Splits]:
        whole = possible(problem.weights, first, last)
        link, split = self.log_odds(problem, whole, first, last)
        energy = -_calibrated(link, self.calibration.link)
        of_splits = -_calibrated(split, self.calibration.division) - problem.options.division_bias
        ways = Ways(whole.ways.source, whole.ways.target, energy)
        splits = Splits(whole.splits.mother, whole.splits.one, whole.splits.other, of_splits)
        return ways, splits.where(of_splits < 0)

    @torch.inference_mode()
    def log_odds(self, problem: Problem, whole: Possible, first: int, last: int) -> tuple[Floats, Floats]:
        """What the net says of the candidates, (m,) and (k,)."""
        found, place = self.seen.found, settled(problem.weights)
        begin, end = max(first - HALO, 0), min(last + HALO, found.frames - 1)
        near = around_of(found, place, begin, end)
        rows = np.arange(found.bounds[begin], found.bounds[end + 1])
        window = window_of(self.seen, problem.weights, place, rows, near, whole)
        said = self.device.own(self.net)(placed(window, self.device))
        link, split = (told.float().cpu().numpy().astype(np.float64) for told in said)
        return link, split


def _calibrated(told: Floats, by: tuple[float, float]) -> Floats:
    return by[0] * told + by[1]
