"""A frame for the editor: the stored tiles passed on as they are, nothing decoded."""

from typing import NamedTuple

from annotation.core.tiles import encode_frame
from annotation.models import Branch
from annotation.selectors import labels


class FrameAnswer(NamedTuple):
    """`body` is the frame wire, None when the asker has it already; `fixed` frames never change."""

    head: int
    etag: str
    body: bytes | None
    fixed: bool


def read(
    *, branch: Branch, t: int, z: int, revision: int | None = None, since: int | None = None, known: str = ""
) -> FrameAnswer:
    """One frame at the head or as of `revision`; with `since` only tiles written after it, emptied ones
    included.

    `known` is the ETag that the asker holds. Raises `NoSuchFrame`, `NoSuchRevision`.
    """
    labels.check_frame(image=branch.image, t=t, z=z)
    if revision is not None and revision != 0:
        labels.get_revision(branch=branch, number=revision)
    newest = labels.frame_number(branch_id=branch.pk, t=t, z=z) if revision is None else revision
    head = branch.head_number if revision is None else revision
    etag = f'W/"{branch.pk}.{t}.{z}.{newest}.{"" if since is None else since}"'
    if etag in known:
        return FrameAnswer(head, etag, None, revision is not None)
    return FrameAnswer(head, etag, _body(branch, t, z, revision, since, head), revision is not None)


def _body(branch: Branch, t: int, z: int, revision: int | None, since: int | None, head: int) -> bytes:
    if revision is None:
        tiles = labels.frame_at_head(branch_id=branch.pk, t=t, z=z, since=since)
    else:
        tiles = labels.frame_at(branch_id=branch.pk, t=t, z=z, number=revision)
    if since is None:
        tiles = labels.without_empty(tiles)
    return encode_frame(head, [tile for tile in tiles if since is None or tile.number > since])
