"""100,000 cells on a map (L8, C4): how quickly the map, its points, and the likes of a cell are there.

Run with `make bench-atlas`; writes `build/bench/atlas.json`. The cells are drawn from twelve kinds in 64
numbers. The page's frame is measured by painting alone, in node.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import django
import numpy as np
import numpy.typing as npt

from benchmarks import rows
from benchmarks.rows import Row
from training.contract.atlas import CellAtlas

IMAGES, KINDS, NUMBERS = 20, 12, 64
QUESTIONS, LIKES = 200, 24
MOST_MS, MOST_S, FRAME_MS = 50.0, 1.0, 33.0


def main() -> None:
    given = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CYTOLOOP_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
        django.setup()
        rows.write("atlas", measure(given.cells, with_map=not given.no_map))


def measure(count: int, *, with_map: bool) -> list[Row]:
    """All figures, the map's last."""
    setup = f"{rows.machine()}, {count} cells, {NUMBERS} numbers each"
    found = planted(count)
    figures = [*in_database(found, setup), *painting(setup)]
    return [*figures, *mapping(found.vectors, setup)] if with_map else figures


def planted(count: int) -> CellAtlas:
    """Cells of twelve kinds; their places are two of their numbers."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(KINDS, size=count)
    vectors = rng.normal(size=(KINDS, NUMBERS))[kinds] + rng.normal(size=(count, NUMBERS))
    each = count // IMAGES
    return CellAtlas(
        image_ids=[str(uuid.UUID(int=number + 1)) for number in range(IMAGES)],
        measures=[f"measure {number}" for number in range(9)],
        image=(np.arange(count) // each).clip(max=IMAGES - 1).astype(np.int32),
        cell=np.arange(count) % each + 1,
        t=np.zeros(count, np.int32),
        z=np.zeros(count, np.int32),
        middle_px=rng.uniform(0, 2048, (count, 2)).astype(np.float32),
        length_px=np.full(count, 20, np.float32),
        vectors=vectors.astype(np.float32),
        places=vectors[:, :2].astype(np.float32),
        groups=kinds.astype(np.int32),
        outlier=np.ones(count, np.float32),
        measured=rng.normal(size=(count, 9)).astype(np.float32),
    )


def in_database(found: CellAtlas, setup: str) -> list[Row]:
    """Keeping, reading all points, and asking for the likes of cells."""
    # Django's tables are known only after its set-up.
    from training.selectors import atlases as selectors  # noqa: PLC0415

    kept_s, atlas = timed(lambda: keep(found))
    read_s, _ = timed(lambda: selectors.columns(atlas=atlas))
    classes_s, _ = timed(lambda: selectors.classes(atlas=atlas))
    asked = np.random.default_rng(1).choice(len(found), QUESTIONS, replace=False)
    times, shares = [], []
    for number in asked.tolist():
        took, near = timed(partial(selectors.neighbours, atlas=atlas, number=number, count=LIKES))
        far = ((found.vectors - found.vectors[number]) ** 2).sum(1)
        far[number] = np.inf
        true = np.argpartition(far, LIKES)[:LIKES].tolist()
        times.append(took * 1000)
        shares.append(len({one.number for one in near} & set(true)) / LIKES)
    share = float(np.mean(shares))
    p95 = rows.percentile(times, 0.95)
    return [
        rows.row("atlas.neighbours.p95", f"{LIKES} neighbours (p95)", p95, "ms", most=MOST_MS, setup=setup),
        rows.row("atlas.neighbours.found", "true ones among them", share, "share", least=0.9, setup=setup),
        rows.row("atlas.points", "points and measurements read", read_s, "s", most=MOST_S, setup=setup),
        rows.row("atlas.classes", "classes at present", classes_s, "s", most=MOST_S, setup=setup),
        rows.row("atlas.keep", "rows, index and columns are written", kept_s, "s", setup=setup),
    ]


def keep(found: CellAtlas) -> Any:
    """The atlas in the database, of images without pixels."""
    from annotation.models import Branch, Dataset, Image, ImageState, Revision, RevisionKind  # noqa: PLC0415
    from backend.cli import workplace  # noqa: PLC0415
    from backend.foundation import clock  # noqa: PLC0415
    from training.models import Job  # noqa: PLC0415
    from training.services import atlases  # noqa: PLC0415

    place = workplace.enter("")
    dataset = Dataset.objects.create(project=place.project, name="many cells")
    revisions = {}
    for number, image_id in enumerate(found.image_ids):
        image = Image.objects.create(
            id=image_id, dataset=dataset, name=f"image {number}", size_t=1, size_c=1, size_z=1, size_y=2048,
            size_x=2048, dtype="uint16", channel_names=["a"], state=ImageState.READY,
            store_key=f"images/{image_id}", content_sha256=f"{number:064}",
        )  # fmt: skip
        branch = Branch.objects.create(image=image, name="main")
        revisions[image_id] = Revision.objects.create(
            image=image, branch=branch, number=1, kind=RevisionKind.IMPORT, batch_id=uuid.uuid4(),
            base_number=0, parent_number=0,
        )  # fmt: skip
    now = clock.now()
    job = Job.objects.create(
        project=place.project, kind="PREDICT", recipe="embed", name="many", state="RUNNING", claimed_by="me",
        heartbeat_at=now, posted_at=now, created_at=now, settings={"source": "measurements"},
    )  # fmt: skip
    return atlases.keep(job_id=job.pk, worker="me", found=found, revisions=revisions)


def painting(setup: str) -> list[Row]:
    """One frame of 100,000 points, painted as the page does."""
    try:
        said = subprocess.run(
            ["node", str(Path(__file__).with_name("atlas.mjs"))],
            check=True, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        return [rows.missing("atlas.frame", "a frame of 100,000 points (p95)", "ms", str(error))]
    frame = float(said.stdout)
    what = "a frame of 100,000 points, painted (p95)"
    return [rows.row("atlas.frame", what, frame, "ms", most=FRAME_MS, setup=setup)]


def mapping(vectors: npt.NDArray[np.float32], setup: str) -> list[Row]:
    """Neighbours, places and groups from vectors, in processor time; what the job spends beside looking."""
    # torch is not for processes that serve pages, and this one does not.
    from training.engine.atlas import groups, layout, neighbours  # noqa: PLC0415

    began, cpu = time.perf_counter(), time.process_time()
    near = neighbours.nearest(vectors, 15)
    places = layout.place(vectors, near)
    told = groups.groups(places)
    groups.outlier_scores(near)
    wall, spent = time.perf_counter() - began, time.process_time() - cpu
    what = f"the map from vectors ({int(told.max()) + 1} groups found of {KINDS} planted)"
    return [
        rows.row("atlas.map.cpu", f"{what}, processor time", spent, "s", setup=setup),
        rows.row("atlas.map", what, wall, "s", setup=setup),
    ]


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    began = time.perf_counter()
    made = act()
    return time.perf_counter() - began, made


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--no-map", action="store_true", help="leave out the map, which takes minutes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
