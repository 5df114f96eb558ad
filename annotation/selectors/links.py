"""Links of a branch: how sure the linker was of each, and which ones people have made. No pixel is read."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from annotation.core import link_tables
from annotation.core.edits import CellFacts
from annotation.core.human_links import BriefEdit, HumanLink, HumanLinks, Ledger, brief
from annotation.core.link_tables import LinkTable
from annotation.core.tiles import CellMeasures
from annotation.models import Branch, EditRecord, Linking, Revision, RevisionKind
from annotation.selectors import labels

Keys = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class SaidLinks:
    """The links that stand at revision `head` and of which something is known. `linked` is the revision that
    the linker made, None where none ran on the branch."""

    head: int
    linked: int | None
    linker: str
    table: LinkTable


@dataclass(frozen=True, slots=True)
class HumanCounts:
    """What people have said of links, as of revision `head`: links, pairs taken apart, cells that end."""

    head: int
    links: int
    cuts: int
    ends: int


def list_links(*, branch: Branch, revision: int | None = None) -> SaidLinks:
    """Links at the head or as of `revision`, under the names of then, people's with confidence 1.

    Raises `NoSuchRevision`.
    """
    if revision == 0:
        return SaidLinks(0, None, "", link_tables.nothing())
    at = None if revision is None else labels.get_revision(branch=branch, number=revision)
    number = branch.head_number if at is None else at.number
    row = _linking(branch, number)
    known = LinkTable.from_bytes(bytes(row.content)) if row else link_tables.nothing()
    if row is not None:
        moves = (edit.moves for _, edit in _edits(branch, row.number, number) if edit.moves)
        known = link_tables.followed(known[~known.cuts], moves)
        known = known[_stands(known, branch, at)]
    table = link_tables.with_human(known, human_links(branch=branch, revision=revision).links)
    return SaidLinks(number, row.number if row else None, row.linker if row else "", table)


def human_links(*, branch: Branch, revision: int | None = None) -> HumanLinks:
    """What people have said of the links of a branch and what still stands, at the head or as of `revision`.

    An accepted revision confirms all links where a linker ran on the branch before it. Raises
    `NoSuchRevision`.
    """
    if revision == 0:
        return HumanLinks()
    at = None if revision is None else labels.get_revision(branch=branch, number=revision)
    number = branch.head_number if at is None else at.number
    facts = labels.cell_facts(branch=branch, revision=at)
    row = _linking(branch, number)
    if row is not None and _is_accepted(branch, row.number, number):
        facts = {cell: replace(known, locked=True) for cell, known in facts.items()}
    known = LinkTable.from_bytes(bytes(row.content)).human() if row else HumanLinks()
    edits = list(_edits(branch, 0, number))
    followed = _followed(facts, (edit for _, edit in edits), known)
    ledger = Ledger()
    for whole, until in _chapters(branch, number, [n for n, _ in edits]):
        if whole:
            places = _places(branch, whole, followed) if followed else ()
            ledger.stand_on(places, known if row is not None and row.number == whole else None)
        for _, edit in (one for one in edits if whole < one[0] < until):
            ledger.take(edit)
    return ledger.standing(facts)


@dataclass(frozen=True, slots=True)
class UncertainLink:
    """A question about one link: is `cell` in frame `t` the cell `from_cell` of frame `from_t`, or where the
    two differ its daughter? `chance` 0..1 that it is, as the linker said."""

    t: int
    cell: int
    from_t: int
    from_cell: int
    chance: float

    @property
    def is_division(self) -> bool:
        """Is it asked about a birth?"""
        return self.cell != self.from_cell


def uncertain_links(
    *, branch: Branch, count: int, below: float = 1.0, divisions: bool | None = None
) -> list[UncertainLink]:
    """The links at the head that the linker was least sure of, the least sure first: the questions of which
    an answer is worth most. Those that people have made, confirmed or answered are left out, so are those
    that no longer stand; there are none where no linker ran.

    With `divisions` only births (SAME and DIVIDED questions of a campaign ask for one or the other). Answers
    come back through `services.link_answers.answer` as human links, which a linker keeps.
    """
    known = list_links(branch=branch).table
    births = known.cell != known.from_cell
    asked = ~known.given & (known.confidence < below)
    known = known[asked if divisions is None else asked & (births == divisions)]
    known = known[np.argsort(known.confidence, kind="stable")[:count]]
    names = ("t", "cell", "from_t", "from_cell", "confidence")
    rows = zip(*(getattr(known, name).tolist() for name in names), strict=True)
    return [UncertainLink(t, cell, from_t, of, round(chance, 4)) for t, cell, from_t, of, chance in rows]


def standing_among(*, branch: Branch, asked: Collection[HumanLink]) -> set[HumanLink]:
    """Those of the links that the labels say at the head: a cell that has its number in both frames and in
    none between, or a cell and its mother in her last frame before it."""
    there: dict[int, list[int]] = defaultdict(list)
    cells = {cell for link in asked for cell in (link.cell, link.to_cell)}
    for t, cell in _frames_of(branch, cells):
        there[cell].append(t)
    facts = labels.cell_facts(branch=branch)
    return {link for link in asked if _is_said(link, there, facts)}


def _is_said(link: HumanLink, there: dict[int, list[int]], facts: dict[int, CellFacts]) -> bool:
    before = [t for t in there[link.cell] if t < link.to_t]
    if not before or before[-1] != link.t or link.to_t not in there[link.to_cell]:
        return False
    if link.cell == link.to_cell:
        return True
    born = there[link.to_cell][0] == link.to_t
    return born and facts.get(link.to_cell, CellFacts()).mother == link.cell


def _frames_of(branch: Branch, cells: Collection[int]) -> list[tuple[int, int]]:
    """(t, cell) of these cells at the head, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT t, cell FROM annotation_celltile WHERE branch_id = %s AND cell = ANY(%s) "
            "ORDER BY t, cell",
            [branch.pk, sorted(cells)],
        )
        return [(t, cell) for t, cell in cursor.fetchall()]


