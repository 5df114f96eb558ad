"""A tiny linker: cells that stay where they are go on, what people said holds, nothing else is linked.

`CYTOLOOP_TEST_RECIPE` may be forget (what people said is passed over) or die (SIGKILL at its first start).
"""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import zarr

from training.contract.files import ExitCode, RunFolder, write_json
from training.contract.linking import (
    Constraints,
    Detection,
    Kind,
    Lineage,
    Link,
    LinkTable,
    Renamed,
    TrackedCell,
)
from training.contract.progress import Status
from training.contract.results import CellEntry, CellList, RunResult

NOW = "2026-01-01T00:00:00+00:00"
SURE = 0.75
NEAR_PX = 1.0

Places = dict[Detection, tuple[float, float]]


def main(folder: RunFolder, behaviour: str) -> ExitCode:
    """One run."""
    if behaviour == "die" and not folder.checkpoint.exists():
        folder.checkpoint.mkdir()
        os.kill(os.getpid(), signal.SIGKILL)
    for line in folder.read_manifest():
        said = Constraints.read(folder.constraints(line.image_id))
        labels = np.asarray(zarr.open_array(folder.path / str(line.labels), mode="r"))
        link(folder, line.image_id, labels, Constraints() if behaviour == "forget" else said)
    folder.append_progress(Status(at=NOW, message="Linked.", fraction=1.0, eta_s=0.0))
    folder.write_result(RunResult(ok=True))
    return ExitCode.DONE


def link(folder: RunFolder, image_id: str, labels: np.ndarray, said: Constraints) -> None:
    """Labels (p, t, z, y, x) uint32 of one movie."""
    places = {
        Detection(t, cell): tuple(np.argwhere((labels[:, t] == cell).any(0))[:, 1:].mean(0).tolist())
        for t in range(labels.shape[1])
        for cell in np.unique(labels[:, t]).tolist()
        if cell
    }
    links = [*said.must, *_still(places, said)]
    before = {one.target: one for one in links}
    names: dict[Detection, int] = {}
    for one in sorted(places):
        came = before.get(one)
        same = came is not None and came.kind is Kind.SAME
        names[one] = names[came.source] if came is not None and same else len(set(names.values())) + 101
    _write(folder, image_id, labels, names, links, said)


def _still(places: Places, said: Constraints) -> list[Link]:
    """What has not moved by the next frame and of which nobody has said anything."""
    barred = {(one.source, one.target) for one in said.must_not}
    out = {one.source for one in said.must} | set(said.ends)
    into = {one.target for one in said.must}
    return [
        Link(a, b)
        for a, at in places.items()
        for b, to in places.items()
        if b.t == a.t + 1 and a not in out and b not in into and (a, b) not in barred
        and np.hypot(at[0] - to[0], at[1] - to[1]) < NEAR_PX
    ]  # fmt: skip


def _write(
    folder: RunFolder, image_id: str, labels: np.ndarray, names: dict[Detection, int], links: list[Link],
    said: Constraints,
) -> None:  # fmt: skip
    now = np.zeros_like(labels)
    for (frame, was), name in names.items():
        now[:, frame][labels[:, frame] == was] = name
    folder.outputs.mkdir(exist_ok=True)
    zarr.create_array(folder.output_labels(image_id), shape=now.shape, dtype="uint32")[:] = now
    mothers = {names[one.target]: names[one.source] for one in links if one.kind is Kind.DAUGHTER}
    cells = []
    for cell in sorted(set(names.values())):
        times = [one.t for one, name in names.items() if name == cell]
        cells.append(
            TrackedCell(
                cell=cell, first=min(times), last=max(times), quality=SURE, mother=mothers.get(cell),
                division=1.0 if cell in mothers else None,
            )
        )  # fmt: skip
    rows = sorted((a.t, names[a], b.t, names[b], Link(a, b, kind) in said.must) for a, b, kind in links)
    t, cell_, to_t, to_cell, given = (list(column) for column in zip(*rows, strict=True))
    table = LinkTable(
        t=np.asarray(t, np.int32), cell=np.asarray(cell_, np.int64), to_t=np.asarray(to_t, np.int32),
        to_cell=np.asarray(to_cell, np.int64), given=np.asarray(given, np.bool_),
        confidence=np.where(given, 1, SURE).astype(np.float32),
    )  # fmt: skip
    renamed = Renamed(
        t=np.asarray([one.t for one in sorted(names)], np.int32),
        was=np.asarray([one.cell for one in sorted(names)], np.int64),
        cell=np.asarray([names[one] for one in sorted(names)], np.int64),
    )
    Lineage(linker="exact", cells=cells, links=table, renamed=renamed).write(folder.output_lineage(image_id))
    entries = [CellEntry(cell=one.cell, quality=one.quality) for one in cells]
    write_json(folder.output_cells(image_id), CellList(cells=entries).to_json())


if __name__ == "__main__":
    sys.exit(main(RunFolder(Path(sys.argv[1])), os.environ.get("CYTOLOOP_TEST_RECIPE", "work")))
