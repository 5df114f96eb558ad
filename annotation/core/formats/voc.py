"""Pascal VOC: one XML file a picture, with boxes and the names of their classes (as LabelImg writes them)."""

from pathlib import Path
from xml.etree import ElementTree

from annotation.core.formats.base import RefusedFile
from annotation.core.formats.objects import Box, DrawnObject

ROOT = "annotation"
MOST_BYTES = 64 << 20


def is_voc(path: Path) -> bool:
    """Whether the file's first bytes are those of a VOC annotation."""
    with path.open("rb") as file:
        return b"<annotation" in file.read(1024)


def picture_of(path: Path) -> str:
    """The name of the picture without its ending: that of the file, for people rename pairs together."""
    return path.stem


def read(path: Path) -> list[DrawnObject]:
    """The objects of a picture. Corners count pixels from 1 and belong to the box. Raises RefusedFile."""
    if path.stat().st_size > MOST_BYTES:
        raise RefusedFile(path, "the file is too large for a list of boxes")
    text = path.read_bytes()
    if b"<!ENTITY" in text:
        raise RefusedFile(path, "the file declares entities, which boxes do not need")
    try:
        root = ElementTree.fromstring(text)
        return [_object(path, one) for one in root.iter("object")]
    except ElementTree.ParseError as error:
        raise RefusedFile(path, f"this is not XML ({error})") from None


def _object(path: Path, one: ElementTree.Element) -> DrawnObject:
    name, box = (one.findtext("name") or "").strip(), one.find("bndbox")
    try:
        if box is None:
            raise ValueError("no bndbox")
        left, top, right, bottom = (
            float(box.findtext(key, "?").strip()) for key in ("xmin", "ymin", "xmax", "ymax")
        )
    except ValueError:
        raise RefusedFile(path, f"the box of “{name}” has no four numbers") from None
    return DrawnObject(Box(left - 1, top - 1, right, bottom), name)
