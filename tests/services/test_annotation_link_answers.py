"""T10: the links that a linker was least sure of, as questions; answers are human links with an author."""

from dataclasses import replace
from uuid import uuid4

import pytest

from annotation.core.human_links import HumanLink, confirmation
from annotation.models import Branch, EditRecord
from annotation.policies.access import NothingHere
from annotation.selectors import labels as reading
from annotation.selectors import links, tracks
from annotation.services import link_answers
from annotation.services.link_answers import LinkAnswer, LinkIsGone
from backend.accounts.models import Team, User
from backend.foundation.errors import Invalid
from tests.factories.annotation import commit, edit, linked_movie, move, new_cell

FRAMES = 6


@pytest.fixture
def branch(team: Team) -> Branch:
    return linked_movie(team)


def asked(branch: Branch, count: int = 100, **which: float | bool) -> list[tuple[int, int, int, int, float]]:
    branch.refresh_from_db()
    found = links.uncertain_links(branch=branch, count=count, **which)  # type: ignore[arg-type]
    return [(one.from_t, one.from_cell, one.t, one.cell, one.chance) for one in found]


def say(branch: Branch, by: User, *several: tuple[int, int, int, int, bool]) -> None:
    answers = [LinkAnswer(HumanLink(*row[:4]), row[4]) for row in several]
    link_answers.answer(branch=branch, answers=answers, author=by)
    branch.refresh_from_db()


def spans(branch: Branch) -> dict[int, tuple[int, int]]:
    return {line.cell: (line.first_t, line.last_t) for line in tracks.list_tracks(branch=branch)}


def test_T10_the_least_sure_links_come_first_and_can_be_births_alone(branch: Branch) -> None:
    assert asked(branch, 3) == [(2, 2, 3, 3, 0.4), (4, 3, 5, 3, 0.6), (1, 2, 2, 2, 0.7)]
    assert asked(branch, divisions=True) == [(2, 2, 3, 3, 0.4)]
    assert [row[4] for row in asked(branch, below=0.8, divisions=False)] == [0.6, 0.7]


def test_T10_yes_is_kept_as_a_link_of_who_said_so_and_is_asked_no_more(branch: Branch, ben: User) -> None:
    say(branch, ben, (4, 3, 5, 3, True), (2, 2, 3, 3, True))
    assert asked(branch, 1) == [(1, 2, 2, 2, 0.7)]
    assert links.human_links(branch=branch).links == (HumanLink(2, 2, 3, 3), HumanLink(4, 3, 5, 3))
    record = EditRecord.objects.filter(revision__branch=branch).select_related("revision__author")[0]
    assert (record.revision.author, record.tool) == (ben, "link.confirm")
    # It is said of the cells, whatever they are called since.
    commit(branch, ben, move((3, 7, 3, 5), cells=new_cell(7, 0, 0).cells))
    branch.refresh_from_db()
    assert HumanLink(4, 7, 5, 7) in links.human_links(branch=branch).links


def test_T10_a_confirmation_that_is_undone_was_not_said(branch: Branch, ben: User) -> None:
    say(branch, ben, (4, 3, 5, 3, True))
    said = EditRecord.objects.get(revision__branch=branch)
    commit(branch, ben, replace(edit(), undoes=str(said.edit_id)))
    branch.refresh_from_db()
    assert not links.human_links(branch=branch).links
    assert len(asked(branch)) == 10


def test_T10_a_confirmation_is_taken_back_and_said_again_as_the_page_does(branch: Branch, ben: User) -> None:
    told = confirmation(str(uuid4()), HumanLink(4, 3, 5, 3))
    back = replace(told, id=str(uuid4()), tool="undo", undoes=told.id)
    again = replace(told, id=str(uuid4()), tool="redo", undoes=back.id)
    for step, known in ((told, 1), (back, 0), (again, 1)):
        commit(branch, ben, step)
        branch.refresh_from_db()
        assert len(links.human_links(branch=branch).links) == known
    assert len(asked(branch)) == 9


def test_T10_no_takes_tracks_and_births_apart_with_what_belongs_to_each_part(
    branch: Branch, ben: User
) -> None:
    say(branch, ben, (1, 1, 2, 1, False), (3, 1, 4, 1, False), (2, 2, 3, 3, False))
    found, facts = spans(branch), reading.cell_facts(branch=branch)
    parts = {span: cell for cell, span in found.items() if cell not in (2, 3)}
    assert sorted(parts) == [(0, 1), (2, 3), (4, 5)]
    assert [facts[parts[span]].ending for span in sorted(parts)] == [None, None, "death"]
    assert facts[3].mother is None
    cuts = links.human_links(branch=branch).cuts
    assert {(cut.t, cut.to_t) for cut in cuts} == {(1, 2), (3, 4), (2, 3)}
    assert (2, 2, 3, 3) not in {row[:4] for row in asked(branch)}


def test_T10_of_a_link_that_is_gone_nothing_can_be_said(branch: Branch, ben: User, dan: User) -> None:
    say(branch, ben, (1, 1, 2, 1, False))
    for link in ((1, 1, 2, 1), (2, 1, 3, 3), (0, 2, 2, 2), (1, 2, 3, 3)):
        with pytest.raises(LinkIsGone, match="any more"):
            say(branch, ben, (*link, True))
    with pytest.raises(Invalid, match="different links"):
        say(branch, ben, (0, 2, 1, 2, True), (0, 2, 1, 2, False))
    with pytest.raises(NothingHere):
        say(branch, dan, (0, 2, 1, 2, True))
