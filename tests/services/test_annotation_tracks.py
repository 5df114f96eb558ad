"""T4–T6, read side: tracks at the head and as of a revision are those of a twin that reads every pixel."""

from typing import Any

import numpy as np
import pytest

from annotation.core.alerts import AlertKind
from annotation.core.edits import CellFacts
from annotation.models import Branch, Revision
from annotation.selectors import labels as reading
from annotation.selectors import tracks
from annotation.selectors.tracks import NoSuchTrack
from annotation.services import bulk
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, erase, make_branch, new_cell, paint

SHAPE = (8, 1, 600, 600)


@pytest.fixture
def branch(team: Team, ben: User) -> Branch:
    """Cell 1 in frames 0–2 and 5–6, over two tiles in frame 1; cell 2, its daughter, from frame 7 on."""
    made = make_branch(team, shape_tzyx=SHAPE)
    commit(made, ben, new_cell(1, 300, 300))
    commit(made, ben, *(paint(1, 300, 300 - 50 * (t == 1), 4, 60, t=t) for t in (1, 2, 5, 6)))
    commit(made, ben, new_cell(2, 310, 310, t=7, facts=CellFacts(mother=1, quality=0.5)))
    made.refresh_from_db()
    return made


def twin(branch: Branch, revision: Revision | None = None) -> dict[int, list[int]]:
    """The frames of every cell, from its pixels."""
    frames: dict[int, list[int]] = {}
    for t in range(branch.image.size_t):
        where: dict[str, Any] = {"revision": revision} if revision else {"branch": branch}
        for cell in np.unique(reading.read_planes(**where, t=t, z=0)).tolist():
            frames.setdefault(cell, []).append(t)
    frames.pop(0, None)
    return frames


def said(branch: Branch, **more: int) -> dict[int, list[int]]:
    """The frames of every cell, from its first, its last and its gaps."""
    frames = {}
    for line in tracks.list_tracks(branch=branch, **more):
        missing = {t for hole in line.gaps for t in range(hole.first, hole.last + 1)}
        frames[line.cell] = [t for t in range(line.first_t, line.last_t + 1) if t not in missing]
    return frames


@pytest.mark.django_db
def test_T5_tracks_have_their_frames_gaps_and_facts(branch: Branch) -> None:
    one, two = tracks.list_tracks(branch=branch)
    assert (one.cell, one.first_t, one.last_t, one.gaps) == (1, 0, 6, ((3, 4),))
    assert (two.cell, two.first_t, two.last_t, two.gaps) == (2, 7, 7, ())
    assert two.facts == CellFacts(mother=1, quality=0.5)


@pytest.mark.django_db
def test_T5_tracks_at_the_head_and_at_every_revision_are_the_twins(branch: Branch, ben: User) -> None:
    commit(branch, ben, erase(1, 300, 300, 4, 60, t=5), paint(2, 10, 10, t=2))
    branch.refresh_from_db()
    assert said(branch) == twin(branch)
    for revision in Revision.objects.filter(branch=branch):
        assert said(branch, revision=revision.number) == twin(branch, revision)
    assert said(branch, revision=0) == {}


@pytest.mark.django_db
def test_T5_random_labels_in_several_slices(team: Team, ben: User) -> None:
    branch = make_branch(team, shape_tzyx=(6, 2, 300, 300))
    rng = np.random.default_rng(5)
    planes = rng.integers(0, 30, (6, 2, 1, 300, 300), np.uint32) * (rng.random((6, 2, 1, 300, 300)) < 0.0005)
    frames = [(t, z, planes[t, z].astype(np.uint32)) for t in range(6) for z in range(2)]
    bulk.import_planes(image=branch.image, branch=branch, frames=frames, facts={}, author=ben)
    branch.refresh_from_db()
    expected = {
        cell: np.flatnonzero((planes == cell).any((1, 2, 3, 4))).tolist()
        for cell in np.unique(planes[planes > 0]).tolist()
    }
    assert said(branch) == expected == said(branch, revision=branch.head_number)
    cell = next(iter(expected))
    for point in tracks.read_track(branch=branch, cell=cell):
        z, y, x = np.nonzero(planes[point.t, :, 0] == cell)
        assert (point.area_px, point.z, point.y, point.x) == (
            z.size,
            *(pytest.approx(where.mean(), abs=0.006) for where in (z, y, x)),
        )
        assert (point.y_min, point.x_max) == (y.min(), x.max())


@pytest.mark.django_db
def test_T5_one_track_frame_by_frame(branch: Branch) -> None:
    points = tracks.read_track(branch=branch, cell=1)
    assert [point.t for point in points] == [0, 1, 2, 5, 6]
    assert [point.area_px for point in points] == [16, 240, 240, 240, 240]
    assert [point.step_px for point in points] == [None, 22.0, 50.0, 0.0, 0.0]
    assert points == tracks.read_track(branch=branch, cell=1, revision=branch.head_number)
    with pytest.raises(NoSuchTrack, match="Cell 9 has no pixels"):
        tracks.read_track(branch=branch, cell=9)


@pytest.mark.django_db
def test_T6_alerts_of_a_branch_and_of_its_past(branch: Branch, ben: User) -> None:
    kinds = {alert.kind for alert in tracks.list_alerts(branch=branch)}
    assert kinds == {AlertKind.GAP, AlertKind.ONE_DAUGHTER, AlertKind.AREA_CHANGE, AlertKind.JUMP}
    assert tracks.list_alerts(branch=branch, revision=0) == []
    assert {a.kind for a in tracks.list_alerts(branch=branch, revision=1)} == {AlertKind.LOST}


@pytest.mark.django_db
def test_T6_overlap_is_confirmed_by_pixels(branch: Branch, ben: User) -> None:
    commit(branch, ben, new_cell(3, 302, 302, 4, 58, t=2), new_cell(4, 300, 290, 4, 8, t=5))
    branch.refresh_from_db()
    found = [a for a in tracks.list_alerts(branch=branch) if a.kind == AlertKind.OVERLAP]
    assert [(a.cell, a.others, a.t, a.weight) for a in found] == [(3, (1,), 2, 0.5)]


@pytest.mark.django_db
def test_T6_a_single_picture_has_no_alerts(team: Team, ben: User) -> None:
    branch = make_branch(team, shape_tzyx=(1, 1, 600, 600))
    commit(branch, ben, new_cell(1, 10, 10))
    assert tracks.list_alerts(branch=branch) == []
