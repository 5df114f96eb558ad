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
    """Spatial embedding with a learned bandwidth (Neven et al. 2019, arXiv 1906.11109) beside the pull and
    push of the discriminative loss (De Brabandere et al. 2017, arXiv 1708.02551), on two layers, pixels
    being drawn to the middles of their cells.

    said: (b, 9, y, x): logits of foreground, overlap, edge and seed, logarithm of the bandwidth, offset y
    and x of the first layer, offset y and x of the second. wanted: (b, 4, y, x): cell of the first layer, of
    the second, edge, weight. Where Neven et al. take a Lovász hinge over each cell's mask, which sorts all
    pixels for every cell, a soft Dice is taken here.
    """
    inside, overlap = (wanted[:, 0] > 0).float(), (wanted[:, 1] > 0).float()
    weight = wanted[:, 3]
    foreground = weighted_bce(said[:, 0], inside, weight) + dice(said[:, 0], inside, known(weight))
    rare = weight * (1 + RARE * overlap)
    both = weighted_bce(said[:, 1], overlap, rare) + dice(said[:, 1], overlap, known(weight))
    edge = weighted_bce(said[:, 2], wanted[:, 2], weight)
    parts = [_one_picture(one, true) for one, true in zip(said, wanted, strict=True)]
    seed = weighted_mean(
        (torch.sigmoid(said[:, 3]) - torch.stack([reached for _, reached in parts])).square(), weight
    )
    return foreground + both + 0.5 * edge + 3 * seed + torch.stack([wrong for wrong, _ in parts]).mean()


def _one_picture(said: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """What is wrong with the embedding of one picture, (), and how well pixels reach their cells, (y, x)."""
    reached = torch.zeros_like(wanted[0])
    places, cells, here, embedded, bandwidth = _points(said, wanted)
    if not len(cells):
        return said.sum() * 0, reached
    wrong, own = gathering_loss(cells, here, embedded, bandwidth)
    first = places >= 0
    reached.view(-1)[places[first]] = own[first]
    return wrong, reached


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


def _points(said: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Pixels of both layers that count: flat place (n,), −1 on the second layer; cell (n,), y and x in px
    (n, 2), embedding (n, 2) in px, logarithm of the bandwidth in px (n, 1)."""
    width = wanted.shape[2]
    counts = wanted[3] > 0
    found = []
    for layer in (0, 1):
        on = (wanted[layer] > 0) & counts
        y, x = torch.nonzero(on, as_tuple=True)
        here = torch.stack([y, x], 1).float()
        offset = said[5 + 2 * layer : 7 + 2 * layer][:, y, x].T
        place = y * width + x if layer == 0 else torch.full_like(y, -1)
        log_width = said[4, y, x][:, None].clamp(-3, 3) + math.log(BANDWIDTH_PX)
        found.append((place, wanted[layer][on], here, here + OFFSET_PX * offset, log_width))
    places, cells, here, embedded, bandwidth = (torch.cat(parts) for parts in zip(*found, strict=True))
    return places, cells, here, embedded, bandwidth


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
