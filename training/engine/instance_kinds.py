"""The two ways of the recipe `instances`: what the net learns of cells, and how cells are found in what it
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

from training.engine import losses
from training.engine.decoding import flows as flow_decoding
from training.engine.decoding import watershed
from training.engine.decoding.flows import FlowDecoding
from training.engine.decoding.watershed import DistanceDecoding
from training.engine.targets import distance
from training.engine.targets import flows as flow_targets

Maps = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class InstanceKind:
    """One way. `vectors`: index of y and x where two of the outputs are a vector; `edge`: index of the
    edge's map.

    `decodings` are what the validation images choose from, the first being what stands without them.
    """

    outputs: int
    edge: int
    vectors: tuple[int, int] | None
    build_target: Callable[[Labels], npt.NDArray[np.uint8]]
    loss: Callable[[Tensor, Tensor], Tensor]
    activate: Callable[[Tensor], Tensor]
    decode: Callable[[Maps, Mapping[str, Any]], Labels]
    decodings: Sequence[Mapping[str, Any]]


def _decode_distance(maps: Maps, decoding: Mapping[str, Any]) -> Labels:
    return watershed.decode(maps, DistanceDecoding.from_json(dict(decoding)))


def _decode_flows(maps: Maps, decoding: Mapping[str, Any]) -> Labels:
    return flow_decoding.decode(maps, FlowDecoding.from_json(dict(decoding)))


def _activate_distance(said: Tensor) -> Tensor:
    return torch.sigmoid(said)


def _activate_flows(said: Tensor) -> Tensor:
    return torch.cat([said[:, :1].sigmoid(), said[:, 1:3], said[:, 3:].sigmoid()], 1)


def _distance_decodings() -> list[Mapping[str, Any]]:
    tried = itertools.product((0.5, 0.4, 0.6), (0.4, 0.3, 0.5), (0.2, 0.1, 0.3))
    return [DistanceDecoding(foreground=f, seed=s, rise=r).to_json() for f, s, r in tried]


def _flow_decodings() -> list[Mapping[str, Any]]:
    tried = itertools.product((0.5, 0.4, 0.6), (4, 2, 8), (2, 1))
    return [FlowDecoding(foreground=f, gathered=g, reach_px=r).to_json() for f, g, r in tried]


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
}
