"""T11: the scores of a movie's tracks against its accepted revision, with what is wrong and where."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.core.edits import CellFacts
from annotation.core.faults import FaultKind
from annotation.models import Image, Origin
from annotation.services import labels
from backend.accounts.models import Team, User
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import Evaluation, Job
from training.models.evaluations import ReckoningState as State
from training.selectors import evaluations as selectors
from training.selectors.evaluations import Question
from training.services import evaluations

MOTHER = """
    . 1 1 1 . . 9 9
    . 1 1 1 . . 9 9
"""
DAUGHTERS = """
    2 2 . . 3 3 9 9
    2 2 . . 3 3 9 9
"""
OF_TRUTH = {1: CellFacts(), 2: CellFacts(mother=1), 3: CellFacts(mother=1), 9: CellFacts()}


def frames_of(*texts: str) -> list[NDArray[np.uint32]]:
    return [make.picture(text) for text in texts]


@pytest.fixture
def movie(team: Team, outbox: Outbox) -> Image:
    image = make.image(make.dataset(make.project(team)), shape_tyx=(3, 2, 8))
    make.label(image, frames_of(MOTHER, DAUGHTERS, DAUGHTERS), facts=OF_TRUTH)
    return image


def score(movie: Image, texts: list[str], facts: dict[int, CellFacts], by: User) -> Evaluation:
    branch = labels.open_branch(image=movie, name="draft", origin=Origin.MODEL)
    said = make.label(movie, frames_of(*texts), branch=branch, facts=facts, accepted=False)
    return evaluations.ask(question=Question(project=movie.dataset.project, predicted=said), by=by)


def test_T11_a_draft_is_scored_and_each_error_has_its_frame_and_cells(movie: Image, mia: User) -> None:
    made = score(movie, [MOTHER, DAUGHTERS, DAUGHTERS], {**OF_TRUTH, 2: CellFacts()}, mia)
    assert made.state == State.DONE, made.error
    scores = {name: one["value"] for name, one in made.scores["accepted"].items()}
    assert scores["det"] == 1
    assert scores["division_f1_0"] == 0
    # Of six links in the truth (9 twice, 2, 3, and two births) one is missing, one has become no birth of a
    # division; AOGM counts the missing one alone.
    assert scores["lnk"] == pytest.approx(1 - 1.5 / (1.5 * 6))
    faults = selectors.list_faults(evaluation=made, kind=FaultKind.MISSED_DIVISION)
    assert [(one.t, one.truth_cells, one.predicted_cells) for one in faults] == [(1, [1, 2, 3], [1, 2, 3])]
    assert (faults[0].y, faults[0].x, faults[0].size_px) == (0, 0, 4)
    assert made.tallies == {"MISSED_DIVISION": 1}


def test_T11_swapped_cells_are_wrong_and_missing_links(movie: Image, mia: User) -> None:
    swapped = DAUGHTERS.replace("2", "0").replace("3", "2").replace("0", "3")
    made = score(movie, [MOTHER, DAUGHTERS, swapped], OF_TRUTH, mia)
    scores = {name: one["value"] for name, one in made.scores["accepted"].items()}
    assert made.tallies == {"MISSING_LINK": 2, "WRONG_LINK": 2}
    assert scores["division_f1_0"] == 1
    assert scores["whole_families"] == pytest.approx(1 / 2)
    frames = {one.t for one in selectors.list_faults(evaluation=made, kind=FaultKind.WRONG_LINK)}
    assert frames == {2}


def test_T11_pictures_that_are_no_movies_have_no_scores_of_tracks(
    team: Team, mia: User, outbox: Outbox
) -> None:
    image = make.labelled_images(make.dataset(make.project(team)), 1)[0]
    branch = labels.open_branch(image=image, name="draft", origin=Origin.MODEL)
    said = make.label(image, branch=branch, accepted=False)
    made = evaluations.ask(question=Question(project=image.dataset.project, predicted=said), by=mia)
    assert "tra" not in made.scores["accepted"]
    assert "ap50" in made.scores["accepted"]


def test_T11_a_trained_linker_is_not_scored_against_links_that_it_was_given(movie: Image, mia: User) -> None:
    linker = make.trained_model(make.snapshot(movie.dataset, by=mia), by=mia, name="linker")
    linker.recipe = "learn_links"
    linker.save(update_fields=["recipe"])
    jobs_before = Job.objects.count()
    question = Question(project=movie.dataset.project, trained_model=linker)
    with pytest.raises(evaluations.LinkerKeepsTruth, match="keeps every link that people made"):
        evaluations.ask(question=question, by=mia, predict_missing=True)
    assert Job.objects.count() == jobs_before
    assert not Evaluation.objects.exists()
