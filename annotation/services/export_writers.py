"""One writer a format: where each image's labels go inside the zip."""

from collections.abc import Callable, Sequence
from pathlib import Path

from annotation.core.formats import ctc
from annotation.models import ExportFormat
from annotation.selectors.stacks import Labelled
from backend.foundation.errors import Conflict


class CannotHold(Conflict):
    """The format cannot hold these labels."""


def write(*, format: ExportFormat, folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """Write all images' labels below `folder`; answers sentences about what the format could not hold."""
    return WRITERS[format](folder, labelled)


def _ctc(folder: Path, labelled: Sequence[Labelled]) -> list[str]:
    """One dataset folder an image, sequence 01 in each, with the frames, so that any reader of the layout
    can take it."""
    notes: list[str] = []
    for place, each in _places(labelled):
        try:
            notes += ctc.write(folder / place, each.stack, image=each.source())
        except ctc.TooManyTracks as error:
            raise CannotHold(f"{each.image.name}: {error}") from error
    return notes


WRITERS: dict[ExportFormat, Callable[[Path, Sequence[Labelled]], list[str]]] = {ExportFormat.CTC: _ctc}


def _places(labelled: Sequence[Labelled]) -> list[tuple[str, Labelled]]:
    """A relative place for each image, named after it; names that meet get a number."""
    taken: set[str] = set()
    places = []
    for each in labelled:
        plain = (
            "/".join(part for part in each.image.name.split("/") if part not in ("", ".", "..")) or "image"
        )
        names = (plain, *(f"{plain}-{i}" for i in range(2, len(labelled) + 2)))
        place = next(name for name in names if name.casefold() not in taken)
        taken.add(place.casefold())
        places.append((place, each))
    return places
