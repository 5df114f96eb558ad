"""Channels from channels, with a strip of the field kept out: `make bench-translation`.

Nuclei are predicted from phase contrast (`isl_neurons_labelfree`): how well beside linear regression and the
mean of what was learned, and how many of the kept-out pixels the 90 % intervals cover. The strip asked for is
the set's own (`val`); the others are cut out of the field elsewhere, each with 32 px between, so that one can
see how far coverage depends on which strip it is. Nothing else is held out: there are no validation images.
"""

import argparse
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
import zarr

from benchmarks import rows
from benchmarks.peers.sets import REPOSITORY, data_folder
from benchmarks.rows import Row
from benchmarks.volumes import run
from training.contract.files import RunFolder, read_model_card
from training.contract.manifest import LearnsFrom, ManifestLine, Split

PLACE = REPOSITORY / "build" / "bench" / "translation"
SEEN, WANTED = "phase", "DAPI"
GAP_PX = 32
ASKED, LEAST, MOST = "val", 0.88, 0.92

Pixels = npt.NDArray[Any]


@dataclass(frozen=True)
class Part:
    """A part of the field: phase contrast (z, y, x) and nuclei (y, x)."""

    phase: Pixels
    nuclei: Pixels

    def cut(self, rows: slice, columns: slice) -> "Part":
        """A window of it."""
        return Part(self.phase[:, rows, columns], self.nuclei[rows, columns])


def main() -> None:
    """Measures and writes build/bench/translation.json."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--strips", default=",".join(STRIPS), help=f"strips, of {', '.join(STRIPS)}")
    words.add_argument("--cpu-minutes", type=float, default=3.0)
    words.add_argument("--seed", type=int, default=0)
    asked = words.parse_args()
    try:
        found = measure(asked.strips.split(","), asked.cpu_minutes, asked.seed)
    except (OSError, subprocess.CalledProcessError) as error:
        found = [rows.missing("translation.coverage", "coverage of 90 % intervals", "", str(error))]
    rows.write("translation", found, keep_others=True)


def measure(strips: list[str], cpu_minutes: float, seed: int) -> list[Row]:
    """Rows of each strip, then of all."""
    setup = f"{cpu_minutes:g} CPU-minutes, one thread, seed {seed}; {rows.machine()}"
    scores = {strip: score(strip, cpu_minutes, seed) for strip in strips}
    found = [row for strip, scored in scores.items() for row in tell(strip, scored, setup)]
    covered = np.array([scored[f"coverage_{WANTED}"] for scored in scores.values()])
    if len(covered) > 1:
        told = ", ".join(f"{strip} {share:.3f}" for strip, share in zip(scores, covered, strict=True))
        what = f"coverage of 90 % intervals, mean of {len(covered)} strips ± {covered.std(ddof=1):.3f}"
        found.append(
            rows.row("translation.coverage.mean", what, covered.mean(), "", setup=f"{told}; {setup}")
        )
    return found


def tell(strip: str, scored: dict[str, float], setup: str) -> list[Row]:
    """Pearson r beside linear regression, and coverage, with what is asked of the set's own strip."""
    r, line, covered = (scored[f"{word}_{WANTED}"] for word in ("r", "r_linear", "coverage"))
    beside = f"linear regression {line:.3f}, the mean {scored[f'r_mean_{WANTED}']:.3f}"
    what = f"Pearson r of {WANTED}, strip {strip} kept out"
    first = rows.row(
        f"translation.r.{strip}", what, r, "", least=line if strip == ASKED else None,
        peer="linear regression on 3 × 3 px of all planes", peer_value=line, setup=f"{beside}; {setup}",
    )  # fmt: skip
    width = f"mean width {scored[f'width_{WANTED}']:.4f} of the span of grey values; {setup}"
    what = f"share of pixels in their 90 % interval, strip {strip} kept out"
    bounds, met = ("", True) if strip != ASKED else (f"{LEAST:g} … {MOST:g}", LEAST <= covered <= MOST)
    second = Row(f"translation.coverage.{strip}", what, covered, "", bounds, met, setup=width)
    return [first, second]


