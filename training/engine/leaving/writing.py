"""A trained model leaves the house.

    python -m training.engine.leaving.writing --model FOLDER --form onnx --facts FACTS.json --out FOLDER

`--form` is onnx, bioimageio or container. A refusal is one sentence on standard error and exit code 2.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from training.contract.errors import ContractError
from training.contract.files import ExitCode
from training.contract.leaving import Facts, Form
from training.engine.errors import RunRefused
from training.engine.leaving.bioimage import write_package
from training.engine.leaving.container import write_container
from training.engine.leaving.graphs import open_model
from training.engine.leaving.onnx_file import write_onnx


def write(model: Path, form: Form, facts: Facts, out: Path) -> None:
    """Writes the files of a form into the folder `out`. Raises WrongModel, InvalidResult."""
    out.mkdir(parents=True, exist_ok=True)
    if form is Form.CONTAINER:
        write_container(model, facts, out)
    elif form is Form.BIOIMAGEIO:
        write_package(open_model(model), facts, out)
    else:
        write_onnx(open_model(model), facts, out)


def main(arguments: Sequence[str]) -> int:
    """Reads the command line and writes."""
    parser = argparse.ArgumentParser(prog="python -m training.engine.leaving.writing")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--form", choices=[form.value for form in Form], required=True)
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        facts = Facts.from_json(json.loads(given.facts.read_text(encoding="utf-8")))
        write(given.model, Form(given.form), facts, given.out)
    except (RunRefused, ContractError) as error:
        sys.stderr.write(f"{error}\n")
        return ExitCode.REFUSED
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
