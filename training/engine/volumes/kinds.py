"""The ways in which cells of volumes are learned and found: distance to the edge, flows to the middle, or the
place where their voxels gather."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.engine.errors import NothingToLearn
from training.engine.shape_losses import BANDWIDTH_PX, OFFSET_PX
from training.engine.volumes import embedding, flows, losses, targets, watershed
from training.engine.volumes.embedding import VolumeEmbeddingDecoding
from training.engine.volumes.flows import VolumeFlowDecoding
from training.engine.volumes.watershed import BasinDecoding

Maps = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class VolumeKind:
    """One way. `edge`, `vectors`: see InstanceKind, with z before y and x. `target_vectors` and `numbers`:
    see VolumeLesson. `make_loss` makes the loss for slices so many px apart.

    To decode, maps (k, z, y, x) are first made ready with a threshold of the foreground and the spacing,
    which is most of the work; `decode` of that with a decoding gives labels uint32 (z, y, x).
    """

    outputs: int
    edge: int
    vectors: tuple[int, int, int] | None
    build_target: Callable[[Labels, float], npt.NDArray[np.uint8] | npt.NDArray[np.uint16]]
    make_loss: Callable[[float], losses.VolumeLoss]
    activate: Callable[[Tensor], Tensor]
    make_ready: Callable[[Maps, float, float], Any]
    decode: Callable[[Any, Mapping[str, Any]], Labels]
    decodings: Sequence[Mapping[str, Any]]
    target_vectors: tuple[int, int, int] | None = None
    numbers: int | None = None

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


def _activate_embedding(said: Tensor) -> Tensor:
    width = BANDWIDTH_PX * said[:, 3:4].clamp(-3, 3).exp()
    return torch.cat([said[:, :3].sigmoid(), width, OFFSET_PX * said[:, 4:]], 1)


def _basin_decodings() -> list[Mapping[str, Any]]:
    tried = product((0.5, 0.4, 0.6), (0.4, 0.3, 0.5), (0.2, 0.1, 0.3))
    return [BasinDecoding(foreground=f, seed=s, rise=r).to_json() for f, s, r in tried]


def _flow_decodings() -> list[Mapping[str, Any]]:
    tried = product((0.5, 0.4, 0.6), (12, 6, 24), (2, 1))
    return [VolumeFlowDecoding(foreground=f, gathered=g, reach_px=r).to_json() for f, g, r in tried]


def _embedding_decodings() -> list[Mapping[str, Any]]:
    tried = product((0.5, 0.4, 0.6), (0.4, 0.25, 0.6), (0.4, 0.2))
    return [VolumeEmbeddingDecoding(foreground=f, seed=s, reach=r).to_json() for f, s, r in tried]


KINDS: Mapping[str, VolumeKind] = {
    "distance": VolumeKind(
        outputs=3,
        edge=2,
        vectors=None,
        build_target=targets.build_distance,
        make_loss=lambda _spacing: losses.distance_loss,
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
        make_loss=lambda _spacing: losses.flow_loss,
        activate=_activate_flows,
        make_ready=flows.follow,
        decode=lambda ends, told: flows.gather(ends, VolumeFlowDecoding.from_json(dict(told))),
        decodings=_flow_decodings(),
        target_vectors=(1, 2, 3),
    ),
    "embedding": VolumeKind(
        outputs=7,
        edge=1,
        vectors=(4, 5, 6),
        build_target=targets.build_embedding,
        make_loss=losses.embedding_loss,
        activate=_activate_embedding,
        make_ready=embedding.follow,
        decode=lambda ends, told: embedding.gather(ends, VolumeEmbeddingDecoding.from_json(dict(told))),
        decodings=_embedding_decodings(),
        numbers=0,
    ),
}
