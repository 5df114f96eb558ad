"""Measurements as files: CSV for people, Parquet for programs; frame by frame, so that memory stays flat."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from annotation.core.tracks.measuring import Columns

DIGITS = 6  # significant ones, in text


def csv_lines(frames: Iterable[Columns]) -> Iterator[str]:
    """The header, then a piece of text for each frame. What is not known is empty."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    for number, columns in enumerate(frames):
        if number == 0:
            table.writerow(columns)
        table.writerows(zip(*(_texts(column) for column in columns.values()), strict=True))
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def _texts(column: Any) -> list[str]:
    if column.dtype.kind != "f":
        return [str(value) for value in column.tolist()]
    return ["" if np.isnan(value) else f"{value:.{DIGITS}g}" for value in column.tolist()]


def write_csv(path: Path, frames: Iterable[Columns]) -> None:
    """One file with a line for each cell in each frame."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(frames))


def write_parquet(path: Path, frames: Iterable[Columns], *, facts: dict[str, str]) -> None:
    """One file, a row group for each frame; `facts` (units, where it comes from) go into its metadata.

    What is not known is null. Without frames nothing is written.
    """
    writer: pq.ParquetWriter | None = None
    try:
        for columns in frames:
            table = _arrow(columns).replace_schema_metadata(facts)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def read_parquet(path: Path) -> Iterator[Columns]:
    """The columns of each row group of a file that `write_parquet` wrote; nothing where there is none."""
    if not path.exists():
        return
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            yield {
                name: np.array(table[name].to_pylist(), object if table[name].type == pa.string() else None)
                if not pa.types.is_floating(table[name].type)
                else table[name].to_numpy()
                for name in table.column_names
            }


def _arrow(columns: Columns) -> Any:
    arrays = {
        name: pa.array(column.tolist(), pa.string())
        if column.dtype.kind == "O"
        else pa.array(column, from_pandas=True)
        for name, column in columns.items()
    }
    return pa.table(arrays)


def rows_of(columns: Columns) -> dict[str, list[Any]]:
    """Columns as plain lists, what is not known as None: what JSON can say."""
    return {name: _plain(column) for name, column in columns.items()}


def _plain(column: Any) -> list[Any]:
    if column.dtype.kind != "f":
        return list(column.tolist())
    return [None if np.isnan(value) else float(f"{value:.{DIGITS}g}") for value in column.tolist()]
