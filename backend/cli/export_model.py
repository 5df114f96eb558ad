"""`cytoloop export-model`: a trained model as ONNX, as a bioimage.io package, or as a served folder."""

import argparse
import shutil
import zipfile
from pathlib import Path
from typing import IO

from backend.cli import output, saying, workplace
from backend.cli.train import find_model
from backend.foundation import storage
from training.contract.leaving import Form
from training.runners import leaving


def run(arguments: argparse.Namespace) -> int:
    """Have the files written, put them into the folder; a bioimage.io package stays one zip."""
    place = workplace.enter(arguments.project)
    model = find_model(place, arguments.model)
    output.prepare(arguments.out)
    form = Form(arguments.format)
    left = leaving.leave(trained_model=model, form=form, licence=arguments.licence)
    with storage.open_stream(left.key) as stream:
        if form is Form.BIOIMAGEIO:
            files = [arguments.out / left.name]
            with files[0].open("wb") as target:
                shutil.copyfileobj(stream, target)
        else:
            files = unpack(stream, arguments.out)
    facts = {
        "model": {"id": model.pk, "name": model.name, "version": model.version},
        "format": form.value,
        "licence": arguments.licence,
        "files": [str(path) for path in files],
    }
    sentence = f"{model} as {form.value}: {len(files)} files written to {arguments.out}."
    saying.answer(as_json=arguments.json, facts=facts, sentence=sentence)
    return 0


def unpack(stream: IO[bytes], out: Path) -> list[Path]:
    """The archive's files, below the output folder."""
    with zipfile.ZipFile(stream) as archive:
        archive.extractall(out)
        return [out / name for name in archive.namelist()]
