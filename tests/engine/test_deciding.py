"""L16: one cell in, one decision out: the same as a prediction's, in buffers that stay."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.engine import small_models
from tests.engine.conftest import discs
from training.contract.files import ExitCode
from training.engine import calibrating, deciding, latencies, trained
from training.engine.data.cell_places import ReadFrame, Sight, places
from training.engine.data.normalising import Look, look_at
from training.engine.deciding import Decider
from training.engine.devices import device_of
from training.engine.errors import WrongModel
from training.engine.nets.backbones import Classifier
from training.engine.reading_cells import CellReader


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_models.classify(tmp_path_factory.mktemp("m") / "tiny", backbone="tiny", mask="none")


@pytest.mark.parametrize("bright", [False, True])
def test_L16_a_decision_is_that_of_the_engines_reader(model: Path, bright: bool) -> None:
    """30 px of the frame are shown as 64 px by both; the reader keeps its crops in float16."""
    frame, labels = discs(5, size=128)
    frame = (1200 - np.minimum(frame, 1200) if bright else frame)[None]
    look = look_at(frame)
    assert look.inverted == bright
    net, card = trained.load_as(model, recipe="classify", build=Classifier.build)
    sight = Sight(64, 1.4, float(card.decoding["field_px"]))
    device = device_of(("cpu",), half=False, workers=1)
    reader = CellReader(net, sight, "none", device, flips=False)
    read, decider = ReadFrame(frame, labels[None], look), Decider(model, look, side_px=30)
    compared = 0
    for place in places(labels[None]):
        top = (place.top + place.bottom - 30) // 2
        left = (place.left + place.right - 30) // 2
        if min(top, left) < 0 or max(top, left) + 30 > 128:
            continue
        logits = reader.read(read.cut(place, sight, 1)[None])
        shares = calibrating.probabilities(logits, float(card.decoding["temperature"]))[0]
        found = decider.decide(frame[:, top : top + 30, left : left + 30])
        assert found.class_index == int(shares.argmax())
        assert abs(found.probability - shares.max()) < 2e-3
        compared += 1
    assert compared >= 2


def test_L16_every_cell_is_looked_at_anew(model: Path) -> None:
    decider = Decider(model, Look((0.0,), (255.0,), False))
    rng = np.random.default_rng(1)
    cells = [np.zeros((1, 64, 64), np.uint8), rng.integers(0, 255, (1, 64, 64)).astype(np.uint8)]
    first = [decider.decide(cell).probability for cell in cells]
    assert first[0] != first[1]
    assert [decider.decide(cell).probability for cell in cells] == first


def test_L16_a_model_that_needs_outlines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongModel, match="mask = none"):
        Decider(small_models.classify(tmp_path / "model"), Look((0.0,), (1.0,), False))


def test_L16_cells_come_as_bytes_and_decisions_go_back(model: Path) -> None:
    cells = np.random.default_rng(2).integers(0, 4000, (5, 1, 64, 64)).astype("<u2")
    words = ["--model", str(model), "--dtype", "uint16", "--low", "0", "--high", "4000", "--plain"]
    done = subprocess.run(
        [sys.executable, "-m", "training.engine.deciding", *words],
        input=cells.tobytes() + b"half a cell",
        capture_output=True,
        check=True,
    )
    decider = Decider(model, Look((0.0,), (4000.0,), False))
    wanted = [deciding.ANSWER.pack(*decider.decide(cell)) for cell in cells]
    assert done.stdout == b"".join(wanted)
    told = json.loads(done.stderr.splitlines()[-1])
    assert (told["count"], told["classes"]) == (5, ["live", "dead"])
    assert b"11 of 8192 bytes" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(["--low", "9", "--high", "9"], "must lie below"), (["--side", "0"], "at least 1")],
)
def test_L16_a_range_or_a_size_that_makes_no_sense_is_refused_in_a_sentence(
    model: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert deciding.main(["--model", str(model), "--plain", *words]) == ExitCode.REFUSED
    assert sentence in capsys.readouterr().err


def test_L16_reading_ends_between_cells(model: Path) -> None:
    decider = Decider(model, Look((0.0,), (255.0,), False))
    told = io.BytesIO()
    found = deciding.serve(decider, np.uint8, io.BytesIO(bytes(64 * 64 * 2 + 7)), told)
    assert found.count == 2
    assert len(told.getvalue()) == 2 * deciding.ANSWER.size


def test_L16_percentiles_are_those_of_the_durations() -> None:
    kept = latencies.Latencies(most=100)
    for ns in range(1, 101):
        kept.add(ns * 1_000_000)
    assert kept.to_json() == {"count": 100, "p50": 50.0, "p99": 99.0, "p999": 100.0, "most": 100.0}
    assert latencies.Latencies(1).to_json() == {"count": 0}
