"""Losses of the kinds `stars` and `embedding` of the recipe instances. Each returns one number, shape ()."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from training.engine.losses import dice, known, weighted_bce, weighted_mean

RAY_PX = 16.0
"""Distances along rays are `RAY_PX` times the softplus of what the net says."""
OFFSET_PX, BANDWIDTH_PX = 16.0, 5.0
"""Offsets are `OFFSET_PX` times what the net says; bandwidths `BANDWIDTH_PX` times its exponential."""
PULL_WITHIN, PUSH_WITHIN = 0.5, 1.5
"""How close to its cell's middle a pixel may end, and half of how far apart middles are, in bandwidths."""
RARE = 6.0
"""How much more pixels of overlaps count, of which there are few."""
ASTRAY_PX = 3.0
"""How far from its cell's middle a pixel must end to cost 1."""
MOST_PAIRS = 250_000


def star_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """Schmidt et al. 2018, with foreground and edge as in the other kinds. Two things differ, for nets that
    learn for minutes: the object probability is learned by its absolute error, which sharpens its tops sooner
    than cross-entropy does, and the error of the rays, weighted by the true probability, is taken relative to
    the cell's size, so that large cells do not drown the rest.

    said: (b, 35, y, x): logits of foreground, probability and edge, then 32 rays before softplus.
    wanted: (b, 36, y, x): foreground, probability, edge, weight, 32 distances in px.
    """
    inside, probability, weight = wanted[:, 0], wanted[:, 1], wanted[:, 3]
    foreground = weighted_bce(said[:, 0], inside, weight) + dice(said[:, 0], inside, known(weight))
    missed = (torch.sigmoid(said[:, 1]) - probability).abs()
    objects = weighted_mean(missed, weight) + weighted_mean(missed, weight * inside)
    edge = weighted_bce(said[:, 2], wanted[:, 2], weight)
    share = probability * weight
    on_cells = (share > 0) & (wanted[:, 4] > 0)
    rays = RAY_PX * functional.softplus(said[:, 3:].movedim(1, -1)[on_cells])
    true = wanted[:, 4:].movedim(1, -1)[on_cells]
    error = (rays - true).abs().mean(1) / (true.mean(1) + 2)
    return foreground + 3 * objects + 0.5 * edge + 3 * weighted_mean(error, share[on_cells])


def embedding_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """Where the pixels of a cell gather, after Neven et al. 2019 (arXiv 1906.11109), on two layers, of which
    the second is for overlaps. Four things differ, for nets that learn for minutes:

    * Pixels are drawn to their cell's true middle from the first step on, relative to its size, each cell
      counting alike. A place that they may agree on among themselves is found much later.
    * Which end of a pixel of an overlap goes to which of its two cells is not told: the cheaper way counts,
      as in permutation-invariant training (Yu et al. 2017, arXiv 1607.00325). Told an order, a net says the
      mean of both wherever it cannot see which cell comes first.
    * How sure a place is, is learned from the depth in the cell and not from how well pixels gather, which
      says nothing as long as they do not.
    * The bandwidth is half the radius, so that neighbours' reaches meet between them.

    said: (b, 9, y, x): logits of foreground, overlap, edge and seed, logarithm of the bandwidth, offset y
    and x of the first layer, offset y and x of the second. wanted: (b, 11, y, x), as
    `targets.embedding.finish` makes it.
    """
    inside, overlap, weight = wanted[:, 0], wanted[:, 1], wanted[:, 3]
    foreground = weighted_bce(said[:, 0], inside, weight) + dice(said[:, 0], inside, known(weight))
    rare = weight * (1 + RARE * overlap)
    both = weighted_bce(said[:, 1], overlap, rare) + dice(said[:, 1], overlap, known(weight))
    edge = weighted_bce(said[:, 2], wanted[:, 2], weight)
    missed = (torch.sigmoid(said[:, 3]) - wanted[:, 4]).abs()
    seed = weighted_mean(missed, weight) + weighted_mean(missed, weight * inside)
    radius = wanted[:, 7].clamp(min=2)
    alike = inside * (weight > 0) / radius.square()
    astray = _share_of(alike, _astray(OFFSET_PX * said[:, 5:], wanted[:, 5:], overlap > 0))
    log_width = said[:, 4].clamp(-3, 3) + math.log(BANDWIDTH_PX)
    width = _share_of(alike, (log_width - (radius / 2).log()).abs())
    return foreground + both + 0.5 * edge + 3 * seed + 3 * astray + width


