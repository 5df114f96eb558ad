"""A model as one ONNX file that says itself how it is to be used, beside a card for people."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from training.contract.leaving import Facts
from training.engine.errors import WrongModel
from training.engine.leaving import manual
from training.engine.leaving.graphs import LeavingNet, write_graph
from training.engine.leaving.trials import Floats, Trial, make_trial
from training.engine.nets.onnx_forward import IMAGE

NAME, CARD = "model.onnx", "README.md"
METADATA = "cytoloop"
MOST_APART = 1e-4
"""Most that the graph and the engine may differ; what differs more does not leave."""

_USE = """## Use

`model.onnx` takes `image`, float32 (batch, {channels}, {spaces}){sides}, and answers {outputs}:
{channels_out}. The metadata entry `cytoloop` of the file holds all of this as JSON: normalisation, decoding
thresholds, settings.

```python
import json, numpy, onnxruntime
session = onnxruntime.InferenceSession("model.onnx")
manual = json.loads(session.get_modelmeta().custom_metadata_map["cytoloop"])
said = session.run(None, {{"image": picture[None].astype(numpy.float32)}})
```

Before that: {before}"""


def write_onnx(leaving: LeavingNet, facts: Facts, out: Path) -> Trial:
    """Writes the file and its card into `out`; returns what it was tried on. Raises WrongModel where the
    graph says something else than the engine's net."""
    path = out / NAME
    write_graph(leaving, path, activated=True)
    model = onnx.load(path)
    model.doc_string = f"{facts.name} v{facts.version}"
    onnx.helper.set_model_props(model, {METADATA: json.dumps(manual.describe(leaving, facts))})
    onnx.save(model, path)
    trial = make_trial(leaving)
    refuse_other_maps(path, trial)
    (out / CARD).write_text(manual.write_card(leaving.card, facts, use_of(leaving)), encoding="utf-8")
    return trial


def refuse_other_maps(path: Path, trial: Trial) -> None:
    """Raises WrongModel where the graph in `path` differs from the engine's net on the trial; values beyond
    1, as distances in px have them, are compared by their size."""
    for mine, its in zip(run(path, trial.given), trial.made, strict=True):
        apart = float((np.abs(mine - its) / np.maximum(1, np.abs(its))).max())
        if not apart <= MOST_APART:
            raise WrongModel(
                f"The exported net differs from the engine's by {apart:.2g} on a trial picture, more than "
                f"{MOST_APART:g}; it does not leave. Report this with the model's card."
            )


def run(path: Path, given: Floats) -> list[Floats]:
    """What ONNX Runtime makes of pictures (b, c, y, x)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    made: list[Floats] = session.run(None, {IMAGE: given})
    return made


def use_of(leaving: LeavingNet) -> str:
    """How the graph is asked, for the card."""
    multiples = ", ".join(map(str, dict.fromkeys(leaving.steps) if leaving.deep is None else leaving.steps))
    sides = f", sides {leaving.side}" if leaving.side else f", sides multiples of {multiples}"
    return _USE.format(
        channels=leaving.channels,
        spaces=", ".join(leaving.spaces),
        sides=sides,
        outputs=" and ".join(f"`{name}`" for name in leaving.outputs),
        channels_out=", ".join(leaving.channels_out[:12]) + (", …" if len(leaving.channels_out) > 12 else ""),
        before=_before(leaving),
    )


def _seen(leaving: LeavingNet) -> str:
    return "picture" if leaving.deep is None else "volume"


def _before(leaving: LeavingNet) -> str:
    told = manual.normalisation(leaving.card)
    low, high = told["low_percentile"], told["high_percentile"]
    inverts = told["invert_where_median_above"] is not None
    turned = (
        "; where the median is then above 0.5 (dark cells on bright ground) take 1 − x" if inverts else ""
    )
    steps = (
        f"of the whole {_seen(leaving)}, bring each channel's percentiles {low:g} and {high:g} to 0 and 1"
        f"{turned}; clip to {told['clip'][0]:g} … {told['clip'][1]:g}."
    )
    if leaving.side is None:
        return steps[0].upper() + steps[1:]
    mask = leaving.card.settings["mask"]
    outline = {
        "channel": "the cell's outline as 0 and 1 is the last channel.",
        "dim": "what is outside of the cell's outline is multiplied by 0.25.",
        "none": "nothing is told of the outline.",
    }[mask]
    return f"{steps[0].upper()}{steps[1:]} Cut a square around one cell and resize it; {outline}"
