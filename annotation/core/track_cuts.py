"""A track cut in two between two frames: the edit, with what belongs to each part."""

from collections.abc import Mapping
from dataclasses import replace

from annotation.core.edit_values import CellChange, CellFacts, CellMove, Edit

Spans = Mapping[int, tuple[int, int]]
"""First and last frame of each cell."""


def cut(id: str, cell: int, t: int, new: int, *, facts: Mapping[int, CellFacts], spans: Spans) -> Edit:
    """From frame `t` on, `cell` is the cell `new`, which nobody is yet.

    The mother stays with the first part; fusion and ending go with the last. A daughter belongs to the part
    that is there just before she begins, a cell that merges into it to the part just after that ends. `facts`
    are those of every cell.
    """
    known = facts[cell]
    later = CellFacts(
        label_class=known.label_class, channel=known.channel, ignored=known.ignored,
        merged_into=known.merged_into, ending=known.ending, also=known.also, attributes=known.attributes,
        uncertain=known.uncertain,
    )  # fmt: skip
    after = {cell: replace(known, merged_into=None, ending=None)}
    for other, fact in facts.items():
        if fact.mother == cell and spans.get(other, (t + 1, 0))[0] > t:
            after[other] = replace(after.get(other, fact), mother=new)
        if fact.merged_into == cell and spans.get(other, (0, -1))[1] + 1 >= t:
            after[other] = replace(after.get(other, fact), merged_into=new)
    changed = [CellChange(one, facts[one], fact) for one, fact in sorted(after.items()) if fact != facts[one]]
    return Edit(
        id, "track.unlink", cells=(*changed, CellChange(new, None, later)),
        moves=(CellMove(cell, new, t, spans[cell][1]),),
    )  # fmt: skip
