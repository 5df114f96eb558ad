"""Turns trained weights into the pair of ONNX files and the contract that the pages and the server use.

    python -m training.engine.prompting.export --weights OUT --to FOLDER

`FOLDER` gets `encoder.onnx`, `decoder.onnx` and `prompt.json`; sizes of pictures and windows stay free.
"""

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch

from training.contract.prompting import CONTRACT, DECODER, ENCODER, WINDOW, PromptModel, digest_of
from training.engine.prompting.learn import load_net
from training.engine.prompting.nets import PromptNet
from training.engine.prompting.windows import SCALES, STRIDE_PX, WINDOW_CELLS

OPSET = 17


def export(
    net: PromptNet, folder: Path, *, name: str, licence: str = "", scores: dict[str, object] | None = None
) -> PromptModel:
    """Writes both nets and the contract into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    net = net.eval().float().to(memory_format=torch.contiguous_format)
    side = 2 * net.encoder.multiple
    _write(
        net.encoder,
        (torch.rand(1, 3, side, side),),
        folder / ENCODER,
        inputs=["picture"],
        outputs=["embedding"],
        free={"picture": {0: "b", 2: "y", 3: "x"}, "embedding": {0: "b", 2: "y2", 3: "x2"}},
    )
    cells, features = WINDOW_CELLS, net.encoder.features
    question = (
        torch.rand(1, features, cells, cells) * 2 - 1,
        torch.ones(1, 1, cells, cells),
        torch.tensor([[[24.0, 24.0, 1.0], [3.0, 3.0, -1.0]]]),
        torch.zeros(1, 5),
        torch.zeros(1, 1, 2 * cells, 2 * cells),
    )
    names = ["embedding", "inside", "points", "box", "before"]
    free = {word: {0: "n"} for word in [*names, "logits", "quality"]}
    for word in ("embedding", "inside"):
        free[word] |= {2: "s", 3: "r"}
    for word in ("before", "logits"):
        free[word] |= {2: "s2", 3: "r2"}
    free["points"] |= {1: "p"}
    _write(net.decoder, question, folder / DECODER, inputs=names, outputs=["logits", "quality"], free=free)
    model = PromptModel(
        name=name,
        kind=WINDOW,
        digest=digest_of(folder),
        features=features,
        stride_px=STRIDE_PX,
        multiple_px=net.encoder.multiple,
        window_cells=cells,
        scales=SCALES,
        licence=licence,
        scores=scores,
    )
    (folder / CONTRACT).write_text(json.dumps(model.to_json(), indent=1) + "\n")
    return model


def _write(
    net: torch.nn.Module,
    example: tuple[torch.Tensor, ...],
    path: Path,
    *,
    inputs: list[str],
    outputs: list[str],
    free: dict[str, dict[int, str]],
) -> None:
    with warnings.catch_warnings():
        # The newer exporter needs onnxscript, which nothing else here does.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            example,
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=free,
        )


def main(arguments: Sequence[str]) -> int:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(prog="python -m training.engine.prompting.export", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--name", default="Cytoloop clicks 1")
    parser.add_argument("--scores", type=Path, help="what to say of its quality: a JSON object in a file")
    given = parser.parse_args(arguments)
    scores = json.loads(given.scores.read_text()) if given.scores else None
    net = load_net(given.weights)
    model = export(net, given.to, name=given.name, licence="BSD-3-Clause", scores=scores)
    sys.stdout.write(f"{model.name}: {model.digest}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
