"""Measurements of a branch's cells, frame by frame, from its labels and the pixels of its image."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.core import schema_changes
from annotation.core.formats import ome_zarr
from annotation.core.formats.base import ImageSource, Said
from annotation.core.tracks import measuring
from annotation.core.tracks.measuring import Calibration, CellStory, Columns
from annotation.models import Branch, Image, LabelClass, Revision
from annotation.selectors import labels, stacks
from backend.foundation import storage


class Measures:
    """The measurements of one revision, read frame by frame; `labels` of ignored cells are passed over."""

    def __init__(
        self, *, revision: Revision, image: Image, class_names: Mapping[str, str] | None = None
    ) -> None:
        self.revision, self.image = revision, image
        facts = labels.cell_facts(revision=revision)
        names = dict(LabelClass.objects.filter(project=image.dataset.project_id).values_list("pk", "name"))
        told = class_names or {str(pk): name for pk, name in names.items()}
        self.ignored = np.array([cell for cell, fact in facts.items() if fact.ignored], np.int64)
        self.said = stacks.said_of(image, facts)
        spans = labels.cell_spans(revision=revision)
        self.story = CellStory(
            mothers={cell: fact.mother for cell, fact in facts.items() if fact.mother is not None},
            classes={
                cell: told[str(fact.label_class)]
                for cell, fact in facts.items()
                if str(fact.label_class) in told
            },
            first={cell: span.first_t for cell, span in spans.items()},
        )
        self.calibration = Calibration(
            (image.pixel_size_z_um, image.pixel_size_y_um, image.pixel_size_x_um), image.frame_interval_s
        )
        self._source: ImageSource | None = None

    def frames(self, times: Sequence[int] | None = None) -> Iterator[Columns]:
        """Columns of each frame, with what needs the frames before. Of some `times` only, speeds are told
        from the frame before, which is measured too."""
        wanted = range(self.image.size_t) if times is None else sorted(times)
        before = [] if times is None else [t for t in (min(wanted, default=0) - 1,) if t >= 0]
        raw = ((t, self._frame(t)) for t in (*before, *wanted))
        for t, columns in zip(
            (*before, *wanted), measuring.follow(raw, self.story, self.calibration), strict=True
        ):
            if t not in before:
                yield columns

    def _frame(self, t: int) -> Columns:
        shown = self._labels(t)
        measured = measuring.measure_frame(
            shown, self._light(t), self.image.channel_names or self._names(), self.calibration
        )
        return {**measured, **self._said(measured["cell"])}

    def _said(self, cells: NDArray[np.int64]) -> Columns:
        """What people said of these cells: the same columns in every frame, none where nobody said more."""
        if not self.said:
            return {}
        each = [self.said.get(int(cell), Said()) for cell in cells]
        columns: Columns = {
            "class_path": np.array([one.path for one in each], object),
            "also": np.array(["; ".join(one.also) for one in each], object),
            "uncertain": np.array([one.uncertain for one in each], bool),
        }
        names = sorted({name for one in self.said.values() for name in one.attributes})
        words = {name: [one.attributes.get(name) for one in each] for name in names}
        return columns | {
            f"attribute {name}": np.array(
                ["" if v is None else schema_changes.text_of(v) for v in several], object
            )
            for name, several in words.items()
        }

    def _labels(self, t: int) -> NDArray[np.uint32]:
        """Labels (p, z, y, x) of a frame without the ignored cells."""
        slices = [labels.read_planes(revision=self.revision, t=t, z=z) for z in range(self.image.size_z)]
        planes = max(len(one) for one in slices)
        volume = np.stack([np.pad(one, ((0, planes - len(one)), (0, 0), (0, 0))) for one in slices], axis=1)
        return np.where(np.isin(volume, self.ignored), 0, volume) if self.ignored.size else volume

    def _light(self, t: int) -> NDArray[np.generic]:
        """The image (c, z, y, x) of a frame."""
        if self._source is None:
            self._source = ome_zarr.open(storage.zarr_store(self.image.store_key, read_only=True)).source()
        image = self.image
        return np.stack(
            [
                np.stack([self._source.read_plane(t, c, z) for z in range(image.size_z)])
                for c in range(image.size_c)
            ]
        )

    def _names(self) -> list[str]:
        return [f"channel {c}" for c in range(self.image.size_c)]


def of_branch(*, branch: Branch, revision: int | None = None) -> Measures | None:
    """Of the head or a numbered revision; None while nothing was labelled. Raises `NoSuchRevision`."""
    number = branch.head_number if revision is None else revision
    if number == 0:
        return None
    found = labels.get_revision(branch=branch, number=number)
    found.image = branch.image
    return Measures(revision=found, image=branch.image)
