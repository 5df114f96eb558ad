"""Telling what is going on, line by line, in `progress.jsonl`."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
from PIL import Image

from training.contract.files import RunFolder
from training.contract.progress import Metrics, Picture, Status


class Reporter:
    """Writes progress of one run."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def status(self, message: str, *, fraction: float | None = None, eta_s: float | None = None) -> None:
        """What is being done, how much of it is, and the seconds left."""
        left = None if eta_s is None else round(eta_s, 1)
        done = None if fraction is None else round(fraction, 4)
        self.folder.append_progress(Status(at=_now(), message=message, fraction=done, eta_s=left))

    def metrics(self, step: int, *, epoch: float, elapsed_s: float, values: Mapping[str, float]) -> None:
        """Numbers at a step."""
        line = Metrics(at=_now(), step=step, epoch=epoch, elapsed_s=elapsed_s, values=dict(values))
        self.folder.append_progress(line)

    def picture(self, name: str, picture: npt.NDArray[np.uint8], *, caption: str, step: int) -> None:
        """Writes a picture, uint8 (y, x, 3), as PNG, then tells of it."""
        self.folder.pictures.mkdir(parents=True, exist_ok=True)
        path = self.folder.pictures / name
        temporary = path.with_name(path.name + ".part")
        Image.fromarray(picture).save(temporary, format="PNG")
        temporary.replace(path)
        self.folder.append_progress(Picture(at=_now(), name=name, caption=caption, step=step))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
