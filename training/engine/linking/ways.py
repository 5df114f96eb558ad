"""What a linker chooses from: links and divisions that are possible, each with its energy.

An energy is in nats, relative to leaving its detections unlinked: −log of how much likelier the movie is with
the link than without. Below 0 it is better to have it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FORCED = -1e6
"""The energy of what a person has said must be."""


@dataclass(frozen=True, eq=False)
class Ways:
    """Possible links: rows of the earlier and of the later detection, and energies; all (m,)."""

    source: Ints
    target: Ints
    energy: Floats

    def __len__(self) -> int:
        return len(self.source)

    def where(self, chosen: npt.NDArray[Any]) -> "Ways":
        """Some of them, by a mask or by places."""
        return Ways(self.source[chosen], self.target[chosen], self.energy[chosen])

    @staticmethod
    def none() -> "Ways":
        """No way at all."""
        return Ways(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))

    @staticmethod
    def joined(parts: list["Ways"]) -> "Ways":
        """All of several."""
        if not parts:
            return Ways.none()
        return Ways(
            np.concatenate([part.source for part in parts]),
            np.concatenate([part.target for part in parts]),
            np.concatenate([part.energy for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class Splits:
    """Possible divisions: rows of mother and both daughters, and energies of the whole; all (k,)."""

    mother: Ints
    one: Ints
    other: Ints
    energy: Floats

    def __len__(self) -> int:
        return len(self.mother)

    def where(self, chosen: npt.NDArray[Any]) -> "Splits":
        """Some of them, by a mask or by places."""
        return Splits(self.mother[chosen], self.one[chosen], self.other[chosen], self.energy[chosen])

    @staticmethod
    def none() -> "Splits":
        """No division at all."""
        rows = np.empty(0, np.int64)
        return Splits(rows, rows, rows, np.empty(0))

    @staticmethod
    def joined(parts: list["Splits"]) -> "Splits":
        """All of several."""
        if not parts:
            return Splits.none()
        names = ("mother", "one", "other", "energy")
        return Splits(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, eq=False)
class Chosen:
    """What a linker chose: places in the ways and in the splits, each with the chance that it is right."""

    links: Ints
    link_chance: Floats
    splits: Ints
    split_chance: Floats
