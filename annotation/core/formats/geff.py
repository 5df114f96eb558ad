"""Graph exchange file format, GEFF 1 (https://liveimagetrackingtools.org/geff): a Zarr group with the ids and
properties of nodes, and the ids of edges. Labels go beside it as a picture that the group names.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from annotation.core.formats import label_tiff, told_cells, tracked
from annotation.core.formats.base import ImageSource, LabelStack, RefusedFile
from annotation.core.formats.told_cells import Told
from annotation.core.formats.tracked import TrackedLabels, TrackedObject

VERSION = "1.3.0"
ENDING = ".geff"
AXES = ("t", "z", "y", "x")
OURS = "Cytoloop"
KNOWN = {"cell", "area_px", "tracklet", "radius"}


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
        "extra": {"written_by": OURS, "image": labels.name, **_ours(labels)},
    }  # fmt: skip


def _ours(labels: LabelStack) -> dict[str, Any]:
    """What people said of cells, and which merged into which, where anything is."""
    merged = {str(cell): into for cell, into in sorted(labels.merged.items())}
    return {**told_cells.book(labels), **({"merged": merged} if merged else {})}


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
        ours = _extra(told)
        held: Any = root["nodes/props"]
        if ours is not None and "cell" in held:
            cell, mothers, merged = _named(root, links, ours)
        else:
            cell, mothers, merged = tracked.cells_of_links(ids.size, t, links)
        others = set(held.group_keys()) - KNOWN - named.keys()
        radii = _radii(root, ids.size)
    except (KeyError, ValueError, TypeError, StopIteration, OSError) as error:
        raise RefusedFile(path, f"it is no graph that can be read: {error}") from error
    z, y, x = (place.tolist() for place in places)
    objects = [
        TrackedObject(int(t[i]), int(cell[i]), z[i], y[i], x[i], float(radii[i])) for i in range(ids.size)
    ]
    notes = (tracked.fusion_note(merged), tracked.not_read(others))
    return tracked.fitted(
        path, objects, mothers, image, " ".join(filter(None, notes)), merged,
        told=told_cells.read_book(path, ours or {}),
    )  # fmt: skip


def _extra(told: Any) -> dict[str, Any] | None:
    """What our own files say beside the graph; None for those of other programs."""
    extra = told.get("extra") or {}
    return extra if isinstance(extra, dict) and extra.get("written_by") == OURS else None


def _named(
    root: Any, links: list[tuple[int, int]], ours: dict[str, Any]
) -> tuple[Any, dict[int, int], dict[int, int]]:
    """Cells by their numbers, {daughter: mother}, {cell: the one that it merges into}."""
    cell = np.asarray(root["nodes/props/cell/values"]).astype(np.int64)
    merged = {int(a): int(b) for a, b in dict(ours.get("merged") or {}).items()}
    pairs = {(int(cell[a]), int(cell[b])) for a, b in links}
    return cell, {b: a for a, b in pairs if a != b and merged.get(a) != b}, merged


def told_of_labels(path: Path) -> tuple[Told, dict[int, int]]:
    """What our own file says of the cells of the label picture beside it, and which merged into which. Raises
    RefusedFile."""
    try:
        ours = _extra(zarr.open_group(path, mode="r").attrs["geff"]) or {}
        merged = {int(a): int(b) for a, b in dict(ours.get("merged") or {}).items()}
    except (KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise RefusedFile(path, f"it is no graph that can be read: {error}") from error
    return told_cells.read_book(path, ours), merged


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
    fused = told_of_labels(path)[1]
    born = {
        number[b]: number[a] for a, b in edges if number[a] != number[b] and fused.get(number[a]) != number[b]
    }
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
