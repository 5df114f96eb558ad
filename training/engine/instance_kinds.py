"""The four ways of the recipe `instances`: what the net learns of cells, and how cells are found in what it
says.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.engine import losses, shape_losses
from training.engine.data.crops import Finish
from training.engine.data.frames import Target
from training.engine.decoding import embedding as embedding_decoding
from training.engine.decoding import flows as flow_decoding
from training.engine.decoding import stars as star_decoding
from training.engine.decoding import watershed
from training.engine.decoding.embedding import EmbeddingDecoding
from training.engine.decoding.flows import FlowDecoding
from training.engine.decoding.stars import StarDecoding
from training.engine.decoding.tiles import TurnBack
from training.engine.decoding.watershed import DistanceDecoding
from training.engine.optimizing import Groups, Moves, adamw, orthogonal
from training.engine.targets import distance, layers
from training.engine.targets import embedding as embedding_targets
from training.engine.targets import flows as flow_targets
from training.engine.targets import stars as star_targets

Maps = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class InstanceKind:
    """One way. `vectors`: index of y and x where two of the outputs are a vector; `edge`: index of the
    edge's map.

    `build_target` makes the target of a frame; with `finish` it is labels, of which the target of each crop
    is made. `decode` gives labels uint32 (p, y, x), several planes only of a kind that `overlaps`, where its
    decoding says so. `decodings` are what the validation images choose from, the first being what stands
    without them. `turn_back`: see Reader. `move`: what moves the weights.
    """

    outputs: int
    edge: int
    vectors: tuple[int, int] | None
    build_target: Callable[[Labels], Target]
    loss: Callable[[Tensor, Tensor], Tensor]
    activate: Callable[[Tensor], Tensor]
    decode: Callable[[Maps, Mapping[str, Any]], Labels]
    decodings: Sequence[Mapping[str, Any]]
    finish: Finish | None = None
    turn_back: TurnBack | None = None
    overlaps: bool = False
    move: Callable[[Groups], Moves] = orthogonal


def _decode_distance(maps: Maps, decoding: Mapping[str, Any]) -> Labels:
    return watershed.decode(maps, DistanceDecoding.from_json(dict(decoding)))[None]


def _decode_flows(maps: Maps, decoding: Mapping[str, Any]) -> Labels:
    return flow_decoding.decode(maps, FlowDecoding.from_json(dict(decoding)))[None]


def _decode_stars(maps: Maps, decoding: Mapping[str, Any]) -> Labels:
    return star_decoding.decode(maps, StarDecoding.from_json(dict(decoding)))


def _decode_embedding(maps: Maps, decoding: Mapping[str, Any]) -> Labels:
    return embedding_decoding.decode(maps, EmbeddingDecoding.from_json(dict(decoding)))


def _activate_distance(said: Tensor) -> Tensor:
    return torch.sigmoid(said)


def _activate_flows(said: Tensor) -> Tensor:
    for index in (0, 3):
        said[:, index].sigmoid_()
    return said


def _activate_stars(said: Tensor) -> Tensor:
    return torch.cat([said[:, :3].sigmoid(), shape_losses.RAY_PX * functional.softplus(said[:, 3:])], 1)


def _activate_embedding(said: Tensor) -> Tensor:
    width = shape_losses.BANDWIDTH_PX * said[:, 4:5].clamp(-3, 3).exp()
    return torch.cat([said[:, :4].sigmoid(), width, shape_losses.OFFSET_PX * said[:, 5:]], 1)


def turn_rays_back(maps: Tensor, axes: tuple[int, ...], zoom: float) -> Tensor:
    """Maps (35, y, x) of stars: in a mirror a ray is another one, enlarged it is longer."""
    rays = torch.arange(star_targets.RAYS)
    rays = (-rays if 2 in axes else rays) % star_targets.RAYS
    rays = (star_targets.RAYS // 2 - rays if 3 in axes else rays) % star_targets.RAYS
    return torch.cat([maps[:3], maps[3:][rays] / zoom])


def turn_offsets_back(maps: Tensor, axes: tuple[int, ...], zoom: float) -> Tensor:
    """Maps (9, y, x) of embeddings: mirrored offsets point the other way, enlarged all lengths are longer."""
    y, x = -1.0 if 2 in axes else 1.0, -1.0 if 3 in axes else 1.0
    signs = torch.tensor([1.0, y, x, y, x]) / zoom
    return torch.cat([maps[:4], maps[4:] * signs[:, None, None]])


def _distance_decodings() -> list[Mapping[str, Any]]:
    tried = itertools.product((0.5, 0.4, 0.6), (0.4, 0.3, 0.5), (0.2, 0.1, 0.3))
    return [DistanceDecoding(foreground=f, seed=s, rise=r).to_json() for f, s, r in tried]


def _flow_decodings() -> list[Mapping[str, Any]]:
    tried = itertools.product((0.5, 0.4, 0.6), (4, 2, 8), (2, 1))
    return [FlowDecoding(foreground=f, gathered=g, reach_px=r).to_json() for f, g, r in tried]


def _star_decodings() -> list[Mapping[str, Any]]:
    tried = itertools.product((0.3, 0.2, 0.45, 0.6), (0.4, 0.55), (0.4, 0.2, 0.55))
    return [StarDecoding(probability=p, shared=s, foreground=f).to_json() for p, s, f in tried]


def _embedding_decodings() -> list[Mapping[str, Any]]:
    tried = itertools.product((0.5, 0.4, 0.6), (0.4, 0.25, 0.6), (0.4, 0.2))
    return [EmbeddingDecoding(foreground=f, seed=s, reach=r).to_json() for f, s, r in tried]


KINDS: Mapping[str, InstanceKind] = {
    "distance": InstanceKind(
        outputs=3,
        edge=2,
        vectors=None,
        build_target=distance.build,
        loss=losses.distance_loss,
        activate=_activate_distance,
        decode=_decode_distance,
        decodings=_distance_decodings(),
    ),
    "flows": InstanceKind(
        outputs=4,
        edge=3,
        vectors=(1, 2),
        build_target=flow_targets.build,
        loss=losses.flow_loss,
        activate=_activate_flows,
        decode=_decode_flows,
        decodings=_flow_decodings(),
    ),
    "stars": InstanceKind(
        outputs=3 + star_targets.RAYS,
        edge=2,
        vectors=None,
        build_target=layers.build,
        loss=shape_losses.star_loss,
        activate=_activate_stars,
        decode=_decode_stars,
        decodings=_star_decodings(),
        finish=star_targets.finish,
        turn_back=turn_rays_back,
        overlaps=True,
        move=adamw,
    ),
    "embedding": InstanceKind(
        outputs=9,
        edge=2,
        vectors=None,
        build_target=layers.build,
        loss=shape_losses.embedding_loss,
        activate=_activate_embedding,
        decode=_decode_embedding,
        decodings=_embedding_decodings(),
        finish=embedding_targets.finish,
        turn_back=turn_offsets_back,
        overlaps=True,
    ),
}
