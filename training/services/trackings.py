"""What a linker made of a movie becomes a prediction: cells over time, mothers, how sure of each link, and
everything that people had said before.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import transaction

from annotation.core import link_tables
from annotation.core.edits import CellFacts
from annotation.core.human_links import HumanLink, HumanLinks
from annotation.core.link_tables import LinkTable
from annotation.models import Image, Revision
from annotation.services import linkings
from training.contract.errors import ContractError
from training.contract.linking import Constraints, Detection, Kind, Lineage, Link, TrackedCell
from training.contract.results import CellEntry
from training.models import Prediction, Tracking, TrainedModel
from training.services import predictions
from training.services.predictions import Frames, Linked


class LinksLost(ContractError):
    """A linker has not kept what people said; its draft is not."""


@dataclass(frozen=True, kw_only=True)
class Linking:
    """What a linker was given and what it made of it. `before` are the facts of the cells that it linked, by
    the ids they had; `base` the revision they are of, None where a model outlined them in the same job;
    `model` is the trained linker that weighed the links, where there was one."""

    lineage: Lineage
    constraints: Constraints
    settings: Mapping[str, Any]
    before: Mapping[int, CellFacts]
    base: Revision | None = None
    model: TrainedModel | None = None


@transaction.atomic
def accept(
    *,
    job_id: uuid.UUID | str,
    worker: str,
    image: Image,
    frames: Frames,
    linking: Linking,
    reading: Mapping[str, Any] | None = None,
) -> Prediction:
    """Enter the tracks of one image: draft revision, confidence of each link, where they came from; `reading`
    says how a model that outlined the cells read the image.

    An image that was entered before is passed over. Raises JobTakenOver, LinksLost.
    """
    lineage = linking.lineage
    names = names_of(lineage)
    check_kept(lineage=lineage, names=names, constraints=linking.constraints)
    facts = facts_of(linking, names)
    cells = [CellEntry(cell=cell, quality=known.quality) for cell, known in facts.items()]
    linked = Linked(linker=_name_of(linking), facts=facts)
    prediction = predictions.accept(
        job_id=job_id, worker=worker, image=image, frames=frames, cells=cells, linked=linked, reading=reading
    )
    if Tracking.objects.filter(prediction=prediction).exists():
        return prediction
    table = table_of(lineage, names, linking.constraints)
    linkings.keep(revision=prediction.revision, linker=lineage.linker, table=table)
    Tracking.objects.create(
        prediction=prediction,
        linker=lineage.linker,
        trained_model=linking.model,
        settings=dict(linking.settings),
        base=linking.base,
        link_count=len(lineage.links),
        division_count=len({cell.mother for cell in lineage.cells if cell.mother is not None}),
        kept_links=len(linking.constraints.must),
        kept_cuts=len(linking.constraints.must_not),
        measured=lineage.measured,
    )
    return prediction


def _name_of(linking: Linking) -> str:
    """The linker; beside a model that outlined the cells, a trained one by its own name."""
    return (
        str(linking.model) if linking.model is not None and linking.base is None else linking.lineage.linker
    )


Names = dict[Detection, int]
"""What each detection is called now."""


def names_of(lineage: Lineage) -> Names:
    """The new id of every detection."""
    renamed = lineage.renamed
    rows = zip(renamed.t.tolist(), renamed.was.tolist(), renamed.cell.tolist(), strict=True)
    return {Detection(t, was): cell for t, was, cell in rows}


def check_kept(*, lineage: Lineage, names: Names, constraints: Constraints) -> None:
    """Raises LinksLost unless all that people said holds, or speaks of cells that are not there."""
    mothers = {cell.cell: (cell.mother, cell.first) for cell in lineage.cells}
    said = [*constraints.must, *constraints.must_not]
    there = [link for link in said if link.source in names and link.target in names]
    wanted = set(constraints.must)
    lost = [link for link in there if _holds(link, names, mothers) is not (link in wanted)]
    if lost:
        one = lost[0]
        raise LinksLost(
            f"The linker {lineage.linker} has not kept {len(lost)} of the {len(there)} links that people "
            f"made or took apart, the first of them cell {one.source.cell} in frame {one.source.t} and cell "
            f"{one.target.cell} in frame {one.target.t}; its tracks were not kept. Choose another linker."
        )


def _holds(link: Link, names: Names, mothers: Mapping[int, tuple[int | None, int]]) -> bool:
    """Whether a link is there; of one that must not be, whether either kind is."""
    source, target = names[link.source], names[link.target]
    return source == target or mothers[target] == (source, link.target.t)


def facts_of(linking: Linking, names: Names) -> dict[int, CellFacts]:
    """Facts of the new cells: those of the cell that most of each was before; mother, quality and fusions as
    the linker says; an ending where its cell still ends."""
    was = _earlier_cells(linking.lineage)
    ends = {(one.t, names[one]): one.cell for one in linking.constraints.ends if one in names}
    found = {}
    for cell in linking.lineage.cells:
        before = linking.before.get(was[cell.cell], CellFacts())
        ended = linking.before.get(ends.get((cell.last, cell.cell), 0), CellFacts())
        found[cell.cell] = replace(
            before,
            mother=cell.mother,
            quality=_quality(cell, before, linking),
            merged_into=cell.merged_into or _now(ended.merged_into, cell.last, names),
            ending=ended.ending,
        )
    return found


def _quality(cell: TrackedCell, before: CellFacts, linking: Linking) -> float:
    """Of cells that were outlined in the same job, the outline is doubted as well as the links."""
    if linking.base is not None or before.quality is None:
        return cell.quality
    return min(cell.quality, before.quality)


def _now(was: int | None, t: int, names: Names) -> int | None:
    """What the cell is called that another became one with after frame t."""
    if was is None:
        return None
    return names.get(Detection(t + 1, was)) or names.get(Detection(t, was))


def _earlier_cells(lineage: Lineage) -> dict[int, int]:
    """New cell → the earlier cell that most of its detections were, the lowest of several."""
    renamed = lineage.renamed
    pairs, counts = np.unique(np.stack([renamed.cell, renamed.was], 1), axis=0, return_counts=True)
    order = np.lexsort((pairs[:, 1], -counts, pairs[:, 0])) if len(pairs) else np.zeros(0, np.int64)
    first: dict[int, int] = {}
    for cell, was in pairs[order].tolist():
        first.setdefault(cell, was)
    return first


def table_of(lineage: Lineage, names: Names, constraints: Constraints) -> LinkTable:
    """The links as labels keep them, with the pairs that people took apart under their new names."""
    links = lineage.links
    found = link_tables.table(
        t=links.to_t,
        cell=links.to_cell,
        from_t=links.t,
        from_cell=links.cell,
        confidence=links.confidence,
        given=links.given,
    )
    cuts = [
        HumanLink(link.source.t, names[link.source], link.target.t, names[link.target])
        for link in constraints.must_not
        if link.source in names and link.target in names
    ]
    return link_tables.with_cuts(found, cuts)


def constraints_of(said: HumanLinks) -> Constraints:
    """What people said, in the words of the engine. A pair taken apart is neither one cell nor mother and
    daughter. Raises InvalidConstraints."""
    found = Constraints(
        must=[_asked(link) for link in said.links],
        must_not=[_asked(link) for link in said.cuts],
        ends=[Detection(*end) for end in said.ends],
    )
    found.check()
    return found


def _asked(link: HumanLink) -> Link:
    kind = Kind.SAME if link.cell == link.to_cell else Kind.DAUGHTER
    return Link(Detection(link.t, link.cell), Detection(link.to_t, link.to_cell), kind)
