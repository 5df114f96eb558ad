"""One cell image in, one decision out, while cells flow by: for sorting by images.

    python -m training.engine.deciding --model FOLDER --frame PICTURE [--side 64] [--dtype uint16]
                                       [--socket PATH | --measure N [--every-ms MS]]

A trained classifier decides on one thread, in buffers that are there before the first cell comes. Cells come
as raw bytes (c, side, side) on standard input or on a socket; for each one byte with the number of its class
(0 …) and a float32 with its probability go back, little endian. At the end, how long the decisions took is
told as JSON on standard error. The range of grey values is measured on a whole frame of the same camera,
`--frame`, as in training, or given as `--low` and `--high`.
"""

import argparse
import gc
import json
import struct
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch.nn import functional

from annotation.core.formats import sources
from annotation.core.formats.base import RefusedFile
from training.contract import socket_words
from training.contract.errors import ContractError
from training.contract.files import ExitCode, read_model_card
from training.engine.data.normalising import Look, look_at
from training.engine.errors import RunRefused, UnreadableImage, WrongModel
from training.engine.latencies import Latencies, measure, prefer
from training.engine.leaving.graphs import PROBABILITIES, open_model, write_graph
from training.engine.nets.onnx_forward import IMAGE

DTYPES = ("uint8", "uint16", "float32")
ANSWER = struct.Struct("<Bf")
WARM_UP = 200
_LOW, _HIGH = np.float32(-0.25), np.float32(1.5)


class Decision(NamedTuple):
    """The place of the likeliest class in the model's classes, and its probability."""

    class_index: int
    probability: float


class Decider:
    """A classifier for single cells, opened once: `decide` allocates nothing of the size of a cell.

    The net is asked once a cell, not in mirrored copies; everything else is as in a prediction: the range of
    grey values is that of a whole frame, and crops are resized by the same filter. One thread; not to be
    shared between threads, for the buffers are its own.
    """

    def __init__(self, model: Path, look: Look, *, side_px: int | None = None) -> None:
        """`side_px`: of the cell images that come, which show as much as the model's crops; they are resized
        where it is another than the crops'. Raises WrongModel, ChannelMismatch."""
        card = read_model_card(model)
        if card.recipe != "classify" or card.settings.get("mask") != "none":
            raise WrongModel(
                "Decisions in real time need a model of the recipe classify that was trained with "
                "mask = none, since nobody outlines cells that flow by; best with backbone = tiny."
            )
        self.classes = tuple(str(name) for name in card.settings["classes"])
        with tempfile.TemporaryDirectory(prefix="cytoloop-deciding-") as temporary:
            leaving = open_model(model)
            write_graph(leaving, Path(temporary) / "model.onnx", activated=True)
            self._session = _open(Path(temporary) / "model.onnx")
        crop_px = int(card.settings["crop_px"])
        self.channels, self.side_px = leaving.channels, side_px or crop_px
        self._input = np.zeros((1, self.channels, crop_px, crop_px), np.float32)
        self._shares = np.zeros((1, len(self.classes)), np.float32)
        self._binding = self._bind()
        self._set_range(look)
        self._rows = None if self.side_px == crop_px else _resizing(self.side_px, crop_px)
        self._seen = np.zeros((self.channels, self.side_px, self.side_px), np.float32)
        self._half = np.zeros((self.channels, crop_px, self.side_px), np.float32)
        for _ in range(WARM_UP):
            self.decide(self._seen)

    def decide(self, cell: npt.NDArray[Any]) -> Decision:
        """The class of a cell image (c, side, side) of any dtype."""
        seen = self._input[0] if self._rows is None else self._seen
        np.multiply(cell, self._gain, out=seen, casting="unsafe")
        np.add(seen, self._offset, out=seen)
        np.clip(seen, _LOW, _HIGH, out=seen)
        if self._rows is not None:
            np.matmul(self._rows, seen, out=self._half)
            np.matmul(self._half, self._rows.T, out=self._input[0])
        self._session.run_with_iobinding(self._binding)
        shares = self._shares[0]
        best = int(shares.argmax())
        return Decision(best, float(shares[best]))

    def _bind(self) -> Any:
        binding = self._session.io_binding()
        given = onnxruntime.OrtValue.ortvalue_from_numpy(self._input)
        binding.bind_ortvalue_input(IMAGE, given)
        told = onnxruntime.OrtValue.ortvalue_from_numpy(self._shares)
        binding.bind_ortvalue_output(PROBABILITIES, told)
        return binding

    def _set_range(self, look: Look) -> None:
        """One multiplication and one addition a pixel: (x − low) / span, or 1 − that."""
        low, high = (np.array(ends, np.float32) for ends in (look.low, look.high))
        if len(low) not in (1, self.channels):
            raise WrongModel(
                f"The frame has {len(low)} channels, but the model reads cells of {self.channels}; give a "
                "frame of the same channels as the cells."
            )
        span = np.maximum(high - low, 1e-6 + 1e-3 * np.abs(high)).astype(np.float32)
        sign = np.float32(-1 if look.inverted else 1)
        shape = (-1, 1, 1)
        self._gain = (sign / span).astype(np.float32).reshape(shape)
        self._offset = (float(look.inverted) - sign * low / span).astype(np.float32).reshape(shape)


