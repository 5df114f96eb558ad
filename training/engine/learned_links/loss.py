"""What is wrong with what the net says of links: the surprise at what goes into each detection, and at what
comes out of it.

On either side a detection has one of its candidates or none: a softmax in which having none counts 1, so that
what the net learns are log-odds against being unlinked, as linkers want them.
"""

import torch
from torch import Tensor, nn

from training.engine.devices import Device
from training.engine.learned_links.lesson import Wanted
from training.engine.learned_links.placing import placed
from training.engine.learned_links.windows import Window


def surprise(link: Tensor, split: Tensor, seen: Window, wanted: Wanted) -> Tensor:
    """The weighted mean over detections, in nats; shape ()."""
    n = len(wanted.into)
    into, right_in = _sums(n, [(seen.target, link), (seen.one, split), (seen.other, split)], wanted)
    out, right_out = _sums(n, [(seen.source, link), (seen.mother, split)], wanted)
    total = (wanted.into * (into.log1p() - right_in)).sum() + (wanted.out * (out.log1p() - right_out)).sum()
    return total / (wanted.into.sum() + wanted.out.sum()).clamp(min=1.0)


def _sums(n: int, ends: list[tuple[Tensor, Tensor]], wanted: Wanted) -> tuple[Tensor, Tensor]:
    """(n,) the sum of odds of all candidates of each detection, and the log-odds of the right one."""
    odds, right = torch.zeros(n, device=wanted.into.device), torch.zeros(n, device=wanted.into.device)
    for number, (row, told) in enumerate(ends):
        is_right = wanted.link if number == 0 else wanted.split
        odds = odds.index_add(0, row, told.exp())
        right = right.index_add(0, row, told * is_right)
    return odds, right


def wrong(net: nn.Module, made: tuple[Window, Wanted], device: Device) -> Tensor:
    """The surprise of one share of a batch."""
    seen, wanted = placed(made[0], device), placed(made[1], device)
    link, split = net(seen)
    return surprise(link, split, seen, wanted)
