"""T11: `cytoloop evaluate` on two folders in the layout of the Cell Tracking Challenge."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.core.formats import base, ctc
from annotation.core.formats.base import LabelStack
from annotation.core.simulation import Movie, simulate_movie
from backend.cli import evaluate, evaluate_tracks
from backend.cli.arguments import build_parser


def movie() -> Movie:
    return simulate_movie(seed=5, frames=6)


def stack_of(labels: NDArray[np.uint32], mothers: dict[int, int]) -> LabelStack:
    return base.stack_of(labels[None], name="m", mothers=mothers)


def ask(truth: Path, said: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    words = ["evaluate", "--truth", str(truth), "--predicted", str(said), *more]
    assert evaluate.run(build_parser().parse_args(words)) == 0
    return capsys.readouterr().out


def test_T11_a_result_is_scored_against_a_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = movie()
    labels = drawn.labels
    ctc.write(tmp_path / "truth", stack_of(labels, drawn.mothers))
    worse = labels.copy()
    gone = int(worse[3].max())
    worse[3][worse[3] == gone] = 0
    ctc.write(tmp_path / "said", stack_of(worse, {}), result=True)
    told = json.loads(ask(tmp_path / "truth", tmp_path / "said", capsys, "--json"))["tracks"]
    assert told["counts"]["FN"] == 1
    assert told["scores"]["DET"] == pytest.approx(1 - 1 / told["counts"]["detections"])
    assert told["scores"]["SEG"] < 1
    errors = told["movies"]["01"]["errors"]
    assert [(one["t"], one["truth"]) for one in errors if one["kind"] == "MISSED"] == [(3, [gone])]
    said = ask(tmp_path / "truth", tmp_path / "said", capsys)
    assert "1 missed, 0 invented" in said
    assert "First to look at" in said


def test_T11_what_is_right_has_only_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = movie()
    labels = drawn.labels
    ctc.write(tmp_path / "truth", stack_of(labels, drawn.mothers))
    ctc.write(tmp_path / "said" / "deep", stack_of(labels, drawn.mothers), result=True)
    told = json.loads(ask(tmp_path / "truth", tmp_path / "said", capsys, "--json"))["tracks"]
    assert {value for name, value in told["scores"].items() if name != "AOGM"} - {None} == {1.0}


def test_T11_sequences_that_do_not_meet_are_named(tmp_path: Path) -> None:
    drawn = movie()
    labels = drawn.labels
    for name in ("01", "02"):
        ctc.write(tmp_path / "truth", stack_of(labels, {}), sequence=name)
    ctc.write(tmp_path / "said", stack_of(labels, {}), result=True)
    with pytest.raises(evaluate_tracks.NoTracks, match="02"):
        evaluate_tracks.pair(tmp_path / "truth", tmp_path / "said")
    small = tmp_path / "small"
    ctc.write(small, stack_of(labels[:, :8, :8], {}), result=True)
    right, said = next(iter(evaluate_tracks.pair(tmp_path / "said", small).values()))
    with pytest.raises(evaluate_tracks.NoTracks, match="cannot be compared"):
        evaluate_tracks.compare(right, said)
