"""Labels of one revision as exports want them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.core.cell_labels import classes_of
from annotation.core.edits import CellFacts
from annotation.core.formats import ome_zarr
from annotation.core.formats.base import (
    AttributeSaid,
    ImageSource,
    LabelStack,
    Mark,
    Said,
    without_ignored,
)
from annotation.models import Image, LabelClass, Revision
from annotation.selectors import labels, schemas
from backend.foundation import storage


@dataclass(frozen=True, slots=True)
class Labelled:
    """An image with the labels of one revision, both read plane by plane: `stack` without the ignored cells,
    `whole` with them; `class_names` are those of its classes, by id."""

    image: Image
    revision: Revision
    stack: LabelStack
    whole: LabelStack
    class_names: Mapping[str, str] = field(default_factory=dict)

    def source(self) -> ImageSource:
        """The image's pixels."""
        return ome_zarr.open(storage.zarr_store(self.image.store_key, read_only=True)).source()


def of_revision(
    *,
    revision: Revision,
    class_names: Mapping[str, str] | None = None,
    image_facts: Mapping[str, Any] | None = None,
) -> Labelled:
    """The labels of a revision; mothers that are no more are left out.

    `class_names` and `image_facts` (columns of the image) are said instead of today's.
    """
    image = Image.objects.select_related("dataset__project").get(pk=revision.image_id)
    for column, value in (image_facts or {}).items():
        setattr(image, column, value)
    revision.image = image
    facts = labels.cell_facts(revision=revision)
    names = class_names or {
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
        merged={
            cell: known.merged_into
            for cell, known in facts.items()
            if known.merged_into in facts and known.merged_into
        },
        classes={
            cell: names[known.label_class]
            for cell, known in facts.items()
            if known.label_class is not None and known.label_class in names
        },
        said=said_of(image, facts),
        attributes=attributes_said(image),
        marks={cell: marks for cell, known in facts.items() if (marks := _marks(known))},
        ignored={cell for cell, known in facts.items() if known.ignored},
        pixel_size_zyx_um=(image.pixel_size_z_um, image.pixel_size_y_um, image.pixel_size_x_um),
        frame_interval_s=image.frame_interval_s,
    )
    return Labelled(image, revision, without_ignored(whole), whole, names)


def said_of(image: Image, facts: Mapping[int, CellFacts]) -> dict[int, Said]:
    """What people said of cells beside one class without a class above it."""
    schema = schemas.current(image.dataset.project)
    paths = {one: schema.path_of(one) for one in schema.classes}
    names = {one.id: one.name for one in schema.attributes.values()}
    in_use = {one.id for one in schema.attributes.values() if not one.archived}
    found = {}
    for cell, known in facts.items():
        main, *further = [paths.get(one, "") for one in classes_of(known)] or [""]
        said = Said(
            path=main,
            also=tuple(sorted(filter(None, further))),
            attributes={
                names[name]: value
                for name, value in sorted(known.attributes, key=lambda one: one[0] in in_use)
                if name in names
            },
            uncertain=known.uncertain,
        )
        if said != Said():
            found[cell] = said
    return found


def attributes_said(image: Image) -> dict[str, AttributeSaid]:
    """What the attributes of the image's project are, by name; one in use goes before an archived one."""
    schema = schemas.current(image.dataset.project)
    return {
        one.name: AttributeSaid(
            kind=one.kind,
            unit=one.unit,
            low=one.low,
            high=one.high,
            choices=one.choices,
            of=schema.path_of(one.label_class) if one.label_class else "",
        )
        for one in sorted(schema.attributes.values(), key=lambda one: not one.archived)
    }


def _marks(known: CellFacts) -> dict[str, Mark]:
    told: dict[str, Mark | None] = {
        "ending": known.ending, "channel": known.channel, "quality": known.quality,
        "locked": known.locked or None,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _read(revision: Revision, t: int, z: int) -> NDArray[np.uint32]:
    return labels.read_planes(revision=revision, t=t, z=z)
