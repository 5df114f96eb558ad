"""The ways in which cells of volumes are learned and found: distance to the edge, or flows to the middle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.engine.errors import NothingToLearn
from training.engine.volumes import flows, losses, targets, watershed
from training.engine.volumes.flows import VolumeFlowDecoding
from training.engine.volumes.watershed import BasinDecoding

Maps = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class VolumeKind:
    """One way. `edge`, `vectors`: see InstanceKind, with z before y and x.

    To decode, maps (k, z, y, x) are first made ready with a threshold of the foreground and the spacing,
    which is most of the work; `decode` of that with a decoding gives labels uint32 (z, y, x).
    """

    outputs: int
    edge: int
    vectors: tuple[int, int, int] | None
    build_target: Callable[[Labels, float], npt.NDArray[np.uint8]]
    loss: Callable[[Tensor, Tensor], Tensor]
    activate: Callable[[Tensor], Tensor]
    make_ready: Callable[[Maps, float, float], Any]
    decode: Callable[[Any, Mapping[str, Any]], Labels]
    decodings: Sequence[Mapping[str, Any]]

    def find(self, maps: Maps, spacing: float, decoding: Mapping[str, Any]) -> Labels:
        """Both steps."""
        return self.decode(self.make_ready(maps, decoding["foreground"], spacing), decoding)


def kind_named(target: str) -> VolumeKind:
    """Raises NothingToLearn for a target that is not learned as volumes."""
    if target not in KINDS:
        raise NothingToLearn(
            f"The target {target} is not learned as volumes; choose {' or '.join(KINDS)}, or slice by slice."
        )
    return KINDS[target]


def _activate_flows(said: Tensor) -> Tensor:
    return torch.cat([said[:, :1].sigmoid(), said[:, 1:4], said[:, 4:].sigmoid()], 1)


def _basin_decodings() -> list[Mapping[str, Any]]:
    tried = product((0.5, 0.4, 0.6), (0.4, 0.3, 0.5), (0.2, 0.1, 0.3))
    return [BasinDecoding(foreground=f, seed=s, rise=r).to_json() for f, s, r in tried]


def _flow_decodings() -> list[Mapping[str, Any]]:
    tried = product((0.5, 0.4, 0.6), (12, 6, 24), (2, 1))
    return [VolumeFlowDecoding(foreground=f, gathered=g, reach_px=r).to_json() for f, g, r in tried]


KINDS: Mapping[str, VolumeKind] = {
    "distance": VolumeKind(
        outputs=3,
        edge=2,
        vectors=None,
        build_target=targets.build_distance,
        loss=losses.distance_loss,
        activate=torch.sigmoid,
        make_ready=lambda maps, foreground, _spacing: watershed.flood(maps, foreground),
        decode=lambda basins, told: watershed.join(basins, BasinDecoding.from_json(dict(told))),
        decodings=_basin_decodings(),
    ),
    "flows": VolumeKind(
        outputs=5,
        edge=4,
        vectors=(1, 2, 3),
        build_target=targets.build_flows,
        loss=losses.flow_loss,
        activate=_activate_flows,
        make_ready=flows.follow,
        decode=lambda ends, told: flows.gather(ends, VolumeFlowDecoding.from_json(dict(told))),
        decodings=_flow_decodings(),
    ),
}
