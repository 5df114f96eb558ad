"""The whole loop of a crowd: cut, publish, answer, aggregate, stitch, review (K1, K3, K5, K8, D9, T10)."""

from typing import Any

import numpy as np
import pytest

from annotation.core import link_tables
from annotation.core.edits import CellFacts
from annotation.core.human_links import HumanLink
from annotation.models import (
    Branch,
    Campaign,
    CrowdItem,
    CrowdWorker,
    Doubt,
    ItemKind,
    ItemUse,
    Origin,
    Task,
    WorkerState,
)
from annotation.selectors import campaigns as reading
from annotation.selectors import doubts, links
from annotation.selectors import labels as labels_reading
from annotation.services import (
    campaigns,
    crowd_consensus,
    crowd_cutting,
    crowd_gold,
    crowd_stitching,
    crowd_workers,
    labels,
    linkings,
)
from annotation.services.crowd_cutting import NothingToAsk, Wish
from annotation.services.crowd_stitching import NothingAnswered
from backend.accounts.models import User
from backend.foundation.queue import Letter
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories.annotation import make_class, make_project
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


# ---------------------------------------------------------------- cutting


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


# ---------------------------------------------------------------- outlines


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


# ---------------------------------------------------------------- choices


def choose(campaign: Campaign, choose_for: Any, workers: int = 2) -> None:
    for worker in [join(campaign) for _ in range(workers)]:
        while (given := take(worker)).item is not None:
            say(worker, given.item, {"choice": choose_for(given.item)})


