"""A frame for the editor, whole or a region of it: the stored tiles passed on, nothing decoded."""

from typing import NamedTuple

from annotation.core.tiles import encode_frame
from annotation.models import Branch
from annotation.selectors import labels, regions
from annotation.selectors.labels import StoredTile
from annotation.selectors.regions import Region


class FrameAnswer(NamedTuple):
    """`body` is the frame wire, None when the asker has it already; `fixed` frames never change."""

    head: int
    etag: str
    body: bytes | None
    fixed: bool


def read(
    *,
    branch: Branch,
    t: int,
    z: int,
    revision: int | None = None,
    since: int | None = None,
    region: Region | None = None,
    known: str = "",
) -> FrameAnswer:
    """One frame at the head or as of `revision`; with `since` only tiles written after it, emptied ones
    included; with `region` only tiles in that range, at the cost of those.

    `known` is the ETag that the asker holds. Raises `NoSuchFrame`, `NoSuchRevision`, `NoSuchRegion`.
    """
    labels.check_frame(image=branch.image, t=t, z=z)
    inside = None if region is None else regions.within(branch.image, region)
    if revision is not None and revision != 0:
        labels.get_revision(branch=branch, number=revision)
    newest = _newest(branch, t, z, inside) if revision is None else revision
    head = branch.head_number if revision is None else revision
    where = "" if inside is None else "_".join(map(str, inside))
    etag = f'W/"{branch.pk}.{t}.{z}.{newest}.{"" if since is None else since}.{where}"'
    if etag in known:
        return FrameAnswer(head, etag, None, revision is not None)
    tiles = _tiles(branch, t, z, revision, since, inside)
    return FrameAnswer(head, etag, encode_frame(head, tiles), revision is not None)


def _newest(branch: Branch, t: int, z: int, region: Region | None) -> int:
    if region is None:
        return labels.frame_number(branch_id=branch.pk, t=t, z=z)
    return regions.newest(branch_id=branch.pk, t=t, z=z, region=region)


def _tiles(
    branch: Branch, t: int, z: int, revision: int | None, since: int | None, region: Region | None
) -> list[StoredTile]:
    at_head = revision is None
    tiles = _at_head(branch, t, z, since, region) if at_head else _at(branch, t, z, revision or 0, region)
    if since is None:
        return labels.without_empty(tiles)
    return [tile for tile in tiles if tile.number > since]


def _at_head(branch: Branch, t: int, z: int, since: int | None, region: Region | None) -> list[StoredTile]:
    if region is None:
        return labels.frame_at_head(branch_id=branch.pk, t=t, z=z, since=since)
    return regions.tiles_at_head(branch_id=branch.pk, t=t, z=z, since=since, region=region)


def _at(branch: Branch, t: int, z: int, revision: int, region: Region | None) -> list[StoredTile]:
    if region is None:
        return labels.frame_at(branch_id=branch.pk, t=t, z=z, number=revision)
    return regions.tiles_at(branch_id=branch.pk, t=t, z=z, number=revision, region=region)
