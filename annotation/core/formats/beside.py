"""What stands beside images and is no image: Pascal VOC and COCO files, tables of classes, names of folders.

Each goes to the images of the same names that lie nearest.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from annotation.core.formats import coco_truth, tables, voc
from annotation.core.formats.base import Refusal, RefusedFile
from annotation.core.formats.plans import (
    CHANNELS,
    COCO,
    PAIRS,
    SINGLE,
    TABLE,
    VOC,
    Ignored,
    ImportItem,
    ImportPlan,
)

PLACE_NAME = re.compile(
    r"^(images?|imgs?|raw|data|train(ing)?|val(id(ation)?)?|test(ing)?|hold[-_ ]?out|[a-p]\d{1,2}|\d[\d\W_]*|"
    r"(set|pos(ition)?|well|site|plate|scene|series|exp(eriment)?|day|fov|field|frame|time|t|z|s|xy|batch|"
    r"replicate|rep|run|sample|slide|patient|mouse|donor|crop|tile|stack|movie|video|seq(uence)?)[\W_]*\w?[\W_]*\d*)$",
    re.IGNORECASE,
)
"""Names of folders that say where or when images were taken, or what they are for: never classes."""
FEWEST_OF_A_CLASS = 2


@dataclass(frozen=True)
class _Sheet:
    """A file that tells of pictures: its layout and the stems of the pictures."""

    path: Path
    layout: str
    stems: frozenset[str]


def attach(plan: ImportPlan, root: Path) -> None:
    """Give the plan's images what stands beside them, and take those files off what is left aside."""
    sheets = list(_sheets(file.path for file in plan.ignored))
    used: set[Path] = set()
    for place, item in enumerate(plan.items):
        for sheet in _near(item, sheets):
            try:
                told = _with(item, sheet)
            except RefusedFile as refused:
                plan.refusals.append(Refusal(item.image[0], refused.reason))
                continue
            if told is not None:
                plan.items[place] = item = told
                used.add(sheet.path)
    kept = [file for file in plan.ignored if file.path not in used]
    lonely = {sheet.path for sheet in sheets if sheet.path not in used and sheet.layout == VOC}
    plan.refusals.extend(
        Refusal(path, "these boxes have no image of the same name") for path in sorted(lonely)
    )
    plan.ignored[:] = [_reason(file, sheets) for file in kept if file.path not in lonely]
    if not used:
        _classes_by_folder(plan, root)


def _sheets(paths: Iterable[Path]) -> Iterable[_Sheet]:
    for path in sorted(paths):
        ending = path.suffix.lower()
        if ending == ".xml" and voc.is_voc(path):
            yield _Sheet(path, VOC, frozenset([voc.picture_of(path)]))
        elif ending == ".json" and coco_truth.is_coco(path):
            yield _Sheet(path, COCO, frozenset(coco_truth.pictures_of(path)))
        elif ending in tables.ENDINGS and tables.is_table(path):
            yield _Sheet(path, TABLE, frozenset(tables.pictures_of(path)))


def _near(item: ImportItem, sheets: Sequence[_Sheet]) -> list[_Sheet]:
    """The sheets that tell of the image, nearest first."""
    if item.layout not in (SINGLE, PAIRS, CHANNELS) or item.series > 0:
        return []
    found = [sheet for sheet in sheets if stem_of(item) in sheet.stems]
    return sorted(found, key=lambda sheet: (-_shared(sheet.path, item.image[0]), sheet.path))


def stem_of(item: ImportItem) -> str:
    """The name under which other files know the image."""
    if item.layout == CHANNELS:
        return item.name.rsplit("/", 1)[-1]
    return item.image[0].stem.removesuffix(".ome")


def _shared(a: Path, b: Path) -> int:
    """How many folders two files have in common."""
    return sum(x == y for x, y in zip(a.parts[:-1], b.parts[:-1], strict=False))


def _with(item: ImportItem, sheet: _Sheet) -> ImportItem | None:
    """The item with what the sheet says, None where it has something of that kind already."""
    if item.layout == PAIRS:
        if sheet.layout != TABLE or item.table is not None:
            return None
        cells = tables.pictures_of(sheet.path)[stem_of(item)].cells
        return replace(item, table=sheet.path) if cells else None
    if item.labels is not None or item.image_class:
        return None
    if sheet.layout == TABLE:
        told = tables.pictures_of(sheet.path)[stem_of(item)]
        if told.of_whole:
            return replace(item, image_class=tables.class_of_image(sheet.path, stem_of(item)))
        return replace(item, labels=sheet.path, layout=TABLE) if told.boxes else None
    return replace(item, labels=sheet.path, layout=sheet.layout)


def _reason(file: Ignored, sheets: Sequence[_Sheet]) -> Ignored:
    """A sheet that nothing could be made of says so."""
    if any(sheet.path == file.path for sheet in sheets):
        return Ignored(file.path, "its images are not here, or have outlines already")
    return file


def _classes_by_folder(plan: ImportPlan, root: Path) -> None:
    """`alive/*.png` beside `dead/*.png`: folders of single images, named after neither places nor times."""
    families: dict[Path, dict[Path, list[int]]] = {}
    for place, item in enumerate(plan.items):
        folder = item.image[0].parent
        if folder != root:
            families.setdefault(folder.parent, {}).setdefault(folder, []).append(place)
    for parent, folders in families.items():
        if not _are_classes(plan, parent, folders):
            continue
        for folder, places in folders.items():
            for place in places:
                plan.items[place] = replace(plan.items[place], image_class=folder.name)


def _are_classes(plan: ImportPlan, parent: Path, folders: dict[Path, list[int]]) -> bool:
    items = [plan.items[place] for places in folders.values() for place in places]
    if any(item.layout != SINGLE or len(item.image) > 1 for item in items):
        return False
    beside = any(item.image[0].parent == parent for item in plan.items)
    named = all(not PLACE_NAME.match(folder.name) for folder in folders)
    enough = len(folders) >= 2 and all(len(places) >= FEWEST_OF_A_CLASS for places in folders.values())
    stems = [frozenset(plan.items[place].image[0].stem for place in places) for places in folders.values()]
    return named and enough and not beside and len(set(stems)) == len(stems)