def test_K1_what_is_no_cell_leaves_and_classes_are_given(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    alive = make_class(project, name="alive")
    image = labelled_image(project, cast.ana, PLANE, quality=0.5)
    campaign = make_campaign(project, cast.ana, answers_min=3, answers_max=3)
    cut(campaign, cast.ana, image, kind=ItemKind.CELL)
    crowd_cutting.cut(
        campaign=campaign, wish=Wish(kind=ItemKind.CLASS, images=[image.pk], limit=4), by=cast.ana
    )
    choose(
        campaign,
        lambda item: str(alive.pk) if item.kind == "CLASS" else ("no" if item.cell in (2, 7) else "yes"),
        workers=3,
    )
    outbox.deliver()
    [made] = crowd_stitching.stitch(campaign=campaign, by=cast.ana)
    drawn = head_plane(image, made.draft.revision.branch.name)
    assert (drawn == np.where(np.isin(PLANE, (2, 7)), 0, PLANE)).all()
    facts = labels_reading.cell_facts(revision=made.draft.revision)
    classed = {cell for cell, known in facts.items() if known.label_class == str(alive.pk)}
    assert classed == set(campaign.items.filter(kind="CLASS").values_list("cell", flat=True)) - {2, 7}


def test_excluding_a_worker_is_reckoned_anew(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, PLANE, quality=0.5)
    campaign = make_campaign(project, cast.ana, answers_min=1, answers_max=1)
    cut(campaign, cast.ana, image, kind=ItemKind.CELL)
    choose(campaign, lambda _: "yes", workers=1)
    outbox.deliver()
    assert campaign.items.filter(is_done=True).count() == campaign.items.count()
    worker = campaign.workers.get()
    CrowdWorker.objects.filter(pk=worker.pk).update(state=WorkerState.WORKING)
    crowd_workers.exclude(worker=worker, by=cast.ana)
    outbox.deliver()
    assert set(campaign.items.values_list("consensus", "is_done", "wanted")) == {(None, False, 1)}


def test_on_demand_everything_is_reckoned_from_all_answers(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, PLANE, quality=0.5)
    campaign = make_campaign(project, cast.ana)
    cut(campaign, cast.ana, image, kind=ItemKind.CELL)
    choose(campaign, lambda item: "yes" if (item.cell or 0) % 2 else "no", workers=3)
    crowd_consensus.anew(campaign=campaign, by=cast.ana)
    told = reading.results(campaign=reading.with_counts(Campaign.objects.all()).get())
    assert sum(told.certainty) == campaign.items.count()
    assert told.answers_saved >= 0
    alpha = next(one for one in told.agreement if one.measure == "alpha")
    assert alpha.value == 1.0


# ---------------------------------------------------------------- links


@pytest.fixture
def movie(cast: Cast) -> Branch:
    """Two cells in six frames, and one that begins in the fourth; a linker was unsure of three links."""
    frames = []
    for t in range(6):
        plane = np.zeros((64, 64), np.uint32)
        plane[4:14, 4:14], plane[30:40, 30 + t : 40 + t] = 1, 2
        if t >= 3:
            plane[45:55, 10:20] = 3
        frames.append(plane)
    image = labelled_image(make_project(cast.team), cast.ana, *frames, facts={3: CellFacts(mother=1)})
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


def test_T10_what_a_crowd_says_of_links_is_kept_by_a_linker(
    movie: Branch, cast: Cast, outbox: Outbox
) -> None:
    campaign = make_campaign(movie.image.dataset.project, cast.ana, answers_min=3, answers_max=3)
    items = cut(campaign, cast.ana, movie.image, kind=ItemKind.SAME, below=0.6)
    crowd_cutting.cut(
        campaign=campaign, wish=Wish(kind=ItemKind.DIVIDED, images=[movie.image.pk]), by=cast.ana
    )
    asked = {(item.t, item.cell, item.to_t, item.other_cell) for item in items}
    assert asked == {(2, 1, 3, 1), (3, 2, 4, 2)}
    assert len(items[0].shown) == 2
    choose(campaign, lambda item: "yes" if item.cell == 2 else "no", workers=3)
    outbox.deliver()
    [made] = crowd_stitching.stitch(campaign=campaign, by=cast.ana)
    draft = made.draft.revision.branch
    human = links.human_links(branch=draft)
    new = int(head_plane(movie.image, draft.name, t=3)[5, 5])
    assert HumanLink(3, 2, 4, 2) in human.links
    assert HumanLink(2, 1, 3, new) in human.cuts
    assert new not in (1, 2, 3)
    assert HumanLink(2, 1, 3, 3) in human.cuts
    assert labels_reading.cell_facts(branch=draft)[3].mother is None
    table = links.list_links(branch=draft).table
    pairs = set(
        zip(
            table.from_t.tolist(),
            table.from_cell.tolist(),
            table.t.tolist(),
            table.cell.tolist(),
            strict=True,
        )
    )
    assert (3, new, 4, new) in pairs
    assert (2, 1, 3, 3) not in pairs


# ---------------------------------------------------------------- gold


def test_K5_gold_of_every_kind_is_made_from_what_was_accepted(movie: Branch, cast: Cast) -> None:
    project = movie.image.dataset.project
    alive = make_class(project, name="alive")
    facts = {1: CellFacts(label_class=str(alive.pk)), 2: CellFacts(label_class=str(alive.pk))}
    revision = labels.import_planes(
        image=movie.image, branch=movie, frames=[], facts=facts, author=cast.ana, message="classes"
    )
    labels.accept(revision=revision, by=cast.ana)
    campaign = make_campaign(project, cast.ana)
    for kind in ItemKind.values:
        wish = Wish(kind=kind, images=[movie.image.pk], limit=6, tile_px=48, overlap_px=8)
        if kind == ItemKind.CLASS:
            continue
        crowd_gold.add(campaign=campaign, wish=wish, use=ItemUse.GOLD, by=cast.ana)
    rows = list(campaign.items.all())
    assert {row.kind for row in rows} == set(ItemKind.values) - {"CLASS"}
    assert all(row.truth for row in rows)
    for kind in ("CELL", "SAME", "DIVIDED"):
        assert {row.truth["choice"] for row in rows if row.kind == kind} == {"yes", "no"}
    fixes = [row for row in rows if row.kind == "FIX"]
    assert all(row.shown[0] != row.truth["masks"] for row in fixes)


def test_K5_gold_goes_round_and_an_item_becomes_gold_at_any_time(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, PLANE, quality=0.5, accepted=True)
    campaign = make_campaign(project, cast.ana, gold_share=0.5, feedback_on_gold=True)
    items = cut(campaign, cast.ana, image, kind=ItemKind.CELL)
    wish = Wish(kind=ItemKind.CELL, images=[image.pk], limit=4)
    crowd_gold.add(campaign=campaign, wish=wish, use=ItemUse.GOLD, by=cast.ana)
    for worker in [join(campaign) for _ in range(6)]:
        for _ in range(12):
            given = take(worker)
            assert given.item is not None
            taken = say(worker, given.item, given.item.truth or {"choice": "yes"})
            assert (taken.score is not None) == (given.item.use == "GOLD")
    shown = list(campaign.items.filter(use="GOLD").values_list("given", flat=True))
    assert min(shown) > 0
    assert max(shown) - min(shown) <= 1
    crowd_gold.tell(campaign=campaign, truths={items[0].pk: {"choice": "no"}}, use=ItemUse.GOLD, by=cast.ana)
    changed = CrowdItem.objects.get(pk=items[0].pk)
    assert changed.use == "GOLD"
    assert {one.score for one in changed.answers.all()} <= {0.0}


def test_K6_training_comes_first_and_decides_who_goes_on(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, PLANE, quality=0.5, accepted=True)
    campaign = make_campaign(project, cast.ana, training_count=2, pass_mark=0.8)
    wish = Wish(kind=ItemKind.CELL, images=[image.pk], limit=8)
    crowd_gold.add(campaign=campaign, wish=wish, use=ItemUse.TRAINING, by=cast.ana)
    cut(campaign, cast.ana, image, kind=ItemKind.CELL)
    good, bad = join(campaign), join(campaign)
    for _ in range(2):
        given = take(good)
        assert given.item is not None
        assert given.item.use == "TRAINING"
        taken = say(good, given.item, given.item.truth)
        assert taken.score is not None
        assert taken.score.right
    good.refresh_from_db()
    assert good.state == WorkerState.WORKING
    given = take(good)
    assert given.item is not None
    assert given.item.use == "WORK"
    while (given := take(bad)).item is not None:
        wrong = "no" if given.item.truth == {"choice": "yes"} else "yes"
        assert not say(bad, given.item, {"choice": wrong}).score.right  # type: ignore[union-attr]
    assert given.why_not == "REFUSED"


def test_K5_a_worker_who_does_not_look_is_excluded_within_twenty_items(cast: Cast, outbox: Outbox) -> None:
    project = make_project(cast.team)
    image = labelled_image(project, cast.ana, squares(200, 200), quality=0.5, accepted=True)
    campaign = make_campaign(project, cast.ana, gold_share=0.3, answers_min=3, answers_max=5)
    wish = Wish(kind=ItemKind.CELL, images=[image.pk], limit=30)
    crowd_gold.add(campaign=campaign, wish=wish, use=ItemUse.GOLD, by=cast.ana)
    cut(campaign, cast.ana, image, kind=ItemKind.CELL)
    spammer = join(campaign)
    answers = 0
    while (given := take(spammer)).item is not None:
        truth = (given.item.truth or {"choice": "yes"})["choice"]
        say(spammer, given.item, {"choice": "no" if truth == "yes" else "yes"})
        answers += 1
    spammer.refresh_from_db()
    assert spammer.state == WorkerState.EXCLUDED
    assert answers <= 20


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