def count_human_links(*, branch: Branch) -> HumanCounts:
    """How much people have said of the links of a branch."""
    found = human_links(branch=branch)
    return HumanCounts(branch.head_number, len(found.links), len(found.cuts), len(found.ends))


# ---------------------------------------------------------------- the log


def _linking(branch: Branch, number: int) -> Linking | None:
    """What the last linker said that ran on the branch, up to revision `number`."""
    return Linking.objects.filter(branch=branch, number__lte=number).order_by("-number").first()


def _is_accepted(branch: Branch, since: int, number: int) -> bool:
    """Whether a person accepted a revision of these numbers."""
    accepted = Revision.objects.accepted().filter(branch=branch, number__gte=since, number__lte=number)
    return accepted.filter(accepted_by__isnull=False).exists()


def _edits(branch: Branch, after: int, until: int) -> Iterator[tuple[int, BriefEdit]]:
    """(revision, edit) of people, oldest first, without pixels."""
    records = EditRecord.objects.filter(
        revision__branch=branch, revision__number__gt=after, revision__number__lte=until
    ).order_by("revision__number", "position")
    rows = records.values_list("revision__number", "body")
    for number, body in rows.iterator(500):
        yield number, brief(labels.read_edit(bytes(body)))


def _chapters(branch: Branch, number: int, edited: list[int]) -> list[tuple[int, int]]:
    """(revision that replaced the labels as a whole, the next such one); 0 is the branch before anything.

    Of several in a row, with no edit between, the last one counts.
    """
    whole = Revision.objects.filter(branch=branch, number__lte=number).exclude(kind=RevisionKind.EDIT)
    begins = [0, *whole.order_by("number").values_list("number", flat=True), number + 1]
    return [
        (first, end)
        for first, end in pairwise(begins)
        if end > number or any(first < edit < end for edit in edited)
    ]


def _followed(facts: dict[int, CellFacts], edits: Iterable[BriefEdit], known: HumanLinks) -> frozenset[int]:
    """The cells of which people have said anything; no others need to be read."""
    cells = {cell for edit in edits for cell in edit.named}
    for link in (*known.links, *known.cuts):
        cells |= {link.cell, link.to_cell}
    for cell, fact in facts.items():
        if fact.locked or fact.ending is not None or fact.merged_into is not None:
            cells |= {cell, *([fact.mother] if fact.mother is not None else [])}
    return frozenset(cells)


def _places(branch: Branch, number: int, cells: Collection[int]) -> list[tuple[int, int, int]]:
    """(t, cell, area px) of these cells as of revision `number`, from the measures of tiles."""
    wanted = np.asarray(sorted(cells), np.int64)
    areas: Counter[tuple[int, int]] = Counter()
    for t, _, stats in labels.tile_stats(branch.pk, number):
        measures = CellMeasures.from_bytes(stats)
        chosen = np.isin(measures.ids, wanted)
        for cell, area in zip(measures.ids[chosen].tolist(), measures.area_px[chosen].tolist(), strict=True):
            areas[t, cell] += area
    return [(t, cell, area) for (t, cell), area in areas.items()]


# ---------------------------------------------------------------- what stands


def _stands(table: LinkTable, branch: Branch, at: Revision | None) -> NDArray[np.bool_]:
    """Which rows are links still: both ends are there, nothing of the cell between, a mother is one."""
    there = _seen_at_head(branch) if at is None else _seen(branch, at.number)
    frames = branch.image.size_t
    later, earlier = _keys(table.cell, table.t, frames), _keys(table.from_cell, table.from_t, frames)
    both = _among(later, there) & _among(earlier, there)
    same = table.cell == table.from_cell
    next_to = np.searchsorted(there, later) - np.searchsorted(there, earlier) == 1
    mothers = labels.cell_facts(branch=branch, revision=at)
    daughter = [
        cell in mothers and mothers[cell].mother == mother
        for cell, mother in zip(table.cell.tolist(), table.from_cell.tolist(), strict=True)
    ]
    return np.where(same, both & next_to, both & np.asarray(daughter, np.bool_))


def _keys(cell: NDArray[np.int32], t: NDArray[np.int32], frames: int) -> Keys:
    return cell.astype(np.int64) * frames + t


def _among(keys: Keys, there: Keys) -> NDArray[np.bool_]:
    at = np.minimum(np.searchsorted(there, keys), max(there.size - 1, 0))
    return there[at] == keys if there.size else np.zeros(keys.shape, np.bool_)


def _seen_at_head(branch: Branch) -> Keys:
    """cell × frames + t of every detection, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT cell::bigint * %s + t FROM annotation_celltile WHERE branch_id = %s",
            [branch.image.size_t, branch.pk],
        )
        return np.sort(np.asarray([key for (key,) in cursor.fetchall()], np.int64))


def _seen(branch: Branch, number: int) -> Keys:
    frames = branch.image.size_t
    parts = [
        CellMeasures.from_bytes(stats).ids.astype(np.int64) * frames + t
        for t, _, stats in labels.tile_stats(branch.pk, number)
    ]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
