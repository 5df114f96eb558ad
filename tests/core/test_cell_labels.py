"""C1: several classes, attributes and the uncertain flag of a cell, and two people who say them at once."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from annotation.core import cell_labels, edits
from annotation.core.cell_labels import classes_of, contend, over, with_attributes, with_classes
from annotation.core.edits import CellChange, CellFacts, Edit

IDS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(6)]
TYPE, PHASE = IDS[:3], IDS[3:]
UUID = "3b241101-e2bb-4255-8caf-4136c566a962"


def branch(label_class: str) -> str:
    """Two branches of a tree."""
    return "type" if label_class in TYPE else "phase"


values = st.dictionaries(
    st.sampled_from(IDS), st.one_of(st.booleans(), st.integers(-9, 9), st.text("ab", min_size=1)), max_size=3
)


@st.composite
def facts(draw: st.DrawFn, axis: cell_labels.Axis = str) -> CellFacts:
    classes = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=4))
    flags = CellFacts(uncertain=draw(st.booleans()), ignored=draw(st.booleans()))
    return cell_labels.settled(with_classes(with_attributes(flags, draw(values)), classes), axis)


@given(facts())
def test_C1_facts_survive_json(one: CellFacts) -> None:
    edit = Edit(UUID, "class", cells=(CellChange(1, CellFacts(), one),))
    assert edits.parse(edits.to_json(edit)) == edit


@given(facts(branch), facts(branch), facts(branch))
def test_C1_two_people_on_one_cell_both_stand_where_they_do_not_contend(
    base: CellFacts, mine: CellFacts, theirs: CellFacts
) -> None:
    my, their = CellChange(1, base, mine), CellChange(1, base, theirs)
    if contend(my, their, branch):
        return
    merged = over(my, theirs)
    for axis in ("type", "phase"):
        of = [
            {one for one in classes_of(facts) if branch(one) == axis}
            for facts in (base, mine, theirs, merged)
        ]
        assert of[3] == (of[1] if of[1] != of[0] else of[2])
    told = [dict(one.attributes) for one in (base, mine, theirs, merged)]
    for name in IDS:
        was, a, b, now = (each.get(name) for each in told)
        assert now == (a if a != was else b)


@given(facts(branch), facts(branch), facts(branch))
def test_C1_contention_does_not_depend_on_who_came_first(
    base: CellFacts, mine: CellFacts, theirs: CellFacts
) -> None:
    my, their = CellChange(1, base, mine), CellChange(1, base, theirs)
    assert contend(my, their, branch) == contend(their, my, branch)


def test_C1_a_class_takes_the_place_of_those_that_it_excludes() -> None:
    cell = cell_labels.given(CellFacts(), TYPE[0], branch)
    cell = cell_labels.given(cell, PHASE[0], branch)
    assert classes_of(cell) == (TYPE[0], PHASE[0])
    assert classes_of(cell_labels.given(cell, TYPE[1], branch)) == (TYPE[1], PHASE[0])
    assert classes_of(cell_labels.given(cell, PHASE[1], branch)) == (TYPE[0], PHASE[1])
    assert classes_of(cell_labels.given(cell, TYPE[1])) == (TYPE[1],)
    assert classes_of(cell_labels.given(cell, None, branch)) == ()


def test_C1_stale_edits_of_one_cell_collide_only_about_the_same_thing() -> None:
    base = CellFacts()

    def edit(after: CellFacts) -> list[Edit]:
        return [Edit(UUID, "class", cells=(CellChange(7, base, after),))]

    a_type, a_phase = replace(base, label_class=TYPE[0]), replace(base, label_class=PHASE[0])
    unsure, size = replace(base, uncertain=True), with_attributes(base, {IDS[0]: 3})
    assert not edits.find_collisions(edit(a_type), edit(a_phase), axis=branch)
    assert edits.find_collisions(edit(a_type), edit(a_phase))
    assert not edits.find_collisions(edit(a_type), edit(unsure))
    assert not edits.find_collisions(edit(size), edit(unsure))
    assert edits.find_collisions(edit(size), edit(with_attributes(base, {IDS[0]: 4})))
    assert not edits.find_collisions(edit(size), edit(with_attributes(base, {IDS[1]: 4})))
