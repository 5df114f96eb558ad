"""T10: what is known of links follows the edits, and people's links are read from the log of the branch."""

from uuid import uuid4

import numpy as np
import pytest

from annotation.core import link_tables
from annotation.core.edits import CellChange, CellFacts
from annotation.core.human_links import HumanLinks
from annotation.models import Branch, Linking, Revision, RevisionKind
from annotation.selectors import links
from annotation.services import labels, linkings
from annotation.services.authors import ModelAuthor
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, edit, make_branch, move, new_cell, paint

FRAMES = 6
FACTS = CellFacts()


@pytest.fixture
def branch(team: Team) -> Branch:
    """Cell 1 in frames 0–5, cell 2 in 0–2, cell 3 its daughter in 3–5, as a linker left them."""
    made = make_branch(team, shape_tzyx=(FRAMES, 1, 40, 300))
    frames = []
    for t in range(FRAMES):
        plane = np.zeros((1, 40, 300), np.uint32)
        plane[0, 2:6, 250:260] = 1
        plane[0, 20:24, 10:20] = 2 if t < 3 else 3
        frames.append((t, 0, plane))
    revision = labels.import_planes(
        image=made.image, branch=made, frames=frames, facts={3: CellFacts(mother=2)},
        author=ModelAuthor(id=uuid4(), name="exact"), kind=RevisionKind.PREDICTION,
    )  # fmt: skip
    keep(revision)
    made.refresh_from_db()
    return made


def keep(revision: Revision) -> Linking:
    rows = [(t, 1, t - 1, 1, 0.9) for t in range(1, FRAMES)]
    rows += [(1, 2, 0, 2, 0.8), (2, 2, 1, 2, 0.7), (3, 3, 2, 2, 0.4), (4, 3, 3, 3, 0.8), (5, 3, 4, 3, 0.6)]
    t, cell, from_t, from_cell, confidence = zip(*rows, strict=True)
    table = link_tables.table(
        t=t, cell=cell, from_t=from_t, from_cell=from_cell, confidence=confidence, given=[False] * len(rows)
    )
    return linkings.keep(revision=revision, linker="exact", table=table)


def said(branch: Branch, **which: int) -> dict[tuple[int, int, int, int], tuple[float, bool]]:
    branch.refresh_from_db()
    found = links.list_links(branch=branch, **which).table
    names = ("from_t", "from_cell", "t", "cell", "confidence", "given")
    rows = zip(*(getattr(found, name).tolist() for name in names), strict=True)
    return {row[:4]: (round(row[4], 3), row[5]) for row in rows}


def human(branch: Branch) -> HumanLinks:
    branch.refresh_from_db()
    return links.human_links(branch=branch)


def test_links_are_kept_once_with_their_counts(branch: Branch) -> None:
    row = Linking.objects.get(branch=branch)
    assert (row.link_count, row.given_count, row.cut_count) == (10, 0, 0)
    assert keep(row.revision) == row
    assert Linking.objects.count() == 1
    assert said(branch)[2, 2, 3, 3] == (0.4, False)


def test_T10_a_swap_takes_the_confidences_with_it_and_makes_human_links(branch: Branch, ben: User) -> None:
    before = said(branch)
    commit(branch, ben, move((1, 3, 4, 5), (3, 1, 4, 5)))
    after = said(branch)
    assert (3, 1, 4, 1) in before
    assert after[3, 1, 4, 1] == after[3, 3, 4, 3] == after[4, 3, 5, 3] == (1.0, True)
    assert after[0, 1, 1, 1] == (0.9, False)
    assert said(branch, revision=1) == before
    found = human(branch)
    assert [*found.cuts] == [(3, 1, 4, 3), (3, 3, 4, 1)]
    assert links.count_human_links(branch=branch).links == 4


def test_T10_a_mother_taken_away_is_no_link_and_a_cut(branch: Branch, ben: User) -> None:
    commit(branch, ben, edit(cells=[CellChange(3, CellFacts(mother=2), FACTS)]))
    assert (2, 2, 3, 3) not in said(branch)
    assert [*human(branch).cuts] == [(2, 2, 3, 3)]


def test_T10_without_edits_nothing_is_a_persons_until_a_revision_is_accepted(
    branch: Branch, cleo: User, ben: User
) -> None:
    assert not human(branch)
    labels.accept(revision=Revision.objects.get(branch=branch), by=cleo)
    assert len(human(branch).links) == 10
    commit(branch, ben, move((1, 7, 4, 5), cells=[CellChange(7, None, FACTS)]))
    found = human(branch)
    assert (len(found.links), found.cuts) == (9, ((3, 1, 4, 7),))


def test_T10_labels_that_no_linker_made_are_not_confirmed_by_accepting_them(
    team: Team, ben: User, cleo: User
) -> None:
    plain = make_branch(team, shape_tzyx=(3, 1, 40, 40))
    revision = commit(plain, ben, new_cell(1, 2, 2), paint(1, 2, 2, t=1))
    labels.accept(revision=revision, by=cleo)
    assert [*human(plain).links] == [(0, 1, 1, 1)]
    imported = labels.import_planes(
        image=plain.image, branch=plain, author=None, facts={},
        frames=[(t, 0, np.full((1, 40, 40), 5, np.uint32)) for t in range(3)],
    )  # fmt: skip
    labels.accept(revision=imported, by=cleo)
    assert not human(plain)


def test_T10_a_restore_leaves_what_still_stands(branch: Branch, ben: User) -> None:
    commit(branch, ben, move((1, 3, 4, 5), (3, 1, 4, 5)))
    head = Branch.objects.get(pk=branch.pk).head_number
    commit(branch, ben, move((1, 7, 5, 5), cells=[CellChange(7, None, FACTS)]))
    labels.restore(branch=branch, number=head, by=ben)
    assert [*human(branch).links] == [(3, 1, 4, 1), (3, 3, 4, 3), (4, 3, 5, 3)]
    labels.restore(branch=branch, number=1, by=ben)
    assert human(branch).cuts == ()
