"""Gold and training items: made of what was accepted, mixed in, and what they tell of workers (K5, K6)."""

import pytest

from annotation.core.edits import CellFacts
from annotation.models import (
    Branch,
    CrowdItem,
    ItemKind,
    ItemUse,
    WorkerState,
)
from annotation.services import (
    crowd_gold,
    labels,
)
from annotation.services.crowd_cutting import Wish
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories.annotation import make_class, make_project
from tests.factories.campaigns import (
    cut,
    join,
    labelled_image,
    linked_movie,
    make_campaign,
    say,
    squares,
    take,
)

PLANE = squares(96, 160)


@pytest.fixture
def movie(cast: Cast) -> Branch:
    return linked_movie(make_project(cast.team), cast.ana)


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
