"""Questions with a choice: cut, answered, reckoned, and what they do to labels (K1, K3, C1)."""

import uuid
from typing import Any

import numpy as np
import pytest

from annotation.core.cell_labels import classes_of
from annotation.core.class_schema import BRANCH
from annotation.core.edits import CellFacts
from annotation.models import (
    Branch,
    Campaign,
    CrowdWorker,
    Image,
    ItemKind,
    ItemUse,
    Origin,
    RevisionKind,
    Task,
    TaskKind,
    TaskState,
    WorkerState,
)
from annotation.policies.access import NothingHere
from annotation.selectors import campaigns as reading
from annotation.selectors import crowd_reading
from annotation.selectors import labels as labels_reading
from annotation.services import (
    campaigns,
    crowd_consensus,
    crowd_cutting,
    crowd_gold,
    crowd_stitching,
    crowd_workers,
    labels,
    tasks,
)
from annotation.services.authors import ModelAuthor
from annotation.services.campaigns import BadRules
from annotation.services.crowd_answers import NotAnAnswer
from annotation.services.crowd_cutting import NothingToAsk, Wish
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories.annotation import make_class, make_project
from tests.factories.campaigns import (
    choose,
    cut,
    head_plane,
    join,
    labelled_image,
    make_campaign,
    say,
    squares,
    take,
)

PLANE = squares(96, 160)


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


# ---------------------------------------------------------------- a model's drafts


def draft_of_a_model(image: Image, quality: dict[int, float], name: str = "nuclei v1") -> Branch:
    """What a model proposed for the image, on a branch of its own."""
    model = ModelAuthor(uuid.uuid4(), name)
    branch = labels.open_branch(image=image, name=name, origin=Origin.MODEL, author_model=model)
    facts = {cell: CellFacts(quality=sure) for cell, sure in quality.items()}
    labels.import_planes(
        image=image, branch=branch, frames=[(0, 0, PLANE[None])], facts=facts, author=model,
        kind=RevisionKind.PREDICTION,
    )  # fmt: skip
    return branch


def test_K1_the_least_sure_cells_of_a_models_drafts_are_asked_and_taken_or_refused(
    cast: Cast, outbox: Outbox
) -> None:
    project = make_project(cast.team)
    images = [labelled_image(project, cast.ana, np.zeros_like(PLANE)) for _ in range(2)]
    sure = {int(cell): 0.95 for cell in np.unique(PLANE) if cell} | {4: 0.2, 9: 0.3, 11: 0.4}
    drafts = [draft_of_a_model(image, sure) for image in images]
    untaken, taken = (
        tasks.create(project=project, image=i, branch=d, kind=TaskKind.CORRECT, assignee=who, by=cast.ana)
        for i, d, who in zip(images, drafts, (None, cast.ben), strict=True)
    )
    campaign = make_campaign(project, cast.ana, answers_min=3, answers_max=3)
    wish = Wish(kind=ItemKind.CELL, branches=[draft.pk for draft in drafts], below=0.9)
    made = crowd_cutting.cut(campaign=campaign, wish=wish, by=cast.ana)
    assert (made.made, made.images) == (6, 2)
    assert set(campaign.items.values_list("branch", "cell")) == {
        (d.pk, c) for d in drafts for c in (4, 9, 11)
    }
    campaigns.open(campaign=campaign, by=cast.ana)
    choose(campaign, lambda item: {4: "no", 9: "yes", 11: "unsure"}[item.cell or 0], workers=3)
    outbox.deliver()
    stitched = crowd_stitching.stitch(campaign=campaign, all_answered=True, by=cast.ana)
    assert {one.draft.base for one in stitched} == {*drafts}
    for one in stitched:
        draft = one.draft.revision.branch
        assert (head_plane(one.draft.image, draft.name) == np.where(PLANE == 4, 0, PLANE)).all()
        facts = labels_reading.cell_facts(branch=draft)
        base = one.draft.base
        assert base is not None
        certain = campaign.items.get(branch=base, cell=9).certainty
        assert facts[9].quality == pytest.approx(certain, abs=1e-3)
        assert (certain or 0) > 0.9
        assert facts[1].quality == 0.95
        assert head_plane(one.draft.image, base.name).any(), "the model's own draft stays"
        assert Task.objects.get(branch=draft).pk == one.task
    # What somebody has in hand stays theirs.
    states = [Task.objects.get(pk=one.pk).state for one in (untaken, taken)]
    assert states == [TaskState.CANCELLED, TaskState.ASSIGNED]


