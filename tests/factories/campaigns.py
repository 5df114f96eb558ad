"""Small campaigns: an image with square cells, cut into items, and workers who answer as told."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core import crops, link_tables
from annotation.core.crops import Box
from annotation.core.edits import CellFacts
from annotation.models import Branch, Campaign, CrowdItem, CrowdWorker, Image, ItemKind, Project
from annotation.selectors import labels as reading
from annotation.services import campaigns, crowd_answers, crowd_cutting, crowd_workers, labels, linkings
from annotation.services.crowd_answers import Given, Taken
from annotation.services.crowd_cutting import Wish
from backend.accounts.models import User
from tests.factories.annotation import make_dataset, make_image

SLOWLY = 100.0
RULES: dict[str, Any] = {
    "answers_min": 2, "answers_max": 4, "gold_share": 0.0, "seconds_min": 0.0, "answers_per_minute": 1000,
}  # fmt: skip


def squares(
    size_y: int = 96, size_x: int = 160, *, side: int = 12, gap: int = 8, first: int = 1
) -> NDArray[np.uint32]:
    """A plane (y, x) of square cells in rows and columns; some lie across any border."""
    plane = np.zeros((size_y, size_x), np.uint32)
    cell = first
    for y in range(gap, size_y - side, side + gap):
        for x in range(gap, size_x - side, side + gap):
            plane[y : y + side, x : x + side] = cell
            cell += 1
    return plane


def labelled_image(
    project: Project,
    by: User,
    *planes: NDArray[np.uint32],
    quality: float | None = None,
    facts: dict[int, CellFacts] | None = None,
    pixels: bool = False,
    accepted: bool = False,
    name: str = "",
) -> Image:
    """An image with these labels (y, x) of its frames on its branch `main`."""
    shape = (len(planes), 1, *planes[0].shape)
    image = make_image(make_dataset(project), shape_tzyx=shape, pixels=pixels, name=name)
    cells = {int(cell) for plane in planes for cell in np.unique(plane)} - {0}
    known = facts or {cell: CellFacts(quality=quality) for cell in cells}
    branch = labels.main_branch(image=image)
    revision = labels.import_planes(
        image=image, branch=branch, author=by, facts=known,
        frames=[(t, 0, plane[None]) for t, plane in enumerate(planes)],
    )  # fmt: skip
    if accepted:
        labels.accept(revision=revision, by=by)
    image.refresh_from_db()
    return image


def make_campaign(project: Project, by: User, *, name: str = "Campaign", **rules: Any) -> Campaign:
    """A draft with rules that suit small tests."""
    return campaigns.create(project=project, name=name, by=by, **{**RULES, **rules})


def cut(
    campaign: Campaign, by: User, *images: Image, kind: str = ItemKind.OUTLINE, **wish: Any
) -> list[CrowdItem]:
    """Items of these images, and the campaign opened."""
    wanted = Wish(kind=kind, images=[image.pk for image in images], **wish)
    crowd_cutting.cut(campaign=campaign, wish=wanted, by=by)
    campaigns.open(campaign=campaign, by=by)
    return list(campaign.items.order_by("y", "x"))


def join(campaign: Campaign, *, platform_worker: str = "") -> CrowdWorker:
    """One more worker."""
    worker, _ = crowd_workers.join(campaign=campaign, consent=True, platform_worker=platform_worker)
    return worker


def take(worker: CrowdWorker) -> Given:
    return crowd_answers.take_next(worker=worker)


def say(worker: CrowdWorker, item: CrowdItem, value: Any, seconds: float = SLOWLY) -> Taken:
    return crowd_answers.answer(worker=worker, item_id=item.pk, value=value, seconds=seconds)


def truth_of(item: CrowdItem, plane: NDArray[np.uint32]) -> dict[str, Any]:
    """The masks of a plane's cells as the crop shows them."""
    box = Box(item.y, item.x, item.y + item.height, item.x + item.width)
    part = plane[box.y0 : box.y1, box.x0 : box.x1]
    return {"masks": [crops.runs_of(part == cell).tolist() for cell in np.unique(part) if cell]}


def head_plane(image: Image, branch_name: str, t: int = 0) -> NDArray[np.uint32]:
    """What a branch of the image says now, (y, x)."""
    branch = image.branches.get(name=branch_name)
    planes: NDArray[np.uint32] = reading.read_planes(branch=branch, t=t, z=0)
    return np.asarray(planes[0], np.uint32)


def choose(campaign: Campaign, choose_for: Callable[[CrowdItem], str], workers: int = 2) -> None:
    """Everything that is handed out, answered by so many new workers."""
    for worker in [join(campaign) for _ in range(workers)]:
        while (given := take(worker)).item is not None:
            say(worker, given.item, {"choice": choose_for(given.item)})


def linked_movie(project: Project, by: User) -> Branch:
    """Two cells in six frames, and one that begins in the fourth; a linker was unsure of three links."""
    frames = []
    for t in range(6):
        plane = np.zeros((64, 64), np.uint32)
        plane[4:14, 4:14], plane[30:40, 30 + t : 40 + t] = 1, 2
        if t >= 3:
            plane[45:55, 10:20] = 3
        frames.append(plane)
    image = labelled_image(project, by, *frames, facts={3: CellFacts(mother=1)})
    branch = Branch.objects.select_related("image__dataset__project").get(image=image)
    rows = [(t, cell, t - 1, cell, 0.9) for t in range(1, 6) for cell in (1, 2)]
    rows += [(4, 3, 3, 3, 0.9), (5, 3, 4, 3, 0.9), (3, 3, 2, 1, 0.4)]
    rows[4] = (3, 1, 2, 1, 0.3)
    rows[7] = (4, 2, 3, 2, 0.5)
    columns = zip(("t", "cell", "from_t", "from_cell", "confidence"), zip(*rows, strict=True), strict=True)
    told: Any = dict(columns)
    table = link_tables.table(**told, given=[False] * len(rows))
    linkings.keep(revision=branch.revisions.get(), linker="exact", table=table)
    return branch
