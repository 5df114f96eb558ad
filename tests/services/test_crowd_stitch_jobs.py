"""Stitching in background: with progress, one at a time, taken up again where it was cut off."""

from datetime import timedelta

import pytest

from annotation.models import Campaign, CrowdDraft, CrowdStitching, ItemKind, StitchingState, Task
from annotation.policies.access import RoleTooLow
from annotation.services import crowd_stitch_jobs, crowd_stitching
from annotation.services.crowd_stitch_jobs import StitchingRuns
from annotation.services.crowd_stitching import NothingAnswered
from backend.foundation.clock import now
from backend.foundation.queue import Letter
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories.annotation import make_project
from tests.factories.campaigns import cut, join, labelled_image, make_campaign, say, squares, take

YES = {"choice": "yes"}


@pytest.fixture
def campaign(cast: Cast, outbox: Outbox) -> Campaign:
    """Two images whose cells are all judged to be cells."""
    project = make_project(cast.team)
    made = make_campaign(project, cast.ana, answers_min=1, answers_max=1, gold_share=0.0)
    for i in range(2):
        image = labelled_image(project, cast.ana, squares(60, 96), quality=0.5, name=f"image {i}")
        cut(made, cast.ana, image, kind=ItemKind.CELL)
    worker = join(made)
    while (given := take(worker)).item is not None:
        say(worker, given.item, YES)
    outbox.deliver()
    assert made.items.filter(is_done=False).count() == 0
    return made


def test_D9_each_image_has_its_draft_and_its_task(campaign: Campaign, cast: Cast, outbox: Outbox) -> None:
    asked = crowd_stitch_jobs.ask(campaign=campaign, by=cast.ana)
    assert (asked.state, asked.done, asked.total) == ("WAITING", 0, 2)
    with pytest.raises(StitchingRuns):
        crowd_stitch_jobs.ask(campaign=campaign, by=cast.ana)
    outbox.deliver()
    outbox.deliver_again()
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.tasks) == ("DONE", 2, 2)
    assert CrowdDraft.objects.filter(stitching=asked).count() == 2 == Task.objects.count()
    again = crowd_stitch_jobs.ask(campaign=campaign, by=cast.ana, review=False)
    outbox.deliver()
    again.refresh_from_db()
    assert (again.done, again.tasks, Task.objects.count()) == (2, 0, 2)


def test_D9_what_was_cut_off_goes_on_without_making_a_draft_twice(
    campaign: Campaign, cast: Cast, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = crowd_stitch_jobs.ask(campaign=campaign, by=cast.ana)
    first = next(iter(crowd_stitching.answered(campaign).items()))
    crowd_stitching.stitch_one(campaign, *first, True, cast.ana, asked)
    CrowdStitching.objects.filter(pk=asked.pk).update(
        done=1, tasks=1, state=StitchingState.RUNNING, touched_at=now() - timedelta(minutes=2)
    )
    outbox.waiting.clear()
    assert crowd_stitch_jobs.repost_waiting() == 1
    assert {posted.letter for posted in outbox.letters} == {Letter.STITCH_CAMPAIGN}
    outbox.deliver()
    asked.refresh_from_db()
    assert (asked.state, asked.done) == ("DONE", 2)
    assert CrowdDraft.objects.count() == 2
    assert crowd_stitch_jobs.repost_waiting() == 0


def test_D9_an_end_without_drafts_says_why(
    campaign: Campaign, cast: Cast, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Not foreseen.")

    monkeypatch.setattr(crowd_stitching, "stitch_one", broken)
    asked = crowd_stitch_jobs.ask(campaign=campaign, by=cast.ana)
    outbox.deliver()
    asked.refresh_from_db()
    assert (asked.state, asked.done) == ("FAILED", 0)
    assert "log" in asked.message
    with pytest.raises(NothingAnswered):
        crowd_stitch_jobs.ask(campaign=campaign, by=cast.ana, kinds=[ItemKind.OUTLINE])
    with pytest.raises(RoleTooLow):
        crowd_stitch_jobs.ask(campaign=campaign, by=cast.ben)