def score(strip: str, cpu_minutes: float, seed: int) -> dict[str, float]:
    """What the recipe says of a strip that it has not seen, with all its settings as they come."""
    learned, kept_out = STRIPS[strip]()
    folder = RunFolder(PLACE / "work" / strip)
    shutil.rmtree(folder.path, ignore_errors=True)
    (folder.path / "images").mkdir(parents=True)
    parts = [(part, Split.TRAIN) for part in learned] + [(part, Split.TEST) for part in kept_out]
    folder.write_manifest([write(folder, i, part, split) for i, (part, split) in enumerate(parts)])
    run(folder, {
        "action": "train", "recipe": "translate", "seed": seed, "threads": 1, "cpu_minutes": cpu_minutes,
        "settings": {"inputs": [SEEN], "targets": [WANTED], "z_stack": True},
    })  # fmt: skip
    return dict(read_model_card(folder.model).scores["test"])


def write(folder: RunFolder, number: int, part: Part, split: Split) -> ManifestLine:
    """An image of both channels, nuclei the same in all slices."""
    path = folder.path / "images" / f"{number}.ome.zarr"
    nuclei = np.broadcast_to(part.nuclei, part.phase.shape)
    pixels = np.stack([part.phase, nuclei])[None]
    group = zarr.open_group(path, mode="w")
    stored = group.create_array("0", shape=pixels.shape, chunks=(1, 1, 1, 256, 256), dtype=pixels.dtype)
    stored[:] = pixels
    channels: Any = {"channels": [{"label": SEEN}, {"label": WANTED}]}
    levels: Any = [{"datasets": [{"path": "0"}]}]
    group.attrs["ome"] = {"version": "0.5", "multiscales": levels, "omero": channels}
    name = f"{split.value}-{number}"
    return ManifestLine(
        image_id=name, name=name, image=str(path), labels=None, split=split, learns_from=LearnsFrom.PIXELS
    )


# ---------------------------------------------------------------- strips


def read() -> tuple[Part, Part]:
    """The set's two parts, side by side in the field. Raises OSError."""
    root = data_folder() / "isl_neurons_labelfree"
    names = ("phase_contrast_zstack.tif", "DAPI_CONFOCAL.tif")
    wide, narrow = (Part(*(tifffile.imread(root / split / n) for n in names)) for split in ("train", "val"))
    return wide, narrow


def val() -> tuple[list[Part], list[Part]]:
    """The set's own strip on the right."""
    wide, narrow = read()
    return [wide], [narrow]


def columns(first: int, last: int) -> tuple[list[Part], list[Part]]:
    """Columns of the wide part are kept out; the rest, on either side, is learned from."""
    wide, narrow = read()
    every = slice(None)
    rest = [slice(0, first - GAP_PX), slice(last + GAP_PX, None)]
    kept = [wide.cut(every, one) for one in rest if (one.stop is None or one.stop > 0) and _some(wide, one)]
    return [*kept, narrow], [wide.cut(every, slice(first, last))]


def lines(first: int, last: int) -> tuple[list[Part], list[Part]]:
    """Rows of both parts, kept out from one edge of the field."""
    both, every = read(), slice(None)
    rest = slice(last + GAP_PX, None) if first == 0 else slice(0, first - GAP_PX)
    return [part.cut(rest, every) for part in both], [part.cut(slice(first, last), every) for part in both]


def _some(part: Part, where: slice) -> bool:
    return part.nuclei[:, where].size > 0


STRIPS: dict[str, Any] = {
    ASKED: val,
    "left": lambda: columns(0, 224),
    "right": lambda: columns(480, 704),
    "top": lambda: lines(0, 224),
    "bottom": lambda: lines(448, 672),
}

if __name__ == "__main__":
    main()
