"""`cytoloop up`: starts, survives the death of any one of its processes, and leaves nobody behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from backend.foundation.place import database_folder
from tests.running import Running, running

pytestmark = [pytest.mark.slow, pytest.mark.servers]
REPOSITORY = Path(__file__).resolve().parents[2]
SECOND_START_LIMIT_S = 10.0


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Outside pytest's own folders, whose length would hide what a usual path does."""
    folder = REPOSITORY / "build" / f"up-{os.getpid()}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def wait_for(what: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, f"not within {seconds} s: {what.__name__}"
        time.sleep(0.1)


def ours(home: Path) -> list[psutil.Process]:
    """Every living process that works on this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            told = process.environ().get("CYTOLOOP_HOME", "")
            if process.status() != psutil.STATUS_ZOMBIE and (
                told == str(home) or str(home) in " ".join(process.cmdline())
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def child(home: Path, word: str) -> psutil.Process:
    """The supervisor's own child with this word in its command line, not the child's pool."""
    candidates = [p for p in ours(home) if word in p.cmdline() and "backend.cli.main" in p.cmdline()]
    return next(p for p in candidates if (parent := p.parent()) and "up" in parent.cmdline())


def teams(up: Running) -> list[str]:
    with closing(up.api()) as api:
        return [team["name"] for team in api.get("teams/").json()["results"]]


def healthy(up: Running) -> bool:
    try:
        return httpx.get(f"{up.address}/api/v1/health/", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_it_goes_on_after_the_death_of_any_one_process(home: Path) -> None:
    with running(home, demonstration=False) as up:
        with closing(up.api()) as api:
            assert api.post("teams/", json={"name": "Kept"}).status_code == 201
        for word in ("web", "jobs", "interactive"):
            wait_for(lambda word=word: revived(home, word, 0))  # type: ignore[misc]
            victim = child(home, word)
            victim.kill()
            wait_for(lambda word=word, old=victim.pid: revived(home, word, old))  # type: ignore[misc]
            wait_for(lambda: healthy(up))
        postmaster = int((database_folder(home) / "postmaster.pid").read_text().split()[0])
        psutil.Process(postmaster).kill()
        wait_for(lambda: not psutil.pid_exists(postmaster) or not healthy(up))
        wait_for(lambda: healthy(up), 60)
        assert "Kept" in teams(up)
    wait_for(lambda: ours(home) == [])


def revived(home: Path, word: str, old: int) -> bool:
    try:
        return child(home, word).pid != old
    except (StopIteration, psutil.Error):
        return False


def test_a_killed_supervisor_leaves_nobody_and_the_next_one_goes_on(home: Path) -> None:
    with running(home, demonstration=False) as up:
        os.kill(up.process.pid, signal.SIGKILL)
        up.process.wait()
        # At once, while the children are still ending: the next one waits for them.
        with running(home, demonstration=False) as again:
            assert "Kept" in teams(again)
            assert again.ready_after_s < SECOND_START_LIMIT_S + 10, "includes waiting for the old children"
    wait_for(lambda: ours(home) == [])


def test_the_second_start_takes_less_than_ten_seconds(home: Path) -> None:
    with running(home, demonstration=False):
        pass
    with running(home, demonstration=False) as up:
        assert up.ready_after_s < SECOND_START_LIMIT_S
        assert teams(up)
    wait_for(lambda: ours(home) == [])


def test_a_stale_note_of_a_killed_server_does_not_stop_it(home: Path) -> None:
    """As after a restart of the machine: the note's number belongs to another program by now."""
    note = database_folder(home) / "postmaster.pid"
    note.write_text(
        f"{os.getpid()}\n{database_folder(home)}\n1\n5432\n{database_folder(home)}\n\n0 0\nready\n"
    )
    with running(home, demonstration=False) as up:
        assert teams(up)


def test_commands_share_the_database_and_do_not_stop_it(home: Path, tmp_path: Path) -> None:
    with running(home, demonstration=False) as up:
        failed = up_command(up, "export", "--dataset", "none", "--format", "coco", "--out", str(tmp_path))
        assert failed.returncode == 1
        assert "There is no dataset" in failed.stderr
        assert healthy(up)


def up_command(up: Running, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "backend.cli.main", *words]
    return subprocess.run(
        command,
        env={**os.environ, "CYTOLOOP_HOME": str(up.home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_refuses_a_second_one_and_a_busy_port_with_a_sentence(home: Path, tmp_path: Path) -> None:
    with running(home, demonstration=False) as up:
        beside = up_command(up, "up")
        assert (beside.returncode, "already" in beside.stderr) == (1, True)
        port = up.address.rpartition(":")[2]
        environment = {**os.environ, "CYTOLOOP_HOME": str(tmp_path / "other"), "PORT": port}
        command = [sys.executable, "-m", "backend.cli.main", "up"]
        busy = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert busy.returncode == 1
        assert f"Port {port}" in busy.stderr
        assert "Traceback" not in busy.stderr


def test_the_pages_the_files_and_the_api_have_their_addresses(home: Path) -> None:
    with running(home, demonstration=False) as up, httpx.Client(base_url=up.address) as client:
        unknown = client.get("/api/v1/nothing/")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
        assert client.get("/assets/nothing.js").status_code == 404
        page = client.get("/projects/some/where")
        assert page.status_code in (200, 503)  # 503: the pages are not built, and it says so
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-request-id"]
        assert client.get("/api/v1/me/").status_code == 401
        assert client.get("/api/v1/health/", headers={"host": "evil.example"}).status_code == 400


def test_a_long_data_folder_works(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20) / ("er" * 40)
    with running(deep, demonstration=False) as up:
        assert teams(up)
