"""The whole loop of a crowd: cut, publish, outline, aggregate, stitch, review (K1, K4, K8, D9)."""

from typing import Any

import numpy as np
import pytest

from annotation.core.edits import CellFacts
from annotation.models import (
    Campaign,
    CrowdItem,
    Doubt,
    ItemKind,
    Origin,
    Task,
)
from annotation.selectors import campaigns as reading
from annotation.selectors import doubts
from annotation.selectors import labels as labels_reading
from annotation.services import (
    campaigns,
    crowd_cutting,
    crowd_stitching,
    labels,
)
from annotation.services.crowd_cutting import NothingToAsk, Wish
from annotation.services.crowd_stitching import NothingAnswered
from backend.accounts.models import User
from backend.foundation.queue import Letter
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories.annotation import make_project
from tests.factories.campaigns import (
    cut,
    head_plane,
    join,
    labelled_image,
    make_campaign,
    say,
    squares,
    take,
    truth_of,
)

PLANE = squares(96, 160)


def answered_by_truth(campaign: Campaign, plane: Any, workers: int = 2) -> None:
    """Every item answered with what the plane says, as often as is wanted."""
    crowd = [join(campaign) for _ in range(workers)]
    for worker in crowd:
        while (given := take(worker)).item is not None:
            say(worker, given.item, truth_of(given.item, plane))


def test_K1_the_cells_that_a_model_was_least_sure_of_come_first(cast: Cast) -> None:
    project = make_project(cast.team)
    facts = {int(c): CellFacts(quality=c / 100) for c in np.unique(PLANE) if c}
    image = labelled_image(project, cast.ana, PLANE, facts=facts)
    campaign = make_campaign(project, cast.ana)
    items = cut(campaign, cast.ana, image, kind=ItemKind.FIX, limit=5)
    assert sorted(item.cell or 0 for item in items) == [1, 2, 3, 4, 5]
    first = take(join(campaign)).item
    assert first is not None
    assert first.cell == 1
    assert first.shown[0][0] == truth_of(first, PLANE * (PLANE == 1))["masks"][0]
    again = crowd_cutting.cut(
        campaign=campaign, wish=Wish(kind=ItemKind.FIX, images=[image.pk], limit=6), by=cast.ana
    )
    assert (again.made, again.known) == (1, 5)


def test_K1_a_cell_to_be_outlined_is_marked_in_its_middle_alone(cast: Cast) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, PLANE, quality=0.5)
    campaign = make_campaign(project, cast.ana)
    for item in cut(campaign, cast.ana, image, kind=ItemKind.OUTLINE, per_cell=True):
        [[[[y, x0, x1]]]] = item.shown
        assert x1 == x0 + 1
        assert PLANE[item.y + y, item.x + x0] == item.cell


def test_what_is_not_there_cannot_be_asked(cast: Cast) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, PLANE)
    campaign = make_campaign(project, cast.ana)
    for wish in (
        Wish(kind=ItemKind.SAME, images=[image.pk]),
        Wish(kind=ItemKind.CELL, images=[image.pk], below=0.5),
    ):
        with pytest.raises(NothingToAsk):
            crowd_cutting.cut(campaign=campaign, wish=wish, by=cast.ana)


def test_K4_D9_a_crowd_that_outlines_tiles_makes_a_draft_without_seams(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, np.zeros_like(PLANE))
    campaign = make_campaign(project, cast.ana, answers_max=2)
    items = cut(campaign, cast.ana, image, tile_px=64, overlap_px=20)
    assert len(items) == 2 * 4
    answered_by_truth(campaign, PLANE)
    assert {posted.letter for posted in outbox.letters} >= {Letter.AGGREGATE_CAMPAIGN}
    outbox.deliver()
    outbox.deliver_again()
    done = campaign.items.filter(is_done=True, is_dirty=False)
    assert done.count() == len(items)
    [made] = crowd_stitching.stitch(campaign=campaign, by=cast.ana)
    branch = made.draft.revision.branch
    drawn = head_plane(image, branch.name)
    pairs = np.unique(np.stack((drawn.ravel(), PLANE.ravel()), 1), axis=0)
    assert len(pairs) == len(np.unique(PLANE)), "IoU 1, every cell one id"
    assert (branch.origin, branch.author_name) == (Origin.CROWD, "Crowd: Campaign")
    assert made.draft.revision.author is None
    assert not head_plane(image, "main").any(), "what people see is as it was"
    assert made.task is not None
    task = Task.objects.get(pk=made.task)
    assert (task.branch, task.kind, task.priority) == (branch, "CORRECT", made.draft.ambiguity)


