"""The engine process that stays: it embeds frames for click-to-segment, answers clicks, explains, predicts.

    python -m training.engine.resident --socket PATH [--model FOLDER] [--threads N]

It is started by `cytoloop up` beside the workers and talks over a local socket
(training.contract.socket_words). It knows neither database nor storage: pixels come with the question.
Operations:

    describe                    → the shipped model's contract, and the larger model's where one is installed
    look     + array (c, y, x)  → low, high, inverted of a frame, from a coarse level of it
    embed    + array (c, y, x)  → bytes of one tile of the embedding, array (features, y, x); `zoom` 2: of the
                                  frame enlarged twice
    prompt   [+ array]          → runs and quality of a mask by the larger model; “need pixels” when it has
                                  not seen this part of this frame, or has forgotten it
    measure, explain            → why a classifier told what it told: training.engine.explaining_cells
    predict  + files            → what a trained model makes of a picture: training.engine.leaving.serving
"""

import argparse
import os
import signal
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from socket import socket
from typing import Any

import numpy as np
import numpy.typing as npt

from training.contract import socket_words
from training.contract.errors import ContractError
from training.contract.fields import JsonObject
from training.contract.prompting import CONTRACT, SHIPPED, WHOLE, InvalidPromptModel, read_model
from training.engine.data.normalising import Look
from training.engine.prompting.answering import Floats, Mask, Prompt
from training.engine.prompting.embedding import Encode, embed_tile, look_of
from training.engine.prompting.sessions import open_encoder
from training.engine.prompting.whole import WholeModel
from training.engine.prompting.zooming import enlarge_pixels

REMEMBERED_FRAMES = 8
EXPLAINING = "training.engine.explaining_cells"
PREDICTING = "training.engine.leaving.serving"
Message = tuple[JsonObject, bytes]


