"""craft.json says what scikit-image and scipy say; the editor's image processing is held to the same file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.pictures import craft

STORED: list[dict[str, Any]] = json.loads(
    (Path(craft.__file__).parent / "craft.json").read_text(encoding="utf-8")
)
FRESH = craft.cases()


def test_M5_M6_M13_craft_json_is_what_the_libraries_answer() -> None:
    assert [case["name"] for case in STORED] == [case["name"] for case in FRESH]
    for stored, fresh in zip(STORED, FRESH, strict=True):
        for key in ("picture", "mask", "watershed", "flood"):
            assert stored[key] == fresh[key]
        for key in ("gaussian_1.5", "sobel", "local_mean_5", "distance"):
            np.testing.assert_allclose(stored[key], fresh[key], atol=2e-5)
        assert stored["thresholds"] == pytest.approx(fresh["thresholds"])


def test_M6_markers_differ_in_height_so_that_one_answer_is_right() -> None:
    for stored in STORED:
        picture, markers = np.array(stored["picture"]), np.array(stored["watershed"]["markers"])
        heights = picture[markers > 0]
        assert len(set(heights.tolist())) == len(heights) == 3
