"""How the images of a run were read: which channels the model was shown, and at what size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotation.models import Image
from training.contract.files import RunFolder
from training.contract.results import CellList
from training.selectors.reading import Reading


@dataclass(frozen=True)
class Readings:
    """`places`: by image the channels that its line of the manifest names, from 0; None for all."""

    places: Mapping[str, Sequence[int] | None]

    @staticmethod
    def of(folder: RunFolder) -> Readings:
        """Those of a run."""
        return Readings({line.image_id: line.channels for line in folder.read_manifest()})

    def read(self, image: Image, cells: CellList) -> Reading:
        """How one image was read, whose cells are listed."""
        places = self.places.get(str(image.pk))
        names = {} if places is None else {"channels": [image.channel_names[place] for place in places]}
        return {**names, **cells.reading}
