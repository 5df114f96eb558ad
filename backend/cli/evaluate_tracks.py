"""`cytoloop evaluate` of movies with tracks: two folders in the layout of the Cell Tracking Challenge."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotation.core import resampling
from annotation.core.formats import ctc_sequences
from annotation.core.formats.base import RefusedFile
from annotation.core.formats.ctc_sequences import TrackedSequence
from annotation.core.tracks import errors, pooling, scoring, whole_tracks
from annotation.core.tracks.detections import MovieMatching
from annotation.core.tracks.errors import TrackError
from annotation.core.tracks.scoring import TrackScores
from backend.cli import saying
from backend.foundation.errors import Invalid

MOST_ERRORS = 10_000  # of a movie in the answer for programs
WORST_TOLD = 5
WORDS = {
    "MISSED": "missed", "INVENTED": "invented", "UNSPLIT": "seen as one", "MISSING_LINK": "link missing",
    "WRONG_LINK": "wrong link", "CHANGED_LINK": "birth and link confused",
    "MISSED_DIVISION": "division missed", "INVENTED_DIVISION": "division invented",
}  # fmt: skip


class NoTracks(Invalid):
    """Sequences of the two folders do not belong together, or cannot be read."""


@dataclass(frozen=True)
class MovieResult:
    """One movie: its scores, what it adds to pooled ones, and its errors."""

    scores: TrackScores
    table: Mapping[str, float]
    seg: tuple[float, int]
    errors: list[TrackError]


def holds_tracks(folder: Path) -> bool:
    """Whether there is a track file below the folder."""
    return folder.is_dir() and any(any(folder.rglob(name)) for name in ctc_sequences.TRACK_FILES)


def run(truth: Path, predicted: Path, *, as_json: bool) -> None:
    """Tell the scores of all movies. Raises NoTracks."""
    movies: dict[str, MovieResult] = {}
    with saying.bar("Comparing") as tell:
        pairs = pair(truth, predicted)
        for number, (name, (right, said)) in enumerate(sorted(pairs.items())):
            tell(number / len(pairs), name or truth.name)
            movies[name or truth.name] = compare(right, said)
    saying.answer(as_json=as_json, facts={"tracks": facts_of(movies)}, sentence=sentence_of(movies))


def pair(truth: Path, predicted: Path) -> dict[str, tuple[TrackedSequence, TrackedSequence]]:
    """Sequences of one name, with or without the folders before it; or the only ones. Raises NoTracks."""
    try:
        right, said = ctc_sequences.find(truth), ctc_sequences.find(predicted)
    except RefusedFile as error:
        raise NoTracks(str(error)) from error
    if len(right) == len(said) == 1:
        return {next(iter(right)): (next(iter(right.values())), next(iter(said.values())))}
    if not right.keys() & said.keys():
        said = {name.rsplit("/", 1)[-1]: one for name, one in said.items()}
        right = {name.rsplit("/", 1)[-1]: one for name, one in right.items()}
    missing = sorted(right.keys() - said.keys())
    if missing:
        raise NoTracks(f"The sequence {missing[0]} of {truth} has no tracks in {predicted}.")
    return {name: (one, said[name]) for name, one in right.items()}


def compare(right: TrackedSequence, said: TrackedSequence) -> MovieResult:
    """Score one movie, frame by frame of the truth; a frame without a prediction has no cells. SEG is of the
    outlines in `SEG` where the truth has them, else of the masks of the tracks. Raises NoTracks."""
    movie = MovieMatching()
    try:
        for frame in sorted(right.masks):
            labels, ignored = right.labels(frame), right.ignored(frame)
            told = said.labels(frame) if frame in said.masks else np.zeros_like(labels)
            movie.add(frame, labels[None], told[None], ignored=ignored, outlines=not right.outlines)
        for (frame, z), path in right.outlines.items():
            outlined = ctc_sequences.read_labels(path)
            told = said.labels(frame) if frame in said.masks else np.zeros_like(outlined)
            movie.add_outlines(outlined[None], (told if z is None else told[z : z + 1])[None])
    except (RefusedFile, ValueError) as error:
        raise NoTracks(f"{right.place} and {said.place} cannot be compared: {error}") from error
    both = movie.finish(right.mothers, said.mothers)
    table = scoring.table_of(both)
    cca = whole_tracks.cell_cycle_accuracy(both.truth, both.predicted)
    scores = scoring.of_table(table, seg=movie.seg, cca=cca)
    return MovieResult(scores, table, (movie.seg_sum, movie.seg_cells), errors.find(both))


# ---------------------------------------------------------------- telling


def facts_of(movies: Mapping[str, MovieResult]) -> dict[str, Any]:
    """What a program wants to know."""
    tables = [movie.table for movie in movies.values()]
    sure = resampling.estimates(pooling.judge(tables), len(tables))
    whole = _whole(movies)
    return {
        "scores": {**whole.as_table(), "AOGM": whole.aogm},
        "counts": whole.counts,
        "divisions": {
            str(i): dict(zip(("found", "invented", "missed"), row, strict=True))
            for i, row in whole.divisions.items()
        },
        "intervals": {name: [one.low, one.high] for (_, name), one in sure.items()},
        "movies": {name: _movie(movie) for name, movie in movies.items()},
    }


def _movie(movie: MovieResult) -> dict[str, Any]:
    return {
        "scores": {**movie.scores.as_table(), "AOGM": movie.scores.aogm},
        "counts": movie.scores.counts,
        "errors": [_error(one) for one in movie.errors[:MOST_ERRORS]],
    }


def _error(one: TrackError) -> dict[str, Any]:
    z, y, x = one.at_zyx
    cells = {"truth": one.truth, "predicted": one.predicted, "size_px": one.size_px}
    return {"kind": one.kind.value, "harm": one.harm, "t": one.t, "z": z, "y": y, "x": x, **cells}


def _whole(movies: Mapping[str, MovieResult]) -> TrackScores:
    """All movies as one; CCA, which does not add up, of a single one alone."""
    if len(movies) == 1:
        return next(iter(movies.values())).scores
    sums, cells = (sum(movie.seg[k] for movie in movies.values()) for k in (0, 1))
    table = scoring.added([movie.table for movie in movies.values()])
    return scoring.of_table(table, seg=sums / cells if cells else None)


def sentence_of(movies: Mapping[str, MovieResult]) -> str:
    """What a person wants to know."""
    whole = _whole(movies)
    counts = whole.counts
    told = ", ".join(f"{name} {value:.3f}" for name, value in whole.as_table().items() if value is not None)
    found, invented, missed = whole.divisions[0]
    movie = "1 movie" if len(movies) == 1 else f"{len(movies)} movies"
    head = (
        f"{movie} with tracks, {counts['detections']} detections, {counts['links']} links.\n{told}.\n"
        f"To put right: {counts['FN']} missed, {counts['FP']} invented and {counts['NS']} merged detections; "
        f"{counts['EA']} missing, {counts['ED']} wrong and {counts['EC']} changed links. "
        f"Divisions: {found} found, {missed} missed, {invented} invented."
    )
    worst = [(name, one) for name, movie in movies.items() for one in movie.errors[:WORST_TOLD]]
    worst.sort(key=lambda row: ("DIVISION" not in row[1].kind, -row[1].harm, row[1].t))
    lines = [f"  {name}, {_told(one)}" for name, one in worst[:WORST_TOLD]]
    return "\n".join([head, *(["First to look at:", *lines] if lines else [])])


def _told(one: TrackError) -> str:
    cells = ", ".join(map(str, one.truth or one.predicted))
    y, x = one.at_zyx[1:]
    return f"frame {one.t} at y {y}, x {x}: {WORDS[one.kind.value]} ({cells})"
