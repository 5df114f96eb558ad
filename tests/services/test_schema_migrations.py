"""C1: changing the classes of a project together with its cells: previewed, logged, taken back."""

from dataclasses import replace

import pytest
from django.db import ProgrammingError, transaction

from annotation.core.cell_labels import classes_of, with_attributes, with_classes
from annotation.core.edits import CellChange, CellFacts
from annotation.core.schema_changes import Condition
from annotation.models import Branch, CellAttribute, LabelClass, Project, SchemaVersion
from annotation.policies.access import RoleTooLow
from annotation.selectors import labels as reading
from annotation.services import labels, projects, schema_migrations, schemas
from annotation.services.labels import BadEdit, StaleRevision
from annotation.services.schema_migrations import Asked, NothingToTakeBack, SchemaMoved
from backend.accounts.models import Team, User
from tests.factories.annotation import commit, edit, make_branch, new_cell


@pytest.fixture
def branch(team: Team) -> Branch:
    return make_branch(team)


@pytest.fixture
def project(branch: Branch) -> Project:
    return branch.image.dataset.project


def add(project: Project, name: str, by: User, parent: LabelClass | None = None) -> LabelClass:
    return projects.add_class(project=project, name=name, color="#7aa2f7", parent=parent, by=by)


def facts_now(branch: Branch) -> dict[int, CellFacts]:
    return reading.cell_facts(branch=branch)


def say(branch: Branch, by: User, cell: int, after: CellFacts, *, base: int | None = None) -> None:
    before = facts_now(branch)[cell] if base is None else CellFacts()
    commit(branch, by, edit(cells=[CellChange(cell, before, after)], tool="class"), base=base)


def carry_out(project: Project, asked: Asked, by: User) -> SchemaVersion:
    shown = schema_migrations.preview(project=project, asked=asked, by=by)
    return schema_migrations.carry_out(project=project, asked=asked, schema_number=shown.schema_number, by=by)


def test_C1_merging_two_classes_is_previewed_carried_out_and_taken_back(
    branch: Branch, project: Project, ben: User, mia: User
) -> None:
    old, new = add(project, "mitotic", mia), add(project, "dividing", mia)
    both = [CellFacts(label_class=str(one.pk)) for one in (old, new)]
    locked = replace(both[0], locked=True)
    several = [new_cell(cell, 10 * cell, 10, facts=facts) for cell, facts in
               ((1, both[0]), (2, both[0]), (3, both[1]), (4, locked))]  # fmt: skip
    labels.accept(revision=commit(branch, ben, *several), by=mia)
    was = facts_now(branch)
    asked = Asked("MERGE", label_class=old, into=new)
    shown = schema_migrations.preview(project=project, asked=asked, by=mia)
    assert (shown.rows, shown.cells, shown.images, shown.locked) == ([("mitotic", "dividing", 2)], 2, 1, 1)
    assert facts_now(branch) == was
    assert not LabelClass.objects.get(pk=old.pk).archived

    version = schema_migrations.carry_out(
        project=project, asked=asked, schema_number=shown.schema_number, by=mia
    )
    assert {cell: facts.label_class for cell, facts in facts_now(branch).items()} == {
        1: str(new.pk), 2: str(new.pk), 3: str(new.pk), 4: str(old.pk)
    }  # fmt: skip
    assert version.changes == ["Class “mitotic” was archived; “dividing” takes its place."]
    head = reading.head_revision(branch)
    assert head is not None
    assert (head.schema_number, head.accepted_by, head.edit_count) == (version.number, mia, 1)

    say(branch, ben, 2, CellFacts(uncertain=True))
    back = schema_migrations.take_back(project=project, number=version.number, by=mia)
    assert facts_now(branch) == {**was, 2: CellFacts(uncertain=True)}
    assert (back.migration["cells"], back.migration["left"]) == (1, 1)
    with pytest.raises(NothingToTakeBack):
        schema_migrations.take_back(project=project, number=version.number, by=mia)
    schema_migrations.take_back(project=project, number=back.number, by=mia)
    assert facts_now(branch)[1].label_class == str(new.pk), "taking back what took back does it again"


def test_C1_a_stale_edit_that_gives_a_merged_class_gives_the_one_in_its_place(
    branch: Branch, project: Project, ben: User, mia: User
) -> None:
    old, new = add(project, "mitotic", mia), add(project, "dividing", mia)
    commit(branch, ben, new_cell(1, 10, 10))
    carry_out(project, Asked("MERGE", label_class=old, into=new), mia)
    say(branch, ben, 1, CellFacts(label_class=str(old.pk)))
    assert facts_now(branch)[1].label_class == str(new.pk)