class Resident:
    """The nets, opened when they are first asked, and embeddings of the last frames for the larger model."""

    def __init__(self, *, larger: Path | None, shipped: Path = SHIPPED, threads: int = 0) -> None:
        self.shipped_folder, self.larger_folder, self.threads = shipped, larger, threads
        self.shipped = read_model(shipped)
        self.at_work, self.predicting = threading.Lock(), threading.Lock()
        self._encode: Encode | None = None
        self._larger: tuple[int, WholeModel] | None = None
        self._explainer: Any = None
        self._predictor: Any = None
        self._seen: OrderedDict[str, tuple[Floats, tuple[int, int]]] = OrderedDict()
        self.operations: dict[str, Callable[[JsonObject, bytes], Message]] = {
            "describe": self.describe,
            "look": self.look,
            "embed": self.embed,
            "prompt": self.prompt,
            "measure": self.explain,
            "explain": self.explain,
            "predict": self.predict,
        }

    def answer(self, words: JsonObject, payload: bytes) -> Message:
        """One question answered; what goes wrong is answered too, as a sentence."""
        operation = self.operations.get(str(words.get("op")))
        if operation is None:
            return {"ok": False, "error": f"The engine knows no operation “{words.get('op')}”."}, b""
        # Predicting a picture takes seconds; clicks do not wait for it.
        place = self.predicting if operation == self.predict else self.at_work
        try:
            with place:
                told, sent = operation(words, payload)
        except (ContractError, ValueError, KeyError, TypeError) as error:
            return {"ok": False, "error": f"The engine cannot answer: {error}"}, b""
        except Exception as error:
            sys.stderr.write("".join(traceback.format_exception(error)))
            return {"ok": False, "error": f"The engine failed: {type(error).__name__}: {error}"}, b""
        return {"ok": True, **told}, sent

    def describe(self, _words: JsonObject, _payload: bytes) -> Message:
        """What is there."""
        larger = self._find_larger()
        told = None if larger is None else larger.model.to_json()
        return {"model": self.shipped.to_json(), "larger": told, "pid": os.getpid()}, b""

    def look(self, words: JsonObject, payload: bytes) -> Message:
        """The range of a frame."""
        look = look_of(socket_words.unpack(words, payload))
        return {"low": look.low, "high": look.high, "inverted": look.inverted}, b""

    def embed(self, words: JsonObject, payload: bytes) -> Message:
        """One tile."""
        self._encode = self._encode or open_encoder(self.shipped_folder, threads=self.threads)
        look = words["look"]
        zoom = int(words.get("zoom", 1))
        made = embed_tile(
            self._encode,
            self.shipped,
            enlarge_pixels(socket_words.unpack(words, payload), zoom),
            Look(tuple(look["low"]), tuple(look["high"]), bool(look["inverted"])),
            size=(zoom * int(words["size"][0]), zoom * int(words["size"][1])),
            ty=int(words["ty"]),
            tx=int(words["tx"]),
        )
        return socket_words.pack(made)

    def prompt(self, words: JsonObject, payload: bytes) -> Message:
        """A mask by the larger model, as runs in px of what was embedded."""
        larger = self._find_larger()
        if larger is None:
            return {"none": True}, b""
        key = f"{larger.model.digest} {words['frame']}"
        if payload:
            pixels = socket_words.unpack(words, payload)
            self._remember(key, larger.embed(pixels), (pixels.shape[1], pixels.shape[2]))
        if key not in self._seen:
            return {"need": "pixels"}, b""
        self._seen.move_to_end(key)
        embedding, size = self._seen[key]
        box = words.get("box")
        clicks = [(float(y), float(x), int(sign)) for y, x, sign in words["clicks"]]
        prompt = Prompt(clicks, None if box is None else (box[0], box[1], box[2], box[3]))
        mask, quality = larger.answer(embedding, size, prompt)
        return {
            "runs": runs_of(enlarge(mask, int(words.get("enlarge", 1)))),
            "quality": round(quality, 4),
        }, b""

    def explain(self, words: JsonObject, payload: bytes) -> Message:
        """Why a classifier told what it told; learned nets are loaded when somebody asks, for that takes
        seconds.
        """
        if self._explainer is None:
            self._explainer = import_module(EXPLAINING).Explainer(threads=self.threads)
        message: Message = self._explainer.operations[str(words["op"])](words, payload)
        return message

    def predict(self, words: JsonObject, payload: bytes) -> Message:
        """What a trained model makes of a picture."""
        if self._predictor is None:
            self._predictor = import_module(PREDICTING).Predictor(threads=self.threads)
        message: Message = self._predictor.predict(words, payload)
        return message

    def _remember(self, key: str, embedding: Floats, size: tuple[int, int]) -> None:
        self._seen[key] = (embedding, size)
        while len(self._seen) > REMEMBERED_FRAMES:
            self._seen.popitem(last=False)

    def _find_larger(self) -> WholeModel | None:
        """The installed model; opened again when another one was installed meanwhile."""
        if self.larger_folder is None or not (self.larger_folder / CONTRACT).is_file():
            return None
        stamp = (self.larger_folder / CONTRACT).stat().st_mtime_ns
        if self._larger is None or self._larger[0] != stamp:
            model = read_model(self.larger_folder)
            if model.kind != WHOLE:
                raise InvalidPromptModel(f"{self.larger_folder} holds no model of the kind “{WHOLE}”.")
            self._larger = (stamp, WholeModel(self.larger_folder, model, threads=self.threads))
        return self._larger[1]


def enlarge(mask: Mask, times: int) -> Mask:
    """Every pixel becomes a square of `times` px."""
    return mask if times == 1 else np.repeat(np.repeat(mask, times, 0), times, 1)


def runs_of(mask: npt.NDArray[np.bool_]) -> list[int]:
    """Flat y, x, length of the runs along x."""
    steps = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    y, begins = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    return [int(n) for n in np.stack([y, begins, ends - begins], 1).reshape(-1)]


def serve(resident: Resident, listening: socket) -> None:
    """Answers for ever, a thread for each who asks."""
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=_converse, args=(resident, connection), daemon=True).start()


def _converse(resident: Resident, connection: socket) -> None:
    with connection, connection.makefile("rwb") as stream:
        try:
            while (message := socket_words.receive(stream)) is not None:
                socket_words.send(stream, *resident.answer(*message))
        except (OSError, ContractError) as error:
            # Whoever asked has gone, or is no office of ours.
            sys.stderr.write(f"{error}\n")


def main(arguments: Sequence[str]) -> int:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m training.engine.resident")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", type=int, default=0)
    given: Any = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    resident = Resident(larger=given.model, threads=given.threads)
    serve(resident, socket_words.listen(given.socket))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
