"""Questions about links: what a crowd says of them is kept by a linker (T10)."""

import pytest

from annotation.core.human_links import HumanLink
from annotation.models import (
    Branch,
    ItemKind,
)
from annotation.selectors import labels as labels_reading
from annotation.selectors import links
from annotation.services import (
    crowd_cutting,
    crowd_stitching,
)
from annotation.services.crowd_cutting import Wish
from tests.cast import Cast
from tests.conftest import Outbox
from tests.factories.annotation import make_project
from tests.factories.campaigns import (
    choose,
    cut,
    head_plane,
    linked_movie,
    make_campaign,
)


@pytest.fixture
def movie(cast: Cast) -> Branch:
    return linked_movie(make_project(cast.team), cast.ana)


def test_T10_what_a_crowd_says_of_links_is_kept_by_a_linker(
    movie: Branch, cast: Cast, outbox: Outbox
) -> None:
    campaign = make_campaign(movie.image.dataset.project, cast.ana, answers_min=3, answers_max=3)
    items = cut(campaign, cast.ana, movie.image, kind=ItemKind.SAME, below=0.6)
    crowd_cutting.cut(
        campaign=campaign, wish=Wish(kind=ItemKind.DIVIDED, images=[movie.image.pk]), by=cast.ana
    )
    asked = {(item.t, item.cell, item.to_t, item.other_cell) for item in items}
    assert asked == {(2, 1, 3, 1), (3, 2, 4, 2)}
    assert len(items[0].shown) == 2
    choose(campaign, lambda item: "yes" if item.cell == 2 else "no", workers=3)
    outbox.deliver()
    [made] = crowd_stitching.stitch(campaign=campaign, by=cast.ana)
    draft = made.draft.revision.branch
    human = links.human_links(branch=draft)
    new = int(head_plane(movie.image, draft.name, t=3)[5, 5])
    assert HumanLink(3, 2, 4, 2) in human.links
    assert HumanLink(2, 1, 3, new) in human.cuts
    assert new not in (1, 2, 3)
    assert HumanLink(2, 1, 3, 3) in human.cuts
    assert labels_reading.cell_facts(branch=draft)[3].mother is None
    table = links.list_links(branch=draft).table
    pairs = set(
        zip(
            table.from_t.tolist(),
            table.from_cell.tolist(),
            table.t.tolist(),
            table.cell.tolist(),
            strict=True,
        )
    )
    assert (3, new, 4, new) in pairs
    assert (2, 1, 3, 3) not in pairs
