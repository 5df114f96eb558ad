"""Click-to-segment: quality on held-out images, and the time of the nets in the browser's own runtime.

`make bench-prompting`. Every nucleus of `dsb2018_nuclei/val`, all ten kinds of image, is clicked once, at its
deepest point and again at a random interior point, then corrected twice at the deepest point of the largest
error. The nets are the shipped ONNX files in ONNX Runtime; their time is measured in onnxruntime-web (the
WebAssembly build, one thread) under Node, as a browser runs them. The journey in Chromium, with 300 masks, is
measured by `make bench-editor`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import rows
from benchmarks.rows import Row

REPOSITORY = Path(__file__).resolve().parent.parent
DATA_VARIABLE = "CYTOLOOP_DATA"
SET = "dsb2018_nuclei"
ONE_CLICK, THREE_CLICKS, ANSWER_MS = 0.75, 0.85, 200.0
RUNTIME_SCRIPT = Path(__file__).with_suffix(".mjs")
# The engine is imported by nobody; it is asked as a process, like everywhere else.
JUDGE = "training.engine.prompting.judge_shipped"


def main() -> None:
    """Measure and write `build/bench/prompting.json`."""
    rows.write("prompting", measure())


def measure() -> list[Row]:
    """Quality and time."""
    return [*measure_quality(), *measure_time()]


def measure_quality() -> list[Row]:
    """Mean IoU over all cells after one and after three clicks."""
    data = data_folder()
    what = f"mean IoU over all nuclei of {SET}/val after {{}}, first click {{}}"
    if data is None:
        why = f"the development data are not here; name their folder in {DATA_VARIABLE}"
        return [
            rows.missing("prompt.iou.one", what.format("one click", "deepest"), "", why, asked=">= 0.75"),
            rows.missing(
                "prompt.iou.three", what.format("three clicks", "deepest"), "", why, asked=">= 0.85"
            ),
        ]
    figures = []
    for first in ("deepest", "random"):
        found = _judge(data, first)
        one, _, three = found["iou"]
        setup = f"{found['cells']} nuclei, clicks as in the module's text; {rows.machine()}"
        name = "deepest point" if first == "deepest" else "random interior point"
        suffix = "" if first == "deepest" else ".random"
        figures += [
            rows.row(
                f"prompt.iou.one{suffix}",
                what.format("one click", name),
                one,
                "",
                least=ONE_CLICK,
                setup=setup,
            ),
            rows.row(
                f"prompt.iou.three{suffix}",
                what.format("three clicks", name),
                three,
                "",
                least=THREE_CLICKS,
                setup=setup,
            ),
            rows.row(
                f"prompt.iou.image{suffix}",
                f"mean over images of their mean IoU after one click, first click {name}",
                found["by_image"][0],
                "",
                setup=setup,
            ),
        ]
        figures += [
            rows.row(
                f"prompt.iou.{kind}{suffix}",
                f"{kind}: mean IoU after one click, {name}",
                ious[0],
                "",
                setup=setup,
            )
            for kind, ious in sorted(found["by_kind"].items())
        ]
    return figures


def measure_time() -> list[Row]:
    """The decoder's answer and the encoder's reading, median of several, in WebAssembly."""
    runtime = REPOSITORY / "frontend" / "node_modules" / "onnxruntime-web" / "dist"
    model = REPOSITORY / "training" / "prompt_model"
    try:
        done = subprocess.run(
            ["node", str(RUNTIME_SCRIPT), str(runtime), str(model)],
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
    except (OSError, subprocess.SubprocessError) as error:
        why = f"Node could not run the nets: {error}"
        return [rows.missing("prompt.decoder", "decoder's answer in WebAssembly", "ms", why, asked="<= 200")]
    told = json.loads(done.stdout)
    setup = f"onnxruntime-web, WebAssembly, one thread, Node; {rows.machine()}"
    return [
        rows.row(
            "prompt.decoder", "decoder's answer in WebAssembly, median", told["decoder_ms"], "ms",
            most=ANSWER_MS, setup=setup,
        ),
        rows.row(
            "prompt.decoder.three", "the same with three points and a mask before", told["decoder_three_ms"],
            "ms", most=ANSWER_MS, setup=setup,
        ),
        rows.row("prompt.encoder", "embedding in WebAssembly", told["encoder_s_per_mpx"], "s/Mpx",
        setup=setup),
        rows.row("prompt.open", "opening both nets in WebAssembly", told["open_ms"], "ms", setup=setup),
    ]  # fmt: skip


def data_folder() -> Path | None:
    """The development data, where they are."""
    told = os.environ.get(DATA_VARIABLE)
    places = [Path(told)] if told else [REPOSITORY.parent / "shared" / "data"]
    return next((place for place in places if (place / SET).is_dir()), None)


def _judge(data: Path, first: str) -> dict[str, Any]:
    words = [sys.executable, "-m", JUDGE, "--data", str(data), "--set", SET, "--first", first]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