def test_K1_drafts_of_elsewhere_and_branches_that_are_not_there_are_not_asked_about(cast: Cast) -> None:
    project, other = make_project(cast.team), make_project(cast.team)
    here, there = (labelled_image(one, cast.ana, PLANE, quality=0.5) for one in (project, other))
    campaign = make_campaign(project, cast.ana)
    foreign = labels.main_branch(image=there).pk
    wish = Wish(kind=ItemKind.CELL, branches=[labels.main_branch(image=here).pk, foreign])
    with pytest.raises(NothingHere):
        crowd_cutting.cut(campaign=campaign, wish=wish, by=cast.ana)
    with pytest.raises(NothingToAsk, match="branch called “nuclei v7”"):
        crowd_cutting.cut(
            campaign=campaign,
            wish=Wish(kind=ItemKind.CELL, images=[here.pk], branch="nuclei v7"),
            by=cast.ana,
        )
    draft = draft_of_a_model(here, {})
    second = labelled_image(project, cast.ana, PLANE, quality=0.5)
    named = Wish(kind=ItemKind.CELL, images=[here.pk, second.pk], branch=draft.name)
    assert crowd_cutting.cut(campaign=campaign, wish=named, by=cast.ana).images == 1


# ---------------------------------------------------------------- classes of the tree


def test_C1_a_question_names_one_level_and_the_answer_lands_by_the_projects_rule(
    cast: Cast, outbox: Outbox
) -> None:
    project = make_project(cast.team)
    project.class_rule = BRANCH
    project.save()
    kind = make_class(project, name="type")
    immune, tumour = (make_class(project, name=name, parent=kind) for name in ("immune", "tumour"))
    finer = make_class(project, name="neutrophil", parent=immune)
    phase = make_class(project, name="phase")
    mitosis = make_class(project, name="mitosis", parent=phase)
    facts = {int(cell): CellFacts(quality=0.9) for cell in np.unique(PLANE) if cell}
    facts |= {
        1: CellFacts(label_class=str(finer.pk), also=(str(mitosis.pk),), quality=0.1),
        2: CellFacts(label_class=str(tumour.pk), also=(str(mitosis.pk),), quality=0.1),
    }
    image = labelled_image(project, cast.ana, PLANE, facts=facts, accepted=True)
    rules: dict[str, Any] = {"class_level": 1, "class_below": kind.pk, "answers_min": 3, "answers_max": 3}
    campaign = make_campaign(project, cast.ana, **rules)
    assert [one.name for one in crowd_reading.classes_to_choose(campaign)] == ["immune", "tumour"]
    wish = Wish(kind=ItemKind.CLASS, images=[image.pk], limit=5)
    crowd_gold.add(campaign=campaign, wish=wish, use=ItemUse.GOLD, by=cast.ana)
    gold = {item.cell: item.truth["choice"] for item in campaign.items.filter(use="GOLD")}
    assert gold == {1: str(immune.pk), 2: str(tumour.pk)}
    cut(campaign, cast.ana, image, kind=ItemKind.CLASS, limit=3)
    worker = join(campaign)
    given = take(worker).item
    assert given is not None
    with pytest.raises(NotAnAnswer):
        say(worker, given, {"choice": str(finer.pk)})
    say(worker, given, {"choice": str(immune.pk)})
    choose(campaign, lambda _: str(immune.pk), workers=2)
    choose(campaign, lambda _: str(immune.pk), workers=1)
    outbox.deliver()
    [made] = crowd_stitching.stitch(campaign=campaign, all_answered=True, by=cast.ana)
    after = labels_reading.cell_facts(revision=made.draft.revision)
    assert classes_of(after[1]) == (str(finer.pk), str(mitosis.pk)), "more was known already"
    assert classes_of(after[2]) == (str(immune.pk), str(mitosis.pk)), "one class of each branch of the tree"
    assert classes_of(after[3]) == (str(immune.pk),)


def test_C1_a_class_that_came_later_can_be_answered(cast: Cast) -> None:
    project = make_project(cast.team)
    early = make_class(project, name="early")
    image = labelled_image(project, cast.ana, PLANE, quality=0.5)
    campaign = make_campaign(project, cast.ana, answers_min=2, answers_max=2)
    cut(campaign, cast.ana, image, kind=ItemKind.CLASS)
    choose(campaign, lambda _: str(early.pk), workers=1)
    crowd_consensus.anew(campaign=campaign, by=cast.ana)
    late = make_class(project, name="late")
    last = campaign.items.order_by("pk").last()
    choose(campaign, lambda item: str(late.pk if item == last else early.pk), workers=1)
    crowd_consensus.run(campaign_id=campaign.pk)
    assert not campaign.items.filter(is_dirty=True).exists()
    assert {*campaign.fits.get().content["classes"]} == {str(early.pk), str(late.pk)}


def test_C1_a_level_without_classes_is_refused_when_it_is_said(cast: Cast) -> None:
    project = make_project(cast.team)
    alone = make_class(project, name="alone")
    for below in (uuid.uuid4(), alone.pk):
        with pytest.raises(BadRules):
            make_campaign(project, cast.ana, class_below=below)
    campaign = make_campaign(project, cast.ana, class_level=0)
    alone.delete()
    campaigns.change(campaign=campaign, by=cast.ana, title="What is said of others stands")
