"""Labels of one revision as exports want them."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from annotation.core.formats import ome_zarr
from annotation.core.formats.base import ImageSource, LabelStack, without_ignored
from annotation.models import Image, LabelClass, Revision
from annotation.selectors import labels
from backend.foundation import storage


@dataclass(frozen=True, slots=True)
class Labelled:
    """An image with the labels of one revision, both read plane by plane: `stack` without the ignored cells,
    `whole` with them."""

    image: Image
    revision: Revision
    stack: LabelStack
    whole: LabelStack

    def source(self) -> ImageSource:
        """The image's pixels."""
        return ome_zarr.open(storage.zarr_store(self.image.store_key, read_only=True)).source()


def of_revision(*, revision: Revision) -> Labelled:
    """The labels of a revision; mothers that are no more are left out."""
    image = Image.objects.select_related("dataset").get(pk=revision.image_id)
    revision.image = image
    facts = labels.cell_facts(revision=revision)
    names = {
        str(pk): name
        for pk, name in LabelClass.objects.filter(project=image.dataset.project_id).values_list("pk", "name")
    }
    whole = LabelStack(
        name=image.name,
        shape_tzyx=(image.size_t, image.size_z, image.size_y, image.size_x),
        read=partial(_read, revision),
        cells=list(facts),
        mothers={
            cell: known.mother for cell, known in facts.items() if known.mother in facts and known.mother
        },
        classes={
            cell: names[known.label_class] for cell, known in facts.items() if known.label_class in names
        },
        ignored={cell for cell, known in facts.items() if known.ignored},
        pixel_size_zyx_um=(image.pixel_size_z_um, image.pixel_size_y_um, image.pixel_size_x_um),
        frame_interval_s=image.frame_interval_s,
    )
    return Labelled(image, revision, without_ignored(whole), whole)


def _read(revision: Revision, t: int, z: int) -> NDArray[np.uint32]:
    return labels.read_planes(revision=revision, t=t, z=z)