def _astray(offsets: Tensor, wanted: Tensor, overlap: Tensor) -> Tensor:
    """How far from their cells' middles pixels end, over the cells' size, of both layers together where two
    cells overlap, (b, y, x). offsets: (b, 4, y, x) in px; wanted: (b, 6, y, x): ways and radius, twice."""

    def off(end: Tensor, cell: Tensor) -> Tensor:
        return ((end - cell[:, :2]).square().sum(1).add(1).sqrt() - 1) / (cell[:, 2] + 2)

    first, second = offsets.chunk(2, 1)
    one, other = wanted.chunk(2, 1)
    straight, crossed = off(first, one) + off(second, other), off(first, other) + off(second, one)
    return torch.where(overlap, torch.minimum(straight, crossed), off(first, one))


def _share_of(weight: Tensor, values: Tensor) -> Tensor:
    """Mean of values by weight, however small the weights are; 0 where nothing has weight."""
    return (values * weight).sum() / (weight.sum() + 1e-6)


def gathering_loss(cells: Tensor, here: Tensor, embedded: Tensor, bandwidth: Tensor) -> tuple[Tensor, Tensor]:
    """How wrong it is where the n points of cells end, (), and how well each reaches its own cell, (n,).

    cells: (n,), of which cell each is; here and embedded: (n, d) in px, where it lies and where it ends;
    bandwidth: (n, 1), its logarithm, in px.
    """
    _, cell = torch.unique(cells, return_inverse=True)
    count = int(cell.max()) + 1
    middle, log_width = _mean(embedded, cell, count), _mean(bandwidth, cell, count)[:, 0]
    width = log_width.exp()
    off = (embedded - middle[cell]).square().sum(1)
    own = torch.exp(-off / (2 * width[cell].square())).detach()
    pull = functional.relu((off + 1e-6).sqrt() / width[cell].detach() - PULL_WITHIN).square()
    steady = _mean((bandwidth[:, 0] - log_width[cell].detach()).square()[:, None], cell, count).mean()
    # A cell's pixels could agree on any place; its middle is where a net finds one soonest.
    astray = (embedded - _mean(here, cell, count)[cell]).square().sum(1).add(1).sqrt() - 1
    wrong = _mean(pull[:, None], cell, count).mean() + _push(middle, width.detach())
    wrong = wrong + _mean(astray[:, None], cell, count).mean() / ASTRAY_PX
    return wrong + steady + _overlap(embedded, middle, width, cell), own


def _mean(values: Tensor, cell: Tensor, count: int) -> Tensor:
    """Mean of values (n, k) over each cell, (count, k)."""
    sums = values.new_zeros(count, values.shape[1]).index_add(0, cell, values)
    return sums / torch.bincount(cell, minlength=count).clamp(min=1)[:, None]


def _push(middle: Tensor, width: Tensor) -> Tensor:
    """Mean over the cells of what their nearest other middle is too close, in bandwidths, squared."""
    if len(middle) == 1:
        return middle.sum() * 0
    apart = torch.cdist(middle, middle) / (0.5 * (width[:, None] + width))
    apart = apart + torch.diag(apart.new_full((len(middle),), 1e6))
    return functional.relu(2 * PUSH_WITHIN - apart.min(1).values).square().mean()


def _overlap(embedded: Tensor, middle: Tensor, width: Tensor, cell: Tensor) -> Tensor:
    """1 − soft Dice of each cell's mask with how all pixels reach its middle, mean over the cells."""
    stride = max(1, -(-len(cell) * len(middle) // MOST_PAIRS))
    embedded, cell = embedded[::stride], cell[::stride]
    off = torch.cdist(middle, embedded, compute_mode="donot_use_mm_for_euclid_dist").square()
    reach = torch.exp(-off / (2 * width.square()[:, None]))
    mine = reach.gather(0, cell[None])[0]
    both = reach.new_zeros(len(middle)).index_add(0, cell, mine)
    area = torch.bincount(cell, minlength=len(middle))
    return (1 - (2 * both + 1) / (reach.sum(1) + area + 1)).mean()
