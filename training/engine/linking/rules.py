"""What people have said of tracks, as every linker keeps it: the links they gave are taken out of what is
possible and put back into the result; what they forbade is taken out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.contract.linking import Constraints, Detection, Kind, Link
from training.engine.linking.detections import Detections, Ints
from training.engine.linking.ways import Splits, Ways

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Rules:
    """`full_out`, `full_in` (n,): detections that have all the links they may have. `given`: rows (k, 2) of
    links that must be, and which of them are to a daughter. `barred`: pairs as source × n + target. `half`:
    mother → the one daughter that is given of her; there may be another. `unknown`: how much was said of
    cells that are not there."""

    full_out: Mask
    full_in: Mask
    given: Ints
    given_daughter: Mask
    barred: Ints
    half: dict[int, int]
    unknown: int = 0

    @staticmethod
    def of(constraints: Constraints, found: Detections) -> "Rules":
        """Constraints in rows of the detections. What names cells that are not there is passed over."""
        rows = _Rows(found)
        must = [pair for pair in map(rows.link, constraints.must) if pair]
        barred = [pair for pair in map(rows.link, constraints.must_not) if pair]
        ends, begins = rows.all(constraints.ends), rows.all(constraints.begins)
        full_out, full_in = np.zeros(len(found), np.bool_), np.zeros(len(found), np.bool_)
        full_out[[source for source, _, _ in must] + ends] = True
        full_in[[target for _, target, _ in must] + begins] = True
        mothers = [source for source, _, daughter in must if daughter]
        half = {s: t for s, t, daughter in must if daughter and mothers.count(s) == 1}
        return Rules(
            full_out,
            full_in,
            np.array([pair[:2] for pair in must], np.int64).reshape(-1, 2),
            np.array([pair[2] for pair in must], np.bool_),
            np.array(sorted(s * len(found) + t for s, t, _ in barred), np.int64),
            half,
            rows.unknown,
        )

    def may(self, source: Ints, target: Ints) -> Mask:
        """Which pairs (m,) may be linked, as far as people have spoken."""
        free = ~self.full_out[source] & ~self.full_in[target]
        return free & ~self._barred(source, target)

    def _barred(self, source: Ints, target: Ints) -> Mask:
        if not len(self.barred):
            return np.zeros(len(source), np.bool_)
        return np.asarray(np.isin(source * len(self.full_out) + target, self.barred))

    def allowed(self, ways: Ways, splits: Splits) -> tuple[Ways, Splits]:
        """What is still possible. A mother of whom one daughter is given may have links to another one."""
        if not self:
            return ways, splits
        second = self._second_daughters(splits)
        ways = ways.where(self.may(ways.source, ways.target))
        free = self.may(splits.mother, splits.one) & self.may(splits.mother, splits.other)
        return Ways.joined([ways, second]), splits.where(free)

    def __bool__(self) -> bool:
        return bool(len(self.barred) or self.full_in.any() or self.full_out.any())

    def _second_daughters(self, splits: Splits) -> Ways:
        found = []
        for mother, daughter in self.half.items():
            hers = splits.where(splits.mother == mother)
            for here, there in ((hers.one, hers.other), (hers.other, hers.one)):
                fits = (here == daughter) & ~self.full_in[there] & ~self._barred(hers.mother, there)
                found.append(Ways(hers.mother[fits], there[fits], hers.energy[fits]))
        return Ways.joined(found)

    def is_daughter(self, source: Ints) -> Mask:
        """Which links (m,) are to a second daughter, by their source."""
        if not self.half:
            return np.zeros(len(source), np.bool_)
        return np.asarray(np.isin(source, list(self.half)))


class _Rows:
    """Looks up detections by frame and cell."""

    def __init__(self, found: Detections) -> None:
        self.found = found
        self.unknown = 0
        self._frames: dict[int, dict[int, int]] = {}

    def row(self, one: Detection) -> int | None:
        if not 0 <= one.t < self.found.frames:
            return None
        if one.t not in self._frames:
            rows = self.found.rows(one.t)
            cells = self.found.cell[rows].tolist()
            self._frames[one.t] = {cell: rows.start + i for i, cell in enumerate(cells)}
        return self._frames[one.t].get(one.cell)

    def link(self, link: Link) -> tuple[int, int, bool] | None:
        source, target = self.row(link.source), self.row(link.target)
        if source is None or target is None:
            self.unknown += 1
            return None
        return source, target, link.kind is Kind.DAUGHTER

    def all(self, ones: Iterable[Detection]) -> list[int]:
        rows = [self.row(one) for one in ones]
        self.unknown += rows.count(None)
        return [row for row in rows if row is not None]
