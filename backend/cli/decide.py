"""`cytoloop decide`: becomes the engine process that decides on single cells while they flow by."""

import argparse
import os
import sys

from backend.cli import workplace
from backend.cli.train import find_model
from training.runners import serving

MODULE = "training.engine.deciding"


def run(arguments: argparse.Namespace) -> int:
    """Fetch the model, then become the engine; cells come on standard input or on a socket."""
    place = workplace.enter(arguments.project)
    model = serving.bring(trained_model=find_model(place, arguments.model))
    words = ["--model", str(model), "--dtype", arguments.dtype]
    if arguments.frame is not None:
        words += ["--frame", str(arguments.frame)]
    else:
        words += ["--low", str(arguments.low), "--high", str(arguments.high)]
    if arguments.side:
        words += ["--side", str(arguments.side)]
    if arguments.socket:
        words += ["--socket", str(arguments.socket)]
    if arguments.measure:
        words += ["--measure", str(arguments.measure), "--every-ms", str(arguments.every_ms)]
    os.execv(sys.executable, [sys.executable, "-P", "-m", MODULE, *words])
