"""What a trained classifier remembers of single cells: `cells.npz` beside its weights.

Of each remembered cell: where it is, its true class, what the model told of it, and its features, the numbers
that the last layer reads. With them “which training cells are most like this one” needs no net, and neither
does finding those the model is surest and least sure of.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

from training.contract.errors import InvalidResult

CELLS = "cells.npz"
MOST_LEARNED, MOST_JUDGED = 2000, 1000
"""Remembered cells at most: of the training images, and of those that it was judged on."""

_COLUMNS = ("image_ids", "image", "frames", "cells", "boxes", "truth", "told", "sure", "learned", "features")


@dataclass(frozen=True, kw_only=True)
class CellMemory:
    """Remembered cells, row by row.

    image_ids: (m,) text; image (n,): places in it; frames int64 (n, 2): t, z; cells int64 (n,): ids in the
    labels; boxes int64 (n, 4): top, left, bottom, right, px; truth, told int64 (n,): classes from 0; sure
    float32 (n,): probability of the true class; learned bool (n,): of a training image; features float16
    (n, f).
    """

    image_ids: npt.NDArray[np.str_]
    image: npt.NDArray[np.int64]
    frames: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64]
    told: npt.NDArray[np.int64]
    sure: npt.NDArray[np.float32]
    learned: npt.NDArray[np.bool_]
    features: npt.NDArray[np.float16]

    def to_bytes(self) -> bytes:
        """The file that `from_bytes` reads back equal."""
        stream = BytesIO()
        np.savez_compressed(stream, **{name: getattr(self, name) for name in _COLUMNS})
        return stream.getvalue()

    @staticmethod
    def from_bytes(content: bytes) -> "CellMemory":
        """Nothing in the file can run. Raises InvalidResult."""
        try:
            with np.load(BytesIO(content), allow_pickle=False) as kept:
                columns: dict[str, Any] = {name: kept[name] for name in _COLUMNS}
        except (ValueError, KeyError, OSError, EOFError) as error:
            raise InvalidResult(f"{CELLS} cannot be read: {error}.") from None
        return CellMemory(**columns)

    def nearest(
        self, features: npt.NDArray[np.floating], most: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Rows of the training cells most like one with these features (f,), and how like: cosine, −1 … 1."""
        rows = np.flatnonzero(self.learned)
        if not len(rows):
            return rows, np.zeros(0)
        kept = _unit(self.features[rows].astype(np.float64))
        like = kept @ _unit(np.asarray(features, np.float64)[None])[0]
        order = np.argsort(-like, kind="stable")[:most]
        return rows[order], like[order]

    def extremes(self, class_index: int, most: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows of the cells of a class that the model was least and most sure of, at most `most` of each and
        none twice.

        Of cells it was judged on, where there are any of the class, else of those it learned from.
        """
        judged = np.flatnonzero((self.truth == class_index) & ~self.learned)
        rows = judged if len(judged) else np.flatnonzero(self.truth == class_index)
        order = rows[np.argsort(self.sure[rows], kind="stable")]
        half = (len(order) + 1) // 2
        return order[: min(most, half)], order[half:][::-1][:most]


def _unit(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float64)
