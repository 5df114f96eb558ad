"""What the tracks of a movie add to its scores: a table that pools, and wrong links and divisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.faults import Fault, FaultKind
from annotation.core.tracks import errors, scoring
from annotation.core.tracks.detections import MovieMatching
from annotation.models import Image


class Tracks:
    """Collects the frames of an image where it is a movie; of other images there is nothing to tell."""

    def __init__(self, image: Image) -> None:
        self._movie = MovieMatching() if image.size_t > 1 else None

    def add(self, t: int, truth: NDArray[Any], predicted: NDArray[Any], ignored: NDArray[np.bool_]) -> None:
        """Frame t, labels (p, z, y, x); frames come in the order of time."""
        if self._movie is not None:
            self._movie.add(t, truth, predicted, ignored=ignored)

    def finish(
        self, mothers: Mapping[int, int], said_mothers: Mapping[int, int]
    ) -> tuple[dict[str, Any], list[tuple[int, Fault]]]:
        """({"tracks": table}, faults by (t, fault)), given {daughter: mother} of both sides.

        Cells that are missed, invented or merged are faults of the picture and told there.
        """
        if self._movie is None:
            return {}, []
        both = self._movie.finish(mothers, said_mothers)
        found = [
            (
                one.t,
                Fault(
                    FaultKind(one.kind.value),
                    one.harm,
                    one.truth,
                    one.predicted,
                    0.0,
                    one.size_px,
                    one.at_zyx,
                ),
            )
            for one in errors.find(both)
            if one.kind not in errors.OF_DETECTIONS
        ]
        return {"tracks": scoring.table_of(both)}, found
