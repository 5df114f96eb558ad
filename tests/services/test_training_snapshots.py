"""Snapshots: what enters, what is left out and why, how it is split, and that it never changes."""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.db import IntegrityError, transaction

from annotation.models import Dataset
from annotation.policies.access import NothingHere, RoleTooLow
from annotation.services import images as image_services
from backend.accounts.models import Team, User
from tests.factories import training as make
from training.models import Snapshot, SnapshotItem
from training.models.snapshots import Include
from training.selectors import snapshots as selectors
from training.selectors.snapshots import BadFractions, ImageUnknown, Rule
from training.services import snapshots
from training.services.snapshots import SnapshotIsEmpty

HALVES: dict[str, float] = {"train": 0.5, "validation": 0.25, "test": 0.25}


def plan(dataset: Dataset, **changes: object) -> selectors.Plan:
    asked = {"rule": Rule(dataset_ids=[dataset.pk]), "fractions": HALVES, "seed": 0, **changes}
    return selectors.plan(project=dataset.project, **asked)  # type: ignore[arg-type]


def test_only_accepted_revisions_enter_by_default(team: Team) -> None:
    dataset = make.dataset(make.project(team))
    accepted, drafted, bare = (make.image(dataset) for _ in range(3))
    make.label(accepted)
    make.label(drafted, accepted=False)
    found = plan(dataset)
    assert [item.image for item in found.items] == [accepted]
    assert {out.name: out.reason for out in found.left_out} == {
        drafted.name: "No revision of its labels has been accepted yet.",
        bare.name: "It has no labels yet.",
    }


def test_heads_enter_when_asked_for(team: Team) -> None:
    dataset = make.dataset(make.project(team))
    drafted, _bare = make.image(dataset), make.image(dataset)
    newest = make.label(drafted, accepted=False)
    found = plan(dataset, rule=Rule(dataset_ids=[dataset.pk], include=Include.HEAD))
    assert [item.revision for item in found.items] == [newest]


def test_the_revision_that_was_accepted_last_enters_not_the_draft_after_it(team: Team) -> None:
    dataset = make.dataset(make.project(team))
    image = make.image(dataset)
    make.label(image)
    second = make.label(image)
    make.label(image, accepted=False)
    assert [item.revision for item in plan(dataset).items] == [second]


def test_counts_are_those_of_the_pinned_revision(team: Team) -> None:
    dataset = make.dataset(make.project(team))
    movie = make.image(dataset, shape_tyx=(3, 5, 8))
    make.label(movie)
    make.label(movie, "1 1 . . . . . .\n" + ". . . . . . . .\n" * 4, accepted=False)
    found = plan(dataset)
    assert found.counts()["all"] == {"images": 1, "frames": 3, "cells": 2, "groups": 1}


def test_preview_freezes_nothing(team: Team) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 4)
    plan(dataset)
    assert not Snapshot.objects.exists()


def test_images_of_one_group_stand_on_one_side(team: Team, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    for group in ("well A", "well B", "well C", "well D"):
        make.labelled_images(dataset, 3, group=group)
    frozen = make.snapshot(dataset, by=mia, fractions=HALVES)
    sides: dict[str, set[str]] = defaultdict(set)
    for item in SnapshotItem.objects.filter(snapshot=frozen):
        sides[item.group].add(item.split)
    assert len(sides) == 4
    assert all(len(seen) == 1 for seen in sides.values())
    assert {side for seen in sides.values() for side in seen} == {"train", "validation", "test"}


def test_with_too_few_groups_everything_is_for_training_and_it_is_said(team: Team) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 5, group="the only well")
    found = plan(dataset)
    assert {item.split for item in found.items} == {"train"}
    assert "only one group" in found.notice
    assert "scores of a model will say nothing" in found.notice
    make.labelled_images(dataset, 2)
    assert plan(dataset).notice == ""


def test_the_same_seed_gives_the_same_split_and_digest(team: Team, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 8)
    first, second = make.snapshot(dataset, by=mia), make.snapshot(dataset, by=mia)
    assert first.digest == second.digest
    assert first.pk != second.pk
    other = snapshots.freeze(
        project=dataset.project,
        name="other",
        rule=Rule(dataset_ids=[dataset.pk]),
        fractions=HALVES,
        seed=1,
        by=mia,
    )
    assert other.digest != first.digest


def test_the_digest_follows_the_pixels_and_facts_of_the_labels(team: Team, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    images = make.labelled_images(dataset, 3)
    before = make.snapshot(dataset, by=mia).digest
    make.label(images[0], make.TWO_CELLS.replace("2 2 .", "2 2 2"))
    assert make.snapshot(dataset, by=mia).digest != before


def test_a_frozen_snapshot_keeps_its_revisions_when_people_go_on(team: Team, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    image = make.labelled_images(dataset, 1)[0]
    frozen = make.snapshot(dataset, by=mia)
    pinned = frozen.items.get().revision
    make.label(image)
    assert frozen.items.get().revision == pinned


def test_an_image_of_a_snapshot_cannot_be_deleted(team: Team, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    used, free = make.labelled_images(dataset, 2)
    snapshots.freeze(
        project=dataset.project, name="s", rule=Rule(image_ids=[used.pk]), fractions=HALVES, seed=0, by=mia
    )
    image_services.delete(image=free, by=mia)
    with pytest.raises(image_services.ImageIsUsed):
        image_services.delete(image=used, by=mia)


def test_an_empty_snapshot_is_refused_with_the_reasons(team: Team, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    with pytest.raises(SnapshotIsEmpty, match="names no image"):
        make.snapshot(dataset, by=mia)
    make.image(dataset)
    with pytest.raises(SnapshotIsEmpty, match="It has no labels yet"):
        make.snapshot(dataset, by=mia)


def test_a_snapshot_without_a_cell_is_refused(team: Team, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    make.label(make.image(dataset), ". . . . . . . .\n" * 5)
    with pytest.raises(SnapshotIsEmpty, match="hold no cell"):
        make.snapshot(dataset, by=mia)


def test_images_of_other_projects_are_refused(team: Team) -> None:
    dataset, other = make.dataset(make.project(team)), make.dataset(make.project(team))
    stranger = make.labelled_images(other, 1)[0]
    with pytest.raises(ImageUnknown, match="image_ids"):
        plan(dataset, rule=Rule(image_ids=[stranger.pk]))
    with pytest.raises(ImageUnknown, match="dataset_ids"):
        plan(dataset, rule=Rule(dataset_ids=[other.pk]))


def test_fractions_that_are_no_parts_of_a_whole_are_refused(team: Team) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 1)
    with pytest.raises(BadFractions, match="add up to 1"):
        plan(dataset, fractions={"train": 0.5, "test": 0.1})


def test_who_may_freeze(team: Team, mia: User, ben: User, cleo: User, vic: User, dan: User) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 1)
    for member in (ben, cleo, vic):
        with pytest.raises(RoleTooLow):
            make.snapshot(dataset, by=member)
    with pytest.raises(NothingHere):
        make.snapshot(dataset, by=dan)
    assert make.snapshot(dataset, by=mia).created_by == mia


def test_the_database_refuses_an_image_twice(team: Team, mia: User) -> None:
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 1)
    item = make.snapshot(dataset, by=mia).items.get()
    item.pk = None
    with pytest.raises(IntegrityError, match="snapshot_holds_an_image_once"), transaction.atomic():
        item.save()
