"""What a campaign can ask about: cells and links of a branch or an accepted revision, with their places."""

from collections.abc import Iterable, Iterator, Sequence
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


def current(image: Image) -> Source:
    """The image's current branch, its first where it has none."""
    return Source(image, image.current_branch or Branch.objects.filter(image=image).earliest("created_at"))


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


def of_images(images: Sequence[Image], name: str = "") -> list[Source]:
    """Each with its branch of this name, those without such a branch left out; without a name with its
    current one."""
    if not name:
        return [current(image) for image in images]
    named = {branch.image_id: branch for branch in Branch.objects.filter(image__in=images, name=name)}
    return [Source(image, named[image.pk]) for image in images if image.pk in named]


def of_branches(branches: Iterable[Branch]) -> list[Source]:
    """The heads of these branches, `image` read with them, in the order of the images' names."""
    found = [Source(branch.image, branch) for branch in branches]
    return sorted(found, key=lambda one: (one.image.name, str(one.branch.pk)))
