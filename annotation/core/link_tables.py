"""What a linker says of the links of a movie: one row a link, named by the later cell, as columns.

A cell in a frame has at most one link into it, so (t, cell) of the later end is its key. A row with another
`from_cell` is the birth of a daughter: its confidence is that of the division.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.edit_values import CellMove
from annotation.core.human_links import HumanLink, HumanLinks

COLUMNS: dict[str, str] = {
    "t": "<i4", "cell": "<i4", "from_t": "<i4", "from_cell": "<i4", "confidence": "<f4", "given": "|b1",
}  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class LinkTable:
    """Columns of one length, sorted by t and cell. `confidence` 0..1 is the chance that the link is right.

    `given` links are a person's, with confidence 1; a `given` row of confidence 0 is a pair that a person
    took apart: no link.
    """

    t: NDArray[np.int32]
    cell: NDArray[np.int32]
    from_t: NDArray[np.int32]
    from_cell: NDArray[np.int32]
    confidence: NDArray[np.float32]
    given: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.t.size)

    def __getitem__(self, chosen: Any) -> "LinkTable":
        """Some of the rows; the caller keeps them in order."""
        return LinkTable(*(getattr(self, one.name)[chosen] for one in fields(self)))

    @property
    def cuts(self) -> NDArray[np.bool_]:
        """Rows that are no link."""
        apart: NDArray[np.bool_] = self.given & (self.confidence == 0)
        return apart

    def to_bytes(self) -> bytes:
        """The columns one after the other, compressed."""
        parts = [np.ascontiguousarray(getattr(self, name), kind).tobytes() for name, kind in COLUMNS.items()]
        return zlib.compress(b"".join(parts), 3)

    @staticmethod
    def from_bytes(content: bytes) -> "LinkTable":
        """What `to_bytes` made."""
        raw = zlib.decompress(content)
        count = len(raw) // sum(np.dtype(kind).itemsize for kind in COLUMNS.values())
        columns, at = [], 0
        for kind in COLUMNS.values():
            columns.append(np.frombuffer(raw, kind, count, at))
            at += count * np.dtype(kind).itemsize
        return LinkTable(*columns)

    def human(self) -> HumanLinks:
        """What people had said before the linker ran."""
        said = self[self.given]
        rows = zip(
            *(column.tolist() for column in (said.from_t, said.from_cell, said.t, said.cell)), strict=True
        )
        several = list(zip((HumanLink(*row) for row in rows), said.cuts.tolist(), strict=True))
        return HumanLinks(
            tuple(sorted(link for link, cut in several if not cut)),
            tuple(sorted(link for link, cut in several if cut)),
        )


def table(**columns: Any) -> LinkTable:
    """A table of columns in any order of rows."""
    plain = {name: np.asarray(columns[name], kind) for name, kind in COLUMNS.items()}
    return LinkTable(**plain)[np.lexsort((plain["cell"], plain["t"]))]


def nothing() -> LinkTable:
    """A table without a row."""
    return table(**dict.fromkeys(COLUMNS, ()))


def with_cuts(links: LinkTable, cuts: Iterable[HumanLink]) -> LinkTable:
    """The table with pairs that people took apart."""
    return _with(links, cuts, confidence=0.0)


def with_human(links: LinkTable, human: Iterable[HumanLink]) -> LinkTable:
    """The table with people's links, in place of what it says of the same later ends."""
    several = [*human]
    known = {(link.to_t, link.to_cell) for link in several}
    if known:
        ends = zip(links.t.tolist(), links.cell.tolist(), strict=True)
        links = links[np.asarray([end not in known for end in ends], np.bool_)]
    return _with(links, several, confidence=1.0)


def _with(links: LinkTable, human: Iterable[HumanLink], *, confidence: float) -> LinkTable:
    rows = np.asarray([*human], np.int32).reshape(-1, 4)
    more = {
        "from_t": rows[:, 0], "from_cell": rows[:, 1], "t": rows[:, 2], "cell": rows[:, 3],
        "confidence": np.full(len(rows), confidence), "given": np.ones(len(rows), np.bool_),
    }  # fmt: skip
    return table(**{name: np.concatenate([getattr(links, name), more[name]]) for name in COLUMNS})


def followed(links: LinkTable, edits: Iterable[tuple[CellMove, ...]]) -> LinkTable:
    """The table with both ends of every link under the names that moves gave them, edit by edit."""
    t, from_t = links.t, links.from_t
    cell, from_cell = links.cell.copy(), links.from_cell.copy()
    for moves in edits:
        for times, names in ((t, cell), (from_t, from_cell)):
            before = names.copy()
            for move in moves:
                names[(before == move.cell) & (times >= move.first) & (times <= move.last)] = move.to
    return table(
        t=t, cell=cell, from_t=from_t, from_cell=from_cell, confidence=links.confidence, given=links.given
    )
