"""L6, T10: a tracking job from its letter to its draft, with a tiny linker; what people said is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from annotation.core.edits import CellChange, CellFacts, CellMove, Edit
from annotation.models import Branch, Image, Linking, Origin, RevisionKind, Task, Tile
from annotation.selectors import labels as reading
from annotation.selectors import links, tracks
from annotation.services import labels
from backend.accounts.models import Team, User
from backend.cli import following
from backend.foundation.queue import Letter
from tests.conftest import Outbox
from tests.factories import training as make
from training.contract.linking import Constraints
from training.contract.recipes import complete_settings
from training.models import Job, Prediction
from training.models.jobs import Kind, State
from training.runners import heartbeat, layout, local_process, watch
from training.selectors.orders import Order
from training.services import jobs, predictions, trained_models
from training.services.orders import BadSettings
from training.services.trained_models import TrainedModelInUse

FRAMES = 5
FACTS = CellFacts()

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fast_and_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny recipes in place of the real ones, and short patience."""
    monkeypatch.setattr(
        local_process.LocalProcessRunner.__init__, "__defaults__", ("tests.background.recipes",)
    )
    monkeypatch.setattr(heartbeat.Heartbeat.__init__, "__kwdefaults__", {"every_s": 0.1})
    monkeypatch.setattr(watch, "POLL_S", 0.02)


