"""`outputs/atlas.npz`: every cell of a run with its vector, its place on the map, and what was measured."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.contract.errors import InvalidResult


@dataclass(frozen=True, eq=False)
class CellAtlas:
    """n cells; arrays of one length, in the order of `image`, then `cell`.

    `image` int32: place in `image_ids`; `cell` int64: id in the labels; `t`, `z` int32: the frame in which
    the cell is largest, where it was looked at; `middle_px` float32 (n, 2), y and x; `length_px` float32, the
    longer side of its box. `vectors` float32 (n, d); `places` float32 (n, 2) on the map, both axes to one
    scale; `groups` int32, −1 for none; `outlier` float32, about 1 for a cell among its like. `measured`
    float32 (n, m), as `measures` names them.
    """

    image_ids: Sequence[str]
    measures: Sequence[str]
    image: npt.NDArray[np.int32]
    cell: npt.NDArray[np.int64]
    t: npt.NDArray[np.int32]
    z: npt.NDArray[np.int32]
    middle_px: npt.NDArray[np.float32]
    length_px: npt.NDArray[np.float32]
    vectors: npt.NDArray[np.float32]
    places: npt.NDArray[np.float32]
    groups: npt.NDArray[np.int32]
    outlier: npt.NDArray[np.float32]
    measured: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.cell)

    def to_bytes(self) -> bytes:
        """The file's bytes."""
        buffer = io.BytesIO()
        arrays: dict[str, Any] = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        np.savez(buffer, **arrays)
        return buffer.getvalue()

    @staticmethod
    def read(path: Path) -> "CellAtlas":
        """Raises InvalidResult for a file that is missing, broken or not whole."""
        try:
            with np.load(path, allow_pickle=False) as kept:
                arrays: dict[str, Any] = {field.name: kept[field.name] for field in fields(CellAtlas)}
        except (OSError, ValueError, KeyError) as error:
            raise InvalidResult(f"{path.name} cannot be read: {error}") from None
        names = {name: [str(each) for each in arrays[name].tolist()] for name in ("image_ids", "measures")}
        found = CellAtlas(**{**arrays, **names})
        lengths = {len(array) for name, array in arrays.items() if name not in names}
        if len(lengths) != 1 or (len(found) and int(found.image.max()) >= len(found.image_ids)):
            raise InvalidResult(f"{path.name} is not whole: its columns have {sorted(lengths)} rows.")
        return found