def _open(path: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _resizing(length: int, wanted: int) -> npt.NDArray[np.float32]:
    """The filter that resizes an axis, (wanted, length): what the engine does to a line of each unit."""
    units = torch.eye(length)[None, None]
    resized = functional.interpolate(units, (wanted, length), mode="bilinear", antialias=True)
    return np.ascontiguousarray(resized[0, 0].numpy())


# ---------------------------------------------------------------- as a process


def serve(decider: Decider, dtype: npt.DTypeLike, given: BinaryIO, told: BinaryIO) -> Latencies:
    """Decides on every cell that comes, until no more come."""
    cell = np.zeros((decider.channels, decider.side_px, decider.side_px), dtype)
    view = cell.data.cast("B")
    latencies = Latencies()
    while _fill(given, view):
        begun = time.perf_counter_ns()
        decision = decider.decide(cell)
        latencies.add(time.perf_counter_ns() - begun)
        told.write(ANSWER.pack(decision.class_index, decision.probability))
        told.flush()
    return latencies


def _fill(given: BinaryIO, view: memoryview) -> bool:
    """Whether a whole cell came; of a part of one it is said, for mostly --side or --dtype is wrong then."""
    done = 0
    while done < len(view):
        count = given.readinto(view[done:])  # type: ignore[attr-defined]
        if not count and done:
            sys.stderr.write(
                f"The last cell has {done} of {len(view)} bytes and was passed over; each comes as channels "
                "× side × side values. If the line was not cut, give --side and --dtype as the cells have "
                "them.\n"
            )
        if not count:
            return False
        done += count
    return True


def read_look(given: argparse.Namespace) -> Look:
    """From a whole frame, or as told. Raises UnreadableImage."""
    if given.frame is None and not all(
        low < high for low, high in zip(given.low, given.high, strict=len(given.low) == len(given.high))
    ):
        raise RunRefused("The darkest grey value, --low, must lie below the brightest, --high.")
    if given.frame is None:
        return Look(tuple(given.low), tuple(given.high), bool(given.inverted))
    try:
        image = sources.open_image(given.frame)
        planes = [image.read_plane(0, c, 0) for c in range(image.shape_tczyx[1])]
    except (RefusedFile, OSError) as error:
        raise UnreadableImage(f"The frame cannot be read: {error}") from None
    return look_at(np.stack(planes))


def main(arguments: Sequence[str]) -> int:
    """Reads the command line and decides until no more cells come."""
    parser = argparse.ArgumentParser(prog="python -m training.engine.deciding")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--frame", type=Path)
    parser.add_argument("--low", type=float, nargs="+", default=[0.0])
    parser.add_argument("--high", type=float, nargs="+", default=[255.0])
    parser.add_argument("--inverted", action="store_true")
    parser.add_argument("--side", type=int)
    parser.add_argument("--dtype", choices=DTYPES, default="uint8")
    parser.add_argument("--socket")
    parser.add_argument("--measure", type=int, default=0)
    parser.add_argument("--every-ms", type=float, default=0.0)
    parser.add_argument("--plain", action="store_true", help="no priority before other processes")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        if given.side is not None and given.side < 1:
            raise RunRefused("--side is the side of a cell image in px; give at least 1.")
        decider = Decider(given.model, read_look(given), side_px=given.side)
        return _run(decider, given)
    except (RunRefused, ContractError) as error:
        sys.stderr.write(f"{error}\n")
        return ExitCode.REFUSED


def _run(decider: Decider, given: argparse.Namespace) -> int:
    """Decides, undisturbed by the collection of garbage, and tells how long it took."""
    gc.collect()
    gc.freeze()
    try:
        how = "none" if given.plain else prefer()
        told = {**_answer(decider, given).to_json(), "priority": how, "classes": list(decider.classes)}
        sys.stderr.write(json.dumps(told) + "\n")
    finally:
        # What is frozen is taken for leaked at the end.
        gc.unfreeze()
    return ExitCode.DONE


def _answer(decider: Decider, given: argparse.Namespace) -> Latencies:
    if given.measure:
        shape = (64, decider.channels, decider.side_px, decider.side_px)
        cells = np.random.default_rng(0).integers(0, 255, shape).astype(given.dtype)
        return measure(decider.decide, cells, count=given.measure, every_s=given.every_ms / 1000)
    if given.socket is None:
        return serve(decider, given.dtype, sys.stdin.buffer, sys.stdout.buffer)
    with socket_words.listen(given.socket) as listening:
        connection, _ = listening.accept()
    with connection, connection.makefile("rb") as asked, connection.makefile("wb") as answers:
        return serve(decider, given.dtype, asked, answers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
