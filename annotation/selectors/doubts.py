"""How far people disagreed about a frame's pixels, for whoever learns from it."""

import zlib

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from annotation.models import Doubt, Revision


def _known(revision: Revision) -> QuerySet[Doubt]:
    """What a crowd was asked on the way to this revision, on its branch: whoever corrects or accepts a draft
    goes on from it."""
    return Doubt.objects.filter(revision__branch=revision.branch_id, revision__number__lte=revision.number)


def frames_of(*, revision: Revision) -> list[tuple[int, int]]:
    """(t, z) of the frames about which a crowd was asked."""
    return sorted(set(_known(revision).values_list("t", "z")))


def read(*, revision: Revision, t: int, z: int) -> NDArray[np.float32] | None:
    """(y, x) from 0, all agree, to 1, as many for as against; 0 where nobody was asked. Where crops overlap
    the greater counts. None: nobody was asked about this frame."""
    rows = list(_known(revision).filter(t=t, z=z))
    if not rows:
        return None
    image = revision.image
    share = np.zeros((image.size_y, image.size_x), np.float32)
    for row in rows:
        values = np.frombuffer(zlib.decompress(bytes(row.content)), np.uint8).reshape(row.height, row.width)
        part = share[row.y : row.y + row.height, row.x : row.x + row.width]
        np.maximum(part, values.astype(np.float32) / 255, out=part)
    return share
