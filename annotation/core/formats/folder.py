"""What an uploaded folder holds: images, the labels that belong to them, and what is refused or left aside.

Layouts known: Cell Tracking Challenge (`01/t000.tif`, `01_GT`), Kaggle's one mask a nucleus, `images/` beside
`masks/` or `labels/` with the same stems, `x_masks.tif` or `x_labels.tif` beside `x.tif`, channels in files
of their own (`channel_files`), Pascal VOC and COCO, tables and folders of classes (`beside`), tracks of other
programs (`track_files`), and plain files.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from annotation.core.formats import (
    beside,
    channel_files,
    coco,
    coco_truth,
    ctc,
    geff,
    kaggle,
    label_images,
    objects,
    sources,
    tables,
    track_files,
    unnamed,
    voc,
)
from annotation.core.formats.base import ImageSource, LabelStack, Refusal, RefusedFile
from annotation.core.formats.plans import (
    CHANNELS,
    COCO,
    CTC,
    KAGGLE,
    PAIRS,
    SINGLE,
    TABLE,
    TRACKS,
    VOC,
    Ignored,
    ImportedLabels,
    ImportItem,
    ImportPlan,
    OpenedItem,
    StackLabels,
)
from annotation.core.formats.sources import IMAGE_ENDINGS, UNREAD_ENDINGS
from annotation.core.formats.told_cells import Told

IMAGE_FOLDER = re.compile(r"^(images?|img|imgs|raw)$", re.IGNORECASE)
LABEL_FOLDER = re.compile(r"^(labels?|masks?)([_-].*)?$", re.IGNORECASE)
LABEL_WORD = re.compile(r"[_\- ]+(?:labels?|masks?)(?=[_\- ]|$)", re.IGNORECASE)
LABEL_NAME = re.compile(r"label|mask|instance|segmentation", re.IGNORECASE)
TIME_NAME = re.compile(r"^(.*?)[_\- ]*(?:t|time|frame)[_\- ]*\d{2,}$", re.IGNORECASE)
LITTER = re.compile(r"^(\..*|__MACOSX|Thumbs\.db|desktop\.ini)$", re.IGNORECASE)
__all__ = ["ImportItem", "ImportPlan", "ImportedLabels", "OpenedItem", "open_item", "plan_import"]

# ---------------------------------------------------------------- opening


def open_item(item: ImportItem) -> OpenedItem:
    """Open one item: the labels are checked, every value of them. Raises RefusedFile.

    When the refused path is not one of `item.image`, only the labels are bad and the image can be taken
    without them (`dataclasses.replace(item, labels=None)`).
    """
    if item.layout == CTC:
        source: ImageSource = ctc.open_frames(item.image, name=item.name)
        if item.labels is None:
            return OpenedItem(source, None, {})
        tracks = ctc.open_labels(item.image[0].parent, item.labels, source)
        return OpenedItem(source, tracks, tracks.mothers, merged=tracks.merged, told=tracks.told)
    source = _open_source(item)
    if item.layout == TRACKS and item.labels is not None:
        drawn_in = track_files.read(item.labels, source)
        return OpenedItem(
            source, drawn_in, drawn_in.mothers, drawn_in.classes, merged=drawn_in.merged, told=drawn_in.told
        )
    if item.image_class:
        return OpenedItem(source, objects.WholeImage(source), {}, objects.classes_of_whole(item.image_class))
    if item.labels is None:
        return OpenedItem(source, None, {})
    if item.layout == COCO and (movie := coco_truth.movie_of(item.labels, beside.stem_of(item))):
        return _opened_stack(source, coco.read(item.labels, only=movie)[0])
    if item.layout in (VOC, COCO, TABLE):
        drawn = objects.draw(item.labels, _drawn_in(item, item.labels), source)
        return OpenedItem(source, drawn, {}, drawn.classes, drawn.ignored)
    if item.layout == PAIRS:
        source = unnamed.settle(source, item.labels)
    opening = kaggle.open_masks if item.layout == KAGGLE else label_images.open_labels
    if item.table is not None and item.table.is_dir():
        told, merged = geff.told_of_labels(item.table)
        mothers = geff.mothers_of_labels(item.table) or {}
        return OpenedItem(source, opening(item.labels, source), mothers, merged=merged, told=told)
    if item.table is None:
        return OpenedItem(source, opening(item.labels, source), {})
    stem = beside.stem_of(item)
    rows = tables.pictures_of(item.table)[stem]
    return OpenedItem(
        source, opening(item.labels, source), rows.mothers, tables.classes(item.table, stem),
        merged=rows.merged, told=rows.more,
    )  # fmt: skip


def _opened_stack(source: ImageSource, labels: LabelStack) -> OpenedItem:
    """An image with the labels of one of our own files."""
    told = Told(labels.said, labels.attributes, labels.marks)
    return OpenedItem(
        source, StackLabels(labels), labels.mothers, labels.classes, frozenset(labels.ignored), labels.merged,
        told,
    )  # fmt: skip


def _open_source(item: ImportItem) -> ImageSource:
    if item.layout == CHANNELS:
        return channel_files.open_channels(item.image, item.channels)
    if item.layout == TRACKS and len(item.image) > 1:
        return sources.open_sequence(item.image, name=item.name)
    return sources.open_image(item.image[0], series=item.series, stated_axes=item.stated_axes)


def _drawn_in(item: ImportItem, path: Path) -> Sequence[objects.DrawnObject]:
    if item.layout == VOC:
        return voc.read(path)
    return (coco_truth.read if item.layout == COCO else tables.objects)(path, beside.stem_of(item))


# ---------------------------------------------------------------- planning


class _Planner:
    """Collects the plan while it walks down the folders."""

    def __init__(self, root: Path, stated_axes: str | None = None) -> None:
        self.root = root
        self.stated_axes = stated_axes
        self.plan = ImportPlan()
        self.graphs: list[Path] = []

    def folder(self, folder: Path) -> None:
        """Plan a folder and everything below it."""
        inside = [p for p in sorted(folder.iterdir()) if not LITTER.match(p.name)]
        folders, files = [p for p in inside if p.is_dir()], [p for p in inside if p.is_file()]
        self.graphs += [p for p in folders if geff.is_geff(p)]
        folders = [p for p in folders if p not in self.graphs]
        folders = self._sequences(folders)
        folders = self._kaggle(folder, folders)
        folders = self._paired_folders(folders)
        self._files(files)
        for each in folders:
            self.folder(each)

    def _sequences(self, folders: Sequence[Path]) -> list[Path]:
        """Take the Cell Tracking Challenge sequences out; the rest is returned."""
        found = [f for f in folders if ctc.is_sequence(f)]
        endings = ("", "_GT", "_ST", "_RES", "_ERR_SEG")
        taken = {f.with_name(f.name + ending) for f in found for ending in endings}
        taken |= {channel for f in found for channel in ctc.channel_folders(f)}
        for folder in found:
            self._sequence(folder)
        return [f for f in folders if f not in taken]

    def _sequence(self, folder: Path) -> None:
        paths = tuple(path for _, path in ctc.frames(folder))
        name = self._name(folder)
        item = ImportItem(name, paths, ctc.label_folder(folder), CTC, name)
        try:
            sources.open_sequence(paths, name=name)
        except RefusedFile as refused:
            self._refuse(refused)
        else:
            self.plan.items.append(item)
        for path in sorted(folder.iterdir()):
            if path not in paths and not LITTER.match(path.name):
                self.plan.ignored.append(Ignored(path, "it is no frame of the sequence"))

    def _kaggle(self, folder: Path, folders: list[Path]) -> list[Path]:
        """`<id>/images/<id>.png` with `<id>/masks/*`: masks named otherwise than the only image."""
        images, masks = (_named(folders, name) for name in ("images", "masks"))
        if images is None or masks is None:
            return folders
        pictures, cut = _pictures(images), _pictures(masks)
        if len(pictures) != 1 or pictures[0].stem in {p.stem for p in cut} or len(cut) == 0:
            return folders
        name = self._name(folder) if folder != self.root else pictures[0].stem
        self._take(ImportItem(name, (pictures[0],), masks, KAGGLE, name))
        return [f for f in folders if f not in (images, masks)]

    def _paired_folders(self, folders: list[Path]) -> list[Path]:
        """`images/` beside `masks/` or `labels/`; folders of the same stems beside them are left aside."""
        images = [f for f in folders if IMAGE_FOLDER.match(f.name)]
        labels = [f for f in folders if LABEL_FOLDER.match(f.name)]
        if len(images) != 1 or not labels:
            return folders
        pictures = _pictures(images[0])
        partners = {p.stem.removesuffix(".ome"): p for f in reversed(labels) for p in _pictures(f)}
        stems = {p.stem.removesuffix(".ome") for p in pictures}
        if not stems & partners.keys():
            return folders
        self._take_files(pictures, partners)
        self._lonely_labels(labels, stems)
        self._others(images[0], pictures)
        return [f for f in folders if f not in (images[0], *labels) and not self._companion(f, stems)]

    def _lonely_labels(self, labels: Sequence[Path], stems: set[str]) -> None:
        for folder in labels:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                if not _is_picture(path):
                    self._aside(path)
                elif path.stem.removesuffix(".ome") not in stems:
                    self._refuse(RefusedFile(path, "these labels have no image of the same name"))

    def _others(self, folder: Path, taken: Sequence[Path]) -> None:
        """What else lies in an image folder: other files are left aside, folders are walked."""
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not LITTER.match(path.name):
                self.folder(path)
            elif path not in taken and not LITTER.match(path.name):
                self._aside(path)

    def _companion(self, folder: Path, stems: set[str]) -> bool:
        """Whether a folder only has files named like the images beside it (outlines, boundaries, centres)."""
        pictures = _pictures(folder)
        if not pictures or {p.stem for p in pictures} - stems:
            return False
        reason = "it is named like an image beside it; only images/ and masks/ or labels/ are taken"
        self.plan.ignored.extend(Ignored(path, reason) for path in pictures)
        self._others(folder, pictures)
        return True

    def _files(self, files: Sequence[Path]) -> None:
        """Plain files of one folder, `x_masks.tif` paired with `x.tif`."""
        pictures = [p for p in files if _is_picture(p)]
        for path in files:
            if path not in pictures:
                self._aside(path)
        partners, images = _beside(pictures)
        self._take_files(images, partners)

    def _take_files(self, images: Sequence[Path], partners: Mapping[str, Path]) -> None:
        movies = _movie_names(images)
        for path in images:
            stem = path.stem.removesuffix(".ome")
            name = self._name(path.with_name(stem))
            labels = partners.get(stem)
            group = self._name(path.with_name(movies[path])) if path in movies else name
            self._take(ImportItem(name, (path,), labels, PAIRS if labels else SINGLE, group))

    def _take(self, item: ImportItem) -> None:
        """Add an item, one for each series of its file, or refuse the file."""
        try:
            images = sources.open_all(item.image[0], stated_axes=self.stated_axes)
        except RefusedFile as refused:
            self._refuse(refused)
            return
        item = replace(item, stated_axes=self.stated_axes)
        if len(images) == 1:
            self.plan.items.append(item)
            return
        for series, image in enumerate(images):
            name = item.name + image.name.removeprefix(item.image[0].stem.removesuffix(".ome"))
            labels = item.labels if series == 0 else None
            self.plan.items.append(replace(item, name=name, series=series, labels=labels))

    def _aside(self, path: Path) -> None:
        """A file that is no picture: formats we do not read are refused, everything else is just listed."""
        ending = path.suffix.lower()
        if ending in UNREAD_ENDINGS:
            reason = f"{ending[1:].upper()} files are not read; save the image as OME-TIFF"
            self.plan.refusals.append(Refusal(path, reason))
        else:
            self.plan.ignored.append(Ignored(path, "it is no image"))

    def _refuse(self, refused: RefusedFile) -> None:
        self.plan.refusals.append(Refusal(refused.path, refused.reason))

    def _name(self, path: Path) -> str:
        """The path below the root without the folders that only say `images`."""
        parts = path.relative_to(self.root).parts
        kept = [part for part in parts[:-1] if not IMAGE_FOLDER.match(part)]
        return "/".join((*kept, parts[-1]))


def plan_import(root: Path, *, stated_axes: str | None = None) -> ImportPlan:
    """Everything under a folder (or a single file). `stated_axes`: what a person says of the axes of files
    that are one image each, a letter for every axis or a single one for an unnamed axis.

    Each image's header is opened, so that a file that cannot be read is refused here, alone and with its
    reason; nothing makes the whole import fail.
    """
    if root.is_file():
        planner = _Planner(root.parent, stated_axes)
        planner._files([root])
        return planner.plan
    planner = _Planner(root, stated_axes)
    planner.folder(root)
    channel_files.join(planner.plan, root)
    beside.attach(planner.plan, root)
    track_files.attach(planner.plan, planner.graphs)
    return planner.plan


def _named(folders: Iterable[Path], name: str) -> Path | None:
    return next((f for f in folders if f.name.lower() == name), None)


def _is_picture(path: Path) -> bool:
    """By its ending, or without one by its first bytes."""
    ending = path.suffix.lower()
    if ending in IMAGE_ENDINGS:
        return True
    known = ending in UNREAD_ENDINGS or 1 < len(ending) <= 6
    return not known and path.stat().st_size > 0 and sources.sniff(path) is not None


def _pictures(folder: Path) -> list[Path]:
    found = (p for p in sorted(folder.iterdir()) if p.is_file() and not LITTER.match(p.name))
    return [p for p in found if _is_picture(p)]


def _beside(pictures: Sequence[Path]) -> tuple[dict[str, Path], list[Path]]:
    """({image stem: label file}, images) of one folder.

    Paired are names that differ by `_labels` or `_masks` only, or the only two files if one is called a mask.
    """
    stems = {p.stem.removesuffix(".ome"): p for p in pictures}
    partners: dict[str, Path] = {}
    for path in pictures:
        stem = path.stem.removesuffix(".ome")
        image = LABEL_WORD.sub("", stem)
        if image != stem and image in stems:
            partners[image] = path
    if not partners and len(pictures) == 2:
        named = [p for p in pictures if LABEL_NAME.search(p.stem)]
        other = [p for p in pictures if p not in named]
        if len(named) == 1:
            partners[other[0].stem.removesuffix(".ome")] = named[0]
    taken = set(partners.values())
    return partners, [p for p in pictures if p not in taken]


def _movie_names(paths: Sequence[Path]) -> dict[Path, str]:
    """{file: movie} for files whose names count time (`x_t001`, `x_frame12`), where a movie has several."""
    found = {path: match[1] or "movie" for path in paths if (match := TIME_NAME.match(path.stem))}
    sizes: dict[str, int] = {}
    for movie in found.values():
        sizes[movie] = sizes.get(movie, 0) + 1
    return {path: movie for path, movie in found.items() if sizes[movie] > 1}
