"""T10 with the real linkers: every link that people made on a simulated movie stands in the next draft."""

from __future__ import annotations

import itertools
import os
from uuid import uuid4

import numpy as np
import pytest

from annotation.core.edits import CellChange, CellFacts, CellMove, Edit
from annotation.core.formats import base, ome_zarr
from annotation.models import Branch, Image
from annotation.selectors import labels as reading
from annotation.selectors import links, tracks
from annotation.services import labels
from backend.accounts.models import Team, User
from backend.foundation import storage
from backend.foundation.queue import Letter
from tests.conftest import Outbox
from tests.factories import training as make
from training.models import Job, Prediction
from training.models.jobs import Kind, State
from training.selectors.orders import Order
from training.services import jobs

FRAMES, SIDE, RADIUS = 10, 96, 5
# All of them where somebody asks, the usual one in every run of the tests.
LINKERS = os.environ.get("CYTOLOOP_TEST_LINKERS", "exact").split(",")

pytestmark = pytest.mark.django_db(transaction=True)


def centres(t: int) -> list[tuple[float, float]]:
    """Nine cells that drift; the last of them is two from frame 6 on."""
    drift = np.random.default_rng(1).normal(0, 0.8, (FRAMES, 9, 2)).cumsum(0)[t]
    grid = [(20 + 28 * i, 20 + 28 * j) for i, j in itertools.product(range(3), range(3))]
    found = [(y + dy, x + dx) for (y, x), (dy, dx) in zip(grid, drift, strict=True)]
    if t >= 6:
        y, x = found.pop()
        found += [(y, x - 7), (y, x + 7)]
    return found


@pytest.fixture
def movie(transactional_db: None, team: Team) -> Image:
    """Its cells have another number in every frame."""
    image = make.image(make.dataset(make.project(team)), shape_tyx=(FRAMES, SIDE, SIDE))
    rows, columns = np.mgrid[:SIDE, :SIDE]
    frames, light = [], np.zeros((FRAMES, 1, 1, SIDE, SIDE), np.uint16)
    for t in range(FRAMES):
        plane = np.zeros((1, SIDE, SIDE), np.uint32)
        for number, (y, x) in enumerate(centres(t)):
            inside = np.hypot(rows - y, columns - x) < RADIUS
            plane[0][inside] = 100 * t + number + 1
            light[t, 0, 0][inside] = 300 + 40 * number
        frames.append(plane)
    ome_zarr.write(storage.zarr_store(image.store_key), base.of_array(light))
    make.label(image, frames)
    image.refresh_from_db()
    return image


def track(movie: Image, by: User, outbox: Outbox, linker: str, branch: Branch | None = None) -> Prediction:
    asked = Order(
        kind=Kind.PREDICT, recipe="link", images=[movie], branch=branch, settings={"linker": linker}
    )
    job = jobs.start(project=movie.dataset.project, order=asked, by=by)
    outbox.deliver(Letter.RUN_JOB)
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.error, done.detail) == (State.SUCCEEDED, "", "")
    return Prediction.objects.select_related("branch__image", "tracking").get(job=job)


def numbers(branch: Branch) -> dict[tuple[int, int], int]:
    """(t, place in `centres`) → the cell there."""
    planes = [reading.read_planes(branch=branch, t=t, z=0)[0] for t in range(FRAMES)]
    return {
        (t, place): int(planes[t][round(y), round(x)])
        for t in range(FRAMES)
        for place, (y, x) in enumerate(centres(t))
    }


def correct(
    branch: Branch, by: User, *moves: tuple[int, int, int, int], cells: tuple[CellChange, ...] = ()
) -> None:
    head = Branch.objects.values_list("head_number", flat=True).get(pk=branch.pk)
    edit = Edit(str(uuid4()), "track", (), cells, None, tuple(CellMove(*one) for one in moves))
    labels.commit_edits(branch=branch, batch_id=uuid4(), base=head, edits=[edit], author=by)


def test_T10_the_next_run_keeps_every_human_link_even_those_against_all_evidence(
    movie: Image, mia: User, outbox: Outbox
) -> None:
    draft = track(movie, mia, outbox, "exact").branch
    assert sum(line.last_t - line.first_t for line in tracks.list_tracks(branch=draft)) >= 8 * (FRAMES - 1)
    at = numbers(draft)
    one, two, apart = at[5, 0], at[5, 4], at[3, 2]
    Branch.objects.filter(pk=draft.pk).update(next_cell=10_000)
    correct(draft, mia, (one, two, 5, FRAMES - 1), (two, one, 5, FRAMES - 1))
    correct(draft, mia, (apart, 9_000, 3, FRAMES - 1), cells=(CellChange(9_000, None, CellFacts()),))
    draft.refresh_from_db()
    said, before = links.human_links(branch=draft), numbers(draft)
    assert (len(said.links), len(said.cuts)) == (2 * (FRAMES - 5), 3)
    for linker in LINKERS:
        made = track(movie, mia, outbox, linker, branch=draft)
        assert (made.tracking.linker, made.tracking.kept_links) == (linker, len(said.links))
        after = numbers(made.branch)
        where = {(t, cell): (t, place) for (t, place), cell in before.items()}
        for link in said.links:
            assert after[where[link[:2]]] == after[where[link[2:]]]
        mothers = {cell: facts.mother for cell, facts in reading.cell_facts(branch=made.branch).items()}
        for cut in said.cuts:
            earlier, later = after[where[cut[:2]]], after[where[cut[2:]]]
            assert earlier not in (later, mothers[later])
