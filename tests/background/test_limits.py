"""How much memory a job may hold: never more than the container it runs in."""

from pathlib import Path

import psutil

from training.runners.base import MEMORY_SHARE, limits_for, memory_here


def test_L13_the_containers_memory_counts_where_it_is_less(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("4294967296\n")
    assert memory_here(limit_files=[limit]) == min(2**32, psutil.virtual_memory().total)
    limit.write_text("9223372036854771712\n")
    assert memory_here(limit_files=[limit]) == psutil.virtual_memory().total


def test_L13_without_a_limit_the_machine_counts(tmp_path: Path) -> None:
    unlimited = tmp_path / "memory.max"
    unlimited.write_text("max\n")
    assert memory_here(limit_files=[unlimited, tmp_path / "none"]) == psutil.virtual_memory().total
    assert limits_for(minutes=1.0).memory_bytes == int(memory_here() * MEMORY_SHARE)
