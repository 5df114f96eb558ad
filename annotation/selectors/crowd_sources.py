"""What a campaign can ask about: cells and links of a branch or an accepted revision, with their places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from annotation.core import crops, tiles
from annotation.core.edits import CellFacts
from annotation.core.intervals import Ints
from annotation.models import Branch, Image, Revision, TileHead
from annotation.selectors import labels, links

Bounds = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """A cell in one frame: the slice where it is largest, (y_min, x_min, y_max, x_max) there, its centre, px,
    and what is known of it."""

    t: int
    z: int
    cell: int
    bounds: Bounds
    centre: tuple[float, float]
    area_px: int
    facts: CellFacts


@dataclass(frozen=True, slots=True)
class Pair:
    """A cell in one frame and one in a later frame: itself, or what may be a daughter. `confidence` that they
    belong together."""

    earlier: Seen
    later: Seen
    confidence: float


@dataclass
class Source:
    """The labels of an image at the head of `branch`, or as of `revision`; frames are read once each."""

    image: Image
    branch: Branch
    revision: Revision | None = None

    @property
    def number(self) -> int:
        """The revision that is read."""
        return self.branch.head_number if self.revision is None else self.revision.number

    @cached_property
    def facts(self) -> dict[int, CellFacts]:
        """What is known of each cell."""
        return labels.cell_facts(branch=self.branch, revision=self.revision)

    def frames(self) -> list[int]:
        """Time points at which the branch has labels."""
        heads = TileHead.objects.filter(branch=self.branch).order_by("t")
        return list(heads.values_list("t", flat=True).distinct())

    def seen(self, t: int) -> dict[int, Seen]:
        """The cells of a frame that are not ignored, each in the slice where it is largest."""
        found: dict[int, Seen] = {}
        for z, m in labels.cell_measures(branch=self.branch, revision=self.revision, t=t).items():
            columns = (m.ids, m.y_min, m.x_min, m.y_max, m.x_max, m.centroid_y, m.centroid_x, m.area_px)
            for cell, y0, x0, y1, x1, y, x, area in zip(*(c.tolist() for c in columns), strict=True):
                facts = self.facts.get(cell, CellFacts())
                if not facts.ignored and (cell not in found or found[cell].area_px < area):
                    found[cell] = Seen(t, z, cell, (y0, x0, y1, x1), (y, x), area, facts)
        return found

    def masks(self, t: int, z: int) -> dict[int, Ints]:
        """Runs (n, 3) of every cell of a plane, px of the image."""
        contents = labels.frame_tiles(branch=self.branch, revision=self.revision, t=t, z=z)
        return {cell: crops.flat(runs) for cell, runs in tiles.runs_of_tiles(contents).items()}


def of_branch(image: Image, name: str = "") -> Source:
    """The branch of this name, without one the current; the image's first where there is none such."""
    branches = Branch.objects.filter(image=image)
    named = branches.filter(name=name).first() if name else image.current_branch
    return Source(image, named or branches.earliest("created_at"))


def accepted(image: Image) -> Source | None:
    """The revision that was accepted last; None: none was."""
    revision = labels.accepted_revision(image)
    return None if revision is None else Source(image, revision.branch, revision)


def planes_of(image: Image, every_t: int) -> Iterator[tuple[int, int]]:
    """(t, z) of every plane of every `every_t`-th frame."""
    for t in range(0, image.size_t, every_t):
        for z in range(image.size_z):
            yield t, z


def least_sure_cells(source: Source, every_t: int, below: float | None) -> list[Seen]:
    """The cells of every `every_t`-th frame, those that a model was least sure of first. Cells that a person
    drew have no quality and come last; with `below` they are left out."""
    found = [
        one
        for t in source.frames()
        if t % every_t == 0
        for one in source.seen(t).values()
        if below is None or (one.facts.quality is not None and one.facts.quality < below)
    ]
    return sorted(found, key=quality)


def quality(one: Seen) -> float:
    """How sure a model was of a cell; 1 where a person drew it."""
    return 1.0 if one.facts.quality is None else one.facts.quality


def uncertain_pairs(source: Source, *, births: bool, count: int, below: float | None) -> list[Pair]:
    """The links of a branch that a linker was least sure of first: within a track, or with `births` from a
    mother to a daughter. What people have said already is left out."""
    limit = 1.0 if below is None else below
    asked = links.uncertain_links(branch=source.branch, count=count, below=limit, divisions=births)
    frames: dict[int, dict[int, Seen]] = {}
    pairs = []
    for one in asked:
        for frame in {one.from_t, one.t} - frames.keys():
            frames[frame] = source.seen(frame)
        earlier, later = frames[one.from_t].get(one.from_cell), frames[one.t].get(one.cell)
        if earlier is not None and later is not None:
            pairs.append(Pair(earlier, later, one.chance))
    return pairs


def images_of(images: Sequence[Image], name: str = "") -> list[Source]:
    """Each with the branch of this name, or its current one."""
    return [of_branch(image, name) for image in images]
