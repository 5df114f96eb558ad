"""A net whose forward pass is ONNX Runtime's: the same face to those who ask it, without torch's layers."""

from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from training.engine.errors import WrongModel

IMAGE, SAID = "image", "said"
"""Names of what goes in, float32 (b, c, y, x), and of what the net says of it."""


def run_by_onnx(net: nn.Module, path: Path) -> None:
    """From now on `net` asks the graph in `path`, one thread a call. Raises WrongModel."""
    options = onnxruntime.SessionOptions()
    # As in the engine, tiles go side by side and each keeps to its own core.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # ONNX Runtime's errors have no family that could be named.
        raise WrongModel(f"{path.name} cannot be opened by ONNX Runtime: {error}") from None

    def forward(x: Tensor) -> Tensor:
        said = session.run([SAID], {IMAGE: np.ascontiguousarray(x.detach().float().cpu().numpy())})[0]
        return torch.from_numpy(said).to(x.device)

    net.forward = forward
