"""TrackMate's XML (https://imagej.net/plugins/trackmate), version 7: spots with outlines, edges, tracks.

Places are in units of the pixel size that the file itself declares; the middle of the first pixel is 0. An
element `Cytoloop` beside TrackMate's own says in JSON what those have no place for; TrackMate passes over it,
and saves without it. While it is there, spots are named by their cells.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from annotation.core.formats import told_cells, tracked
from annotation.core.formats.base import ImageSource, LabelStack, RefusedFile
from annotation.core.formats.tracked import Points, TrackedLabels, TrackedObject
from annotation.core.intervals import Ints
from annotation.core.tracks.graph import LineageGraph

VERSION = "7.11.1"
SPOT_FEATURES = (
    "QUALITY",
    "POSITION_X",
    "POSITION_Y",
    "POSITION_Z",
    "POSITION_T",
    "FRAME",
    "RADIUS",
    "VISIBILITY",
)
WHOLE = ("FRAME", "VISIBILITY")
OURS = "Cytoloop"


def is_trackmate(path: Path) -> bool:
    """Whether an XML file is TrackMate's."""
    return _root_tag(path) == "TrackMate"


def _root_tag(path: Path) -> str:
    try:
        for _, element in ElementTree.iterparse(path, ("start",)):
            return str(element.tag)
    except (ElementTree.ParseError, OSError):
        return ""
    return ""


def picture_of(path: Path) -> str:
    """The stem of the image's file, as the file names it; its own where it names none."""
    try:
        data = ElementTree.parse(path).getroot().find("Settings/ImageData")
    except (ElementTree.ParseError, OSError):
        return path.stem
    name = (data.get("filename") if data is not None else "") or path.name
    return Path(name.replace("\\", "/")).stem.removesuffix(".ome")


# ---------------------------------------------------------------- in


