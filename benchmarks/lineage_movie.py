"""A movie of 10,000 tracks over 500 frames in a data folder's database: `python -m benchmarks.lineage_movie`,
with CYTOLOOP_HOME and DJANGO_SETTINGS_MODULE set.

Cells stand on a grid and tremble; each lives about fifty frames, then two of its neighbours' next tenants are
its daughters. One frame in a hundred is missing. The picture is black: what is measured are tracks.
"""

import argparse
import sys

import django
import numpy as np

django.setup()  # before the tables can be imported

from annotation.core.edits import CellFacts  # noqa: E402
from annotation.core.formats import base, ome_zarr  # noqa: E402
from annotation.models import Branch, Dataset, Image, ImageState, Origin  # noqa: E402
from annotation.services import bulk, labels  # noqa: E402
from backend.accounts.models import User  # noqa: E402
from backend.foundation import storage  # noqa: E402

SLOT_PX, CELL_PX = 16, 11


def main() -> int:
    """Write the movie into the dataset of the demonstration and tell the image's id."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--tracks", type=int, default=10_000)
    words.add_argument("--frames", type=int, default=500)
    words.add_argument("--side", type=int, default=512)
    words.add_argument("--name", default="Ten thousand tracks")
    asked = words.parse_args()
    sys.stdout.write(write(asked.name, asked.tracks, asked.frames, asked.side) + "\n")
    return 0


def write(name: str, tracks: int, frames: int, side_px: int) -> str:
    """The id of the new image."""
    who = User.objects.order_by("created_at").first()
    dataset = Dataset.objects.order_by("created_at").first()
    if who is None or dataset is None:
        raise SystemExit("There is nobody, or no dataset, in this data folder; start Cytoloop once.")
    key = f"images/{name.replace(' ', '-')}-{tracks}/image.ome.zarr"
    image = Image.objects.create(
        dataset=dataset, name=name, size_t=frames, size_c=1, size_z=1, size_y=side_px, size_x=side_px,
        dtype="uint16", channel_names=["nothing"], store_key=key, state=ImageState.READY,
        content_sha256=f"{tracks:064d}",
    )  # fmt: skip
    image.current_branch = labels.open_branch(image=image, name="main", origin=Origin.PERSON)
    image.save(update_fields=["current_branch"])
    black = np.zeros((frames, 1, 1, side_px, side_px), np.uint16)
    ome_zarr.write(storage.zarr_store(key), base.of_array(black, channel_names=["nothing"]))
    tenants, mothers = generations(tracks, frames, side_px)
    planes = ((t, 0, draw(tenants[:, t], side_px, t)) for t in range(frames))
    Branch.objects.filter(pk=image.current_branch.pk).update(next_cell=int(tenants.max()) + 1)
    facts = {daughter: CellFacts(mother=mother, quality=0.5) for daughter, mother in mothers.items()}
    bulk.import_planes(image=image, branch=image.current_branch, frames=planes, facts=facts, author=who)
    return str(image.pk)


def generations(tracks: int, frames: int, side_px: int) -> tuple[np.ndarray, dict[int, int]]:
    """The cell of each slot in each frame (0: none), and who is whose mother."""
    rng = np.random.default_rng(1)
    slots = (side_px // SLOT_PX) ** 2
    lives = round(tracks / slots)
    cuts = np.sort(rng.integers(frames // lives // 2, frames // lives, (slots // 2, lives - 1)), axis=1)
    begins = np.concatenate(
        (np.zeros((slots // 2, 1)), cuts + np.arange(lives - 1) * frames // lives), axis=1
    )
    number = np.arange(frames)
    turn = (number[None, :, None] >= begins[:, None, :]).sum(-1) - 1  # (pairs of slots, frames)
    tenants = np.repeat(turn, 2, axis=0) * slots + np.arange(slots)[:, None] + 1
    mothers = {}
    for pair in range(slots // 2):
        for life in range(1, lives):
            mother = (life - 1) * slots + 2 * pair + 1 + life % 2
            for side in (0, 1):
                mothers[life * slots + 2 * pair + side + 1] = mother
    return np.where(rng.random(tenants.shape) < 0.01, 0, tenants), mothers


def draw(tenants: np.ndarray, side_px: int, t: int) -> np.ndarray:
    """Labels (1, y, x) uint32: squares that tremble by a pixel."""
    across = side_px // SLOT_PX
    plane = np.zeros((1, across, SLOT_PX, across, SLOT_PX), np.uint32)
    grid = tenants.astype(np.uint32).reshape(across, across)
    dy, dx = 1 + t % 3, 1 + (t // 3) % 3
    plane[0, :, dy : dy + CELL_PX, :, dx : dx + CELL_PX] = grid[:, None, :, None]
    return plane.reshape(1, side_px, side_px)


if __name__ == "__main__":
    raise SystemExit(main())