def test_K8_doubt_about_pixels_is_kept_with_the_draft(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, np.zeros_like(PLANE))
    campaign = make_campaign(project, cast.ana, answers_min=2, answers_max=2)
    cut(campaign, cast.ana, image, tile_px=64, overlap_px=20)
    for worker, plane in zip(
        (join(campaign), join(campaign)), (PLANE, np.roll(PLANE, 3, axis=1)), strict=True
    ):
        while (given := take(worker)).item is not None:
            say(worker, given.item, truth_of(given.item, plane))
    outbox.deliver()
    [made] = crowd_stitching.stitch(campaign=campaign, review=False, by=cast.ana)
    assert made.task is None
    assert made.draft.ambiguity > 0
    assert Doubt.objects.filter(revision=made.draft.revision).count() == 8
    doubt = doubts.read(revision=made.draft.revision, t=0, z=0)
    assert doubt is not None
    both, one = PLANE & np.roll(PLANE, 3, axis=1) > 0, PLANE ^ np.roll(PLANE, 3, axis=1) > 0
    assert doubt.shape == PLANE.shape
    assert doubt[one].mean() > 3 * doubt[both].mean()
    assert reading.list_items(campaign=campaign, order="ambiguity").count() == 8


def test_K1_fixed_outlines_change_their_cells_and_nothing_else(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, PLANE, quality=0.5)
    campaign = make_campaign(project, cast.ana, answers_max=2)
    items = cut(campaign, cast.ana, image, kind=ItemKind.FIX, limit=3)
    asked = {item.cell for item in items if item.cell is not None}
    wider = np.where(np.isin(PLANE, list(asked)), PLANE, 0)
    grown = np.maximum(wider, np.roll(wider, 2, axis=1))
    for worker in (join(campaign), join(campaign)):
        while (given := take(worker)).item is not None:
            say(worker, given.item, truth_of(given.item, grown * (grown == given.item.cell)))
    outbox.deliver()
    [made] = crowd_stitching.stitch(campaign=campaign, by=cast.ana)
    drawn = head_plane(image, made.draft.revision.branch.name)
    assert (drawn == np.where(PLANE > 0, PLANE, grown)).all()
    assert made.draft.change_count == 3


def test_the_draft_enters_a_snapshot_once_an_expert_accepts_it(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, np.zeros_like(PLANE))
    campaign = make_campaign(project, cast.ana, answers_max=2)
    cut(campaign, cast.ana, image, tile_px=64, overlap_px=20)
    answered_by_truth(campaign, PLANE)
    outbox.deliver()
    [made] = crowd_stitching.stitch(campaign=campaign, by=cast.ana)
    labels.accept(revision=made.draft.revision, by=cast.cleo)
    accepted = labels_reading.accepted_revision(image)
    assert accepted == made.draft.revision
    again = crowd_stitching.stitch(campaign=campaign, by=cast.ana)
    assert again[0].draft.revision.branch != made.draft.revision.branch, "never over an earlier draft"


def test_nothing_is_stitched_before_anything_is_sure(cast: Cast) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, PLANE)
    campaign = make_campaign(project, cast.ana)
    cut(campaign, cast.ana, image, tile_px=64)
    with pytest.raises(NothingAnswered):
        crowd_stitching.stitch(campaign=campaign, by=cast.ana)


def test_deleting_a_campaign_leaves_its_drafts(cast: Cast, outbox: Outbox, ana: User) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, np.zeros_like(PLANE))
    campaign = make_campaign(project, cast.ana, answers_max=2)
    cut(campaign, cast.ana, image, tile_px=64, overlap_px=20)
    answered_by_truth(campaign, PLANE)
    outbox.deliver()
    [made] = crowd_stitching.stitch(campaign=campaign, by=ana)
    campaigns.delete(campaign=campaign, by=ana)
    made.draft.revision.refresh_from_db()
    assert not CrowdItem.objects.exists()
