"""A bad setting refuses to start with one sentence and exit code 2; a good one is believed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.foundation.environment import BadSetting, Environment
from backend.foundation.place import SOCKET_PATH_LIMIT_BYTES, socket_folder
from backend.settings import broker, database, object_store, secret_key

REPOSITORY = Path(__file__).resolve().parents[2]

BAD = {
    "PORT": ("eight thousand", "whole number"),
    "DATABASE_URL": ("mysql://host/db", "postgres"),
    "CELERY_BROKER_URL": ("http://host", "redis"),
    "CYTOLOOP_STORAGE_URL": ("s3://", "bucket"),
    "CYTOLOOP_GPU": ("maybe", "auto"),
    "SECRET_KEY": ("short", "32 characters"),
    "CYTOLOOP_HOME": ("/dev/null/home", "data folder"),
    "CYTOLOOP_DEMONSTRATION": ("perhaps", "yes or no"),
    "CYTOLOOP_STARTERS": ("some", "yes or no"),
    "CYTOLOOP_DATABASE_POOL": ("-1", "between"),
    "CYTOLOOP_S3_ENDPOINT": ("minio:9000", "http"),
}


@pytest.mark.parametrize("name", BAD)
def test_it_refuses_to_start_with_one_sentence(name: str, tmp_path: Path) -> None:
    value, word = BAD[name]
    environment = {"PATH": os.environ["PATH"], "CYTOLOOP_HOME": str(tmp_path), name: value}
    command = [sys.executable, "-m", "backend.cli.main", "up"]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert name in done.stderr
    assert word in done.stderr


def test_a_port_out_of_range_is_refused() -> None:
    with pytest.raises(BadSetting, match="between 1 and 65535"):
        Environment({"PORT": "70000"}).integer("PORT", 8000, least=1, most=65535)


def test_empty_means_not_set() -> None:
    env = Environment({"PORT": " ", "FLAG": ""})
    assert env.integer("PORT", 8000, least=1, most=65535) == 8000
    assert env.flag("FLAG", default=True)


def test_a_database_address_is_taken_apart(tmp_path: Path) -> None:
    env = Environment({"DATABASE_URL": "postgresql://us%40er:p%2Fw@db.lab:5433/cyto?sslmode=require"})
    told = database(env, tmp_path)
    expected = ("us@er", "p/w", "db.lab", "5433", "cyto")
    assert tuple(told[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")) == expected
    assert told["OPTIONS"] == {"sslmode": "require"}


def test_it_refuses_a_database_address_without_a_database(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="names no database"):
        database(Environment({"DATABASE_URL": "postgresql://host"}), tmp_path)


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    made = secret_key(Environment({}), tmp_path)
    assert secret_key(Environment({}), tmp_path) == made
    assert len(made) > 40
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_half_made_secret_key_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    assert len(secret_key(Environment({}), tmp_path)) > 40


def test_without_a_broker_letters_are_files(tmp_path: Path) -> None:
    url, options = broker(Environment({}), tmp_path)
    assert url.startswith("letterbox://")
    assert Path(options["data_folder_in"]).is_dir()


def test_a_broker_address_is_believed(tmp_path: Path) -> None:
    url, _ = broker(Environment({"CELERY_BROKER_URL": "redis://host:6379/1"}), tmp_path)
    assert url == "redis://host:6379/1"


def test_a_plain_http_object_store_is_allowed_when_told() -> None:
    told = object_store(Environment({"CYTOLOOP_S3_ENDPOINT": "http://store:9000/"}))
    assert told == {"endpoint": "http://store:9000", "client_options": {"allow_http": True}}


def test_the_socket_is_short_enough_in_a_long_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30)
    assert socket_folder(tmp_path / "home") == tmp_path / "home" / "database"
    assert len(os.fsencode(socket_folder(deep) / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT_BYTES
    assert socket_folder(deep) != socket_folder(deep / "other")
