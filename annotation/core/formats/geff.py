"""Graph exchange file format, GEFF 1 (https://liveimagetrackingtools.org/geff): a Zarr group with the ids and
properties of nodes, and the ids of edges. Labels go beside it as a picture that the group names.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from annotation.core.formats import label_tiff, tracked
from annotation.core.formats.base import ImageSource, LabelStack, RefusedFile
from annotation.core.formats.tracked import TrackedLabels, TrackedObject

VERSION = "1.3.0"
ENDING = ".geff"
AXES = ("t", "z", "y", "x")


def write(path: Path, labels: LabelStack) -> list[str]:
    """`x.geff` and `x_labels.tif` beside it: a node for each cell in each frame, with its cell (which is the
    number in the picture and the tracklet), size and place in px, or µm where the image says.
    """
    lineage = tracked.graph_of(labels)
    picture = path.with_name(path.name.removesuffix(ENDING) + "_labels.tif")
    notes = label_tiff.write(picture, labels)
    root = zarr.open_group(path, mode="w", zarr_format=3)
    places = lineage.at_zyx * np.array([size or 1.0 for size in labels.pixel_size_zyx_um])
    properties: dict[str, Any] = {
        "t": lineage.t, **{axis: places[:, k].astype(float) for k, axis in enumerate("zyx")},
        "cell": lineage.cell, "area_px": lineage.area_px, "tracklet": lineage.track + 1,
    }  # fmt: skip
    nodes, edges = root.create_group("nodes"), root.create_group("edges")
    nodes.create_array("ids", data=np.arange(lineage.t.size, dtype=np.uint64))
    held = nodes.create_group("props")
    for name, values in properties.items():
        held.create_group(name).create_array("values", data=values)
    links = np.concatenate((lineage.links.reshape(-1, 2), tracked.fusion_links(labels, lineage)))
    edges.create_array("ids", data=links.astype(np.uint64))
    edges.create_group("props")
    root.attrs["geff"] = _metadata(labels, properties, picture.name)
    return notes


def _metadata(labels: LabelStack, properties: dict[str, Any], picture: str) -> dict[str, Any]:
    units = dict(
        zip("zyx", ("micrometer" if size else "pixel" for size in labels.pixel_size_zyx_um), strict=True)
    )
    axes = [{"name": "t", "type": "time", "unit": "frame"}]
    axes += [{"name": axis, "type": "space", "unit": units[axis]} for axis in "zyx"]
    told = {
        name: {"identifier": name, "dtype": str(values.dtype), "varlength": False}
        for name, values in properties.items()
    }
    return {
        "geff_version": VERSION, "directed": True, "axes": axes,
        "node_props_metadata": told, "edge_props_metadata": {},
        "track_node_props": {"tracklet": "tracklet"},
        "related_objects": [{"type": "labels", "path": f"../{picture}", "node_prop": "cell"}],
        "extra": {"written_by": "Cytoloop", "image": labels.name},
    }  # fmt: skip


def is_geff(path: Path) -> bool:
    """Whether a folder is such a group."""
    return (
        path.is_dir()
        and any((path / name).is_file() for name in (".zgroup", "zarr.json"))
        and (path / "nodes").is_dir()
    )


def read(path: Path, image: ImageSource) -> TrackedLabels:
    """Nodes as discs of their radius, or of the size that `area_px` tells. Raises RefusedFile."""
    try:
        root = zarr.open_group(path, mode="r")
        told: Any = root.attrs["geff"]
        ids = np.asarray(root["nodes/ids"])
        named = {axis["name"]: axis for axis in told["axes"]}
        time = next(name for name, axis in named.items() if axis.get("type") == "time")
        t = np.asarray(root[f"nodes/props/{time}/values"]).astype(np.int64)
        places = [_place(root, named, axis, image) for axis in "zyx"]
        number = {int(one): i for i, one in enumerate(ids.tolist())}
        links = [
            (number[int(a)], number[int(b)]) for a, b in np.asarray(root["edges/ids"]).reshape(-1, 2).tolist()
        ]
        cell, mothers, merged = tracked.cells_of_links(ids.size, t, links)
        radii = _radii(root, ids.size)
    except (KeyError, ValueError, TypeError, StopIteration, OSError) as error:
        raise RefusedFile(path, f"it is no graph that can be read: {error}") from error
    z, y, x = (place.tolist() for place in places)
    objects = [
        TrackedObject(int(t[i]), int(cell[i]), z[i], y[i], x[i], float(radii[i])) for i in range(ids.size)
    ]
    return tracked.fitted(path, objects, mothers, image, tracked.fusion_note(merged), merged)


def mothers_of_labels(path: Path) -> dict[int, int] | None:
    """{daughter: mother} in the numbers of the label picture that the graph names, None where it names none,
    or where a cell changes its number from frame to frame. Raises RefusedFile."""
    try:
        root = zarr.open_group(path, mode="r")
        told: Any = root.attrs["geff"]
        named = [one for one in told.get("related_objects") or [] if one["type"] == "labels"]
        prop = next((one.get("node_prop") or one.get("label_prop") for one in named), None)
        if not prop:
            return None
        numbers = np.asarray(root[f"nodes/props/{prop}/values"]).astype(np.int64).tolist()
        number = dict(zip(np.asarray(root["nodes/ids"]).tolist(), numbers, strict=True))
        edges = np.asarray(root["edges/ids"]).reshape(-1, 2).tolist()
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise RefusedFile(path, f"it is no graph that can be read: {error}") from error
    out = Counter(a for a, _ in edges)
    born = {number[b]: number[a] for a, b in edges if number[a] != number[b]}
    changes = any(number[a] != number[b] and out[a] == 1 and out[b] == 1 for a, b in edges)
    return None if changes and len(born) > len(set(numbers)) / 2 else born


def _place(root: Any, named: dict[str, Any], axis: str, image: ImageSource) -> Any:
    """Places along an axis in px; µm are divided by the image's pixel size."""
    if axis not in named:
        return np.zeros(np.asarray(root["nodes/ids"]).size)
    values = np.asarray(root[f"nodes/props/{axis}/values"]).astype(float) * float(
        named[axis].get("scale") or 1
    )
    size = dict(zip("zyx", image.pixel_size_zyx_um, strict=True))[axis]
    return values / size if named[axis].get("unit") == "micrometer" and size else values


def _radii(root: Any, count: int) -> Any:
    properties = root["nodes/props"]
    if "radius" in properties:
        return np.asarray(properties["radius/values"]).astype(float)
    if "area_px" in properties:
        return np.sqrt(np.asarray(properties["area_px/values"]) / np.pi)
    return np.full(count, tracked.DEFAULT_RADIUS_PX)