@pytest.fixture
def behave(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda word: monkeypatch.setenv("CYTOLOOP_TEST_RECIPE", word)


@pytest.fixture
def movie(transactional_db: None, team: Team) -> Image:
    """Two cells that stand still, with other numbers in each frame: 11 and 12, 21 and 22, …"""
    image = make.image(make.dataset(make.project(team)), shape_tyx=(FRAMES, 5, 8), pixels=True)
    typed = make.picture(make.TWO_CELLS)
    make.label(image, [np.where(typed > 0, typed + 10 * (t + 1), 0) for t in range(FRAMES)])
    image.refresh_from_db()
    return image


def track(image: Image, by: User, **changes: object) -> Job:
    order = Order(**{"kind": Kind.PREDICT, "recipe": "link", "images": [image], **changes})  # type: ignore[arg-type]
    return jobs.start(project=image.dataset.project, order=order, by=by)


def tracked(job: Job) -> Prediction:
    job.refresh_from_db()
    assert (job.state, job.error) == (State.SUCCEEDED, "")
    return Prediction.objects.select_related("branch__image", "revision__branch", "tracking__base").get(
        job=job
    )


def correct(
    branch: Branch, by: User, *moves: tuple[int, int, int, int], cells: list[CellChange] | None = None
) -> Branch:
    edit = Edit(str(uuid4()), "track", (), tuple(cells or ()), None, tuple(CellMove(*m) for m in moves))
    head = Branch.objects.values_list("head_number", flat=True).get(pk=branch.pk)
    Branch.objects.filter(pk=branch.pk).update(next_cell=1000)
    labels.commit_edits(branch=branch, batch_id=uuid4(), base=head, edits=[edit], author=by)
    return Branch.objects.select_related("image__dataset__project").get(pk=branch.pk)


def places(branch: Branch) -> dict[tuple[int, int, int], int]:
    """(t, y, x) of the middle of each cell → its number."""
    found: dict[tuple[int, int, int], int] = {}
    for t in range(FRAMES):
        [plane] = reading.read_planes(branch=branch, t=t, z=0)
        found |= {(t, 2, 1): int(plane[2, 1]), (t, 2, 5): int(plane[2, 5])}
    return found


def test_L6_a_tracking_job_ends_as_a_draft_with_a_confidence_for_each_link(
    movie: Image, mia: User, outbox: Outbox
) -> None:
    job = track(movie, mia, make_tasks=True)
    outbox.deliver(Letter.RUN_JOB)
    made = tracked(job)
    assert (made.branch.name, made.branch.origin, made.revision.kind) == (
        "Tracks (exact)", Origin.MODEL, RevisionKind.PREDICTION,
    )  # fmt: skip
    assert (made.revision.author_model_name, made.trained_model, made.object_count) == (
        "linker exact",
        None,
        2,
    )
    assert made.tracking.base == reading.head_revision(Branch.objects.get(image=movie, name="main"))
    assert made.tracking.settings["linker"] == "exact"
    assert made.tracking.link_count == 2 * (FRAMES - 1)
    assert [(line.first_t, line.last_t) for line in tracks.list_tracks(branch=made.branch)] == [(0, 4)] * 2
    said = links.list_links(branch=made.branch)
    assert (said.linker, said.linked, set(said.table.confidence.tolist())) == ("exact", 1 + 1, {0.75})
    assert Task.objects.get().priority == pytest.approx(0.5)
    assert Tile.objects.filter(branch=made.branch).count() == FRAMES


def test_L6_delivered_twice_enters_nothing_more(movie: Image, mia: User, outbox: Outbox) -> None:
    job = track(movie, mia)
    outbox.deliver(Letter.RUN_JOB)
    made = tracked(job)
    outbox.deliver_again()
    assert tracked(job) == made
    assert (Prediction.objects.count(), Linking.objects.count()) == (1, 1)
    assert Tile.objects.filter(branch=made.branch).count() == FRAMES


def test_L6_a_killed_linker_is_taken_up_again(
    movie: Image, mia: User, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    behave("die")
    job = track(movie, mia)
    outbox.deliver(Letter.RUN_JOB)
    job.refresh_from_db()
    assert job.state == State.QUEUED
    outbox.deliver(Letter.RUN_JOB)
    assert tracked(job).object_count == 2


def test_T10_human_links_stand_when_the_linker_runs_again_and_again(
    movie: Image, mia: User, outbox: Outbox
) -> None:
    outbox.letters.clear()
    track(movie, mia)
    outbox.deliver(Letter.RUN_JOB)
    first = Prediction.objects.get().branch
    one, two = (line.cell for line in tracks.list_tracks(branch=first))
    daughter = CellChange(500, None, CellFacts(mother=two))
    corrected = correct(first, mia, (one, two, 2, 4), (two, one, 2, 4))
    corrected = correct(corrected, mia, (two, 500, 4, 4), cells=[daughter])
    said = links.human_links(branch=corrected)
    assert (len(said.links), len(said.cuts)) == (6, 2)
    draft = corrected
    for run in (2, 3):
        job = track(movie, mia, branch=draft)
        outbox.deliver(Letter.RUN_JOB)
        made = tracked(job)
        assert made.branch.name == f"Tracks (exact), run {run}"
        assert (made.tracking.kept_links, made.tracking.kept_cuts) == (len(said.links), len(said.cuts))
        draft = made.branch
        before, after = places(corrected), places(draft)
        for link in said.links:
            [was] = [at for at, cell in before.items() if (at[0], cell) == (link.t, link.cell)]
            [now] = [at for at, cell in before.items() if (at[0], cell) == (link.to_t, link.to_cell)]
            mother = reading.cell_facts(branch=draft)[after[now]].mother
            assert after[was] == (after[now] if link.cell == link.to_cell else mother)
        assert len(links.human_links(branch=draft).links) == len(said.links)


def test_T10_a_linker_that_forgets_what_people_said_enters_nothing(
    movie: Image, mia: User, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    main = Branch.objects.get(image=movie, name="main")
    corrected = correct(main, mia, (32, 21, 2, 2), cells=[])
    behave("forget")
    job = track(movie, mia, branch=corrected)
    outbox.deliver(Letter.RUN_JOB)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "has not kept 1 of the 1 links" in job.error
    assert not Prediction.objects.exists()


def test_T10_the_run_folder_holds_what_people_said_of_the_revision_that_is_linked(
    movie: Image, mia: User, outbox: Outbox
) -> None:
    main = Branch.objects.get(image=movie, name="main")
    correct(main, mia, (32, 21, 2, 2))
    job = track(movie, mia)
    layout.lay_out(job=job, folder=layout.folder_of(job_id=job.pk))
    said = Constraints.read(layout.folder_of(job_id=job.pk).constraints(str(movie.pk)))
    assert [tuple(link.source) + tuple(link.target) for link in said.must] == [(1, 21, 2, 21)]


def test_L6_a_model_and_a_linker_in_one_job_write_the_tiles_once(
    movie: Image, mia: User, team: Team, outbox: Outbox, behave: Callable[[str], None]
) -> None:
    make.labelled_images(movie.dataset, 2, pixels=True)
    still = Image.objects.filter(size_t=1).first()
    assert still is not None
    model = make.trained_model(make.snapshot(movie.dataset, by=mia), by=mia)
    outbox.letters.clear()
    job = track(movie, mia, recipe="", trained_model=model, images=[movie, still], link={"divisions": False})
    assert job.settings["link"]["divisions"] is False
    behave("die")
    outbox.deliver(Letter.RUN_JOB)
    job.refresh_from_db()
    assert job.state == State.QUEUED
    outbox.deliver(Letter.RUN_JOB)
    job.refresh_from_db()
    assert (job.state, job.error) == (State.SUCCEEDED, "")
    made = Prediction.objects.select_related("branch", "tracking").get(job=job, image=movie)
    assert (made.branch.name, made.revision.author_model_name) == (
        "nuclei v1, tracks (exact)",
        "nuclei v1 + exact",
    )
    assert (made.trained_model, made.tracking.base, made.tracking.linker) == (model, None, "exact")
    assert sorted(facts.quality or 0 for facts in reading.cell_facts(branch=made.branch).values()) == [
        0.2,
        0.75,
    ]
    assert Tile.objects.filter(branch=made.branch).count() == FRAMES
    assert [cell.quality for cell in predictions.kept_cells(prediction=made)] == [0.9, 0.2]
    assert not hasattr(Prediction.objects.get(job=job, image=still), "tracking")
    outbox.deliver_again()
    assert Prediction.objects.filter(job=job).count() == 2


def test_L6_a_model_and_a_trained_linker_in_one_job(
    movie: Image, mia: User, outbox: Outbox, behave: Callable[[str], None], tmp_path: Path
) -> None:
    frozen = make.snapshot(movie.dataset, by=mia)
    model = make.trained_model(frozen, by=mia)
    learned = {**complete_settings("learn_links", {"max_gap_frames": 4}), "width": "small"}
    linker = make.trained_model(frozen, by=mia, name="ours", recipe="learn_links", settings=learned)
    outbox.letters.clear()
    asked = {"recipe": "", "trained_model": model, "link": {"division_bias": 1.5}, "link_model": linker}
    job = track(movie, mia, **asked)
    assert (job.link_model, job.settings["link"]["max_gap_frames"]) == (linker, 4)
    behave("die")
    outbox.deliver(Letter.RUN_JOB)
    outbox.deliver(Letter.RUN_JOB)
    made = tracked(job)
    assert (made.branch.name, made.revision.author_model_name) == (
        "nuclei v1, tracks (ours v1)",
        "nuclei v1 + ours v1",
    )
    assert (made.trained_model, made.tracking.trained_model) == (model, linker)
    assert (made.tracking.linker, made.tracking.settings["division_bias"]) == ("learned", 1.5)
    said = links.list_links(branch=made.branch)
    assert (said.linker, set(said.table.confidence.tolist())) == ("learned", {0.75})
    assert Tile.objects.filter(branch=made.branch).count() == FRAMES
    following.write_where_found(job=job, images={Path("a/m.tif"): movie}, out=tmp_path)
    rows = (tmp_path / "a" / "m_links.csv").read_text().splitlines()
    assert (rows[0], len(rows)) == ("t,cell,to_t,to_cell,confidence", 1 + made.tracking.link_count)
    assert {row.split(",")[-1] for row in rows[1:]} == {"0.7500"}
    told = (tmp_path / "a" / "m_RES" / "res_track.txt").read_text().splitlines()
    assert sorted(line.split()[1:] for line in told) == [["0", "4", "0"]] * 2
    with pytest.raises(TrainedModelInUse, match="1 jobs"):
        trained_models.delete(trained_model=linker, by=mia)


def test_L6_a_trained_linker_alone_may_decide_otherwise_than_it_was_trained(
    movie: Image, mia: User, outbox: Outbox
) -> None:
    learned = {**complete_settings("learn_links", {}), "width": "small"}
    linker = make.trained_model(
        make.snapshot(movie.dataset, by=mia), by=mia, name="ours", recipe="learn_links", settings=learned
    )
    outbox.letters.clear()
    job = track(movie, mia, recipe="", trained_model=linker, settings={"division_bias": 1.5})
    outbox.deliver(Letter.RUN_JOB)
    made = tracked(job)
    assert (made.tracking.trained_model, made.tracking.settings["division_bias"]) == (linker, 1.5)
    assert made.tracking.base is not None
    with pytest.raises(BadSettings, match="“width” cannot be chosen"):
        track(movie, mia, recipe="", trained_model=linker, settings={"width": "large"})