def read(path: Path, image: ImageSource) -> TrackedLabels:
    """Spots as discs, or by their outlines where TrackMate kept them; spots outside all tracks are cells of
    one frame. Raises RefusedFile."""
    try:
        root = ElementTree.parse(path).getroot()
        spots = list(root.iter("Spot"))
        scale = _scale(root)
        number = {spot.attrib["ID"]: i for i, spot in enumerate(spots)}
        t = np.array([int(float(spot.attrib["FRAME"])) for spot in spots], np.int64)
        links = [
            (number[edge.attrib["SPOT_SOURCE_ID"]], number[edge.attrib["SPOT_TARGET_ID"]])
            for edge in root.iter("Edge")
        ]
        ours = json.loads(root.findtext(OURS) or "null")
        if ours:
            cell, mothers, merged = _named(spots, links, ours)
        else:
            cell, mothers, merged = tracked.cells_of_links(len(spots), t, links)
        objects = [_object(spot, int(t[i]), int(cell[i]), scale) for i, spot in enumerate(spots)]
    except (ElementTree.ParseError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise RefusedFile(path, f"it is no TrackMate file that can be read: {error}") from error
    notes = (tracked.fusion_note(merged), tracked.not_read(_others(spots)))
    return tracked.fitted(
        path, objects, mothers, image, " ".join(filter(None, notes)), merged,
        told=told_cells.read_book(path, ours or {}),
    )  # fmt: skip


def _named(
    spots: Sequence[ElementTree.Element], links: Sequence[tuple[int, int]], ours: Mapping[str, Any]
) -> tuple[Ints, dict[int, int], dict[int, int]]:
    """Cells by the names of their spots, {daughter: mother}, {cell: the one that it merges into}."""
    cell = np.array([int(spot.attrib["name"]) for spot in spots], np.int64)
    merged = {int(a): int(b) for a, b in dict(ours.get("merged") or {}).items()}
    pairs = {(int(cell[a]), int(cell[b])) for a, b in links}
    mothers = {b: a for a, b in pairs if a != b and merged.get(a) != b}
    return cell, mothers, merged


def _others(spots: Sequence[ElementTree.Element]) -> set[str]:
    """Features of spots that nothing is made of."""
    return {name for spot in spots for name in spot.attrib} - {*SPOT_FEATURES, "ID", "name", "ROI_N_POINTS"}


def _scale(root: ElementTree.Element) -> tuple[float, float, float]:
    """Sizes of a pixel (z, y, x) in the file's units."""
    data = root.find("Settings/ImageData")
    told = {} if data is None else data.attrib
    z, y, x = (float(told.get(name, 1) or 1) for name in ("voxeldepth", "pixelheight", "pixelwidth"))
    return z or 1.0, y or 1.0, x or 1.0


def _object(spot: ElementTree.Element, t: int, cell: int, scale: tuple[float, float, float]) -> TrackedObject:
    told = spot.attrib
    z, y, x = (float(told[f"POSITION_{axis}"]) / size for axis, size in zip("ZYX", scale, strict=True))
    radius = float(told.get("RADIUS", tracked.DEFAULT_RADIUS_PX)) / scale[2]
    return TrackedObject(t, cell, z, y, x, radius, _outline(spot, y, x, scale))


def _outline(
    spot: ElementTree.Element, y: float, x: float, scale: tuple[float, float, float]
) -> tuple[Points, ...]:
    """The outline told as `x y x y …` about the middle of the spot."""
    values = (spot.text or "").split()
    if int(float(spot.attrib.get("ROI_N_POINTS", 0))) < 3 or len(values) < 6:
        return ()
    points = np.array(values, float).reshape(-1, 2)
    return (np.stack((points[:, 1] / scale[1] + y, points[:, 0] / scale[2] + x), axis=1),)


# ---------------------------------------------------------------- out


def write(path: Path, labels: LabelStack, *, image_name: str = "") -> list[str]:
    """Write one movie; of a cell in several pieces only the largest outline is told."""
    lineage = tracked.graph_of(labels)
    z, y, x = labels.pixel_size_zyx_um
    scale = (z or 1.0, y or 1.0, x or 1.0)
    root = ElementTree.Element("TrackMate", version=VERSION)
    units = {
        "spatialunits": "micron" if x else "pixel",
        "timeunits": "sec" if labels.frame_interval_s else "frame",
    }
    model = ElementTree.SubElement(root, "Model", units)
    _declare(model)
    lost, holes = _add_spots(model, labels, lineage, scale)
    _add_tracks(model, lineage, tracked.fusion_links(labels, lineage))
    _add_settings(root, labels, scale, image_name or labels.name)
    ElementTree.indent(root)
    book = {**told_cells.book(labels), "merged": {str(a): b for a, b in sorted(labels.merged.items())}}
    ElementTree.SubElement(root, OURS).text = json.dumps(book)
    ElementTree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
    pieces = [f"{len(lost)} cells are in several pieces; of each the largest is told."] if lost else []
    flat = ["In a stack cells are told as balls, without outlines."] if labels.shape_tzyx[1] > 1 else []
    return [*pieces, *tracked.filled(holes), *flat]


def _declare(model: ElementTree.Element) -> None:
    declared = ElementTree.SubElement(model, "FeatureDeclarations")
    spots = ElementTree.SubElement(declared, "SpotFeatures")
    for name in SPOT_FEATURES:
        plain, whole = name.replace("_", " ").capitalize(), str(name in WHOLE).lower()
        kind = "POSITION" if name.startswith("POSITION") else "LENGTH" if name == "RADIUS" else "NONE"
        told = {"feature": name, "name": plain, "shortname": plain, "dimension": kind, "isint": whole}
        ElementTree.SubElement(spots, "Feature", told)
    for empty in ("EdgeFeatures", "TrackFeatures"):
        ElementTree.SubElement(declared, empty)


def _add_spots(
    model: ElementTree.Element, labels: LabelStack, lineage: LineageGraph, scale: tuple[float, float, float]
) -> tuple[set[int], Counter[int]]:
    """Every cell in every frame; answers the cells of which pieces were left out, and those with holes."""
    lost, holes = set[int](), Counter[int]()
    parent = ElementTree.SubElement(model, "AllSpots", nspots=str(lineage.t.size))
    frames = np.split(np.arange(lineage.t.size), np.flatnonzero(np.diff(lineage.t)) + 1)
    for inside in frames if lineage.t.size else ():
        t = int(lineage.t[inside[0]])
        group = ElementTree.SubElement(parent, "SpotsInFrame", frame=str(t))
        rings = _largest(labels, t, lost, holes) if labels.shape_tzyx[1] == 1 else {}
        for i in inside.tolist():
            _add_spot(
                group, lineage, i, scale, rings.get(int(lineage.cell[i])), labels.frame_interval_s or 1.0
            )
    return lost, holes


def _largest(labels: LabelStack, t: int, lost: set[int], holes: Counter[int]) -> dict[int, Points]:
    found: dict[int, Points] = {}
    for cell, ring in tracked.outlines(labels.read(t, 0), holes):
        if cell in found:
            lost.add(cell)
        if cell not in found or len(ring) > len(found[cell]):
            found[cell] = ring
    return found


def _add_spot(
    group: ElementTree.Element,
    lineage: LineageGraph,
    i: int,
    scale: tuple[float, float, float],
    ring: Points | None,
    frame_s: float,
) -> None:
    z, y, x = (float(place) * size for place, size in zip(lineage.at_zyx[i], scale, strict=True))
    t, cell = int(lineage.t[i]), int(lineage.cell[i])
    radius = np.sqrt(lineage.area_px[i] / np.pi) * scale[2]
    told = {
        "ID": str(i), "name": f"{cell}", "QUALITY": "1.0", "POSITION_T": f"{t * frame_s:g}", "FRAME": str(t),
        "POSITION_X": f"{x:.6g}", "POSITION_Y": f"{y:.6g}", "POSITION_Z": f"{z:.6g}",
        "RADIUS": f"{radius:.6g}", "VISIBILITY": "1",
    }  # fmt: skip
    spot = ElementTree.SubElement(group, "Spot", told)
    if ring is not None:
        points = (ring[:-1] - lineage.at_zyx[i, 1:]) * scale[1:]
        spot.set("ROI_N_POINTS", str(len(points)))
        spot.text = " ".join(f"{value:.6g}" for pair in points for value in pair[::-1])


def _add_tracks(model: ElementTree.Element, lineage: LineageGraph, fusions: Ints) -> None:
    """A track of TrackMate is a whole family, with those that it merges with; cells of one frame belong to
    none."""
    every = ElementTree.SubElement(model, "AllTracks")
    kept = ElementTree.SubElement(model, "FilteredTracks")
    family = _families(lineage)
    for a, b in lineage.track[fusions].tolist():
        family[family == family[b]] = family[a]
    links = np.concatenate((lineage.links.reshape(-1, 2), fusions))
    of_link = family[lineage.track[links[:, 0]]] if len(links) else np.zeros(0, np.int64)
    spots = Counter(family[lineage.track].tolist())
    for number, root in enumerate(sorted(set(of_link.tolist()))):
        told = {"name": f"Track_{number}", "TRACK_ID": str(number), "NUMBER_SPOTS": str(spots[root])}
        track = ElementTree.SubElement(every, "Track", told)
        for a, b in links[of_link == root].tolist():
            ElementTree.SubElement(track, "Edge", SPOT_SOURCE_ID=str(a), SPOT_TARGET_ID=str(b))
        ElementTree.SubElement(kept, "TrackID", TRACK_ID=str(number))


def _families(lineage: LineageGraph) -> Ints:
    root = np.where(lineage.parent >= 0, lineage.parent, np.arange(lineage.parent.size))
    while not np.array_equal(above := root[root], root):
        root = above
    return root


def _add_settings(
    root: ElementTree.Element, labels: LabelStack, scale: tuple[float, float, float], name: str
) -> None:
    size_t, size_z, height, width = labels.shape_tzyx
    settings = ElementTree.SubElement(root, "Settings")
    sizes = {"width": width, "height": height, "nslices": size_z, "nframes": size_t}
    pixels = {"pixelwidth": scale[2], "pixelheight": scale[1], "voxeldepth": scale[0]}
    told = {key: f"{value:g}" for key, value in {**sizes, **pixels}.items()}
    told["timeinterval"] = f"{labels.frame_interval_s or 1:g}"
    ElementTree.SubElement(settings, "ImageData", {"filename": name, "folder": "", **told})
    ends = {"x": width, "y": height, "z": size_z, "t": size_t}
    basic = {f"{axis}start": "0" for axis in ends} | {
        f"{axis}end": str(size - 1) for axis, size in ends.items()
    }
    ElementTree.SubElement(settings, "BasicSettings", basic)
