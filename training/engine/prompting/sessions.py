"""The exported nets, opened in ONNX Runtime: on the graphics card where there is one, else on the
processor.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from training.contract.prompting import DECODER, ENCODER
from training.engine.prompting.answering import Decode, Floats
from training.engine.prompting.embedding import Encode

CARD, PROCESSOR = "CUDAExecutionProvider", "CPUExecutionProvider"


def open_net(path: Path, *, threads: int = 0) -> Any:
    """A session; `threads` 0: as many as there are cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Whoever waits for a click shares the machine with trainings: no core is kept busy by waiting.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=_providers())


def _providers() -> Sequence[str]:
    there = onnxruntime.get_available_providers()
    return [name for name in (CARD, PROCESSOR) if name in there]


def open_encoder(folder: Path, *, threads: int = 0) -> Encode:
    """The encoder of a model of the kind `window`."""
    session = open_net(folder / ENCODER, threads=threads)

    def encode(picture: Floats) -> Floats:
        said: Floats = session.run(None, {"picture": picture})[0]
        return said

    return encode


def open_decoder(folder: Path, *, threads: int = 0) -> Decode:
    """The decoder of a model of the kind `window`, as `answering` wants it."""
    session = open_net(folder / DECODER, threads=threads)

    def decode(
        embedding: Floats, inside: Floats, points: Floats, box: Floats, before: Floats
    ) -> tuple[Floats, float]:
        given = {
            "embedding": embedding,
            "inside": inside,
            "points": points,
            "box": box,
            "before": before,
        }
        logits, quality = session.run(
            None, {name: np.asarray(a, np.float32)[None] for name, a in given.items()}
        )
        return logits[0, 0], float(quality[0])

    return decode
