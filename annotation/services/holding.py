"""What a revision that writes whole frames must leave as it is: cells that somebody locked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from annotation.core import locks
from annotation.core import tiles as core_tiles
from annotation.core.edit_values import CellFacts
from annotation.core.edits import TileKey
from annotation.core.tiles import CellMeasures, TileContent
from annotation.models import Branch, CellHead
from annotation.selectors import labels as reading
from annotation.services import revisions
from annotation.services.revisions import NewTile


@dataclass(frozen=True)
class Held:
    """The cells of a branch that stay: those that are locked, and their mothers; `locked` are the former.

    `channels`: {cell: channel of its mask}, of the cells that stay and of those that are written.
    """

    cells: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    channels: Mapping[int, int | None] = field(default_factory=dict)

    def concerns(self, *several: CellMeasures | TileContent) -> bool:
        """Has any of these a pixel of a cell that stays?"""
        return bool(self.cells) and any(not self.cells.isdisjoint(one.ids.tolist()) for one in several)

    def kept(self, key: TileKey, now: TileContent, coming: TileContent) -> NewTile:
        """What is written in the place of the tile `now` where `coming` was wished for."""
        content = locks.kept_in_tile(now, coming, self.cells, self.channels)
        return revisions.new_tile(*key, content, before=now.ids)

    @property
    def sentence(self) -> str:
        """What people are told; empty when nothing stays."""
        if not self.locked:
            return ""
        are = "are locked and stay as they are" if len(self.locked) > 1 else "is locked and stays as it is"
        return f"{locks.names(self.locked)} {are}."


def held(branch: Branch, coming: Mapping[int, CellFacts]) -> Held:
    """What stays on a locked branch while cells with the facts `coming` are written."""
    if not CellHead.objects.filter(branch=branch, exists=True, state__locked=True).exists():
        return Held()
    now = reading.cell_facts(branch=branch)
    cells = locks.held(now)
    locked = frozenset(cell for cell in cells if now[cell].locked)
    told = {cell: known.channel for cell, known in {**now, **coming}.items()}
    return Held(frozenset(cells), locked, {**told, **{cell: now[cell].channel for cell in cells}})


def heads(branch: Branch, keys: list[TileKey]) -> dict[TileKey, TileContent]:
    """The tiles as they are; those never written are empty."""
    found = reading.heads_at(branch_id=branch.pk, keys=keys)
    return {key: found.get(key, core_tiles.EMPTY_TILE) for key in keys}
