"""C1: migrations of a schema as pure functions, by property: nothing is lost, nothing is left behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.core import class_schema, schema_changes
from annotation.core.cell_labels import attributes_of, classes_of, settled, with_attributes, with_classes
from annotation.core.class_schema import AttributeDef, ClassDef, NotInSchema, Schema
from annotation.core.edits import CellChange, CellFacts, Edit, apply_facts, invert
from annotation.core.schema_changes import Condition, Step

IDS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(6)]
AREA, STAGE = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"
NEW = AttributeDef("a0000000-0000-4000-8000-000000000003", "area", "NUMBER", unit="nm", low=0, high=9000)
UUID = "3b241101-e2bb-4255-8caf-4136c566a962"
# 0 ── 1, 2 and 3 ── 4, 5
TREE = Schema("BRANCH", {
    one: ClassDef(one, f"c{n}", parent={1: IDS[0], 2: IDS[0], 4: IDS[3], 5: IDS[3]}.get(n))
    for n, one in enumerate(IDS)
})  # fmt: skip


@st.composite
def crowd(draw: st.DrawFn) -> dict[int, CellFacts]:
    cells = {}
    for cell in range(1, draw(st.integers(0, 6)) + 1):
        classes = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=3))
        numbers = st.one_of(st.integers(-2, 12), st.floats(0, 12), st.sampled_from(["big", "3.5", "yes"]))
        values = draw(st.dictionaries(st.sampled_from([AREA, STAGE]), numbers))
        bare = CellFacts(locked=draw(st.integers(0, 4)) == 0)
        cells[cell] = settled(with_classes(with_attributes(bare, values), classes), TREE.axis)
    return cells


steps: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.builds(schema_changes.replaced, st.sampled_from(IDS), st.sampled_from([*IDS, None])),
        st.builds(
            schema_changes.split_off, st.sampled_from(IDS), st.sampled_from(IDS),
            st.builds(Condition, st.just(AREA), low=st.integers(0, 5), high=st.integers(6, 9)),
        ),
        st.just(schema_changes.retyped(AREA, NEW, {"factor": 1000, "map": {"big": 9000}})),
        st.just(schema_changes.kept_apart(TREE.axis)),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


@given(crowd(), steps)
def test_C1_a_migration_is_an_edit_that_is_undone_exactly(
    cells: dict[int, CellFacts], several: list[Step]
) -> None:
    plan = schema_changes.plan(cells, several)
    edit = Edit(UUID, "schema", cells=tuple(plan.changes))
    after = apply_facts(cells, edit.cells)
    assert apply_facts(after, invert(edit).cells) == cells
    assert all(after[cell] == cells[cell] for cell in cells if cells[cell].locked)
    assert {change.cell for change in plan.changes}.isdisjoint(plan.locked)
    back, left = schema_changes.taken_back(plan.changes, after)
    assert (apply_facts(after, back), left) == (cells, [])


@given(crowd(), st.sampled_from(IDS), st.sampled_from([*IDS, None]))
def test_C1_nobody_in_use_carries_a_merged_class(
    cells: dict[int, CellFacts], old: str, new: str | None
) -> None:
    step = schema_changes.replaced(old, new)
    after = {cell: settled(step(facts), TREE.axis) for cell, facts in cells.items()}
    for cell, facts in after.items():
        assert old == new or old not in classes_of(facts)
        assert len({TREE.axis(one) for one in classes_of(facts)}) == len(classes_of(facts))
        if old not in classes_of(cells[cell]):
            assert facts == cells[cell]
    assert schema_changes.plan(after, [step]).changes == [] or old == new


@given(crowd())
def test_C1_a_retyped_attribute_keeps_what_cannot_be_converted(cells: dict[int, CellFacts]) -> None:
    step = schema_changes.retyped(AREA, NEW, {"factor": 1000})
    for facts in cells.values():
        old, now = attributes_of(facts), attributes_of(step(facts))
        assert (AREA in old) == ((AREA in now) != (NEW.id in now))
        assert now.get(STAGE) == old.get(STAGE)
        if NEW.id in now:
            assert NEW.says_no(now[NEW.id]) is None
            assert now[NEW.id] == pytest.approx(float(old[AREA]) * 1000)


@given(crowd(), steps, st.sampled_from(IDS))
def test_C1_what_was_said_since_stays_when_a_migration_is_taken_back(
    cells: dict[int, CellFacts], several: list[Step], other: str
) -> None:
    plan = schema_changes.plan(cells, several)
    now = apply_facts(cells, plan.changes)
    said = {change.cell for change in plan.changes[::2] if set(classes_of(change.after)) != {other}}
    now |= {cell: with_classes(now[cell], [other]) for cell in said}
    back, left = schema_changes.taken_back(plan.changes, now)
    after = apply_facts(now, back)
    for change in plan.changes:
        classes_moved = set(classes_of(change.before)) != set(classes_of(change.after))
        if change.cell in said and classes_moved and change.cell in left:
            assert after[change.cell] == now[change.cell]
        if change.cell not in said:
            assert after[change.cell] == change.before


def test_C1_versions_are_compared_in_sentences() -> None:
    before = Schema("ONE", {IDS[0]: ClassDef(IDS[0], "cell"), IDS[1]: ClassDef(IDS[1], "dead")})
    after = Schema("BRANCH", {
        IDS[0]: ClassDef(IDS[0], "cell"), IDS[2]: ClassDef(IDS[2], "live", parent=IDS[0]),
        IDS[1]: ClassDef(IDS[1], "dead", archived=True, replaced_by=IDS[2]),
    }, {AREA: AttributeDef(AREA, "area", "NUMBER", unit="µm²", low=0)})  # fmt: skip
    assert class_schema.changes(before, after) == [
        "A cell has one class from each branch of the tree, no longer one class.",
        "Class “cell / live” was added.",
        "Class “dead” was archived; “cell / live” takes its place.",
        "Attribute “area” (a number from 0 in µm²) was added.",
    ]
    assert class_schema.changes(after, after) == []
    assert Schema.from_json(after.to_json()) == after


def test_C1_facts_are_checked_against_the_schema() -> None:
    schema = Schema("BRANCH", TREE.classes, {NEW.id: NEW})
    class_schema.check(schema, 1, with_classes(CellFacts(), [IDS[1], IDS[4]]))
    with pytest.raises(NotInSchema, match="c0 / c1 and c0 / c2 at once"):
        class_schema.check(schema, 1, with_classes(CellFacts(), [IDS[1], IDS[2]]))
    with pytest.raises(NotInSchema, match="area of cell 1: at most 9000 nm"):
        class_schema.check(schema, 1, with_attributes(CellFacts(), {NEW.id: 9001}))
    with pytest.raises(NotInSchema, match="no such attribute"):
        class_schema.check(schema, 1, with_attributes(CellFacts(), {STAGE: 1}))


def test_C1_an_edit_from_before_a_merger_means_the_class_in_its_place() -> None:
    merged = {**TREE.classes, IDS[1]: ClassDef(IDS[1], "c1", archived=True, replaced_by=IDS[2])}
    schema = Schema("ONE", merged)
    edit = Edit(UUID, "class", cells=(CellChange(1, CellFacts(), CellFacts(label_class=IDS[1])),))
    assert class_schema.brought_up(schema, edit).cells[0].after == CellFacts(label_class=IDS[2])
    assert class_schema.brought_up(TREE, edit) is edit
