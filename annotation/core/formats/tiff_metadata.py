"""Pixel size, frame interval and channel names, as ImageJ, OME-XML and plain TIFF tags give them."""

import html
import math
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tifffile import TiffFile, TiffPage

from annotation.core.formats.base import PixelSize

MICROMETRES = {
    "µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "micrometer": 1.0, "micrometers": 1.0,
    "micrometre": 1.0, "nm": 1e-3, "nanometer": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "inch": 25400.0,
    "pm": 1e-6, "å": 1e-4,
}  # fmt: skip
SECONDS = {
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "ms": 1e-3,
    "µs": 1e-6,
    "min": 60.0,
    "h": 3600.0,
}
PLAUSIBLE_UM = (1e-4, 20.0)  # a plain TIFF's resolution tag outside this is a screen's, not a microscope's


@dataclass(frozen=True, slots=True)
class Described:
    """What the file says of the image beside its axes."""

    pixel_size_zyx_um: PixelSize = (None, None, None)
    frame_interval_s: float | None = None
    channel_names: tuple[str, ...] = ()
    name: str = ""


def of_imagej(tif: TiffFile, page: TiffPage) -> Described:
    """From ImageJ's description and resolution tags."""
    notes: Mapping[str, Any] = tif.imagej_metadata or {}
    unit = MICROMETRES.get(_unit(notes.get("unit", "")))
    y, x = _resolution(page, "YResolution"), _resolution(page, "XResolution")
    depth = _positive(notes.get("spacing"))
    size: PixelSize = (None, None, None)
    if unit is not None:
        size = (_times(depth, unit), _inverse(y, unit), _inverse(x, unit))
    interval = _positive(notes.get("finterval"))
    seconds = SECONDS.get(str(notes.get("tunit", "s")).strip().lower())
    frames = int(notes.get("frames", 1))
    return Described(size, interval * seconds if interval and seconds and frames > 1 else None, ())


def of_ome(xml: str, series: int) -> Described:
    """From the OME-XML of image number `series`; empty when there is none."""
    try:
        root = ET.fromstring(xml)
    except ET.ParseError:
        return Described()
    images = [element for element in root if _tag(element) == "Image"]
    if series >= len(images):
        return Described()
    image = images[series]
    pixels = next((element for element in image if _tag(element) == "Pixels"), None)
    if pixels is None:
        return Described()
    z, y, x = (_ome_length(pixels, axis) for axis in "ZYX")
    step = _positive(pixels.get("TimeIncrement"))
    seconds = SECONDS.get(pixels.get("TimeIncrementUnit", "s"))
    return Described(
        (z, y, x), step * seconds if step and seconds else None, _ome_channels(pixels), image.get("Name", "")
    )


def of_plain(page: TiffPage) -> Described:
    """From the resolution tags of a plain TIFF, where they are plausible for a microscope."""
    unit = {2: MICROMETRES["inch"], 3: MICROMETRES["cm"]}.get(_tag_value(page, "ResolutionUnit"))
    if unit is None:
        return Described()
    y = _inverse(_resolution(page, "YResolution"), unit)
    x = _inverse(_resolution(page, "XResolution"), unit)
    if y is None or x is None or not all(PLAUSIBLE_UM[0] < size < PLAUSIBLE_UM[1] for size in (y, x)):
        return Described()
    return Described((None, y, x))


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _ome_length(pixels: ET.Element, axis: str) -> float | None:
    unit = MICROMETRES.get(_unit(pixels.get(f"PhysicalSize{axis}Unit", "µm")))
    return _times(_positive(pixels.get(f"PhysicalSize{axis}")), unit) if unit else None


def _ome_channels(pixels: ET.Element) -> tuple[str, ...]:
    """Names of the channels, each as often as it has samples; empty when none is named."""
    channels = [element for element in pixels if _tag(element) == "Channel"]
    names = [(c.get("Name") or "", int(c.get("SamplesPerPixel") or 1)) for c in channels]
    if not any(name for name, _ in names):
        return ()
    if any(samples > 1 for _, samples in names):
        return ()
    return tuple(name or f"Channel {i + 1}" for i, (name, _) in enumerate(names))


def _unit(text: Any) -> str:
    plain = str(text).strip().strip("\0")
    if "\\u" in plain:  # ImageJ writes the sign of micro as the six characters \u00B5
        plain = plain.encode("latin-1", "replace").decode("unicode_escape")
    return html.unescape(plain).strip().lower()


def _tag_value(page: TiffPage, name: str) -> int:
    tag = page.tags.get(name)
    return int(tag.value) if tag is not None else 0


def _resolution(page: TiffPage, name: str) -> float | None:
    tag = page.tags.get(name)
    if tag is None:
        return None
    above, below = tag.value if isinstance(tag.value, tuple) else (tag.value, 1)
    return above / below if below and above else None


def _positive(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return abs(number) if math.isfinite(number) and number != 0 else None


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _inverse(value: float | None, factor: float) -> float | None:
    return None if value is None else factor / value
