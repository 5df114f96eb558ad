"""The loop once on a PostgreSQL server and a Redis server from the system's packages, over REST."""

import hashlib
import io
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
import redis
import tifffile

from tests.journeys.lab import TINY, labelled_fields
from tests.running import Running, free_port, running

pytestmark = [pytest.mark.slow, pytest.mark.servers]
LIMIT_S = 240.0


def program(name: str) -> str:
    """Where the system keeps it; Debian keeps PostgreSQL's programs beside the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(debian[-1]) if debian else "")
    assert found, f"{name} is missing: make system"
    return found


def identity() -> dict[str, Any]:
    """PostgreSQL refuses root: then its own user starts it."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def served(words: list[str], **options: Any) -> Iterator[None]:
    process = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **options
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="cytoloop-servers-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql(open_folder: Path) -> Iterator[str]:
    """DATABASE_URL of a PostgreSQL server of the system."""
    folder = open_folder / "postgresql"
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    port = free_port()
    init = [program("initdb"), "-D", str(folder), "-U", "cytoloop", "--auth=trust", "--encoding=UTF8"]
    subprocess.run(init, check=True, capture_output=True, cwd="/", **identity())
    options = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-k", str(folder)]
    with served([program("postgres"), "-D", str(folder), *options], **identity()):
        url = f"postgresql://cytoloop@127.0.0.1:{port}"
        until(lambda: psycopg.connect(f"{url}/postgres", connect_timeout=2).close(), psycopg.OperationalError)
        with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE cytoloop")
        yield f"{url}/cytoloop"


@pytest.fixture
def redis_url(open_folder: Path) -> Iterator[str]:
    """CELERY_BROKER_URL of a Redis server of the system."""
    port = free_port()
    words = [program("redis-server"), "--port", str(port), "--dir", str(open_folder), "--save", ""]
    with served(words):
        client = redis.Redis(port=port)
        until(client.ping, redis.ConnectionError)
        client.close()
        yield f"redis://127.0.0.1:{port}/0"


def until(attempt: Any, error: type[Exception]) -> None:
    for _ in range(150):
        try:
            attempt()
        except error:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def told(answer: httpx.Response) -> Any:
    assert answer.is_success, (answer.status_code, answer.text[:2000])
    return answer.json()


def wait(api: httpx.Client, address: str, ends: tuple[str, ...]) -> Any:
    """Ask until the state is one of `ends`."""
    end = time.monotonic() + LIMIT_S
    while (row := told(api.get(address)))["state"] not in ends:
        assert time.monotonic() < end, row
        time.sleep(0.3)
    return row


def upload(api: httpx.Client, dataset: str, files: dict[str, bytes]) -> Any:
    listed = [{"path": path, "size": len(content)} for path, content in files.items()]
    body = {"files": listed, "labels_accepted": True}
    made = told(api.post(f"datasets/{dataset}/uploads/", json=body))
    for file in made["files"]:
        content = files[file["path"]]
        headers = {
            "X-Sha256": hashlib.sha256(content).hexdigest(),
            "Content-Type": "application/octet-stream",
        }
        told(api.put(f"uploads/{made['id']}/files/{file['id']}/chunks/0/", content=content, headers=headers))
    told(api.post(f"uploads/{made['id']}/finish/"))
    return wait(api, f"uploads/{made['id']}/", ("DONE", "FAILED"))


def run_job(api: httpx.Client, **asked: Any) -> Any:
    job = told(api.post("jobs/", json=asked))
    done = wait(api, f"jobs/{job['id']}/", ("SUCCEEDED", "FAILED", "CANCELLED"))
    assert (done["state"], done["error"]) == ("SUCCEEDED", "")
    return done


def test_the_loop_on_a_postgresql_and_a_redis_server(postgresql: str, redis_url: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": postgresql, "CELERY_BROKER_URL": redis_url}
    with ExitStack() as stack:
        up = stack.enter_context(running(tmp_path / "home", demonstration=False, settings=settings))
        api = stack.enter_context(closing(up.api()))
        walk_the_loop(api)
        assert not (up.home / "database").exists(), "the embedded database was not started"
        assert_letters_went_through(up, redis_url)


def walk_the_loop(api: httpx.Client) -> None:
    team = told(api.get("teams/"))["results"][0]["id"]
    project = told(api.post("projects/", json={"team": team, "name": "Servers"}))["id"]
    dataset = told(api.post("datasets/", json={"project": project, "name": "fields"}))["id"]
    assert upload(api, dataset, labelled_fields(6))["state"] == "DONE"
    snapshot = told(api.post("snapshots/", json={"project": project, "name": "s", "dataset_ids": [dataset]}))
    training = {"kind": "TRAIN", "recipe": "instances", "snapshot": snapshot["id"], "settings": TINY}
    trained = run_job(api, project=project, **training, name="tiny", minutes=4 / 60)
    image = told(api.get(f"images/?dataset={dataset}"))["results"][0]["id"]
    asked = {"kind": "PREDICT", "trained_model": trained["result"], "image_ids": [image], "name": "p"}
    predicted = run_job(api, project=project, **asked)
    found = told(api.get(f"predictions/?trained_model={trained['result']}"))["results"]
    assert [prediction["job"] for prediction in found] == [predicted["id"]]
    check_export(api, dataset)


def check_export(api: httpx.Client, dataset: str) -> None:
    """What was accepted comes out as it went in."""
    body = {"format": "LABEL_TIFF", "which": "ACCEPTED"}
    export = told(api.post(f"datasets/{dataset}/exports/", json=body))
    wait(api, f"exports/{export['id']}/", ("DONE",))
    archive = zipfile.ZipFile(io.BytesIO(api.get(f"exports/{export['id']}/download/").content))
    names = [name for name in archive.namelist() if name.endswith(".tif")]
    assert len(names) == 6
    given = {name: content for name, content in labelled_fields(6).items() if "_labels" in name}
    out = sorted(int((tifffile.imread(io.BytesIO(archive.read(name))) > 0).sum()) for name in names)
    assert out == sorted(int((np.squeeze(tifffile.imread(io.BytesIO(c))) > 0).sum()) for c in given.values())


def assert_letters_went_through(up: Running, redis_url: str) -> None:
    letters = up.home / "queue" / "letters"
    assert not letters.exists() or not list(letters.iterdir())
    with closing(redis.Redis.from_url(redis_url)) as client:
        assert client.info("commandstats").get("cmdstat_lpush", {}).get("calls", 0) >= 4