def test_C1_splitting_off_by_an_attribute_and_retyping_it(
    branch: Branch, project: Project, ben: User, mia: User
) -> None:
    cell = add(project, "cell", mia)
    size = schemas.add_attribute(project=project, name="size", kind="NUMBER", unit="µm", low=0, by=mia)
    for number, value in ((1, 3), (2, 12.5), (3, 10)):
        facts = with_attributes(CellFacts(label_class=str(cell.pk)), {str(size.pk): value})
        commit(branch, ben, new_cell(number, 10 * number, 10, facts=facts))
    condition = Condition(str(size.pk), low=10)
    carry_out(project, Asked("SPLIT", label_class=cell, name="giant", condition=condition), mia)
    giant = LabelClass.objects.get(name="giant")
    assert [facts_now(branch)[n].label_class for n in (1, 2, 3)] == [
        str(cell.pk),
        str(giant.pk),
        str(giant.pk),
    ]

    retype = Asked(
        "RETYPE", attribute=size, said={"kind": "NUMBER", "unit": "nm", "high": 11_000},
        conversion={"factor": 1000},
    )  # fmt: skip
    shown = schema_migrations.preview(project=project, asked=retype, by=mia)
    assert (shown.rows[0], shown.cells, shown.unconverted) == (("size: 10 µm", "size: 10000 nm", 1), 2, 1)
    version = carry_out(project, retype, mia)
    new = CellAttribute.objects.get(project=project, archived=False)
    assert [dict(facts_now(branch)[n].attributes) for n in (1, 2, 3)] == [
        {str(new.pk): 3000}, {str(size.pk): 12.5}, {str(new.pk): 10_000}
    ]  # fmt: skip
    schema_migrations.take_back(project=project, number=version.number, by=mia)
    assert {dict(facts.attributes)[str(size.pk)] for facts in facts_now(branch).values()} == {3, 12.5, 10}
    assert CellAttribute.objects.get(project=project, archived=False) == size


def test_C1_two_people_say_one_thing_each_of_one_cell(
    branch: Branch, project: Project, ben: User, cleo: User, mia: User
) -> None:
    kind, phase = add(project, "type", mia), add(project, "phase", mia)
    one, two = add(project, "neutrophil", mia, kind), add(project, "mitotic", mia, phase)
    three = add(project, "resting", mia, phase)
    carry_out(project, Asked("RULE", rule="BRANCH"), mia)
    base = commit(branch, ben, new_cell(1, 10, 10)).number
    say(branch, ben, 1, CellFacts(label_class=str(one.pk)), base=base)
    say(branch, cleo, 1, CellFacts(label_class=str(two.pk), uncertain=True), base=base)
    assert set(classes_of(facts_now(branch)[1])) == {str(one.pk), str(two.pk)}
    assert facts_now(branch)[1].uncertain
    with pytest.raises(StaleRevision):
        say(branch, cleo, 1, CellFacts(label_class=str(three.pk)), base=base)
    with pytest.raises(BadEdit, match="phase / mitotic and phase / resting at once"):
        say(branch, ben, 1, with_classes(CellFacts(), [str(two.pk), str(three.pk)]))

    shown = schema_migrations.preview(project=project, asked=Asked("RULE", rule="ONE"), by=mia)
    assert shown.rows == [("phase / mitotic + type / neutrophil", "phase / mitotic", 1)] or shown.cells == 1
    carry_out(project, Asked("RULE", rule="ONE"), mia)
    assert len(classes_of(facts_now(branch)[1])) == 1


def test_C1_versions_are_final_and_only_the_newest_preview_counts(
    project: Project, ben: User, mia: User
) -> None:
    one, two = add(project, "one", mia), add(project, "two", mia)
    asked = Asked("MERGE", label_class=one, into=two)
    shown = schema_migrations.preview(project=project, asked=asked, by=mia)
    projects.change_class(label_class=two, by=mia, name="zwei")
    with pytest.raises(SchemaMoved):
        schema_migrations.carry_out(project=project, asked=asked, schema_number=shown.schema_number, by=mia)
    with pytest.raises(RoleTooLow):
        schema_migrations.preview(project=project, asked=asked, by=ben)
    newest = SchemaVersion.objects.filter(project=project).first()
    assert newest is not None
    assert (newest.changes, newest.author) == (["Class “two” is called “zwei” now."], mia)
    with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic():
        SchemaVersion.objects.filter(pk=newest.pk).update(changes=[])
