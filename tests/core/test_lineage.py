"""Every fault of a lineage, named with its cells."""

import pytest

from annotation.core import lineage
from annotation.core.lineage import Fault, Span


def faults(mothers: dict[int, int], **more: object) -> list[tuple[Fault, int, int]]:
    found = lineage.check(mothers, cells=range(1, 10), **more)  # type: ignore[arg-type]
    return [(f.fault, f.cell, f.mother) for f in found]


def test_a_forest_in_order_has_no_fault() -> None:
    spans = {1: Span(0, 3), 2: Span(4, 9), 3: Span(4, 4)}
    assert faults({2: 1, 3: 1}, spans=spans) == []


def test_own_mother() -> None:
    assert faults({2: 2}) == [(Fault.OWN_MOTHER, 2, 2)]


def test_unknown_mother() -> None:
    assert faults({2: 77}) == [(Fault.UNKNOWN_MOTHER, 2, 77)]


def test_a_circle_names_its_cells_and_not_those_that_lead_into_it() -> None:
    assert faults({1: 2, 2: 3, 3: 1, 4: 1}) == [
        (Fault.CIRCLE, 1, 2),
        (Fault.CIRCLE, 2, 3),
        (Fault.CIRCLE, 3, 1),
    ]


def test_a_daughter_that_begins_too_early() -> None:
    spans = {1: Span(0, 3), 2: Span(3, 9)}
    assert faults({2: 1}, spans=spans) == [(Fault.BEFORE_MOTHER_ENDS, 2, 1)]


def test_too_many_daughters() -> None:
    assert faults({2: 1, 3: 1, 4: 1}, most_daughters=2) == [(Fault.TOO_MANY_DAUGHTERS, 1, 1)]
    assert faults({2: 1, 3: 1}, most_daughters=2) == []


def test_the_message_says_who() -> None:
    (finding,) = lineage.check({2: 77}, cells=[2])
    assert finding.message == "Cell 2 has mother 77, which does not exist."


def test_daughters_and_founder() -> None:
    mothers = {3: 1, 2: 1, 4: 3}
    assert lineage.daughters(mothers) == {1: [2, 3], 3: [4]}
    assert lineage.founder(4, mothers) == 1
    with pytest.raises(ValueError, match="circle"):
        lineage.founder(1, {1: 2, 2: 1})
