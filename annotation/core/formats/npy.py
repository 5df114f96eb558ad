"""NumPy's own array file, mapped and not loaded."""

from pathlib import Path

import numpy as np

from annotation.core.formats import axes
from annotation.core.formats.base import ArraySource, RefusedFile, check_size, of_array

MAGIC = b"\x93NUMPY"


def open_npy(path: Path, *, stated_axes: str | None = None) -> ArraySource:
    """An .npy array of 2 to 5 axes as an image; pickled objects are refused. Raises RefusedFile."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a broken header can raise anything in NumPy's parser
        raise RefusedFile(path, f"the array is damaged, cut short or not plain numbers ({error})") from None
    if not 2 <= array.ndim <= 5:
        raise RefusedFile(path, f"an array of {array.ndim} axes is no image; 2 to 5 are needed")
    try:
        plan = axes.plan(axes.of_bare_array(array.shape), array.shape, name=path.stem, stated=stated_axes)
    except axes.UnclearAxes as error:
        raise RefusedFile(path, str(error)) from None
    check_size(path, plan.shape_tczyx, array.dtype)
    order = sorted(range(array.ndim), key=lambda i: "TCZYX".index(plan.meaning[i]))
    ordered = array.transpose(order).reshape(plan.shape_tczyx)
    return of_array(ordered, name=path.stem, axes_note=plan.note, time_guessed="T" in plan.guessed)
