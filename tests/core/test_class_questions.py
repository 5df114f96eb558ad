"""Which classes a question names, and what an answer says of a cell (C1, K1)."""

import pytest

from annotation.core import class_questions
from annotation.core.class_schema import ANY, BRANCH, ONE, ClassDef, Schema
from annotation.core.edits import CellFacts

PARENTS = {
    "type": None, "immune": "type", "neutrophil": "immune", "lymphocyte": "immune", "tumour": "type",
    "phase": None, "mitosis": "phase", "resting": "phase", "debris": None,
}  # fmt: skip


def tree(rule: str = BRANCH, **archived_for: str) -> Schema:
    """Two branches of depth three and two, and a class by itself; `archived_for`: what took its place."""
    classes = {
        name: ClassDef(
            id=name, name=name, parent=parent, archived=name in archived_for,
            replaced_by=archived_for.get(name) or None,
        )
        for name, parent in PARENTS.items()
    }  # fmt: skip
    return Schema(rule, classes)


@pytest.mark.parametrize(
    ("level", "below", "named"),
    [
        (None, None, [*PARENTS]),
        (0, None, ["type", "phase", "debris"]),
        (1, None, ["immune", "tumour", "mitosis", "resting", "debris"]),
        (2, None, ["neutrophil", "lymphocyte", "tumour", "mitosis", "resting", "debris"]),
        (1, "type", ["immune", "tumour"]),
        (2, "type", ["neutrophil", "lymphocyte", "tumour"]),
        (None, "immune", ["neutrophil", "lymphocyte"]),
        (0, "immune", ["neutrophil", "lymphocyte"]),
        (None, "tumour", []),
        (1, "gone", ["immune", "tumour", "mitosis", "resting", "debris"]),
    ],
)
def test_C1_a_question_names_a_level_of_the_tree(
    level: int | None, below: str | None, named: list[str]
) -> None:
    assert class_questions.choices(tree(), level=level, below=below) == named


def test_C1_archived_classes_are_not_named_and_what_took_their_place_is() -> None:
    schema = tree(immune="tumour", mitosis="")
    assert class_questions.choices(schema, level=1) == [
        "neutrophil", "lymphocyte", "tumour", "resting", "debris",
    ]  # fmt: skip
    assert class_questions.answered(schema, CellFacts(), "immune") == CellFacts(label_class="tumour")


def test_C1_a_cell_is_the_nearest_class_above_its_own_that_is_named() -> None:
    schema, asked = tree(), ["immune", "tumour"]
    assert class_questions.told(schema, CellFacts(label_class="neutrophil"), asked) == "immune"
    assert class_questions.told(schema, CellFacts(label_class="mitosis", also=("tumour",)), asked) == "tumour"
    assert class_questions.told(schema, CellFacts(label_class="type"), asked) is None
    assert class_questions.told(schema, CellFacts(label_class="immune", uncertain=True), asked) is None
    assert class_questions.told(schema, CellFacts(), asked) is None


def test_C1_an_answer_takes_the_place_of_what_the_rule_excludes_and_no_more() -> None:
    both = CellFacts(label_class="tumour", also=("mitosis",))
    assert class_questions.answered(tree(ONE), both, "immune") == CellFacts(label_class="immune")
    assert class_questions.answered(tree(BRANCH), both, "immune") == CellFacts(
        label_class="immune", also=("mitosis",)
    )
    assert class_questions.answered(tree(BRANCH), both, "resting") == CellFacts(
        label_class="tumour", also=("resting",)
    )
    assert class_questions.answered(tree(ANY), both, "resting").also == ("mitosis", "resting")


def test_C1_a_cell_that_says_more_already_stays_as_it_is() -> None:
    finer = CellFacts(label_class="neutrophil")
    assert class_questions.answered(tree(), finer, "immune") == finer
    assert class_questions.answered(tree(), finer, "tumour") == CellFacts(label_class="tumour")
    assert class_questions.answered(tree(), finer, "nobody's") == finer
