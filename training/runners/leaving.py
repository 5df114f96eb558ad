"""Models leave the house: a process of the engine writes the files, storage keeps them as one zip."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from backend.foundation import storage
from backend.foundation.errors import Conflict, Unavailable
from training.contract.files import ExitCode, write_json
from training.contract.leaving import Facts, Form
from training.models import TrainedModel
from training.runners.code_version import code_version
from training.runners.local_process import REPOSITORY, THREAD_VARIABLES
from training.selectors import leaving as selectors

MODULE = "training.engine.leaving.writing"
TIMEOUT_S = 300.0


class CannotLeave(Conflict):
    """This model cannot leave in this form; the message says why."""


class LeavingFailed(Unavailable):
    """The process that writes the files failed."""


@dataclass(frozen=True)
class Left:
    """The files of a model that has left: the zip's key in storage, a name for it, its size."""

    key: str
    name: str
    size_bytes: int


def leave(*, trained_model: TrainedModel, form: Form, licence: str = "") -> Left:
    """Writes the model's files in a form, unless they are there. Raises CannotLeave, LeavingFailed."""
    facts = selectors.facts_of(trained_model=trained_model, licence=licence, code_version=code_version())
    key = f"{place_of(trained_model)}/{form.value}-{_digest(facts)}.zip"
    if not storage.exists(key):
        with tempfile.TemporaryDirectory(prefix="cytoloop-leaving-") as temporary:
            storage.put(key, _make(trained_model, form, facts, Path(temporary)))
    name = f"{trained_model.name}-v{trained_model.version}-{form.value}.zip".replace("/", "_")
    return Left(key, name, storage.size(key))


def place_of(trained_model: TrainedModel) -> str:
    """The folder in storage of all that left of a model."""
    return f"leaving/{trained_model.pk}"


def _make(trained_model: TrainedModel, form: Form, facts: Facts, folder: Path) -> bytes:
    model, out, told = folder / "model", folder / "out", folder / "facts.json"
    storage.download_prefix(trained_model.weights_key, model)
    write_json(told, facts.to_json())
    words = ["--model", str(model), "--form", form.value, "--facts", str(told), "--out", str(out)]
    _run([sys.executable, "-P", "-m", MODULE, *words])
    archive = folder / "left.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in sorted(out.rglob("*")):
            if path.is_file():
                zipped.write(path, path.relative_to(out))
    return archive.read_bytes()


def _run(command: list[str]) -> None:
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, "1"), "PYTHONPATH": str(REPOSITORY)}
    try:
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LeavingFailed(
            "The model's files were not written in time; try again when it is quieter."
        ) from None
    said = done.stderr.strip().splitlines()
    if done.returncode == ExitCode.REFUSED:
        raise CannotLeave(said[-1] if said else "This model cannot leave in this form.")
    if done.returncode != ExitCode.DONE:
        raise LeavingFailed(
            f"The model's files could not be written: {said[-1] if said else 'no reason given'}"
        )


def _digest(facts: Facts) -> str:
    text = json.dumps(facts.to_json(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
