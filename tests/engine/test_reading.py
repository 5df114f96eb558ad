"""L14: which channels a model reads by itself, and what may be said of it."""

from typing import Any

import pytest

from training.contract import reading
from training.contract.errors import InvalidSettings

NUCLEI, CELLS = ["nuclei", "Starter nuclei"], ["unstained", "Starter cells"]


@pytest.mark.parametrize(
    ("names", "known", "learned", "read"),
    [
        (["DAPI"], [1, 3], NUCLEI, None),
        (["nuclei", "membrane"], [1, 3], NUCLEI, (0,)),
        (["membrane", "H2B-mCherry"], [1, 3], NUCLEI, (1,)),
        (["actin", "Hoechst 33342", "GFP", "RFP"], [1, 3], NUCLEI, (1,)),
        (["CD3", "CD8", "191Ir", "193Ir"], [1, 3], NUCLEI, (2,)),
        (["nuclear membrane", "perinuclear", "DNA1"], [2], NUCLEI, (2,)),
        (["DIC", "GFP"], [1, 3], NUCLEI, (1,)),
        (["Channel 1", "Channel 2"], [1, 3], NUCLEI, (0,)),
        (["DAPI", "phase contrast"], [1, 3], CELLS, (1,)),
        (["Red", "Green", "Blue"], [1, 3], NUCLEI, None),
        (["Channel 1", "Channel 2", "Channel 3"], [1, 3], NUCLEI, None),
        (["GFP", "DAPI", "RFP"], [1, 3], NUCLEI, (1,)),
        (["GFP", "DAPI", "RFP"], [3], NUCLEI, None),
        (["GFP", "YFP", "RFP"], [1, 3], NUCLEI, None),
        (["Red", "Green", "Blue"], [1], ["mine"], None),
        (["a", "b"], [1], ["mine"], (0,)),
        (["a", "b"], [2], ["mine"], None),
        (["a", "My Dye"], [1], ["my dye", "mine"], (1,)),
        (["a", "b"], [], NUCLEI, None),
    ],
)
def test_L14_a_channel_is_chosen_by_what_it_is_called(
    names: list[str], known: list[int], learned: list[str], read: tuple[int, ...] | None
) -> None:
    assert reading.choose(names, known=known, learned=learned) == read


def test_channels_are_found_by_name_or_number_and_in_the_order_of_the_words() -> None:
    names = ["GFP", "DAPI", "2"]
    assert reading.find(names, ["dapi", 1]) == (1, 0)
    assert reading.find(names, ["2"]) == (2,), "a name comes before a number"
    assert reading.find(names, [2]) == (1,)
    for word in ("YFP", 0, 4, "4"):
        with pytest.raises(InvalidSettings, match="there are “GFP”, “DAPI”, “2”"):
            reading.find(names, [word])


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": []},
        {"channels": "DAPI"},
        {"channels": [1.5]},
        {"channels": [True]},
        {"cell_px": "large"},
        {"cell_px": 0},
        {"cell_px": float("nan")},
        {"cell_px": True},
        {"cell_px": 1e9},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings, match=next(iter(wrong))):
        reading.check(wrong)


def test_what_is_said_stays() -> None:
    said = {"channels": ["DAPI", 2], "cell_px": "auto", "flips": False}
    assert reading.check(said) == {"channels": ["DAPI", 2], "cell_px": "auto"}
    assert reading.check({"channels": None, "cell_px": 12}) == {"cell_px": 12.0}
