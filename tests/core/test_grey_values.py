"""Grey values of the pages' contrast: numpy is the reference, the pages' tests read the same file."""

import json
from pathlib import Path

from tests.pictures import grey


def test_V1_percentiles_and_histograms_are_those_of_numpy() -> None:
    committed = json.loads((Path(grey.__file__).parent / "grey.json").read_text())
    assert committed == grey.cases()
