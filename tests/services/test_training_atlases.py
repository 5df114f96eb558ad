"""L8, C4: an atlas is kept, searched, labelled group by group, and that is taken back as one act."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from rest_framework.test import APIClient

from annotation.core.edits import CellChange, CellFacts
from annotation.models import Branch, LabelClass
from annotation.selectors import audit
from annotation.selectors import labels as label_selectors
from annotation.services import schemas
from annotation.services.labels import StaleRevision
from backend.accounts.models import Team, User
from tests.conftest import Outbox
from tests.factories import annotation as annotate
from tests.factories import training as make
from tests.factories.atlases import said_of
from training.contract.files import RunFolder, write_atomically
from training.contract.results import RunResult
from training.models import Atlas, AtlasPoint, Labelling
from training.models.jobs import Kind, State
from training.runners import collect, layout
from training.selectors import atlas_review
from training.selectors import atlases as selectors
from training.services import atlases as services
from training.services import jobs, labelling, orders

ClientOf = Callable[[User | None], APIClient]
AT = "/api/v1/atlases/"


@pytest.fixture
def atlas(team: Team, mia: User, ana: User, outbox: Outbox, client_of: ClientOf, tmp_path: Path) -> Atlas:
    """Three images of two cells each, made by a job whose engine said numbers at random."""
    dataset = make.dataset(make.project(team))
    make.labelled_images(dataset, 3, pixels=True)
    make.image(dataset)
    asked = {"project": str(dataset.project.pk), "dataset": str(dataset.pk), "name": "all of it"}
    made = client_of(mia).post(AT, asked, format="json")
    assert made.status_code == 201, made.content
    job = jobs.claim(job_id=made.json()["id"], worker="worker 1")
    assert job is not None
    folder = RunFolder(tmp_path / "run")
    layout.lay_out(job=job, folder=folder)
    spec, lines = folder.read_spec(), folder.read_manifest()
    assert (spec.recipe, spec.model_dir, len(lines)) == ("embed", None, 3), "the bare image is left out"
    write_atomically(folder.atlas, said_of([line.image_id for line in lines]).to_bytes())
    collect.collect(job=job, worker="worker 1", folder=folder, result=RunResult(ok=True))
    job.refresh_from_db()
    assert (job.state, job.message) == (State.SUCCEEDED, "A map of 6 cells in 2 groups.")
    return Atlas.objects.get()


def classes_of(atlas: Atlas) -> list[str | None]:
    """The class of each cell as its branch's head says, by number."""
    told = []
    for row in AtlasPoint.objects.filter(atlas=atlas).select_related("source__revision__branch"):
        facts = label_selectors.cell_facts(branch=row.source.revision.branch)
        told.append(facts[row.cell].label_class)
    return told


