"""Row L6: `cytoloop track` on movies in the layouts that people have them in."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from backend.cli import main, track
from backend.foundation.errors import CytoloopError

FRAMES = 5


def movie() -> tuple[np.ndarray, np.ndarray]:
    """Pixels and labels uint16 (t, y, x): two discs that move right, numbered anew in each frame."""
    ys, xs = np.indices((48, 64))
    labels = np.zeros((FRAMES, 48, 64), np.uint16)
    for t in range(FRAMES):
        for k, y in enumerate((12, 34)):
            labels[t][(ys - y) ** 2 + (xs - 12 - 4 * t) ** 2 < 30] = 1 + (k + t) % 2
    return np.where(labels > 0, 900, 100).astype(np.uint16), labels


def write_frames(folder: Path, stem: str, frames: np.ndarray) -> Path:
    folder.mkdir(parents=True)
    for t, frame in enumerate(frames):
        tifffile.imwrite(folder / f"{stem}{t:03d}.tif", frame)
    return folder


def test_L6_masks_of_a_challenge_sequence_become_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels, labels = movie()
    write_frames(tmp_path / "in" / "01", "t", pixels)
    write_frames(tmp_path / "in" / "01_GT" / "SEG", "man_seg", labels)
    words = [
        "--images",
        str(tmp_path / "in"),
        "--labels",
        str(tmp_path / "in"),
        "--out",
        str(tmp_path / "out"),
    ]
    assert main.run(["track", *words, "--linker", "exact", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["movies"]
    assert (told["cells"], told["links"], told["divisions"]) == (2, 8, 0)
    lines = (tmp_path / "out" / "01_RES" / "res_track.txt").read_text().split("\n")
    assert sorted(line.split()[1:] for line in lines if line) == [["0", "4", "0"]] * 2
    masks = np.stack(
        [tifffile.imread(tmp_path / "out" / "01_RES" / f"mask{t:03d}.tif") for t in range(FRAMES)]
    )
    assert ((masks > 0) == (labels > 0)).all()
    for y in (12, 34):
        assert len({int(masks[t, y, 12 + 4 * t]) for t in range(FRAMES)}) == 1
    with (tmp_path / "out" / "01_links.csv").open() as file:
        assert all(0 <= float(row["confidence"]) <= 1 for row in csv.DictReader(file))
    assert not list((tmp_path / "out").glob(".linking-*"))


def test_L6_movies_are_found_as_stacks_as_folders_of_frames_and_by_name(tmp_path: Path) -> None:
    pixels, labels = movie()
    frames = write_frames(tmp_path / "frames", "frame_", pixels)
    masks = write_frames(tmp_path / "frames_masks", "frame_", labels)
    (found,) = track.pair(frames, masks).values()
    assert [source.shape_tczyx for source in found] == [(FRAMES, 1, 1, 48, 64)] * 2
    for folder, ending, content in (("stacks", "", pixels), ("labels", "_masks", labels)):
        (tmp_path / folder).mkdir()
        for name in ("a", "b"):
            tifffile.imwrite(tmp_path / folder / f"{name}{ending}.tif", content, metadata={"axes": "TYX"})
    pairs = track.pair(tmp_path / "stacks", tmp_path / "labels")
    assert sorted(pairs) == ["a", "b"]
    assert (pairs["a"][1].read_plane(3, 0, 0) == labels[3]).all()


def test_L6_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path) -> None:
    pixels, labels = movie()
    frames = write_frames(tmp_path / "frames", "frame_", pixels)
    fewer = write_frames(tmp_path / "fewer", "frame_", labels[:3])
    with pytest.raises(CytoloopError, match="must be alike"):
        track.pair(frames, fewer)
    with pytest.raises(CytoloopError, match="There is no"):
        track.pair(tmp_path / "nowhere", fewer)
    words = ["--images", str(frames), "--labels", str(frames), "--out", str(tmp_path / "out")]
    assert main.run(["track", *words, "--setting", "max_gap_frames=99"]) == 1
