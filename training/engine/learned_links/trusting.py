"""Making what the net says honest: log-odds are scaled and shifted so that they fit movies that it did not
learn from (Platt scaling), links and divisions apart."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from training.engine.devices import Device
from training.engine.learned_links.judging import Calibration
from training.engine.learned_links.lesson import DIVISION_WEIGHT, FRAMES, Drawn, Scene, Wanted, cut
from training.engine.learned_links.loss import surprise
from training.engine.learned_links.net import LinkNet
from training.engine.learned_links.placing import placed
from training.engine.learned_links.windows import Turn, Window

MOST_WINDOWS = 60
HELD = 0.003
"""How strongly scales are held to 1 and shifts to what the weight of divisions explains."""
STEPS = 60
EXPECTED = (1.0, 0.0, 1.0, -float(np.log(DIVISION_WEIGHT)))


def calibrate(net: LinkNet, scenes: Sequence[Scene], device: Device) -> Calibration:
    """Fitted on scenes; without any, the weight that divisions had in learning is taken back."""
    said = _said(net, scenes, device)
    start = torch.tensor(EXPECTED)
    fitted = start.clone().requires_grad_(True)
    search = torch.optim.LBFGS([fitted], max_iter=STEPS, line_search_fn="strong_wolfe")

    def again() -> Tensor:
        search.zero_grad()
        wrong = HELD * ((fitted - start) ** 2).sum()
        for link, split, window, wanted in said:
            told = surprise(fitted[0] * link + fitted[1], fitted[2] * split + fitted[3], window, wanted)
            wrong = wrong + told / len(said)
        wrong.backward()  # type: ignore[no-untyped-call]
        return wrong

    if said:
        search.step(again)  # type: ignore[no-untyped-call]
    a, b, c, d = (round(value, 4) for value in fitted.detach().tolist())
    return Calibration((max(a, 0.2), b), (max(c, 0.2), d))


Said = tuple[Tensor, Tensor, Window, Wanted]


@torch.no_grad()
def _said(net: LinkNet, scenes: Sequence[Scene], device: Device) -> list[Said]:
    """What the net says of windows of the scenes, evenly spread, each detection counting once."""
    drawn = [
        (scene, Drawn(0, first, 0, Turn()))
        for scene in scenes
        for first in range(0, max(scene.seen.found.frames - 1, 1), FRAMES - 1)
    ]
    told = []
    for scene, one in drawn[:: max(1, -(-len(drawn) // MOST_WINDOWS))]:
        parts = cut(scene, one)
        window, wanted = placed(parts[0], device), placed(parts[1], device)
        even = Wanted(wanted.link, wanted.split, (wanted.into > 0).float(), (wanted.out > 0).float())
        told.append((*net(window), window, even))
    return told
