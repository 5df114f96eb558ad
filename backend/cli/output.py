"""The folder into which a command writes: looked at before the work, so that none of it is in vain."""

import tempfile
from pathlib import Path

from backend.foundation.errors import Invalid


class OutNotWritable(Invalid):
    """Nothing can be written into the output folder."""


def prepare(folder: Path) -> Path:
    """Make the folder and try it out; raises `OutNotWritable`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise OutNotWritable(
            f"Nothing can be written into {folder} ({error.strerror}). Name another folder with --out."
        ) from error