@pytest.mark.parametrize("searched_by", ["pgvector", "pgvector's index", "comparing"])
def test_L8_neighbours_equal_a_numpy_twin(
    atlas: Atlas, searched_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert selectors.has_pgvector()
    if searched_by == "comparing":
        monkeypatch.setattr(selectors, "has_pgvector", lambda: False)
    if searched_by == "pgvector's index":
        monkeypatch.setattr(services, "INDEXED_FROM", 1)
        assert services.build_index(atlas=atlas, width=64)
    vectors = np.array(AtlasPoint.objects.values_list("embedding", flat=True))
    for number in range(6):
        far = np.sqrt(((vectors - vectors[number]) ** 2).sum(1))
        twin = [one for one in np.argsort(far).tolist() if one != number][:3]
        found = selectors.neighbours(atlas=atlas, number=number, count=3)
        assert [one.number for one in found] == twin
        assert [one.distance for one in found] == pytest.approx(far[twin], rel=1e-4)


def test_L8_a_group_is_labelled_in_one_act_and_taken_back(atlas: Atlas, ben: User) -> None:
    mitosis = LabelClass.objects.create(project=atlas.project, name="mitosis")
    act = labelling.label(atlas=atlas, numbers=[0, 2, 3, 4], label_class=mitosis.pk, by=ben)
    there = [str(mitosis.pk) if number in (0, 2, 3, 4) else None for number in range(6)]
    assert classes_of(atlas) == there
    assert (act.cell_count, act.revisions.count()) == (4, 3)
    known, told = selectors.classes(atlas=atlas)
    assert [known[place - 1] if place else None for place in told.tolist()] == there
    with pytest.raises(labelling.NothingToLabel):
        labelling.label(atlas=atlas, numbers=[0, 2], label_class=mitosis.pk, by=ben)
    labelling.undo(labelling=act, by=ben)
    assert classes_of(atlas) == [None] * 6
    with pytest.raises(labelling.AlreadyUndone):
        labelling.undo(labelling=act, by=ben)


def test_L8_locked_cells_keep_their_class_and_are_counted(atlas: Atlas, ben: User) -> None:
    row = AtlasPoint.objects.select_related("source__revision__branch").get(number=1)
    branch = Branch.objects.get(pk=row.source.revision.branch_id)
    lock = CellChange(row.cell, CellFacts(), CellFacts(locked=True))
    annotate.commit(branch, ben, annotate.edit(cells=[lock]))
    kind = LabelClass.objects.create(project=atlas.project, name="debris")
    act = labelling.label(atlas=atlas, numbers=[0, 1], label_class=kind.pk, by=ben)
    assert (act.cell_count, act.skipped_count) == (1, 1)
    assert classes_of(atlas)[:2] == [str(kind.pk), None]


def test_L8_undo_takes_nothing_back_where_somebody_changed_a_cell_since(atlas: Atlas, ben: User) -> None:
    first, second = (LabelClass.objects.create(project=atlas.project, name=name) for name in "ab")
    act = labelling.label(atlas=atlas, numbers=range(6), label_class=first.pk, by=ben)
    labelling.label(atlas=atlas, numbers=[5], label_class=second.pk, by=ben)
    with pytest.raises(StaleRevision):
        labelling.undo(labelling=act, by=ben)
    assert classes_of(atlas) == [str(first.pk)] * 5 + [str(second.pk)]


def test_L8_a_model_that_does_not_look_at_cells_makes_no_map(atlas: Atlas, mia: User) -> None:
    images = [source.image for source in atlas.sources.select_related("image__dataset")]
    dataset = images[0].dataset
    model = make.trained_model(make.snapshot(dataset, by=mia), by=mia, recipe="instances")
    order = make.order(kind=Kind.PREDICT, recipe="embed", trained_model=model, images=images)
    with pytest.raises(orders.JobNotComplete, match="does not look at single cells"):
        jobs.start(project=atlas.project, order=order, by=mia)


def test_L8_deleting_an_atlas_leaves_no_rows_no_index_and_no_columns(
    atlas: Atlas, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "INDEXED_FROM", 1)
    services.build_index(atlas=atlas, width=64)
    name = services.index_name(atlas)
    services.delete(atlas=atlas, by=mia)
    assert not AtlasPoint.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = %s", [name])
        assert cursor.fetchone() == (0,)


def test_C4_the_columns_hold_places_and_measurements(atlas: Atlas, client_of: ClientOf, ben: User) -> None:
    head, column = unpack(client_of(ben).get(f"{AT}{atlas.pk}/points/").content)
    assert head["count"] == 6
    assert [image["name"] for image in head["images"]] == [s.image.name for s in atlas.sources.all()]
    assert column("measure: area_px").tolist() == [4.0] * 6
    assert column("cell").tolist() == [1, 2] * 3
    assert column("group").tolist() == [0, 1] * 3
    np.testing.assert_array_equal(column("map_x"), said_of(["a", "b", "c"]).places[:, 0])


def unpack(content: bytes) -> tuple[dict[str, Any], Callable[[str], np.ndarray[Any, Any]]]:
    size = int.from_bytes(content[:4], "little")
    head = json.loads(content[4 : 4 + size])

    def column(name: str) -> np.ndarray[Any, Any]:
        (one,) = [each for each in head["columns"] if each["name"] == name]
        return np.frombuffer(content, "<" + one["dtype"], head["count"], 4 + size + one["at"])

    return head, column


def test_L8_over_http_it_is_listed_read_labelled_and_undone(
    atlas: Atlas, client_of: ClientOf, ben: User, mia: User
) -> None:
    client, one = client_of(ben), f"{AT}{atlas.pk}/"
    (row,) = client.get(AT, {"project": str(atlas.project_id)}).json()["results"]
    assert (row["name"], row["made_of"], row["point_count"]) == ("all of it", "measurements", 6)
    crops = client.get(f"{one}crops/", {"numbers": "0,5"})
    assert crops.content.startswith(b"\x89PNG")
    assert client.get(f"{one}crops/", {"numbers": "99"}).status_code == 404
    assert len(client.get(f"{one}neighbours/0/", {"count": 4}).json()) == 4
    kind = LabelClass.objects.create(project=atlas.project, name="round")
    given = {"numbers": [0, 1], "label_class": str(kind.pk)}
    act = client.post(f"{one}labellings/", given, format="json")
    assert (act.status_code, act.json()["class_name"], act.json()["cell_count"]) == (201, "round", 2)
    told = client.get(f"{one}classes/")
    assert (told.headers["X-Classes"], list(told.content)) == (str(kind.pk), [1, 1, 0, 0, 0, 0])
    undone = client.post(f"{one}labellings/{act.json()['id']}/undo/")
    assert undone.json()["undone_at"] is not None
    assert client.get(f"{one}labellings/").json()["count"] == 1
    assert client_of(mia).patch(one, {"name": "renamed"}, format="json").json()["name"] == "renamed"
    assert client.delete(one).status_code == 403, "annotators delete no atlas"
    assert client_of(mia).delete(one).status_code == 204


def test_L8_strangers_see_no_atlas(atlas: Atlas, client_of: ClientOf, dan: User, ben: User) -> None:
    act = labelling.label(
        atlas=atlas, numbers=[0], by=ben,
        label_class=LabelClass.objects.create(project=atlas.project, name="x").pk,
    )  # fmt: skip
    one, client = f"{AT}{atlas.pk}/", client_of(dan)
    assert client.get(AT).json()["count"] == 0
    assert client.post(AT, {"project": str(atlas.project_id)}, format="json").status_code == 404
    for path in ("", "points/", "classes/", "crops/?numbers=0", "neighbours/0/", "labellings/"):
        assert client.get(one + path).status_code == 404, path
    assert client.patch(one, {"name": "mine"}, format="json").status_code == 404
    assert client.delete(one).status_code == 404
    given = {"numbers": [0], "label_class": None}
    assert client.post(f"{one}labellings/", given, format="json").status_code == 404
    assert client.post(f"{one}labellings/{act.pk}/undo/").status_code == 404
    assert client_of(None).get(AT).status_code == 401


# ---------------------------------------------------------------- looking through the cells


def test_C2_quality_and_flag_are_said_of_many_and_taken_back_as_one(atlas: Atlas, ben: User) -> None:
    act = labelling.label(atlas=atlas, numbers=[0, 3, 5], quality=0.25, ignored=True, by=ben)
    assert (act.cell_count, act.said) == (3, {"quality": 0.25, "ignored": True})
    found = atlas_review.sorted_by(atlas=atlas)
    assert found.flags.tolist() == [1, 0, 0, 1, 0, 1]
    assert [None if np.isnan(q) else float(q) for q in found.quality] == [0.25, None, None, 0.25, None, 0.25]
    assert classes_of(atlas) == [None] * 6
    labelling.undo(labelling=act, by=ben)
    assert not atlas_review.sorted_by(atlas=atlas).flags.any()
    with pytest.raises(labelling.NothingToLabel):
        labelling.label(atlas=atlas, numbers=[0], by=ben)


def test_C1_attributes_and_doubt_are_said_of_many_read_and_taken_back_as_one(
    atlas: Atlas, mia: User, ben: User, client_of: ClientOf, dan: User
) -> None:
    size = schemas.add_attribute(project=atlas.project, name="size", kind="NUMBER", by=mia)
    stain = schemas.add_attribute(
        project=atlas.project, name="stain", kind="CHOICE", choices=["weak", "strong"], by=mia
    )
    said = {"attributes": {str(size.pk): 3.5, str(stain.pk): "strong"}, "uncertain": True}
    one, client = f"{AT}{atlas.pk}/", client_of(ben)
    answer = client.post(f"{one}labellings/", {"numbers": [0, 3], **said}, format="json")
    assert (answer.status_code, answer.json()["said"]) == (201, said)
    labelling.label(atlas=atlas, numbers=[3], attributes={str(stain.pk): None}, by=ben)
    assert atlas_review.attribute(atlas=atlas, attribute_id=size.pk).told == [
        3.5,
        None,
        None,
        3.5,
        None,
        None,
    ]
    read = client.get(f"{one}attributes/{stain.pk}/").json()
    assert read == {"texts": ["weak", "strong"], "told": [1, None, None, None, None, None]}
    assert atlas_review.sorted_by(atlas=atlas).flags.tolist() == [4, 0, 0, 4, 0, 0]
    for act in Labelling.objects.all():
        labelling.undo(labelling=act, by=ben)
    assert atlas_review.attribute(atlas=atlas, attribute_id=size.pk).told == [None] * 6
    bad = {"numbers": [0], "attributes": {str(stain.pk): "blue"}}
    refused = client.post(f"{one}labellings/", bad, format="json")
    assert (refused.status_code, "one of weak, strong is needed" in refused.content.decode()) == (400, True)
    assert client_of(dan).get(f"{one}attributes/{stain.pk}/").status_code == 404
    assert client.get(f"{one}attributes/{atlas.pk}/").status_code == 404


def test_C5_a_labelling_is_in_the_audit_log_with_its_map(atlas: Atlas, ben: User, cleo: User) -> None:
    kind = LabelClass.objects.create(project=atlas.project, name="mitosis")
    labelling.label(atlas=atlas, numbers=range(6), label_class=kind.pk, by=ben)
    asked = audit.Asked(person=ben.pk, tool="atlas")
    rows = [audit.line(row) for row in audit.list_lines(user=cleo, project=atlas.project, asked=asked)]
    assert len(rows) == 3, "one edit an image"
    assert {row.parameters["map"] for row in rows} == {str(atlas.pk)}
    assert {row.parameters["chosen"] for row in rows} == {6}


@pytest.mark.parametrize("anchors", [20_000, 40])
def test_C2_disagreement_equals_a_naive_twin(anchors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The part of a cell's nearest cells with a class that have another one; cells without a class say
    nothing."""
    rng = np.random.default_rng(1)
    kept = rng.normal(size=(60, 4)).astype(np.float32)
    told = rng.integers(0, 4, 60).astype(np.uint8)
    told[7] = selectors.GONE
    monkeypatch.setattr(atlas_review, "CHUNK", 17)
    monkeypatch.setattr(atlas_review, "MOST_ANCHORS", anchors)
    found = atlas_review.disagreement(kept, told)
    named = [i for i in range(60) if 0 < told[i] < selectors.GONE]
    assert np.isnan(found[[i for i in range(60) if i not in named]]).all()
    assert ((found[named] >= 0) & (found[named] <= 1)).all()
    if anchors > 60:
        for i in named:
            far = sorted(named, key=lambda j: float(((kept[i] - kept[j]) ** 2).sum()) if j != i else -1.0)
            near = far[1 : atlas_review.LIKES + 1]
            assert found[i] == pytest.approx(sum(told[j] != told[i] for j in near) / len(near))


def test_C2_over_http(atlas: Atlas, client_of: ClientOf, ben: User, dan: User) -> None:
    one, client = f"{AT}{atlas.pk}/", client_of(ben)
    given = {"numbers": [1, 2], "ignored": True}
    act = client.post(f"{one}labellings/", given, format="json").json()
    assert (act["said"], act["cell_count"], act["class_name"]) == ({"ignored": True}, 2, None)
    body = client.get(f"{one}review/").content
    assert len(body) == 6 * 9
    assert list(body[48:]) == [0, 1, 1, 0, 0, 0]
    far = np.frombuffer(client.get(f"{one}likeness/3/").content, "<f4")
    vectors = np.array(AtlasPoint.objects.order_by("number").values_list("embedding", flat=True))
    assert far == pytest.approx(np.sqrt(((vectors - vectors[3]) ** 2).sum(1)), rel=1e-4)
    assert client.get(f"{one}likeness/99/").status_code == 404
    assert client.post(f"{one}labellings/", {"numbers": [1], "quality": 2}, format="json").status_code == 400
    for path in ("review/", "likeness/0/"):
        assert client_of(dan).get(one + path).status_code == 404
